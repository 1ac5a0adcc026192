// The logger, its reports, and alarms. The ids are those of docs/conformance.md.

#include "runtime/behaviour/gen_statem.h"
#include "runtime/observe/alarm_handler.h"
#include "runtime/observe/logger.h"
#include "tests/conformance/logged.h"

namespace glasshouse::conformance {

namespace {

// -- LOG-002 ------------------------------------------------------------------------------------

Term pairs(const std::vector<Alarm>& alarms) {
  std::vector<Term> all;
  for (const Alarm& alarm : alarms)
    all.push_back(tuple(alarm.id, alarm.description));
  return list_of(std::move(all));
}

// Tells its owner of all it gets, and of what was handed over.
struct HandedOver {
  Term alarms;
};
class Forwarder {
 public:
  using Accepts = Messages<SetAlarm, ClearAlarm>;
  Forwarder(Self manager, Pid owner, const gen_event::Swapped& before)
      : self_(manager), owner_(owner) {
    self_.send<HandedOver>(owner_, pairs(handed_over(before)));
  }
  void handle(const SetAlarm& set) { self_.send<SetAlarm>(owner_, set); }
  void handle(const ClearAlarm& clear) { self_.send<ClearAlarm>(owner_, clear); }

 private:
  Self self_;
  Pid owner_;
};

Behaviour alarms_are_swapped(Self self, Verdict* verdict) {
  start_alarm_handler(self.node());
  while (!self.whereis("alarm_handler"_atom))
    co_await self.sleep(1_ms);
  set_alarm(self, Term("disk"_atom), Term(90));
  set_alarm(self, Term("fan"_atom), Term(1));
  clear_alarm(self, Term("none"_atom));
  auto asking = get_alarms(self);
  const auto before = co_await asking;
  verdict->equal(pairs(*before.value), "[{fan,1},{disk,90}]");
  const gen_event::IdOf<AlarmHandler> ours;
  const gen_event::IdOf<Forwarder> theirs;
  auto swapping = gen_event::swap_handler(self, "alarm_handler"_atom, ours, Term("swap"_atom),
                                          theirs, self.pid());
  verdict->equal(co_await swapping, "ok");
  const HandedOver handed = co_await self.receive<HandedOver>();
  verdict->equal(handed.alarms, "[{fan,1},{disk,90}]");
  set_alarm(self, Term("door"_atom), Term(2));
  clear_alarm(self, Term("fan"_atom));
  const SetAlarm set = co_await self.receive<SetAlarm>();
  verdict->equal(set.id, "door");
  const ClearAlarm clear = co_await self.receive<ClearAlarm>();
  verdict->equal(clear.id, "fan");
  auto asking_again = get_alarms(self);
  const auto after = co_await asking_again;
  verdict->holds(!after, "the old handler is asked, and there is none");
  verdict->equal(after.failure, "{error,bad_module}");
}

// -- LOG-003, LOG-004 ---------------------------------------------------------------------------

struct End {
  Term reason;
};
class Ender {
 public:
  using Accepts = Messages<End>;
  explicit Ender(Self self) : self_(self) {}
  void handle(End end) { self_.stop(std::move(end.reason)); }

