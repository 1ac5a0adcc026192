#pragma once
// The process that runs one application: calls its callbacks, watches the top of its tree, and is
// the group leader of all it is made of. Spawned, and linked, by the controller.
//
// OTP: application_master.

#include <memory>

#include "runtime/application/application_spec.h"

namespace glasshouse::runtime {

// To the controller, once: ok, or the {error, Reason} of the start. After an error the master
// exits; nothing of the application is left then.
struct ApplicationUp {
  Atom name;
  Term answer;
};
// To the master: prep_stop, the tree, stop; then it exits with shutdown.
struct StopOrder {};

using SharedApplication = std::shared_ptr<const ApplicationSpec>;

Behaviour application_master(Self self, Pid controller, SharedApplication application,
                             std::vector<SharedApplication> included);

// Kills all whose group leader that is, until there is nobody. Each process of the node is asked,
// except the caller, so it takes as long as the slowest turn of one. OTP:
// application_master:kill_all_procs/0.
Task<void> kill_led(Self self, Pid leader);

}  // namespace glasshouse::runtime
