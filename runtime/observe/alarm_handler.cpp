#include "runtime/observe/alarm_handler.h"

#include <algorithm>
#include <utility>

namespace glasshouse::runtime {

void AlarmHandler::log(Atom what, Term alarm) const {
  self_.log(LogLevel::notice, map(Term("alarm_handler"_atom), tuple(Term(what), std::move(alarm))));
}

void AlarmHandler::add(Alarm alarm) {
  if (alarms_.size() == alarms_max) {
    log("forgotten"_atom, alarms_.front().id);
    alarms_.erase(alarms_.begin());
  }
  alarms_.push_back(std::move(alarm));
}

void AlarmHandler::handle(SetAlarm set) {
  for (const Pid subscriber : subscribers_)
    self_.send<SetAlarm>(subscriber, set);
  if (!swapped_to_.is_null()) {
    self_.send<SetAlarm>(swapped_to_, set);
    return;
  }
  log("set"_atom, tuple(set.id, set.description));
  add({std::move(set.id), std::move(set.description)});
}

void AlarmHandler::handle(ClearAlarm clear) {
  for (const Pid subscriber : subscribers_)
    self_.send<ClearAlarm>(subscriber, clear);
  if (!swapped_to_.is_null()) {
    self_.send<ClearAlarm>(swapped_to_, clear);
    return;
  }
  log("clear"_atom, clear.id);
  const auto newest = std::find_if(alarms_.rbegin(), alarms_.rend(),
                                   [&](const Alarm& alarm) { return alarm.id == clear.id; });
  if (newest != alarms_.rend()) alarms_.erase(std::next(newest).base());
}

AlarmsAnswer AlarmHandler::handle(GetAlarms) const {
  if (!swapped_to_.is_null()) return {.alarms = {}, .error = Term("bad_module"_atom)};
  return {.alarms = {alarms_.rbegin(), alarms_.rend()}, .error = Term()};
}

AlarmsAnswer AlarmHandler::handle(SubscribeAlarms request) {
  const auto known = std::find(subscribers_.begin(), subscribers_.end(), request.subscriber);
  if (known == subscribers_.end()) {
    self_.monitor(request.subscriber);
    subscribers_.push_back(request.subscriber);
  }
  return handle(GetAlarms{});
}

AlarmsAnswer AlarmHandler::handle(SwapAlarmHandler request) {
  AlarmsAnswer handed_over = handle(GetAlarms{});
  swapped_to_ = request.handler;
  alarms_.clear();
  return handed_over;
}

void AlarmHandler::handle(Down down) {
  std::erase(subscribers_, down.pid);
}

Term AlarmHandler::describe() const {
  std::vector<Term> alarms;
  for (const Alarm& alarm : alarms_)
    alarms.push_back(tuple(alarm.id, alarm.description));
  return map(Term("alarms"_atom), list_of(std::move(alarms)), Term("subscribers"_atom),
             Term(subscribers_.size()));
}

PidOf<AlarmHandler> start_alarm_handler(Node& node) {
  return start_on<AlarmHandler>(node, "alarm_handler"_atom);
}

NodeAlarm mailbox_alarm(std::int64_t set_at, std::int64_t clear_at) {
  const auto longest = [](Node& node) {
    std::uint32_t most = 0;
    node.processes().for_each_slot([&most](const Process& process) {
      if (!process.is_alive()) return;
      most = std::max(most, process.mail_length());
    });
    return std::int64_t{most};
  };
  return {.id = Term("mailbox_too_long"_atom),
          .measure = longest,
          .limits = {.set_at = set_at, .clear_at = clear_at}};
}

NodeAlarm process_count_alarm(std::int64_t set_at, std::int64_t clear_at) {
  return {.id = Term("too_many_processes"_atom),
          .measure = [](Node& node) { return static_cast<std::int64_t>(node.process_count()); },
          .limits = {.set_at = set_at, .clear_at = clear_at}};
}

AlarmWatch::AlarmWatch(Self self, Duration period, std::vector<NodeAlarm> alarms)
    : self_(self), period_(period), alarms_(std::move(alarms)) {
  for (const NodeAlarm& alarm : alarms_)
    CHECK(alarm.limits.clear_at < alarm.limits.set_at);
  self_.send_after<AlarmTick>(period_, self_.pid());
}

void AlarmWatch::handle(AlarmTick) {
  for (NodeAlarm& alarm : alarms_) {
    const std::int64_t value = alarm.measure(self_.node());
    const Hysteresis::Change change = alarm.limits.see(value);
    if (change == Hysteresis::Change::set) {
      self_.send<SetAlarm>("alarm_handler"_atom, alarm.id, Term(value));
    } else if (change == Hysteresis::Change::clear) {
      self_.send<ClearAlarm>("alarm_handler"_atom, alarm.id);
    }
  }
  self_.send_after<AlarmTick>(period_, self_.pid());
}

}  // namespace glasshouse::runtime
