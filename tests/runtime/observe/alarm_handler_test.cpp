#include "runtime/observe/alarm_handler.h"

#include "tests/runtime/observe/log_collector.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

Behaviour subscribes(Self self, Notes* notes) {
  co_await self.call<SubscribeAlarms>("alarm_handler"_atom, self.pid());
  co_await self.call<SubscribeAlarms>("alarm_handler"_atom, self.pid());
  for (;;) {
    auto next = self.receive<SetAlarm, ClearAlarm>();
    const auto news = co_await next;
    if (const auto* set = std::get_if<SetAlarm>(&news)) {
      notes->push_back("set " + text(set->id));
    } else {
      notes->push_back("clear " + text(std::get<ClearAlarm>(news).id));
    }
  }
}

Behaviour raises(Self self, Atom id) {
  self.send<SetAlarm>("alarm_handler"_atom, Term(id), Term(1));
  self.send<ClearAlarm>("alarm_handler"_atom, Term(id));
  co_return;
}

struct Work {};
// Fills its mailbox, then empties it to a length.
Behaviour has_mail(Self self, int much, int left) {
  for (int i = 0; i < much; ++i)
    self.send<Work>(self.pid());
  co_await self.sleep(1500_ms);
  for (int i = left; i < much; ++i)
    co_await self.receive<Work>();
  co_await self.receive<Exit>();
}

Behaviour asks(Self self, Duration after, Notes* notes) {
  co_await self.sleep(after);
  const AlarmsAnswer answer = co_await self.call<GetAlarms>("alarm_handler"_atom);
  for (const Alarm& alarm : answer.alarms)
    notes->push_back(text(alarm.id) + " " + text(alarm.description));
  notes->push_back("-");
}

Notes alarms_with_mail(int much, int left) {
  Notes notes;
  OneNode node;
  start_alarm_handler(node.node());
  const std::vector<NodeAlarm> alarms{mailbox_alarm(100, 50)};
  start_on<AlarmWatch>(node.node(), Atom(), 1_s, alarms);
  node.spawn<&has_mail>(much, left);
  node.spawn<&asks>(1200_ms, &notes);
  node.spawn<&asks>(2500_ms, &notes);
  node.world().run_until(Instant::at(3_s));
  return notes;
}

}  // namespace

TEST_CASE("a subscriber hears of each alarm once", "[alarm_handler]") {
  Notes notes;
  OneNode node;
  const auto log = collect(node.node().logger(), "log"_atom);
  start_alarm_handler(node.node());
  const Pid subscriber = node.spawn<&subscribes>(&notes);
  node.run();
  node.spawn<&raises>("fire"_atom);
  node.run();
  REQUIRE(notes == Notes{"set fire", "clear fire"});
  REQUIRE(log->lines() == Notes{"notice #{alarm_handler => {set,{fire,1}}}",
                                "notice #{alarm_handler => {clear,fire}}"});
  node.node().exit(subscriber, Term(atoms::kill));
  node.run();
  node.spawn<&raises>("flood"_atom);
  node.run();
  REQUIRE(notes.size() == 2);
}

TEST_CASE("between its two bounds an alarm stays as it is", "[alarm_handler]") {
  using Change = Hysteresis::Change;
  Hysteresis alarm{.set_at = 10, .clear_at = 5};
  REQUIRE(alarm.see(9) == Change::none);
  REQUIRE(alarm.see(10) == Change::set);
  REQUIRE(alarm.see(11) == Change::none);
  REQUIRE(alarm.see(6) == Change::none);
  REQUIRE(alarm.see(5) == Change::clear);
  REQUIRE(alarm.see(9) == Change::none);
}

TEST_CASE("a mailbox that is too long is an alarm until it is short again", "[alarm_handler]") {
  REQUIRE(alarms_with_mail(100, 50) == Notes{"mailbox_too_long 100", "-", "-"});
  REQUIRE(alarms_with_mail(100, 51) ==
          Notes{"mailbox_too_long 100", "-", "mailbox_too_long 100", "-"});
  REQUIRE(alarms_with_mail(99, 0) == Notes{"-", "-"});
}

}  // namespace glasshouse::tests
