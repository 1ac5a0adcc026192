#include "runtime/observe/alarm_handler.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace glasshouse::runtime {

namespace {

std::vector<gen_event::Spec> first_handlers() {
  return {gen_event::handler(gen_event::IdOf<AlarmHandler>())};
}

// {alarm_handler, Alarms}, as OTP hands them over.
Term term_of(const std::vector<Alarm>& newest_last) {
  std::vector<Term> alarms;
  for (auto alarm = newest_last.rbegin(); alarm != newest_last.rend(); ++alarm)
    alarms.push_back(tuple(alarm->id, alarm->description));
  return list_of(std::move(alarms));
}

}  // namespace

StartFunction alarm_handler_child() {
  return gen_event::child("alarm_handler"_atom, first_handlers());
}

Pid start_alarm_handler(Node& node) {
  return gen_event::start_on(node, "alarm_handler"_atom, first_handlers());
}

void set_alarm(Self self, Term id, Term description) {
  gen_event::notify<SetAlarm>(self, "alarm_handler"_atom, std::move(id), std::move(description));
}

void clear_alarm(Self self, Term id) {
  gen_event::notify<ClearAlarm>(self, "alarm_handler"_atom, std::move(id));
}

Task<CallResult<GetAlarms>> get_alarms(Self self) {
  return gen_event::call<GetAlarms>(self, "alarm_handler"_atom, gen_event::IdOf<AlarmHandler>());
}

Task<Term> subscribe_alarms(Self self) {
  const gen_event::IdOf<AlarmSubscription> id{Term(self.pid())};
  auto ending = gen_event::delete_handler(self, "alarm_handler"_atom, id);
  static_cast<void>(co_await ending);
  auto adding = gen_event::add_handler(self, "alarm_handler"_atom, id, self.pid());
  co_return co_await adding;
}

std::vector<Alarm> handed_over(const gen_event::Swapped& before) {
  std::vector<Alarm> alarms;
  const Term& said = before.result;
  if (!said.is_tuple("alarm_handler"_atom, 2) || !said.element(1).is_list()) return alarms;
  for (const Term& alarm : said.element(1).as_list()) {
    if (alarm.is_tuple() && alarm.size() == 2) {
      alarms.push_back({alarm.element(0), alarm.element(1)});
    }
  }
  return alarms;
}

void AlarmHandler::log(Atom what, Term alarm) const {
  self_.log(LogLevel::notice, map(Term("alarm_handler"_atom), tuple(Term(what), std::move(alarm))));
}

void AlarmHandler::handle(const SetAlarm& set) {
  log("set"_atom, tuple(set.id, set.description));
  if (alarms_.size() == alarms_max) {
    log("forgotten"_atom, alarms_.front().id);
    alarms_.erase(alarms_.begin());
  }
  alarms_.push_back({set.id, set.description});
}

void AlarmHandler::handle(const ClearAlarm& clear) {
  log("clear"_atom, clear.id);
  const auto newest = std::find_if(alarms_.rbegin(), alarms_.rend(),
                                   [&](const Alarm& alarm) { return alarm.id == clear.id; });
  if (newest != alarms_.rend()) alarms_.erase(std::next(newest).base());
}

std::vector<Alarm> AlarmHandler::handle(const GetAlarms&) const {
  return {alarms_.rbegin(), alarms_.rend()};
}

Term AlarmHandler::terminate(const Term& why) const {
  if (why != Term("swap"_atom)) return Term(atoms::ok);
  return tuple(Term("alarm_handler"_atom), term_of(alarms_));
}

Term AlarmHandler::describe() const {
  return term_of(alarms_);
}

gen_event::Result AlarmSubscription::handle_info(const Down& down) const {
  return down.ref == monitor_ ? gen_event::remove_handler() : gen_event::ok();
}

}  // namespace glasshouse::runtime