 private:
  Self self_;
};

// The reports under a label, one for each event: errorContext and reason.
std::string errors_of(const LogCollector& log, std::string_view label) {
  std::string all;
  for (const LogEvent& event : log.labelled(label)) {
    const Term report = field(event.message, "report"_atom);
    if (!all.empty()) all += ' ';
    all += std::string(log_level_name(event.level)) + ":" +
           to_string(field(report, "errorContext"_atom)) + ":" +
           to_string(field(report, "reason"_atom));
  }
  return all;
}

Task<void> end_child(Self self, Atom name, Term reason) {
  const Pid child = *self.whereis(name);
  self.monitor(child);
  self.send<End>(child, std::move(reason));
  co_await self.receive<Down>();
}

// An error of the supervisor `sup` about its child `c`, which was that process.
void expect_offender(Verdict* verdict, const LogEvent& event, const Term& pid) {
  const Term report = field(event.message, "report"_atom);
  verdict->equal(field(report, "supervisor"_atom), "{local,sup}");
  const Term offender = field(report, "offender"_atom);
  verdict->holds(field(offender, "pid"_atom) == pid, "the offender is the process that ended");
  verdict->equal(field(offender, "id"_atom), "c");
  verdict->equal(field(offender, "restart_type"_atom), "permanent");
  verdict->equal(field(offender, "significant"_atom), "false");
  verdict->equal(field(offender, "shutdown"_atom), "5000");
  verdict->equal(field(offender, "child_type"_atom), "worker");
}

Behaviour supervisors_report(Self self, Verdict* verdict) {
  self.trap_exit(true);
  const auto log = log_everything(self);
  SupervisorSpec spec{.name = "sup"_atom, .limit = {.intensity = 1, .period = 60_s}};
  spec.children.push_back({.id = "c"_atom, .start = named_child<Ender>("child"_atom)});
  auto starting = start_supervisor(self, std::move(spec));
  const StartedServer<Supervisor> sup = co_await starting;
  const Pid killed_first = *self.whereis("child"_atom);
  auto first = end_child(self, "child"_atom, Term("boom"_atom));
  co_await first;
  co_await self.call<CountChildren>(sup.pid.pid);
  verdict->equal(errors_of(*log, "{supervisor,child_terminated}"), "error:child_terminated:boom");
  verdict->equal(errors_of(*log, "{supervisor,shutdown}"), "");
  const Pid killed_last = *self.whereis("child"_atom);
  auto second = end_child(self, "child"_atom, Term("boom"_atom));
  co_await second;
  co_await self.receive<Exit>();
  const auto progress = log->labelled("{supervisor,progress}");
  verdict->holds(progress.size() == 2, "each start is progress");
  const Pid started[] = {killed_first, killed_last};
  for (std::size_t i = 0; i < progress.size(); ++i) {
    verdict->holds(progress[i].level == LogLevel::info, "progress is info");
    const Term report = field(progress[i].message, "report"_atom);
    verdict->equal(field(report, "supervisor"_atom), "{local,sup}");
    verdict->equal(field(field(report, "started"_atom), "id"_atom), "c");
    verdict->holds(field(field(report, "started"_atom), "pid"_atom) == Term(started[i]),
                   "what was started");
  }
  verdict->equal(errors_of(*log, "{supervisor,child_terminated}"),
                 "error:child_terminated:boom error:child_terminated:boom");
  verdict->equal(errors_of(*log, "{supervisor,shutdown}"),
                 "error:shutdown:reached_max_restart_intensity");
  const auto crashes = log->labelled("{supervisor,child_terminated}");
  expect_offender(verdict, crashes[0], Term(killed_first));
  expect_offender(verdict, crashes[1], Term(killed_last));
  expect_offender(verdict, log->labelled("{supervisor,shutdown}").front(), Term(killed_last));
}

Behaviour a_failing_start_is_reported(Self self, Verdict* verdict) {
  self.trap_exit(true);
  const auto log = log_everything(self);
  SupervisorSpec spec{.name = "sup"_atom};
  const auto says_no = [](Process& parent, CallFrom starter) {
    answer_start(parent, starter, atoms::error, Term("nope"_atom));
    return Pid();
  };
  spec.children.push_back({.id = "c"_atom, .start = says_no});
  auto starting = start_supervisor(self, std::move(spec));
  const StartedServer<Supervisor> sup = co_await starting;
  verdict->holds(!sup, "the supervisor does not start");
  verdict->equal(errors_of(*log, "{supervisor,start_error}"), "error:start_error:nope");
  expect_offender(verdict, log->labelled("{supervisor,start_error}").front(), Term());
  verdict->holds(log->labelled("{supervisor,progress}").empty(), "nothing was started");
}

Behaviour servers_report_crashes_only(Self self, Verdict* verdict) {
  const auto log = log_everything(self);
  const Term reasons[] = {Term(atoms::normal), Term(atoms::shutdown),
                          tuple(Term(atoms::shutdown), Term("x"_atom))};
  for (const Term& reason : reasons) {
    start_on<Ender>(self.node(), "ender"_atom);
    while (!self.whereis("ender"_atom))
      co_await self.sleep(1_ms);
    auto ending = end_child(self, "ender"_atom, reason);
    co_await ending;
  }
  verdict->holds(log->events().empty(), "an orderly end is no news");
  start_on<Ender>(self.node(), "ender"_atom);
  while (!self.whereis("ender"_atom))
    co_await self.sleep(1_ms);
  auto ending = end_child(self, "ender"_atom, Term("boom"_atom));
  co_await ending;
  const auto terminated = log->labelled("{gen_server,terminate}");
  verdict->holds(terminated.size() == 1, "one report of the server");
  const Term report = terminated.front().message;
  verdict->equal(field(report, "name"_atom), "ender");
  verdict->equal(field(report, "reason"_atom), "boom");
  verdict->equal(field(report, "last_message"_atom), "'end'");
  for (const char* key : {"state", "log", "client_info"})
    verdict->holds(report.find(Term(Atom(key))) != nullptr, key);
  verdict->holds(log->labelled("{proc_lib,crash}").size() == 1, "and one of the process");
  verdict->holds(log->events().size() == 2, "no more");
}

class EndingMachine {
 public:
  using State = Atom;
  using Accepts = Messages<End>;
  gen_statem::Next<Atom> handle(Atom, const End& end) { return gen_statem::stop(end.reason); }
};

Task<void> end_machine(Self self, Term reason) {
  auto starting = gen_statem::start<EndingMachine>(self);
  const auto machine = co_await starting;
  self.monitor(machine.pid.pid);
  self.cast<End>(machine.pid, std::move(reason));
  co_await self.receive<Down>();
}

Behaviour machines_report_crashes_only(Self self, Verdict* verdict) {
  const auto log = log_everything(self);
  co_await end_machine(self, Term(atoms::normal));
  co_await end_machine(self, Term(atoms::shutdown));
  auto third = end_machine(self, tuple(Term(atoms::shutdown), Term("x"_atom)));
  co_await third;
  verdict->holds(log->events().empty(), "an orderly end is no news");
  auto crash = end_machine(self, Term("boom"_atom));
  co_await crash;
  const auto terminated = log->labelled("{gen_statem,terminate}");
  verdict->holds(terminated.size() == 1, "one report of the machine");
  const Term report = terminated.front().message;
  verdict->equal(field(report, "reason"_atom), "boom");
  for (const char* key : {"name", "last_message", "state", "log", "client_info"})
    verdict->holds(report.find(Term(Atom(key))) != nullptr, key);
  verdict->holds(log->labelled("{proc_lib,crash}").size() == 1, "and one of the process");
  verdict->holds(log->events().size() == 2, "no more");
}

class EndingHandler {
 public:
  using Accepts = Messages<End>;
  void handle(const End& end) { throw ExitException(end.reason); }
};

Behaviour handlers_report_crashes_only(Self self, Verdict* verdict) {
  const auto log = log_everything(self);
  const Term orderly[] = {Term(atoms::normal), Term(atoms::shutdown),
                          tuple(Term(atoms::shutdown), Term("x"_atom))};
  for (const Term& reason : orderly) {
    auto starting = gen_event::start(self);
    const Started manager = co_await starting;
    auto adding = gen_event::add_handler(self, manager.pid, gen_event::IdOf<EndingHandler>());
    static_cast<void>(co_await adding);
    auto stopping = gen_event::stop(self, manager.pid, reason);
    co_await stopping;
  }
  verdict->holds(log->events().empty(), "an orderly end is no news");
  auto starting = gen_event::start(self);
  const Started manager = co_await starting;
  auto adding = gen_event::add_handler(self, manager.pid, gen_event::IdOf<EndingHandler>());
  static_cast<void>(co_await adding);
  auto telling = gen_event::sync_notify<End>(self, manager.pid, Term("boom"_atom));
  co_await telling;
  const auto terminated = log->labelled("{gen_event,terminate}");
  verdict->holds(terminated.size() == 1, "one report of the handler");
  verdict->equal(field(terminated.front().message, "reason"_atom), "{'EXIT',boom}");
  verdict->holds(log->events().size() == 1, "none of the process, which lives");
  auto asking = gen_event::which_handlers(self, manager.pid);
  const Term handlers = co_await asking;
  verdict->equal(handlers, "[]");
}

// -- LOG-005, LOG-006, LOG-007 ------------------------------------------------------------------

std::string said(const LogCollector& log) {
  std::string all;
  for (const std::string& line : log.lines()) {
    if (!all.empty()) all += ", ";
    all += line;
  }
  return all;
}

void say_all(Self self, std::string_view text) {
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::notice, LogLevel::error})
    self.log(level, text);
}

