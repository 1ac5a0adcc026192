# component_tests(name SOURCES ... USES ... [LABELS ...] [TIMEOUT seconds] [THREADS])
#
# One Catch2 program for the folder tests/<name>, build/<preset>/tests/<name>_tests, each of its
# test cases registered with ctest under "<name>: <the law>". Labels: the folder, and what LABELS
# adds: `stress` (many real threads), `e2e` (whole programs), `soak` and `bench` (never run by
# ./test). With THREADS, the label of the cases tagged [threads] is <name>:threads instead of
# <name>: they are what ThreadSanitizer is for in a suite that has much without threads.
find_package(Catch2 REQUIRED)
include(Catch)
glass_pane(tests pane_of_tests)

add_library(catch_main OBJECT main.cpp)
target_link_libraries(catch_main PRIVATE Catch2::Catch2)
target_compile_options(catch_main PRIVATE -w)

# The standard headers and Catch2, compiled once for all test programs.
file(CONFIGURE OUTPUT standard_of_tests.cpp CONTENT "")
add_library(standard_of_tests OBJECT ${CMAKE_CURRENT_BINARY_DIR}/standard_of_tests.cpp)
target_include_directories(standard_of_tests PRIVATE ${pane_of_tests})
target_link_libraries(standard_of_tests PRIVATE Catch2::Catch2)
target_precompile_headers(standard_of_tests PRIVATE
  <algorithm> <array> <atomic> <coroutine> <cstdint> <functional> <map> <memory> <optional> <span>
  <string> <string_view> <tuple> <utility> <variant> <vector> ${CMAKE_CURRENT_SOURCE_DIR}/catch.h)

function(component_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 TESTS "THREADS" "TIMEOUT" "SOURCES;USES;LABELS")
  if(NOT TESTS_SOURCES)
    return()
  endif()
  if(NOT TESTS_TIMEOUT)
    set(TESTS_TIMEOUT 120)
    if(CMAKE_BUILD_TYPE MATCHES "^(Asan|Tsan)$")  # several times as slow
      set(TESTS_TIMEOUT 600)
    endif()
  endif()
  set(program ${name}_tests)
  add_executable(${program} ${TESTS_SOURCES})
  set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_include_directories(${program} PRIVATE ${pane_of_tests})
  # Where golden files and scripts of tests are read from.
  target_compile_definitions(${program} PRIVATE TESTS_FOLDER="${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${program} PRIVATE ${TESTS_USES} Catch2::Catch2 catch_main)
  target_precompile_headers(${program} REUSE_FROM standard_of_tests)
  set(common TEST_PREFIX "${name}: " WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
  # What a test says, with WARN, where it cannot be run as it was built.
  set(skipped SKIP_REGULAR_EXPRESSION "skipped: this ")
  if(TESTS_THREADS)
    catch_discover_tests(${program} ${common}
      TEST_SPEC [threads]
      PROPERTIES ${skipped} TIMEOUT ${TESTS_TIMEOUT} LABELS "${name}:threads;${TESTS_LABELS}")
    list(APPEND common TEST_SPEC ~[threads])
  endif()
  catch_discover_tests(${program} ${common}
    PROPERTIES ${skipped} TIMEOUT ${TESTS_TIMEOUT} LABELS "${name};${TESTS_LABELS}")
endfunction()
