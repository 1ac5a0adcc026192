#include "runtime/observe/alarm_handler.h"

#include "tests/catch.h"
#include "tests/runtime/observe/log_collector.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

Behaviour subscribes(Self self, Notes* notes) {
  for (int twice = 0; twice < 2; ++twice) {
    auto subscribing = subscribe_alarms(self);
    notes->push_back(text(co_await subscribing));
  }
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
  set_alarm(self, Term(id), Term(1));
  clear_alarm(self, Term(id));
  co_return;
}

Behaviour sets(Self self, Atom id) {
  set_alarm(self, Term(id), Term(1));
  co_return;
}

Behaviour tells_handlers(Self self, Notes* notes) {
  auto asking = gen_event::which_handlers(self, "alarm_handler"_atom);
  notes->push_back(text(co_await asking));
}

Behaviour tells_alarms(Self self, Notes* notes) {
  auto asking = get_alarms(self);
  const auto alarms = co_await asking;
  if (!alarms) notes->push_back(text(alarms.failure));
  if (!alarms) co_return;
  for (const Alarm& alarm : *alarms.value)
    notes->push_back(text(alarm.id) + " " + text(alarm.description));
}

// Takes over, and goes on with what was set.
class Pager {
 public:
  using Accepts = Messages<SetAlarm, ClearAlarm>;
  Pager(Notes* notes, const gen_event::Swapped& before) : notes_(notes) {
    for (const Alarm& alarm : handed_over(before))
      notes_->push_back("taken over " + text(alarm.id));
  }
  void handle(const SetAlarm& set) { notes_->push_back("page " + text(set.id)); }
  void handle(const ClearAlarm& clear) { notes_->push_back("over " + text(clear.id)); }

 private:
  Notes* notes_;
};

Behaviour swaps(Self self, Notes* notes) {
  set_alarm(self, Term("fire"_atom), Term(1));
  set_alarm(self, Term("flood"_atom), Term(2));
  const gen_event::IdOf<AlarmHandler> ours;
  const gen_event::IdOf<Pager> theirs;
  auto swapping =
      gen_event::swap_handler(self, "alarm_handler"_atom, ours, Term("swap"_atom), theirs, notes);
  notes->push_back(text(co_await swapping));
  set_alarm(self, Term("theft"_atom), Term(3));
  clear_alarm(self, Term("fire"_atom));
}

Behaviour supervises(Self self, Notes* notes) {
  SupervisorSpec spec{.name = "safety"_atom};
  spec.children.push_back({.id = "alarms"_atom, .start = alarm_handler_child()});
  auto starting = start_supervisor(self, std::move(spec));
  static_cast<void>(co_await starting);
  const Pid first = self.whereis("alarm_handler"_atom).value();
  self.exit(first, Term(atoms::kill));
  co_await self.sleep(1_ms);
  const Pid second = self.whereis("alarm_handler"_atom).value();
  notes->push_back(first == second ? "the same" : "another one");
  auto asking = gen_event::which_handlers(self, "alarm_handler"_atom);
  notes->push_back(text(co_await asking));
}

}  // namespace

TEST_CASE("a subscriber hears of each alarm once, until it ends", "[alarm_handler]") {
  Notes notes;
  OneNode node;
  const auto log = collect(node.node().logger(), "log"_atom);
  start_alarm_handler(node.node());
  const Pid subscriber = node.spawn<&subscribes>(&notes);
  node.run();
  node.spawn<&raises>("fire"_atom);
  node.run();
  REQUIRE(notes == Notes{"ok", "ok", "set fire", "clear fire"});
  REQUIRE(log->lines() == Notes{"notice #{alarm_handler => {set,{fire,1}}}",
                                "notice #{alarm_handler => {clear,fire}}"});
  notes.clear();
  node.node().exit(subscriber, Term(atoms::kill));
  node.run();
  node.spawn<&raises>("flood"_atom);
  node.spawn<&tells_handlers>(&notes);
  node.run();
  REQUIRE(notes == Notes{"[alarm_handler]"});
}

TEST_CASE("alarms are told the newest first, and the newest of an id is cleared",
          "[alarm_handler]") {
  Notes notes;
  OneNode node;
  start_alarm_handler(node.node());
  for (const Atom id : {"fire"_atom, "flood"_atom, "fire"_atom}) {
    node.spawn<&sets>(id);
    node.run();
  }
  node.spawn<&tells_alarms>(&notes);
  node.run();
  REQUIRE(notes == Notes{"fire 1", "flood 1", "fire 1"});
}

TEST_CASE("who takes the place of the alarm handler goes on with its alarms", "[alarm_handler]") {
  Notes notes;
  OneNode node;
  start_alarm_handler(node.node());
  node.spawn<&swaps>(&notes);
  node.run();
  node.spawn<&tells_alarms>(&notes);
  node.run();
  REQUIRE(notes == Notes{"taken over flood", "taken over fire", "ok", "page theft", "over fire",
                         "{error,bad_module}"});
}

TEST_CASE("a supervised alarm handler comes back empty", "[alarm_handler]") {
  Notes notes;
  OneNode node;
  node.spawn<&supervises>(&notes);
  node.run();
  REQUIRE(notes == Notes{"another one", "[alarm_handler]"});
}

}  // namespace glasshouse::tests
