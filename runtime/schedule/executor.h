#pragma once
// Picks which runnable process runs next. Multicore: work stealing over N workers. Simulator: the
// next event of virtual time. One virtual call for each wake-up, none for each message.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/base/time.h"

namespace glasshouse::runtime {

class Node;
class Process;

// How much there is to do, and what it is done with. For whoever looks: numbers of just now.
struct ExecutorLoad {
  std::vector<std::size_t> run_queues = {};  // runnable processes, by worker
  std::size_t shared_queue = 0;              // runnable, whichever worker comes first
  std::size_t held_workers = 0;              // in whose place a spare one stands
  std::size_t aside_workers = 0;             // that would only be in the way of the others
  // Bytes, of the machine and of this program. 0: this world has none.
  std::uint64_t memory_total = 0;
  std::uint64_t memory_available = 0;
  std::uint64_t memory_resident = 0;

  std::size_t runnable() const {
    std::size_t sum = shared_queue;
    for (const std::size_t length : run_queues)
      sum += length;
    return sum;
  }
};

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

  // Of many cores: of all nodes that share them. In the simulator: of `node`. Any thread; reads a
  // file or two, so not for each message.
  virtual ExecutorLoad load(const Node& node) const {
    static_cast<void>(node);
    return {};
  }
};

}  // namespace glasshouse::runtime
