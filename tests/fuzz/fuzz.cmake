# fuzz_target(name SOURCE PROJECT_SOURCES... [USES LAYERS...]): build/clang/tests/<name>, a
# libFuzzer program to be run by hand with a folder for its corpus, and a test that runs it for a
# moment from nothing (label `fuzz`). Only with clang++. What is fuzzed is compiled again,
# instrumented, from the sources that are named; what else it needs comes from the layers.
function(fuzz_target name source)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 2 FUZZED "" "" "USES")
  set(sources ${FUZZED_UNPARSED_ARGUMENTS})
  list(TRANSFORM sources PREPEND ${CMAKE_SOURCE_DIR}/)
  add_executable(${name} ${source} ${sources})
  target_link_libraries(${name} PRIVATE ${FUZZED_USES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_include_directories(${name} PRIVATE ${pane_of_tests}
    $<TARGET_PROPERTY:runtime,INTERFACE_INCLUDE_DIRECTORIES>
    $<TARGET_PROPERTY:tracing,INTERFACE_INCLUDE_DIRECTORIES>
    $<TARGET_PROPERTY:scenarios,INTERFACE_INCLUDE_DIRECTORIES>)
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined)
  add_test(NAME "fuzz: ${name} finds nothing in a moment"
    COMMAND ${name} -seed=1 -runs=2000 -max_len=4096 -timeout=30)
  set_tests_properties("fuzz: ${name} finds nothing in a moment" PROPERTIES
    LABELS fuzz TIMEOUT 120)
endfunction()

fuzz_target(framing_fuzz fuzz/framing_fuzz.cpp
  runtime/base/check.cpp
  runtime/base/hash.cpp
  runtime/port/framing.cpp
  runtime/term/binary.cpp
  USES runtime)

fuzz_target(resp_fuzz fuzz/resp_fuzz.cpp
  runtime/base/check.cpp
  scenarios/kv/resp.cpp)

fuzz_target(scenario_fuzz fuzz/scenario_fuzz.cpp
  runtime/base/check.cpp
  scenarios/application.cpp
  scenarios/language/arguments.cpp
  scenarios/language/library.cpp
  scenarios/language/sandbox.cpp
  scenarios/language/script.cpp
  scenarios/language/words.cpp
  scenarios/language/words_of_chance.cpp
  scenarios/language/words_of_declaration.cpp
  scenarios/language/words_of_fault.cpp
  scenarios/language/words_of_observation.cpp
  scenarios/language/words_of_property.cpp
  scenarios/language/words_of_time.cpp
  USES scenarios PkgConfig::lua)

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

fuzz_target(trace_blobs_fuzz fuzz/trace_blobs_fuzz.cpp
  runtime/base/check.cpp
  runtime/base/hash.cpp
  runtime/observe/event.cpp
  runtime/term/atom.cpp
  tracing/keyframe.cpp
  tracing/posting_lists.cpp
  tracing/world_model.cpp)

fuzz_target(trace_file_fuzz fuzz/trace_file_fuzz.cpp
  tracing/keyframe.cpp
  tracing/posting_lists.cpp
  tracing/pyramid.cpp
  tracing/reader.cpp
  tracing/reader_causes.cpp
  tracing/reader_events.cpp
  tracing/reader_moments.cpp
  tracing/reader_tables.cpp
  tracing/world_model.cpp
  USES tracing runtime)
