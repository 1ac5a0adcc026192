#include "runtime/observe/node_alarms.h"

#include <utility>

#include "runtime/observe/alarm_handler.h"

namespace glasshouse::runtime {

namespace {

std::int64_t percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<std::int64_t>(part * 100 / whole);
}

ExecutorLoad load_of(Node& node) {
  return node.environment().executor.load(node);
}

Term held_id() {
  return Term("scheduler_held_too_long"_atom);
}

Term mailbox_id(Pid pid) {
  return tuple(Term("mailbox_too_long"_atom), Term(pid));
}

}  // namespace

NodeAlarm process_alarm(std::int64_t set_at, std::int64_t clear_at) {
  const auto measure = [](Node& node) {
    return percent(node.process_count(), node.options().processes_max);
  };
  return {Term("too_many_processes"_atom), measure, {.set_at = set_at, .clear_at = clear_at}};
}

NodeAlarm run_queue_alarm(std::int64_t set_at, std::int64_t clear_at) {
  const auto measure = [](Node& node) {
    return static_cast<std::int64_t>(load_of(node).runnable());
  };
  return {Term("run_queue_too_long"_atom), measure, {.set_at = set_at, .clear_at = clear_at}};
}

NodeAlarm system_memory_alarm(std::int64_t set_at, std::int64_t clear_at) {
  const auto measure = [](Node& node) {
    const ExecutorLoad load = load_of(node);
    return percent(load.memory_total - load.memory_available, load.memory_total);
  };
  return {
      Term("system_memory_high_watermark"_atom), measure, {.set_at = set_at, .clear_at = clear_at}};
}

NodeAlarm program_memory_alarm(std::int64_t set_at, std::int64_t clear_at) {
  const auto measure = [](Node& node) {
    const ExecutorLoad load = load_of(node);
    return percent(load.memory_resident, load.memory_total);
  };
  return {Term("program_memory_high_watermark"_atom),
          measure,
          {.set_at = set_at, .clear_at = clear_at}};
}

AlarmWatchOptions node_alarms() {
  AlarmWatchOptions options;
  options.measured = {system_memory_alarm(80, 75), program_memory_alarm(60, 50),
                      run_queue_alarm(10'000, 1'000), process_alarm(90, 80)};
  options.mailbox = {.disable = 5'000, .enable = 10'000};
  options.held = Duration::milliseconds(500);
  return options;
}

AlarmWatch::AlarmWatch(Self self, AlarmWatchOptions options)
    : self_(self), options_(std::move(options)) {
  for (const NodeAlarm& alarm : options_.measured) {
    if (alarm.limits.clear_at >= alarm.limits.set_at) throw ExitException(Term(atoms::badarg));
  }
  self_.trap_exit(true);
  const SystemMonitorOptions wanted{.long_schedule = options_.held,
                                    .long_message_queue = options_.mailbox};
  if (wanted != SystemMonitorOptions{}) {
    const auto former = self_.node().system_monitor().start(self_.pid(), wanted);
    if (!former) throw ExitException(Term(atoms::badarg));
  }
  self_.send_after<AlarmTick>(options_.period, self_.pid());
}

void AlarmWatch::set(const Term& id, Term description) {
  if (set_.insert(id).second) set_alarm(self_, id, std::move(description));
}

void AlarmWatch::clear(const Term& id) {
  if (set_.erase(id) != 0) clear_alarm(self_, id);
}

void AlarmWatch::measure(NodeAlarm& alarm) {
  const std::int64_t value = alarm.measure(self_.node());
  const Hysteresis::Change change = alarm.limits.see(value);
  if (change == Hysteresis::Change::set) set(alarm.id, Term(value));
  if (change == Hysteresis::Change::clear) clear(alarm.id);
}

void AlarmWatch::handle(AlarmTick) {
  for (NodeAlarm& alarm : options_.measured)
    measure(alarm);
  // Who held a worker has given it back: no other message says so.
  if (set_.contains(held_id()) && load_of(self_.node()).held_workers == 0) clear(held_id());
  self_.send_after<AlarmTick>(options_.period, self_.pid());
}

void AlarmWatch::handle(LongSchedule news) {
  set(held_id(), tuple(Term(news.in), Term(news.pid), Term(news.time / Duration::milliseconds(1))));
}

void AlarmWatch::handle(LongMessageQueue news) {
  const auto known = long_mailboxes_.find({news.pid, {}});
  if (news.is_long && known == long_mailboxes_.end()) {
    long_mailboxes_.insert({news.pid, self_.monitor(news.pid)});
    set(mailbox_id(news.pid), Term(std::int64_t{news.length}));
  } else if (!news.is_long && known != long_mailboxes_.end()) {
    self_.demonitor(known->monitor);
    long_mailboxes_.erase(known);
    clear(mailbox_id(news.pid));
  }
}

void AlarmWatch::handle(const Down& down) {
  if (long_mailboxes_.erase({down.pid, {}}) != 0) clear(mailbox_id(down.pid));
}

void AlarmWatch::terminate(const Term&) {
  for (const Term& id : std::exchange(set_, std::set<Term, TermLess>()))
    clear_alarm(self_, id);
}

Term AlarmWatch::describe() const {
  return list_of({set_.begin(), set_.end()});
}

}  // namespace glasshouse::runtime