Behaviour levels_drop_what_is_less_severe(Self self, Verdict* verdict) {
  const auto log = log_everything(self);
  Logger& logger = self.node().logger();
  logger.set_level(LogLevel::notice);
  say_all(self, "1");
  verdict->equal(said(*log), "notice 1, error 1");
  logger.set_module_level(self.process().initial, LogLevel::debug);
  self.log(LogLevel::debug, "2");
  verdict->equal(said(*log), "notice 1, error 1, debug 2");
  static_cast<void>(logger.set_handler_level("log"_atom, LogLevel::error));
  say_all(self, "3");
  verdict->equal(said(*log), "notice 1, error 1, debug 2, error 3");
  logger.unset_module_level(self.process().initial);
  logger.set_level(LogThreshold::none());
  say_all(self, "4");
  logger.set_level(LogThreshold::all());
  static_cast<void>(logger.set_handler_level("log"_atom, LogThreshold::all()));
  self.log(LogLevel::debug, "5");
  verdict->equal(said(*log), "notice 1, error 1, debug 2, error 3, debug 5");
  verdict->equal(LogThreshold::named("x").error().code, "invalid_level");
  co_return;
}

class Failing final : public LogHandler {
 public:
  void log(const LogEvent&) override { throw std::runtime_error("broken"); }
};

