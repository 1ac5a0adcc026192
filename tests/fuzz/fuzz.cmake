# fuzz_target(name SOURCE PROJECT_SOURCES...): build/clang/tests/<name>, a libFuzzer program to be
# run by hand with a folder for its corpus. Only with clang++. What is fuzzed is compiled again,
# instrumented, from the sources that are named.
function(fuzz_target name source)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    return()
  endif()
  list(TRANSFORM ARGN PREPEND ${CMAKE_SOURCE_DIR}/)
  add_executable(${name} ${source} ${ARGN})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_include_directories(${name} PRIVATE ${pane_of_tests}
    $<TARGET_PROPERTY:runtime,INTERFACE_INCLUDE_DIRECTORIES>
    $<TARGET_PROPERTY:scenarios,INTERFACE_INCLUDE_DIRECTORIES>)
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined)
endfunction()

fuzz_target(resp_fuzz fuzz/resp_fuzz.cpp
  runtime/base/check.cpp
  scenarios/kv/resp.cpp)

fuzz_target(term_parse_fuzz fuzz/term_parse_fuzz.cpp
  runtime/base/check.cpp
  runtime/base/hash.cpp
  runtime/process/pid.cpp
  runtime/process/ref.cpp
  runtime/term/atom.cpp
  runtime/term/binary.cpp
  runtime/term/parse.cpp
  runtime/term/print.cpp
  runtime/term/term.cpp
  runtime/term/term_order.cpp)
