// How children are stopped, and supervisors that end with their significant children.

#include "tests/conformance/logged.h"
#include "tests/conformance/supervised.h"

namespace glasshouse::conformance {

namespace {

// Ends with `reason` when it is told to stop, and says so. Traps exits.
class Odd {
 public:
  using Accepts = Messages<Crash>;
  Odd(Self self, Term reason) : self_(self), reason_(std::move(reason)) { self_.trap_exit(true); }
  void handle(Crash crash) { self_.stop(std::move(crash.reason)); }
  void terminate(Term) { self_.exit(reason_); }

 private:
  Self self_;
  Term reason_;
};

Behaviour a_timeout_escalates(Self self, Verdict* verdict) {
  self.trap_exit(true);
  SupervisorSpec spec;
  spec.children.push_back(announcer("c1", verdict));
  spec.children.push_back(announcer("c2", verdict, Restart::permanent, 10_s));
  spec.children[0].shutdown = 5_s;  // it needs nothing
  spec.children[1].shutdown = 500_ms;
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  const Instant begin = self.now();
  const Pid second = self.whereis("c2"_atom).value_or(Pid());
  self.exit(sup.pid, Term(atoms::shutdown));
  auto waiting = gone(self, second);
  const Term reason = co_await waiting;
  verdict->equal(reason, "killed");
  const Exit exit = co_await self.receive<Exit>();
  verdict->equal(exit.reason, "shutdown");
  const Duration took = self.now() - begin;
  verdict->holds(took >= 500_ms && took < 5_s, "about 500 ms");
  verdict->equal(verdict->take_notes(), "+c1 +c2 -c2 -c1");
}

// Had they been told to stop, they would have noted it, and taken 10 s.
Behaviour brutal_kill_waits_for_nothing(Self self, Verdict* verdict) {
  self.trap_exit(true);
  SupervisorSpec spec;
  for (const char* name : {"c1", "c2"}) {
    spec.children.push_back(announcer(name, verdict, Restart::permanent, 10_s));
    spec.children.back().shutdown = Shutdown::brutal_kill();
  }
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  const Ref first = self.monitor(*self.whereis("c1"_atom));
  const Ref second = self.monitor(*self.whereis("c2"_atom));
  const Instant begin = self.now();
  auto stopping = terminate_child(self, sup.pid, "c1"_atom);
  const ChildAnswer answer = co_await stopping;
  verdict->holds(answer.ok(), "ok");
  self.exit(sup.pid, Term(atoms::shutdown));
  for (const Ref ref : {first, second}) {
    auto next = self.receive_if<Down>([ref](const Down& down) { return down.ref == ref; });
    const std::optional<Down> down = co_await next;
    verdict->equal(down->reason, "killed");
  }
  const Exit exit = co_await self.receive<Exit>();
  verdict->holds(exit.from == sup.pid, "the supervisor ends");
  verdict->equal(exit.reason, "shutdown");
  verdict->holds(self.now() - begin < 5_s, "without waiting");
  verdict->equal(verdict->take_notes(), "+c1 +c2");
}

// A child that takes `milliseconds` to stop.
template <int milliseconds>
Behaviour infinity_waits(Self self, Verdict* verdict) {
  const Duration stops_in = Duration::milliseconds(milliseconds);
  SupervisorSpec spec;
  spec.children.push_back(announcer("c", verdict, Restart::permanent, stops_in));
  spec.children[0].shutdown = Shutdown::infinity();
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  verdict->holds(!sup.pid.pid.is_null(), "a worker may have it, too");
  const Ref ref = self.monitor(*self.whereis("c"_atom));
  const Instant begin = self.now();
  auto stopping = terminate_child(self, sup.pid, "c"_atom);
  const ChildAnswer answer = co_await stopping;
  verdict->holds(answer.ok() && self.now() - begin >= stops_in, "ok, when it is through");
  auto next = self.receive_if<Down>([ref](const Down& down) { return down.ref == ref; });
  const std::optional<Down> down = co_await next;
  verdict->equal(down->reason, "shutdown");
}

Behaviour another_reason_is_no_restart(Self self, Verdict* verdict) {
  const auto log = log_everything(self);
  SupervisorSpec spec{.name = "sup"_atom};
  spec.children.push_back({.id = "c"_atom, .start = child<Odd>(Term("odd"_atom))});
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  auto looking = child_of(self, sup.pid, "c"_atom);
  const Pid child = co_await looking;
  const Ref ref = self.monitor(child);
  auto stopping = terminate_child(self, sup.pid, "c"_atom);
  const ChildAnswer answer = co_await stopping;
  verdict->holds(answer.ok(), "ok");
  auto next = self.receive_if<Down>([ref](const Down& down) { return down.ref == ref; });
  const std::optional<Down> down = co_await next;
  verdict->equal(down->reason, "odd");
  auto seeing = picture(self, sup.pid);
  const std::string children = co_await seeing;
  verdict->equal(children, "c(down)");
  verdict->holds(log->labelled("{supervisor,progress}").size() == 1, "it is not restarted");
  const auto errors = log->labelled("{supervisor,shutdown_error}");
  verdict->holds(errors.size() == 1 && errors[0].level == LogLevel::error, "one error");
  const Term report = field(errors.front().message, "report"_atom);
  verdict->equal(field(report, "supervisor"_atom), "{local,sup}");
  verdict->equal(field(report, "errorContext"_atom), "shutdown_error");
  verdict->equal(field(report, "reason"_atom), "odd");
  const Term offender = field(report, "offender"_atom);
  verdict->equal(field(offender, "id"_atom), "c");
  verdict->holds(field(offender, "pid"_atom) == Term(child), "the offender has its pid");
}

// What is told of a child that was gone when it was told to stop is why it ended, and not that it
// was gone.
Behaviour the_dead_keep_their_reason(Self self, Verdict* verdict) {
  const auto log = log_everything(self);
  SupervisorSpec spec{.limit = {.intensity = 1'000, .period = 60_s}};
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  for (int i = 0; i < 50; ++i) {
    const Atom id(std::string("c") + std::to_string(i));
    auto adding = start_child(self, sup.pid, idler(id, Restart::temporary));
    const ChildAnswer child = co_await adding;
    self.exit(child.pid, Term("boom"_atom));
    auto stopping = terminate_child(self, sup.pid, id);
    co_await stopping;
  }
  std::size_t told = 0;
  for (const char* label : {"{supervisor,shutdown_error}", "{supervisor,child_terminated}"}) {
    for (const LogEvent& event : log->labelled(label)) {
      verdict->equal(field(field(event.message, "report"_atom), "reason"_atom), "boom");
      ++told;
    }
  }
  verdict->equal(std::to_string(told), "50");
}

// It unlinks itself from its supervisor, and is gone.
Behaviour naughty(Self self, Pid supervisor) {
  self.unlink(supervisor);
  co_return;
}
Pid start_naughty(Process& parent, CallFrom starter) {
  SpawnOptions options;
  options.link = true;
  const Pid pid = spawn_process<&naughty>(parent.node(), &parent, options, parent.pid());
  answer_start(parent, starter, atoms::ok, Term());
  return pid;
}

Behaviour the_unlinked_are_told_of(Self self, Verdict* verdict) {
  const auto log = log_everything(self);
  SupervisorSpec spec;
  spec.children.push_back({.id = "c"_atom, .start = &start_naughty});
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  auto looking = child_of(self, sup.pid, "c"_atom);
  const Pid child = co_await looking;
  auto waiting = gone(self, child);
  static_cast<void>(co_await waiting);
  auto stopping = terminate_child(self, sup.pid, "c"_atom);
  const ChildAnswer answer = co_await stopping;
  verdict->holds(answer.ok(), "ok");
  const auto errors = log->labelled("{supervisor,shutdown_error}");
  verdict->holds(errors.size() == 1, "one error");
  const Term report = field(errors.front().message, "report"_atom);
  verdict->equal(field(report, "reason"_atom), "child_process_unlinked");
}

Behaviour simple_stops_all_at_once(Self self, Verdict* verdict) {
  self.trap_exit(true);
  SupervisorSpec spec{.strategy = Strategy::simple_one_for_one};
  spec.children.push_back({.id = "pattern"_atom, .start = nullptr, .shutdown = 5_s});
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  for (int i = 1; i <= 5; ++i) {
    auto adding = start_child(
        self, sup.pid, announcer("a" + std::to_string(i), verdict, Restart::permanent, 400_ms));
    co_await adding;
  }
  verdict->take_notes();
  auto crashing = crash(self, "a3"_atom);
  static_cast<void>(co_await crashing);
  auto seeing = picture(self, sup.pid);
  co_await seeing;
  verdict->equal(verdict->take_notes(), "!a3 +a3");
  const Instant begin = self.now();
  auto ending = end(self, sup.pid, Term(atoms::shutdown));
  const Term reason = co_await ending;
  verdict->equal(reason, "shutdown");
  const Duration took = self.now() - begin;
  verdict->holds(took >= 400_ms && took < 1'900_ms, "all at once");
}

Behaviour stragglers_are_killed(Self self, Verdict* verdict) {
  self.trap_exit(true);
  SupervisorSpec spec{.strategy = Strategy::simple_one_for_one};
  spec.children.push_back({.id = "pattern"_atom, .start = nullptr, .shutdown = 50_ms});
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  for (const Duration stopping : {1_ms, 10_s}) {
    auto adding = start_child(
        self, sup.pid,
        announcer(stopping == 1_ms ? "quick" : "slow", verdict, Restart::permanent, stopping));
    co_await adding;
  }
  const Ref slow = self.monitor(*self.whereis("slow"_atom));
  auto ending = end(self, sup.pid, Term(atoms::shutdown));
  static_cast<void>(co_await ending);
  auto next = self.receive_if<Down>([slow](const Down& down) { return down.ref == slow; });
  const std::optional<Down> down = co_await next;
  verdict->equal(down->reason, "killed");
}

// On many cores all of them are told when the time is over already.
Behaviour no_patience_kills(Self self, Verdict* verdict) {
  self.trap_exit(true);
  SupervisorSpec spec{.strategy = Strategy::simple_one_for_one};
  spec.children.push_back({.id = "pattern"_atom, .start = nullptr, .shutdown = Duration::zero()});
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  std::vector<Ref> monitors;
  for (int i = 0; i < 20; ++i) {
    const std::string name = "c" + std::to_string(i);
    auto adding = start_child(self, sup.pid, announcer(name, verdict, Restart::permanent, 10_s));
    const ChildAnswer child = co_await adding;
    monitors.push_back(self.monitor(child.pid));
  }
  const Instant begin = self.now();
  auto ending = end(self, sup.pid, Term(atoms::shutdown));
  const Term reason = co_await ending;
  verdict->equal(reason, "shutdown");
  for (const Ref ref : monitors) {
    auto next = self.receive_if<Down>([ref](const Down& down) { return down.ref == ref; });
    const std::optional<Down> down = co_await next;
    verdict->equal(down->reason, "killed");
  }
  verdict->holds(self.now() - begin < 5_s, "without waiting");
}

// -- auto_shutdown --------------------------------------------------------------------------------

ChildSpec significant(const std::string& name, Verdict* verdict, Restart restart) {
  ChildSpec spec = announcer(name, verdict, restart);
  spec.significant = true;
  return spec;
}

Behaviour any_significant(Self self, Verdict* verdict) {
  self.trap_exit(true);
  SupervisorSpec spec = tree_of(0, verdict);
  spec.auto_shutdown = AutoShutdown::any_significant;
  spec.children.push_back(significant("s1", verdict, Restart::transient));
  spec.children.push_back(significant("s2", verdict, Restart::transient));
  spec.children.push_back(announcer("n", verdict, Restart::transient));
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  auto crashing = crash(self, "s1"_atom);
  static_cast<void>(co_await crashing);
  auto looking = picture(self, sup.pid);
  const std::string restarted = co_await looking;
  verdict->equal(restarted, "s1 s2 n");
  auto plain = crash(self, "n"_atom, Term(atoms::normal));
  static_cast<void>(co_await plain);
  auto seeing = picture(self, sup.pid);
  const std::string without_n = co_await seeing;
  verdict->equal(without_n, "s1 s2 n(down)");
  verdict->take_notes();
  auto ending = crash(self, "s1"_atom, Term(atoms::normal));
  static_cast<void>(co_await ending);
  const Exit exit = co_await self.receive<Exit>();
  verdict->equal(exit.reason, "shutdown");
  verdict->equal(verdict->take_notes(), "!s1 -s2");
}

Behaviour all_significant(Self self, Verdict* verdict) {
  self.trap_exit(true);
  SupervisorSpec spec = tree_of(0, verdict);
  spec.auto_shutdown = AutoShutdown::all_significant;
  spec.children.push_back(significant("s1", verdict, Restart::temporary));
  spec.children.push_back(significant("s2", verdict, Restart::temporary));
  spec.children.push_back(announcer("worker", verdict));
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  auto first = crash(self, "s1"_atom);
  static_cast<void>(co_await first);
  auto looking = picture(self, sup.pid);
  const std::string left = co_await looking;
  verdict->equal(left, "s2 worker");
  auto second = crash(self, "s2"_atom, Term(atoms::normal));
  static_cast<void>(co_await second);
  const Exit exit = co_await self.receive<Exit>();
  verdict->equal(exit.reason, "shutdown");
  verdict->equal(verdict->take_notes(), "+s1 +s2 +worker !s1 !s2 -worker");
}

// The significant temporary child s and another one end with the supervisor.
Task<void> ends_with_s(Self self, Verdict* verdict, Strategy strategy, Term reason) {
  SupervisorSpec spec{.strategy = strategy, .auto_shutdown = AutoShutdown::any_significant};
  const bool is_simple = strategy == Strategy::simple_one_for_one;
  spec.children.push_back(significant("s", verdict, Restart::temporary));
  if (!is_simple) spec.children.push_back(announcer("other", verdict));
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  for (const char* name : {"s", "other"}) {
    if (!is_simple) break;
    auto adding = start_child(self, sup.pid, announcer(name, verdict));
    co_await adding;
  }
  const Pid victim = self.whereis("s"_atom).value_or(Pid());
  if (reason == Term(atoms::kill)) {
    self.exit(victim, reason);
  } else {
    self.send<Crash>(victim, reason);
  }
  auto next = self.receive_if<Exit>([sup](const Exit& exit) { return exit.from == sup.pid; });
  const std::optional<Exit> exit = co_await next;
  verdict->equal(exit->reason, "shutdown");
  const std::string notes = verdict->take_notes();
  verdict->holds(notes.ends_with("-other"), "it takes the other down");
}

Behaviour temporary_significant(Self self, Verdict* verdict) {
  self.trap_exit(true);
  for (const Strategy strategy : {Strategy::one_for_one, Strategy::simple_one_for_one}) {
    for (const Atom reason : {atoms::kill, "abnormal"_atom, atoms::normal}) {
      auto running = ends_with_s(self, verdict, strategy, Term(reason));
      co_await running;
    }
  }
}

Behaviour by_hand_and_by_siblings_counts_not(Self self, Verdict* verdict) {
  SupervisorSpec spec = tree_of(0, verdict, Strategy::one_for_all);
  spec.auto_shutdown = AutoShutdown::any_significant;
  spec.children.push_back(significant("s1", verdict, Restart::transient));
  spec.children.push_back(announcer("s2", verdict));
  spec.children.push_back(significant("s3", verdict, Restart::transient));
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  auto stopping = terminate_child(self, sup.pid, "s1"_atom);
  co_await stopping;
  auto restarting = restart_child(self, sup.pid, "s1"_atom);
  const ChildAnswer back = co_await restarting;
  verdict->holds(back.ok(), "the supervisor lives");
  auto killing = end(self, self.whereis("s2"_atom).value_or(Pid()), Term(atoms::kill));
  static_cast<void>(co_await killing);
  auto looking = picture(self, sup.pid);
  const std::string children = co_await looking;
  verdict->equal(children, "s1 s2 s3");
}

}  // namespace

CONFORMANCE("SUP-033", "a shutdown that takes too long escalates to kill", a_timeout_escalates)
CONFORMANCE("SUP-034", "brutal_kill waits for nothing", brutal_kill_waits_for_nothing)
CONFORMANCE_SIMULATED("SUP-035", "shutdown infinity waits as long as needed",
                      infinity_waits<60'000>)
CONFORMANCE_ON_CORES("SUP-035", "shutdown infinity waits as long as needed", infinity_waits<700>)
CONFORMANCE("SUP-036", "a child that stops with another reason is reported and not restarted",
            another_reason_is_no_restart)
CONFORMANCE("SUP-036", "a child that was gone is reported with its own reason",
            the_dead_keep_their_reason)
CONFORMANCE("SUP-036", "a child that unlinked itself is reported as such", the_unlinked_are_told_of)
CONFORMANCE("SUP-042", "simple_one_for_one restarts with own arguments and stops all at once",
            simple_stops_all_at_once)
CONFORMANCE("SUP-042", "simple_one_for_one kills stragglers", stragglers_are_killed)
CONFORMANCE("SUP-042", "simple_one_for_one without patience kills them all", no_patience_kills)
CONFORMANCE("SUP-043", "any_significant ends the supervisor with the first", any_significant)
CONFORMANCE("SUP-044", "all_significant ends the supervisor with the last", all_significant)
CONFORMANCE("SUP-045", "a temporary significant child counts for any reason", temporary_significant)
CONFORMANCE("SUP-046", "what is stopped by hand or with a sibling does not count",
            by_hand_and_by_siblings_counts_not)

}  // namespace glasshouse::conformance
