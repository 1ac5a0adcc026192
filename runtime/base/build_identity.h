#pragma once
// What this build is: recorded in every trace and printed by --version, so that a replay can say
// that it runs other code than the recording did. Any thread may ask.

#include <string_view>

namespace glasshouse::runtime {

struct BuildIdentity {
  std::string_view commit;    // short hash, with -dirty after local changes; "unknown" without git
  std::string_view compiler;  // name and version
  std::string_view build;     // build type and what was switched on
};

BuildIdentity build_identity();

}  // namespace glasshouse::runtime
