# layer(name SOURCES ... HEADERS ... USES ... PRIVATE_USES ...)
#
# A folder as a library. The headers of a layer are reached through a directory in the build tree
# that holds one link, to the folder itself, and only targets that name the layer in USES get that
# directory: an include against the arrows ends with "no such file". USES is public, PRIVATE_USES
# stays in the .cpp files. Every header is also compiled alone (all_verify_interface_header_sets).
function(layer name)
  cmake_parse_arguments(PARSE_ARGV 1 LAYER "" "" "SOURCES;HEADERS;USES;PRIVATE_USES")
  glass_pane(${name} pane)
  list(TRANSFORM LAYER_HEADERS PREPEND ${pane}/${name}/)
  if(NOT LAYER_SOURCES)
    file(CONFIGURE OUTPUT ${name}_without_sources.cpp CONTENT "")
    set(LAYER_SOURCES ${CMAKE_CURRENT_BINARY_DIR}/${name}_without_sources.cpp)
  endif()
  add_library(${name} STATIC ${LAYER_SOURCES})
  target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${pane} FILES ${LAYER_HEADERS})
  target_link_libraries(${name} PUBLIC ${LAYER_USES} PRIVATE ${LAYER_PRIVATE_USES})
  target_precompile_headers(${name} REUSE_FROM standard)
endfunction()

# Sets `result` to the directory through which the folder `name` is included.
function(glass_pane name result)
  set(pane ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${pane})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${name} ${pane}/${name} SYMBOLIC)
  set(${result} ${pane} PARENT_SCOPE)
endfunction()

# The standard headers that most sources include, compiled once for all layers: saves a third of the
# time of a debug build. No header of ours is among them, so that they hide no arrow; the
# clang preset builds without it, so that a source that forgot an include is found. A source with
# compile options of its own also needs SKIP_PRECOMPILE_HEADERS.
file(CONFIGURE OUTPUT standard.cpp CONTENT "")
add_library(standard OBJECT ${CMAKE_CURRENT_BINARY_DIR}/standard.cpp)
target_precompile_headers(standard PRIVATE
  <algorithm> <array> <atomic> <charconv> <compare> <coroutine> <cstdint> <functional> <map>
  <memory> <mutex> <optional> <span> <string> <string_view> <tuple> <utility> <variant> <vector>)
