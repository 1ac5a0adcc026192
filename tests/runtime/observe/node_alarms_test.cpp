#include "runtime/observe/node_alarms.h"

#include "runtime/observe/alarm_handler.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

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

// Does much in one turn.
Behaviour toils(Self self, int much) {
  co_await self.sleep(100_ms);
  for (int i = 0; i < much; ++i)
    self.send<Work>(self.pid());
  co_await self.sleep(10_s);
}

Behaviour asks(Self self, Duration after, Notes* notes) {
  co_await self.sleep(after);
  auto asking = get_alarms(self);
  const auto alarms = co_await asking;
  for (const Alarm& alarm : *alarms.value)
    notes->push_back(text(alarm.id) + " " + text(alarm.description));
  notes->push_back("-");
}

// What is set 1.2 s and 2.5 s after `body` began, with `options`.
template <auto Body, class... Args>
Notes alarms_with(const AlarmWatchOptions& options, Args... args) {
  Notes notes;
  OneNode node;
  start_alarm_handler(node.node());
  start_on<AlarmWatch>(node.node(), Atom(), options);
  node.world().run_until(Instant::at(1_ms));
  node.spawn<Body>(args...);
  node.spawn<&asks>(1200_ms, &notes);
  node.spawn<&asks>(2500_ms, &notes);
  node.world().run_until(Instant::at(3_s));
  return notes;
}

AlarmWatchOptions mailboxes() {
  return {.mailbox = {.disable = 50, .enable = 100}};
}

// A measure that is told from outside.
NodeAlarm level_alarm(std::int64_t* level) {
  return {.id = Term("level"_atom),
          .measure = [level](Node&) { return *level; },
          .limits = {.set_at = 10, .clear_at = 5}};
}

}  // namespace

TEST_CASE("between its two bounds an alarm stays as it is", "[node_alarms]") {
  using Change = Hysteresis::Change;
  Hysteresis alarm{.set_at = 10, .clear_at = 5};
  REQUIRE(alarm.see(9) == Change::none);
  REQUIRE(alarm.see(10) == Change::set);
  REQUIRE(alarm.see(11) == Change::none);
  REQUIRE(alarm.see(6) == Change::none);
  REQUIRE(alarm.see(5) == Change::clear);
  REQUIRE(alarm.see(9) == Change::none);
}

TEST_CASE("a mailbox that is too long is an alarm until it is short again", "[node_alarms]") {
  const std::string alarm = "{mailbox_too_long,<0.102.1>} 100";
  REQUIRE(alarms_with<&has_mail>(mailboxes(), 100, 50) == Notes{alarm, "-", "-"});
  REQUIRE(alarms_with<&has_mail>(mailboxes(), 100, 51) == Notes{alarm, "-", alarm, "-"});
  REQUIRE(alarms_with<&has_mail>(mailboxes(), 99, 0) == Notes{"-", "-"});
}

TEST_CASE("the alarm of a mailbox is cleared with its process", "[node_alarms]") {
  Notes notes;
  OneNode node;
  start_alarm_handler(node.node());
  start_on<AlarmWatch>(node.node(), Atom(), mailboxes());
  node.world().run_until(Instant::at(1_ms));
  const Pid full = node.spawn<&has_mail>(100, 0);
  node.spawn<&asks>(500_ms, &notes);
  node.world().run_until(Instant::at(600_ms));
  REQUIRE(notes.size() == 2);
  node.node().exit(full, Term(atoms::kill));
  node.spawn<&asks>(1_ms, &notes);
  node.world().run_until(Instant::at(700_ms));
  REQUIRE(notes.size() == 3);
  REQUIRE(notes.back() == "-");
}

TEST_CASE("a process that holds its worker is an alarm until the worker is free", "[node_alarms]") {
  const AlarmWatchOptions options{.period = 2_s, .held = 1_ms};
  REQUIRE(alarms_with<&toils>(options, 4000) ==
          Notes{"scheduler_held_too_long {toils,<0.102.1>,1}", "-", "-"});
  REQUIRE(alarms_with<&toils>(options, 3000) == Notes{"-", "-"});
}

TEST_CASE("what is measured is set once, and cleared once", "[node_alarms]") {
  std::int64_t level = 0;
  Notes notes;
  OneNode node;
  start_alarm_handler(node.node());
  AlarmWatchOptions options;
  options.measured = {level_alarm(&level)};
  start_on<AlarmWatch>(node.node(), Atom(), options);
  for (const std::int64_t next : {9, 10, 12, 6, 5, 9}) {
    level = next;
    node.world().run_for(1_s);
    node.spawn<&asks>(1_ms, &notes);
    node.world().run_for(10_ms);
  }
  REQUIRE(notes == Notes{"-", "level 10", "-", "level 10", "-", "level 10", "-", "-", "-"});
}

TEST_CASE("a watch that ends clears what it has set", "[node_alarms]") {
  std::int64_t level = 10;
  Notes notes;
  OneNode node;
  start_alarm_handler(node.node());
  AlarmWatchOptions options;
  options.measured = {level_alarm(&level)};
  const Pid watch = start_on<AlarmWatch>(node.node(), Atom(), options).pid;
  node.world().run_until(Instant::at(1500_ms));
  node.spawn<&asks>(1_ms, &notes);
  node.world().run_until(Instant::at(1600_ms));
  node.node().exit(watch, Term(atoms::shutdown));
  node.world().run_until(Instant::at(1700_ms));
  node.spawn<&asks>(1_ms, &notes);
  node.world().run_until(Instant::at(1800_ms));
  REQUIRE(notes.front() == "level 10");
}

TEST_CASE("bounds that would flap are refused", "[node_alarms]") {
  OneNode node;
  AlarmWatchOptions options;
  options.measured = {run_queue_alarm(10, 10)};
  const Pid watch = start_on<AlarmWatch>(node.node(), "watch"_atom, options).pid;
  node.world().run_until(Instant::at(1_s));
  const Process* const process = node.node().find(watch);
  REQUIRE((process->serial() != watch.serial || !process->is_alive()));
}

}  // namespace glasshouse::tests
