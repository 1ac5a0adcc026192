#pragma once
// The process that runs one application: calls its callbacks, watches the top of its tree, and is
// the group leader of all it is made of. Spawned, and linked, by the controller.
//
// OTP: application_master.

#include <memory>

#include "runtime/application/application_spec.h"

namespace glasshouse::runtime {

// To the controller, once: ok, or the {error, Reason} of the start. After an error it exits.
struct ApplicationUp {
  Atom name;
  Term answer;
};
// To the master: prep_stop, the tree, stop; then it exits with shutdown.
struct StopOrder {};

using SharedApplication = std::shared_ptr<const ApplicationSpec>;

Behaviour application_master(Self self, Pid controller, SharedApplication application,
                             std::vector<SharedApplication> included);

}  // namespace glasshouse::runtime
