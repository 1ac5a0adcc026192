#include "runtime/schedule/multicore.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/process/process.h"
#include "runtime/schedule/alarm_clock.h"
#include "runtime/schedule/crew.h"
#include "runtime/schedule/dirty_pool.h"
#include "runtime/schedule/memory_use.h"
#include "runtime/schedule/monitor.h"
#include "runtime/schedule/worker.h"

namespace glasshouse::runtime {

struct Multicore::Parts {
  explicit Parts(const MulticoreOptions& options)
      : crew(options), dirty(options.blocking_threads_max), monitor(crew) {}

  Crew crew;
  DirtyPool dirty;
  AlarmClock alarms;
  Monitor monitor;
};

Multicore::Multicore(MulticoreOptions options) : parts_(std::make_unique<Parts>(options)) {
  parts_->crew.start();
}

Multicore::~Multicore() {
  parts_->crew.stop();
}

void Multicore::schedule(Process& process) {
  Worker* const mine = Worker::mine();
  if (mine != nullptr && &mine->crew() == &parts_->crew) {
    mine->push(process);
  } else {
    parts_->crew.inject(process);
  }
}

void Multicore::wake_at(Node& node, Instant when) {
  parts_->alarms.wake_at(node, when);
}

void Multicore::offload(Node& node, std::function<void()> job) {
  parts_->dirty.submit(&node, std::move(job));
}

// 1. No worker enters the node any more, and those inside come out: nothing in it runs.
// 2. So no new job or alarm comes; those that are there end. They may make processes runnable.
// 3. What is runnable is dropped.
// 4. A worker that had taken one of those before has put it down.
void Multicore::detach(Node& node) {
  Crew& crew = parts_->crew;
  const std::scoped_lock lock(crew.nodes);
  crew.refuse(node);
  crew.wait_until_out(node);
  parts_->dirty.wait_for_jobs_of(node);
  parts_->alarms.forget(node);
  crew.sweep(node);
  crew.wait_until_out(node);
  crew.forget_leaver(node);
}

ExecutorLoad Multicore::load(const Node&) const {
  const Crew& crew = parts_->crew;
  ExecutorLoad load;
  for (std::size_t i = 0; i < crew.made(); ++i) {
    const Worker& worker = crew.worker(i);
    load.run_queues.push_back(worker.queued());
    const Process* const current = worker.current();
    const bool runs = current != nullptr && current != Worker::between();
    if (worker.is_replaced() && runs) ++load.held_workers;
  }
  load.aside_workers = crew.aside.load(std::memory_order_relaxed);
  load.shared_queue = crew.injected.size();
  for (const RunQueue& lane : crew.lanes)
    load.shared_queue += lane.size();
  const MemoryUse memory = memory_use();
  load.memory_total = memory.total;
  load.memory_available = memory.available;
  load.memory_resident = memory.resident;
  return load;
}

std::size_t Multicore::worker_count() const {
  return parts_->crew.options.workers;
}

std::size_t Multicore::spares_made() const {
  return parts_->crew.made() - parts_->crew.options.workers;
}

std::uint64_t Multicore::times_parked() const {
  return parts_->crew.times_parked.load(std::memory_order_relaxed);
}

}  // namespace glasshouse::runtime
