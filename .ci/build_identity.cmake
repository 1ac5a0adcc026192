# Writes FILE, a source that says what this build is, and touches it only when that has changed:
# a commit recompiles one file, an ordinary build none.
# Called at every build: cmake -D SOURCE=... -D FILE=... -D COMPILER=... -D BUILD=... -P this

find_program(GIT git)
set(commit unknown)
if(GIT)
  execute_process(
    COMMAND ${GIT} -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE described RESULT_VARIABLE failed ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT failed)
    set(commit ${described})
  endif()
endif()

file(CONFIGURE OUTPUT ${FILE} @ONLY CONTENT [[
#include "runtime/base/build_identity.h"

namespace glasshouse::runtime {

BuildIdentity build_identity() {
  return {.commit = "@commit@", .compiler = "@COMPILER@", .build = "@BUILD@"};
}

}  // namespace glasshouse::runtime
]])
