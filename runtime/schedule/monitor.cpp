#include "runtime/schedule/monitor.h"

#include <algorithm>

#include "runtime/node/node.h"
#include "runtime/observe/system_monitor.h"
#include "runtime/schedule/worker.h"

namespace glasshouse::runtime {

namespace {

constexpr std::chrono::nanoseconds period_max = std::chrono::milliseconds(10);
constexpr std::chrono::nanoseconds period_min = std::chrono::milliseconds(1);
constexpr int quiet_ticks_before_sleep = 10;

std::chrono::nanoseconds period_for(Duration held_after) {
  return std::clamp(std::chrono::nanoseconds(held_after.nanoseconds() / 2), period_min, period_max);
}

}  // namespace

Monitor::Monitor(Crew& crew)
    : crew_(crew),
      period_(period_for(crew.options.held_after)),
      held_after_(crew.options.held_after.nanoseconds()),
      thread_(&Monitor::serve, this) {}

void Monitor::serve() {
  int quiet_ticks = 0;
  std::unique_lock lock(crew_.hub);
  while (!crew_.stopping) {
    const bool is_quiet = crew_.parked.size() >= crew_.options.workers;
    quiet_ticks = is_quiet ? quiet_ticks + 1 : 0;
    if (quiet_ticks > quiet_ticks_before_sleep) {
      crew_.monitor_sleeps = true;
      crew_.monitor_wanted.wait(lock, [this] { return !crew_.monitor_sleeps || crew_.stopping; });
      quiet_ticks = 0;
      continue;
    }
    crew_.monitor_wanted.wait_for(lock, period_, [this] { return crew_.stopping; });
    if (crew_.stopping) break;
    lock.unlock();
    look();
    lock.lock();
  }
}

void Monitor::look() {
  crew_.tick.store(crew_.tick.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  sightings_.resize(crew_.made());
  for (std::size_t i = 0; i < sightings_.size(); ++i) {
    look_at(crew_.worker(i), sightings_[i]);
  }
}

// Inside one process since the tick before, it is looked at more closely: what its thread did since
// then tells a process that holds it from an operating system that lets others run.
std::chrono::nanoseconds Monitor::busy_since(const Worker& worker, Sighting& last) const {
  const ThreadUse::Sample now = worker.use();
  if (!last.since) last.since = now;
  return ThreadUse::busy(*last.since, now);
}

void Monitor::look_at(Worker& worker, Sighting& last) {
  const std::uint64_t turns = worker.turns();
  const Process* const current = worker.current();
  const bool is_same = turns == last.turns && current != nullptr && current != Worker::between();
  if (!is_same) {
    last = {.turns = turns, .since = std::nullopt, .is_told = false, .is_reported = false};
  }
  std::chrono::nanoseconds held_for{};
  if (is_same && !(worker.is_replaced() && last.is_told && last.is_reported)) {
    held_for = busy_since(worker, last);
    tell_system_monitor(worker, last, held_for);
    if (held_for >= held_after_) report(worker, last, held_for);
  }
  if (worker.is_replaced()) {
    // It may have queued something before it knew.
    if (worker.queued() != 0) crew_.rescue(worker);
  } else if (is_same && held_for >= held_after_) {
    crew_.replace(worker);
  } else if (worker.queued() > (is_same ? 0u : 1u)) {
    if (is_same) worker.is_stuck.store(true, std::memory_order_relaxed);
    if (crew_.idle.load(std::memory_order_relaxed) != 0) crew_.ask_for_help();
  }
}

void Monitor::tell_system_monitor(Worker& worker, Sighting& last,
                                  std::chrono::nanoseconds held_for) {
  if (last.is_told) return;
  // See report.
  const std::unique_lock lock(crew_.nodes, std::try_to_lock);
  if (!lock.owns_lock()) return;
  Process* const process = worker.current();
  if (process == nullptr || process == Worker::between()) return;
  SystemMonitor& monitor = process->node().system_monitor();
  const Duration limit = monitor.long_schedule();
  if (limit == Duration::zero() || held_for.count() < limit.nanoseconds()) return;
  const Pid pid = process->pid();
  if (worker.turns() != last.turns) return;
  last.is_told = true;
  monitor.tell(LongSchedule{
      .pid = pid, .time = Duration::nanoseconds(held_for.count()), .in = worker.current_name()});
}

void Monitor::report(Worker& worker, Sighting& last, std::chrono::nanoseconds held_for) {
  if (last.is_reported) return;
  // A node may be ending, and wait for this very process: not now then, but at a later tick, if it
  // is held still. The worker is replaced without waiting for that.
  const std::unique_lock lock(crew_.nodes, std::try_to_lock);
  if (!lock.owns_lock()) return;
  Process* const process = worker.current();
  if (process == nullptr || process == Worker::between() || worker.turns() != last.turns) return;
  last.is_reported = true;
  Node& node = process->node();
  if (!node.wants(EventKind::held)) return;
  node.emit({.kind = EventKind::held,
             .name = worker.current_name(),
             .subject = process->key(),
             .argument = held_for.count()});
}

}  // namespace glasshouse::runtime
