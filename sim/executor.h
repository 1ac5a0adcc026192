#pragma once
// The executor of a simulated world: a process that became runnable is due a little later, at a
// moment that is drawn; so the draws decide who goes first. One thread.

#include "runtime/node/decisions.h"
#include "runtime/schedule/executor.h"
#include "sim/agenda.h"
#include "sim/hosts.h"

namespace glasshouse::sim {

class SimExecutor final : public runtime::Executor {
 public:
  struct World {
    Agenda& agenda;
    runtime::Decisions& decide;
    Hosts& hosts;
  };
  // REQUIRES: jitter_max > 0.
  SimExecutor(World world, Duration jitter_max);

  // One of high or max priority is due at once; one of low priority much later than others.
  void schedule(runtime::Process& process) override;
  // `process` is due. False if one of its node that is more urgent is runnable too: it was put off.
  bool take_turn(runtime::Process& process);
  void wake_at(runtime::Node& node, Instant when) override;
  // At once: a simulated world has no other thread.
  void offload(runtime::Node& node, std::function<void()> job) override;
  void detach(runtime::Node& node) override;
  // One run queue for each node: the processes that are due.
  runtime::ExecutorLoad load(const runtime::Node& node) const override;
  std::size_t worker_count() const override { return 1; }

  // The clock of its host runs at another speed now.
  void plan_alarm(NodeSlot& slot);

 private:
  void due_in(runtime::Process& process, std::uint64_t nanoseconds);

  World world_;
  std::uint64_t jitter_max_;  // ns
};

}  // namespace glasshouse::sim
