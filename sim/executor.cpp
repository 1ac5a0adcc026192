#include "sim/executor.h"

#include "runtime/process/process.h"

namespace glasshouse::sim {

using runtime::Choice;

SimExecutor::SimExecutor(World world, Duration jitter_max)
    : world_(world), jitter_max_(static_cast<std::uint64_t>(jitter_max.nanoseconds())) {
  CHECK(jitter_max > Duration::zero());
}

void SimExecutor::schedule(runtime::Process& process) {
  const std::uint64_t key = process.key().value;
  std::uint64_t jitter = 1;  // never 0: time goes on even when two processes wake each other
  if (jitter_max_ > 1) jitter += world_.decide.below(Choice::schedule, key, jitter_max_);
  const Instant when =
      world_.agenda.now() + Duration::nanoseconds(static_cast<std::int64_t>(jitter));
  world_.agenda.add(when, DueKind::step, key, reinterpret_cast<std::uintptr_t>(&process));
}

void SimExecutor::wake_at(runtime::Node& node, Instant when) {
  NodeSlot& slot = world_.hosts.slot_of(node);
  slot.alarm_shown = when;
  plan_alarm(slot);
}

void SimExecutor::plan_alarm(NodeSlot& slot) {
  const SimClock& clock = world_.hosts.hosts[slot.host]->clock;
  slot.alarm = clock.true_time_of(slot.alarm_shown);
  if (slot.alarm.is_max()) return;
  if (slot.alarm < world_.agenda.now()) slot.alarm = world_.agenda.now();
  world_.agenda.add(slot.alarm, DueKind::alarm, slot.index, slot.index);
}

void SimExecutor::offload(runtime::Node&, std::function<void()> job) {
  job();
}

void SimExecutor::detach(runtime::Node& node) {
  NodeSlot& slot = world_.hosts.slot_of(node);
  slot.alarm = Instant::max();
  slot.alarm_shown = Instant::max();
  slot.held.clear();
  const std::uint64_t index = node.options().trace_index;
  world_.agenda.remove(DueKind::step, [&](const Due& due) { return due.key >> 48 == index; });
}

}  // namespace glasshouse::sim
