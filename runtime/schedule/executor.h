#pragma once
// Picks which runnable process runs next. Multicore: work stealing over N workers. Simulator: the
// next event of virtual time. One virtual call for each wake-up, none for each message.

#include <cstddef>
#include <cstdint>
#include <functional>

#include "runtime/base/time.h"

namespace glasshouse::runtime {

class Node;
class Process;

class Executor {
 public:
  virtual ~Executor() = default;

  // `process` has become runnable; some worker will call process.node().run(process, budget) soon,
  // exactly once for each call of schedule. Any thread.
  virtual void schedule(Process& process) = 0;

  // The earliest timer of `node` is now due at `when`: node.fire_timers() is wanted then. A later
  // call with an earlier instant replaces it; a spurious call of fire_timers does no harm.
  // Any thread.
  virtual void wake_at(Node& node, Instant when) = 0;

  // Runs `job` where blocking is allowed (the dirty pool; in the simulator at once). Any thread.
  // `job` must not touch a process or throw; it reports with Node::deliver to `node`, which is not
  // destroyed before the job is done.
  virtual void offload(Node& node, std::function<void()> job) = 0;

  // `node` is about to be destroyed: forget its timers and what is runnable of it, and wait until
  // no worker and no job is inside it. Not called from a process of `node` or from a job.
  virtual void detach(Node& node) = 0;

  // How many processes may run at the same time.
  virtual std::size_t worker_count() const = 0;
};

}  // namespace glasshouse::runtime
