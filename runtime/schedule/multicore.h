#pragma once
// The executor of the real world: work stealing over one worker a core.
//
// A process that is woken by a running one goes on top of that worker's deque and runs next; one
// that used up its reductions, or was woken from outside, queues up behind the others. Idle workers
// steal the oldest. A worker that holds one process for long is reported, and a spare one takes its
// place meanwhile. docs/architecture.md has the reasons.
//
// Threads: any. Destroyed after its nodes; destroying it waits for what runs.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "runtime/schedule/executor.h"

namespace glasshouse::runtime {

struct MulticoreOptions {
  std::size_t workers = 0;          // 0: one for each core
  std::uint32_t reductions = 2000;  // OTP: CONTEXT_REDS is 4000, 2000 before OTP 20
  Duration held_after = Duration::milliseconds(20);
  std::size_t spares_max = 64;            // workers that may be held at once and replaced
  std::size_t blocking_threads_max = 10;  // OTP: +SDio
};

class Multicore final : public Executor {
 public:
  explicit Multicore(MulticoreOptions options = {});
  Multicore(const Multicore&) = delete;
  Multicore& operator=(const Multicore&) = delete;
  ~Multicore() override;

  void schedule(Process& process) override;
  void wake_at(Node& node, Instant when) override;
  void offload(Node& node, std::function<void()> job) override;
  void detach(Node& node) override;
  ExecutorLoad load(const Node& node) const override;

  std::size_t worker_count() const override;

  // For tests and those who look: how many threads ever stood in for a held worker, and how often
  // workers went to sleep.
  std::size_t spares_made() const;
  std::uint64_t times_parked() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace glasshouse::runtime
