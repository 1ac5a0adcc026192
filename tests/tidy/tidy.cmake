# Registers the checks of this folder with ctest, label `tidy`: each law on the project, each
# checker on its own bad examples.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(python ${Python3_EXECUTABLE} -B)
set(tidy ${CMAKE_CURRENT_LIST_DIR})

function(python_test name)
  add_test(NAME "tidy: ${name}" COMMAND ${python} ${ARGN})
  set_tests_properties("tidy: ${name}" PROPERTIES LABELS tidy TIMEOUT 120)
endfunction()

file(GLOB rule_files CONFIGURE_DEPENDS ${tidy}/*.py)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${rule_files})
execute_process(COMMAND ${python} ${tidy}/tidy.py --list
  OUTPUT_VARIABLE laws OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" laws "${laws}")
foreach(law IN LISTS laws)
  python_test("${law}" ${tidy}/tidy.py ${law})
  python_test("${law} (the check can fail)" ${tidy}/tidy.py --self-test ${law})
endforeach()

foreach(layer runtime sim tracing scenarios gui)
  add_test(NAME "tidy: the build shows ${layer} only the layers below it"
    COMMAND ${python} ${tidy}/arrows.py ${CMAKE_CXX_COMPILER} ${layer}
      $<TARGET_PROPERTY:${layer},INCLUDE_DIRECTORIES>
    COMMAND_EXPAND_LISTS)
  set_tests_properties("tidy: the build shows ${layer} only the layers below it"
    PROPERTIES LABELS tidy)
endforeach()
python_test("the build shows a layer only the layers below it (the check can fail)"
  ${tidy}/arrows.py --self-test)

python_test("the simulator takes nothing from the system"
  ${tidy}/calls_no_system.py $<TARGET_FILE:sim>)
python_test("the simulator takes nothing from the system (the check can fail)"
  ${tidy}/calls_no_system.py --self-test)
python_test("every snippet in the documentation is a region of a source" ${tidy}/snippets.py)
python_test("every snippet in the documentation is a region of a source (the check can fail)"
  ${tidy}/snippets.py --self-test)
python_test("a test that could not run counts as failed" ${CMAKE_SOURCE_DIR}/.ci/count_results.py
  --self-test)
python_test("what clang-tidy saw clean is looked at again once it changed"
  ${tidy}/remembers_clean.py ${CMAKE_SOURCE_DIR})
python_test("the commands of a page run (the check can fail)" ${tidy}/run_page.py --self-test)

# Pages whose marked commands are run, with the programs of this build.
function(page_test page)
  python_test("the commands of ${page} run" ${tidy}/run_page.py
    ${CMAKE_RUNTIME_OUTPUT_DIRECTORY} ${CMAKE_BINARY_DIR}/pages/${page} ${page})
  set_tests_properties("tidy: the commands of ${page} run" PROPERTIES LABELS "docs" TIMEOUT 600)
endfunction()
file(GLOB pages CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/README.md
  ${CMAKE_SOURCE_DIR}/docs/*.md ${CMAKE_SOURCE_DIR}/docs/manual/*.md)
foreach(page IN LISTS pages)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${page})
  file(STRINGS ${CMAKE_SOURCE_DIR}/${page} marks REGEX "^<!-- run")
  if(marks)
    page_test(${page})
  endif()
endforeach()
