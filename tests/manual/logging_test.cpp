// The snippets of docs/manual/logging.md, run.

#include "runtime/observe/alarm_handler.h"
#include "runtime/observe/log_process.h"
#include "runtime/observe/node_alarms.h"
#include "runtime/observe/system_monitor.h"
#include "tests/runtime/observe/log_collector.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests::manual {

namespace {

// region log
Behaviour store(Self self) {
  self.log(LogLevel::info, "started");
  self.log(LogLevel::error, map("what"_atom, "slow_disk"_atom, "ms"_atom, 1200));
  co_return;
}
// endregion

// region process
Pid log_to(Node& node, std::unique_ptr<LogOutput> output) {  // or standard_error_output()
  LogProcessOptions options{.output = std::move(output)};
  options.formatter = format_json;
  LogProcess process = start_log_process(node, std::move(options));
  REQUIRE(node.logger().add_handler("default"_atom, process.handler).ok());
  return process.pid.pid;
}
// endregion

// region filter
void hide_progress(Logger& logger) {
  logger.set_level(LogLevel::info);
  logger.set_module_level("store"_atom, LogLevel::debug);
  REQUIRE(logger.add_filter("progress"_atom, progress_filter(FilterAction::stop)).ok());
}
// endregion

// region alarms
void watch(Node& node) {
  start_alarm_handler(node);  // or alarm_handler_child() under a supervisor
  AlarmWatchOptions options = node_alarms();
  options.mailbox = {.disable = 50, .enable = 100};
  options.measured.push_back(
      {.id = Term("too_many_names"_atom),
       .measure =
           [](Node& watched) { return static_cast<std::int64_t>(watched.registry().all().size()); },
       .limits = {.set_at = 10'000, .clear_at = 9'000}});
  start_on<AlarmWatch>(node, "alarm_watch"_atom, options);
}
// endregion

// region use_alarms
Behaviour disk_keeper(Self self, Notes* notes) {
  set_alarm(self, Term("disk_almost_full"_atom), Term("/var"_atom));
  auto asking = get_alarms(self);
  auto set = co_await asking;  // the newest first
  for (const Alarm& alarm : *set.value)
    notes->push_back(text(alarm.id) + " " + text(alarm.description));
  clear_alarm(self, Term("disk_almost_full"_atom));
}
// endregion

// region alarm_handler
// Wakes somebody up.
class Pager {
 public:
  using Accepts = Messages<SetAlarm, ClearAlarm>;
  Pager(Notes* notes, const gen_event::Swapped& before) : notes_(notes) {
    for (const Alarm& alarm : handed_over(before))
      handle(SetAlarm{alarm.id, alarm.description});
  }
  void handle(const SetAlarm& set) { notes_->push_back("wake up: " + text(set.id)); }
  void handle(const ClearAlarm& clear) { notes_->push_back("sleep on: " + text(clear.id)); }

 private:
  Notes* notes_;
};

Behaviour takes_over(Self self, Notes* notes) {
  const gen_event::IdOf<AlarmHandler> ours;
  const gen_event::IdOf<Pager> theirs;
  auto swapping =
      gen_event::swap_handler(self, "alarm_handler"_atom, ours, Term("swap"_atom), theirs, notes);
  const Term done = co_await swapping;
  notes->push_back(text(done));
}
// endregion

// region subscribe_alarms
// Shows what is wrong, as it changes.
Behaviour dashboard(Self self, Notes* notes) {
  auto subscribing = subscribe_alarms(self);
  const Term done = co_await subscribing;
  if (done != Term(atoms::ok)) self.exit(done);  // no alarm handler
  for (;;) {
    auto next = self.receive<SetAlarm, ClearAlarm>();
    const auto change = co_await next;
    if (const auto* set = std::get_if<SetAlarm>(&change)) {
      notes->push_back("on: " + text(set->id));
    } else {
      notes->push_back("off: " + text(std::get<ClearAlarm>(change).id));
    }
  }
}
// endregion

// region system_monitor
Behaviour watchman(Self self, Notes* notes) {
  const SystemMonitorOptions options{.long_schedule = 100_ms,
                                     .long_message_queue = {.disable = 50, .enable = 100},
                                     .busy_stream = true};
  if (!self.node().system_monitor().start(self.pid(), options)) self.exit("badarg"_atom);
  for (;;) {
    auto next = self.receive<LongSchedule, LongMessageQueue, BusyStream>();
    const auto news = co_await next;
    const Term told = std::visit([](const auto& any) { return to_term(any); }, news);
    notes->push_back(text(told));  // {monitor,<0.102.1>,long_message_queue,true}
  }
}
// endregion

struct Letter {};
Behaviour gets_letters(Self self) {
  for (int i = 0; i < 100; ++i)
    self.send<Letter>(self.pid());
  co_await self.sleep(10_s);
}

}  // namespace

TEST_CASE("the manual's log arrives as JSON", "[manual]") {
  std::vector<std::string> lines;
  OneNode node;
  log_to(node.node(), std::make_unique<LinesOutput>(&lines));
  hide_progress(node.node().logger());
  node.spawn<&store>();
  node.run();
  REQUIRE(lines.size() == 2);
  REQUIRE(lines[0].find("\"msg\":\"started\"") != std::string::npos);
  REQUIRE(lines[1].find(R"("report":{"ms":1200,"what":"slow_disk"})") != std::string::npos);
}

TEST_CASE("the manual's alarms watch a node", "[manual]") {
  OneNode node;
  watch(node.node());
  node.world().run_until(Instant::at(10_ms));
  Notes notes;
  const Pid full = node.spawn<&gets_letters>();
  node.world().run_until(Instant::at(20_ms));
  node.spawn<&disk_keeper>(&notes);
  node.world().run_until(Instant::at(2_s));
  REQUIRE(notes ==
          Notes{"disk_almost_full '/var'", "{mailbox_too_long," + text(Term(full)) + "} 100"});
  notes.clear();
  node.spawn<&takes_over>(&notes);
  node.world().run_until(Instant::at(3_s));
  REQUIRE(notes == Notes{"wake up: {mailbox_too_long," + text(Term(full)) + "}", "ok"});
}

TEST_CASE("the manual's dashboard shows alarms as they come and go", "[manual]") {
  OneNode node;
  Notes shown;
  Notes notes;
  start_alarm_handler(node.node());
  node.spawn<&dashboard>(&shown);
  node.world().run_until(Instant::at(10_ms));
  node.spawn<&disk_keeper>(&notes);
  node.run();
  REQUIRE(shown == Notes{"on: disk_almost_full", "off: disk_almost_full"});
}

TEST_CASE("the manual's dashboard ends where there is no alarm handler", "[manual]") {
  OneNode node;
  Notes shown;
  node.spawn<&dashboard>(&shown);
  node.run();
  REQUIRE(shown.empty());
  REQUIRE(node.node().process_count() == 0);
}

TEST_CASE("the manual's watchman is told", "[manual]") {
  OneNode node;
  Notes notes;
  node.spawn<&watchman>(&notes);
  node.world().run_until(Instant::at(10_ms));
  const Pid full = node.spawn<&gets_letters>();
  node.world().run_until(Instant::at(20_ms));
  REQUIRE(notes == Notes{"{monitor," + text(Term(full)) + ",long_message_queue,true}"});
}

}  // namespace glasshouse::tests::manual
