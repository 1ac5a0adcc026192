#include "sim/executor.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "runtime/node/node.h"
#include "runtime/process/process.h"

namespace glasshouse::sim {

using runtime::Choice;

SimExecutor::SimExecutor(World world, Duration jitter_max)
    : world_(world), jitter_max_(static_cast<std::uint64_t>(jitter_max.nanoseconds())) {
  CHECK(jitter_max > Duration::zero());
}

namespace {

// How much longer than others one of low priority waits.
constexpr std::uint64_t low_patience = 8;

}  // namespace

void SimExecutor::schedule(runtime::Process& process) {
  const std::uint64_t key = process.key().value;
  const bool is_urgent = process.priority > runtime::Priority::low;
  std::uint64_t jitter = 1;  // never 0: time goes on even when two processes wake each other
  if (jitter_max_ > 1 && !is_urgent) {
    jitter += world_.decide.below(Choice::schedule, key, jitter_max_);
  }
  if (process.priority == runtime::Priority::low) jitter += low_patience * jitter_max_;
  ++world_.hosts.slot_of(process.node()).due_of_level[static_cast<std::size_t>(process.priority)];
  due_in(process, jitter);
}

void SimExecutor::due_in(runtime::Process& process, std::uint64_t nanoseconds) {
  const Instant when =
      world_.agenda.now() + Duration::nanoseconds(static_cast<std::int64_t>(nanoseconds));
  const auto what = reinterpret_cast<std::uintptr_t>(&process);
  world_.agenda.add(when, DueKind::step, process.key().value, what);
}

bool SimExecutor::take_turn(runtime::Process& process) {
  auto& due = world_.hosts.slot_of(process.node()).due_of_level;
  const auto level = static_cast<std::size_t>(process.priority);
  const std::size_t first_above =
      std::max<std::size_t>(level + 1, static_cast<std::size_t>(runtime::Priority::high));
  for (std::size_t above = first_above; above < std::size(due); ++above) {
    if (due[above] == 0) continue;
    due_in(process, 1);
    return false;
  }
  --due[level];
  return true;
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

runtime::ExecutorLoad SimExecutor::load(const runtime::Node& node) const {
  const auto& due = world_.hosts.slot_of(node).due_of_level;
  runtime::ExecutorLoad load;
  load.run_queues.push_back(std::accumulate(std::begin(due), std::end(due), std::size_t{0}));
  return load;
}

void SimExecutor::detach(runtime::Node& node) {
  NodeSlot& slot = world_.hosts.slot_of(node);
  slot.alarm = Instant::max();
  slot.alarm_shown = Instant::max();
  slot.held.clear();
  std::fill(std::begin(slot.due_of_level), std::end(slot.due_of_level), 0u);
  const std::uint64_t index = node.options().trace_index;
  world_.agenda.remove(DueKind::step, [&](const Due& due) { return due.key >> 48 == index; });
}

}  // namespace glasshouse::sim
