# What every target of this project is compiled and linked with.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# No NDEBUG anywhere: CHECK stays on in release.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")

# ccache, with paths taken relative to the checkout so that clones share their objects.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# The same floating point in every build; no path of this machine in a message.
add_compile_options(
  -ffp-contract=off
  -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wmissing-field-initializers -Wimplicit-fallthrough
  -Werror=missing-field-initializers -Werror=return-type
  $<$<BOOL:${GLASSHOUSE_WARNINGS_AS_ERRORS}>:-Werror>
  $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
  # clang counts more under -Wconversion than g++ does.
  $<$<CXX_COMPILER_ID:Clang>:-fsized-deallocation>
  $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>)
foreach(layer runtime sim tracing scenarios gui tests)
  add_compile_options(-fmacro-prefix-map=${CMAKE_BINARY_DIR}/include/${layer}/=)
endforeach()

# Sanitizers put their own machinery under ours (throw, signals).
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=")
  add_compile_definitions(GLASSHOUSE_SANITIZED=1)
else()
  add_compile_definitions(GLASSHOUSE_SANITIZED=0)
endif()

# Faults of the hardware as exceptions. Only g++ can do it; elsewhere the macro is 0 and an actor's
# null dereference ends the program.
if(GLASSHOUSE_HARDWARE_FAULTS AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fnon-call-exceptions)
  add_compile_definitions(GLASSHOUSE_HARDWARE_FAULTS=1)
else()
  add_compile_definitions(GLASSHOUSE_HARDWARE_FAULTS=0)
endif()