Behaviour filters_and_failing_handlers(Self self, Verdict* verdict) {
  const auto log = log_everything(self);
  Logger& logger = self.node().logger();
  const auto set_filter = [&](LogFilter filter) {
    static_cast<void>(logger.remove_filter("f"_atom));
    return logger.add_filter("f"_atom, std::move(filter)).ok();
  };
  verdict->holds(set_filter([](LogEvent&) { return FilterVerdict::stop; }), "a filter is added");
  self.log(LogLevel::error, "stopped");
  set_filter([](LogEvent&) { return FilterVerdict::ignore; });
  self.log(LogLevel::error, "ignored");
  set_filter([](LogEvent& event) {
    event.message = binary("modified");
    return FilterVerdict::pass;
  });
  self.log(LogLevel::error, "passed");
  verdict->equal(said(*log), "error ignored, error modified");
  set_filter([](LogEvent&) -> FilterVerdict { throw std::runtime_error("broken"); });
  self.log(LogLevel::error, "goes on");
  verdict->holds(logger.filters().empty(), "a crashing filter is removed");
  verdict->equal(log->lines().back(), "error goes on");
  verdict->holds(logger.add_handler("bad"_atom, std::make_shared<Failing>()).ok(), "added");
  self.log(LogLevel::error, "x");
  verdict->holds(logger.handlers() == std::vector<Atom>{"log"_atom},
                 "a crashing handler is removed");
  co_return;
}

Behaviour says_hello(Self self) {
  self.log(LogLevel::error, "hello");
  co_return;
}

std::int64_t microseconds_of(Instant time) {
  return time.nanoseconds() / 1'000;
}

Behaviour events_say_where_they_are_from(Self self, Verdict* verdict) {
  const auto log = log_everything(self);
  set_process_metadata(self.process(), map("k"_atom, "v"_atom));
  const std::int64_t begin = microseconds_of(self.wall());
  self.log(LogLevel::error, "text");
  self.log(LogLevel::error, map("what"_atom, 1));
  self.node().logger().log(&self.process(), LogLevel::error, binary("explicit"),
                           {.file = {}, .line = 0, .meta = map("k"_atom, "w"_atom)});
  const auto hello = self.spawn_monitor<&says_hello>();
  co_await self.receive<Down>();
  const std::int64_t end = microseconds_of(self.wall());
  const std::vector<LogEvent> events = log->events();
  verdict->holds(events.size() == 4, "four events");
  verdict->equal(events[0].message, "<<\"text\">>");
  verdict->equal(events[1].message, "#{what => 1}");
  verdict->holds(events[0].about("pid"_atom) == Term(self.pid()), "pid");
  for (const LogEvent& event : events) {
    const std::int64_t time = event.about("time"_atom).as_integer().value_or(0);
    verdict->holds(begin <= time && time <= end, "time, in microseconds");
    verdict->holds(event.about("gl"_atom) == Term(self.group_leader()), "gl, inherited");
  }
  verdict->holds(events[3].about("pid"_atom) == Term(hello.pid), "pid of the other");
  verdict->equal(events[0].about("module"_atom), "events_say_where_they_are_from");
  verdict->equal(events[0].about("file"_atom), "<<\"alarm_logger_report_test.cpp\">>");
  verdict->holds(events[0].about("line"_atom).as_integer().value_or(0) > 0, "line");
  verdict->equal(events[0].about("k"_atom), "v");
  verdict->equal(events[2].about("k"_atom), "w");
  verdict->equal(events[3].about("k"_atom), "undefined");
}

}  // namespace

CONFORMANCE("LOG-002", "an alarm handler that is swapped hands its alarms over", alarms_are_swapped)
CONFORMANCE("LOG-003", "a supervisor reports starts, ends, and that it gives up",
            supervisors_report)
CONFORMANCE("LOG-003", "a supervisor reports a start that failed", a_failing_start_is_reported)
CONFORMANCE("LOG-004", "a server that crashes is reported, an orderly end is not",
            servers_report_crashes_only)
CONFORMANCE("LOG-004", "a machine that crashes is reported, an orderly end is not",
            machines_report_crashes_only)
CONFORMANCE("LOG-004", "a handler that crashes is reported, and its manager is not",
            handlers_report_crashes_only)
CONFORMANCE("LOG-005", "an event passes the primary, module and handler levels",
            levels_drop_what_is_less_severe)
CONFORMANCE("LOG-006", "filters stop and change events, and what fails is removed",
            filters_and_failing_handlers)
CONFORMANCE("LOG-007", "an event says who logged it, when and where",
            events_say_where_they_are_from)

}  // namespace glasshouse::conformance
