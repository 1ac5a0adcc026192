# fuzz_target(name SOURCE RUNTIME_SOURCES...): build/clang/tests/<name>, a libFuzzer program to be
# run by hand with a folder for its corpus. Only with clang++. What is fuzzed is compiled again,
# instrumented, from the sources of the runtime that are named.
function(fuzz_target name source)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    return()
  endif()
  list(TRANSFORM ARGN PREPEND ${CMAKE_SOURCE_DIR}/runtime/)
  add_executable(${name} ${source} ${ARGN})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_include_directories(${name} PRIVATE ${pane_of_tests}
    $<TARGET_PROPERTY:runtime,INTERFACE_INCLUDE_DIRECTORIES>)
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined)
endfunction()

fuzz_target(term_parse_fuzz fuzz/term_parse_fuzz.cpp
  base/check.cpp
  base/hash.cpp
  process/pid.cpp
  process/ref.cpp
  term/atom.cpp
  term/binary.cpp
  term/parse.cpp
  term/print.cpp
  term/term.cpp
  term/term_order.cpp)
