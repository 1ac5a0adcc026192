// Which children are restarted, with whom, and how often.

#include "tests/conformance/supervised.h"

namespace glasshouse::conformance {

namespace {

Term shutdown_x() {
  return tuple(Term(atoms::shutdown), Term("x"_atom));
}
std::vector<Term> all_reasons() {
  return {Term(atoms::normal), Term(atoms::shutdown), shutdown_x(), Term("abnormal"_atom),
          Term(atoms::kill)};
}

SupervisorSpec of_one(Restart restart, std::uint32_t intensity, Strategy strategy,
                      Verdict* verdict) {
  SupervisorSpec spec{.strategy = strategy, .limit = {.intensity = intensity, .period = 60_s}};
  spec.children.push_back(announcer("c", verdict, restart));
  return spec;
}

// Ends the announcer c for this reason: a signal if it is kill, else by itself.
Task<Term> end_c(Self self, Term reason) {
  if (reason == Term(atoms::kill)) {
    auto killing = end(self, self.whereis("c"_atom).value_or(Pid()), reason);
    co_return co_await killing;
  }
  auto crashing = crash(self, "c"_atom, reason);
  co_return co_await crashing;
}

Behaviour permanent_is_restarted(Self self, Verdict* verdict) {
  auto starting =
      start_supervisor(self, of_one(Restart::permanent, 100, Strategy::one_for_one, verdict));
  const auto sup = co_await starting;
  for (const Term& reason : all_reasons()) {
    const Pid before = self.whereis("c"_atom).value_or(Pid());
    auto ending = end_c(self, reason);
    static_cast<void>(co_await ending);
    auto looking = child_of(self, sup.pid, "c"_atom);
    const Pid after = co_await looking;
    verdict->holds(!after.is_null() && after != before, "a new pid under the same id");
    auto counting = count_children(self, sup.pid);
    const ChildCount count = co_await counting;
    verdict->holds(count.specs == 1 && count.active == 1, "specs 1, active 1");
  }
}

Behaviour transient_is_restarted_after_a_crash(Self self, Verdict* verdict) {
  // Two restarts are needed, and two are all it may have.
  auto starting =
      start_supervisor(self, of_one(Restart::transient, 2, Strategy::one_for_one, verdict));
  const auto sup = co_await starting;
  for (const Term& reason : all_reasons()) {
    const bool is_crash = reason == Term("abnormal"_atom) || reason == Term(atoms::kill);
    auto ending = end_c(self, reason);
    static_cast<void>(co_await ending);
    auto looking = picture(self, sup.pid);
    const std::string children = co_await looking;
    verdict->equal(children, is_crash ? "c" : "c(down)");
    auto counting = count_children(self, sup.pid);
    const ChildCount count = co_await counting;
    verdict->holds(count.specs == 1 && count.active == (is_crash ? 1 : 0), "counts");
    if (is_crash) continue;
    auto again = restart_child(self, sup.pid, "c"_atom);
    co_await again;
  }
}

Behaviour temporary_is_dropped(Self self, Verdict* verdict) {
  for (const Strategy strategy :
       {Strategy::one_for_one, Strategy::one_for_all, Strategy::rest_for_one}) {
    SupervisorSpec spec = of_one(Restart::temporary, 0, strategy, verdict);
    spec.children.push_back(announcer("sibling", verdict));
    auto starting = start_supervisor(self, std::move(spec));
    const auto sup = co_await starting;
    for (const Term& reason : all_reasons()) {
      verdict->take_notes();
      auto ending = end_c(self, reason);
      static_cast<void>(co_await ending);
      auto looking = picture(self, sup.pid);
      const std::string children = co_await looking;
      verdict->equal(children, "sibling");
      const std::string notes = verdict->take_notes();
      verdict->holds(notes.find("sibling") == std::string::npos, "its sibling is left alone");
      auto restarting = restart_child(self, sup.pid, "c"_atom);
      const ChildAnswer gone_for_good = co_await restarting;
      verdict->equal(gone_for_good.term(), "{error,not_found}");
      auto adding = start_child(self, sup.pid, announcer("c", verdict, Restart::temporary));
      const ChildAnswer added = co_await adding;
      verdict->holds(added.ok(), "its id is free");
    }
    self.unlink(sup.pid);
    auto stopping = end(self, sup.pid, Term(atoms::kill));
    static_cast<void>(co_await stopping);
    // Killed, it stopped nobody: its children learn of it by their links.
    for (const Atom name : {"c"_atom, "sibling"_atom}) {
      const Pid pid = self.whereis(name).value_or(Pid());
      if (pid.is_null()) continue;
      auto waiting = gone(self, pid);
      static_cast<void>(co_await waiting);
    }
  }
}

Behaviour one_for_one_in_place(Self self, Verdict* verdict) {
  auto starting = start_supervisor(self, tree_of(3, verdict));
  const auto sup = co_await starting;
  auto asking = which_children(self, sup.pid);
  const auto before = co_await asking;
  auto crashing = crash(self, "c2"_atom);
  static_cast<void>(co_await crashing);
  auto asking_again = which_children(self, sup.pid);
  const auto after = co_await asking_again;
  verdict->holds(after[0].pid == before[0].pid && after[2].pid == before[2].pid,
                 "c1 and c3 keep their pids");
  verdict->holds(after[1].id == "c2"_atom && after[1].pid != before[1].pid, "c2 is new, in place");
  verdict->equal(verdict->take_notes(), "+c1 +c2 +c3 !c2 +c2");
}

Behaviour rest_for_one_restarts_the_rest(Self self, Verdict* verdict) {
  auto starting = start_supervisor(self, tree_of(4, verdict, Strategy::rest_for_one));
  const auto sup = co_await starting;
  const Pid first = self.whereis("c1"_atom).value_or(Pid());
  verdict->take_notes();
  auto crashing = crash(self, "c2"_atom);
  static_cast<void>(co_await crashing);
  auto looking = picture(self, sup.pid);
  const std::string children = co_await looking;
  verdict->equal(children, "c1 c2 c3 c4");
  verdict->equal(verdict->take_notes(), "!c2 -c4 -c3 +c2 +c3 +c4");
  verdict->holds(self.whereis("c1"_atom) == first, "c1 keeps its pid");
}

Behaviour one_restart_too_many(Self self, Verdict* verdict) {
  self.trap_exit(true);
  auto starting = start_supervisor(self, tree_of(2, verdict, Strategy::one_for_one, 2));
  const auto sup = co_await starting;
  for (const Atom name : {"c1"_atom, "c2"_atom}) {
    auto crashing = crash(self, name);
    static_cast<void>(co_await crashing);
    auto looking = picture(self, sup.pid);  // answered when it has restarted it
    co_await looking;
  }
  auto last = crash(self, "c1"_atom);
  static_cast<void>(co_await last);
  const Exit exit = co_await self.receive<Exit>();
  verdict->holds(exit.from == sup.pid, "the supervisor gave up");
  verdict->equal(exit.reason, "shutdown");
  verdict->equal(verdict->take_notes(), "+c1 +c2 !c1 +c1 !c2 +c2 !c1 -c2");
}

Behaviour the_window_slides(Self self, Verdict* verdict) {
  self.trap_exit(true);
  SupervisorSpec spec = tree_of(1, verdict, Strategy::one_for_one, 1);
  spec.limit.period = 300_ms;
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  for (int i = 0; i < 3; ++i) {
    auto crashing = crash(self, "c1"_atom);
    static_cast<void>(co_await crashing);
    auto looking = picture(self, sup.pid);  // answered when it has restarted it
    const std::string children = co_await looking;
    verdict->equal(children, "c1");
    co_await self.sleep(400_ms);
  }
  // Two as close to each other as they can be; more where something came between them.
  std::optional<Exit> exit;
  while (!exit) {
    auto crashing = crash(self, "c1"_atom);
    static_cast<void>(co_await crashing);
    auto next = self.receive<Exit>(1_ms);
    exit = co_await next;
  }
  verdict->equal(exit->reason, "shutdown");
}

Behaviour zero_intensity(Self self, Verdict* verdict) {
  self.trap_exit(true);
  auto starting = start_supervisor(self, tree_of(1, verdict, Strategy::one_for_one, 0));
  co_await starting;
  auto crashing = crash(self, "c1"_atom, Term(atoms::normal));
  static_cast<void>(co_await crashing);
  const Exit exit = co_await self.receive<Exit>();
  verdict->equal(exit.reason, "shutdown");
  verdict->equal(verdict->take_notes(), "+c1 !c1");
}

Behaviour a_group_counts_once(Self self, Verdict* verdict) {
  self.trap_exit(true);
  auto starting = start_supervisor(self, tree_of(5, verdict, Strategy::one_for_all, 1));
  const auto sup = co_await starting;
  verdict->take_notes();
  auto first = crash(self, "c3"_atom);
  static_cast<void>(co_await first);
  auto looking = picture(self, sup.pid);
  const std::string children = co_await looking;
  verdict->equal(children, "c1 c2 c3 c4 c5");
  verdict->equal(verdict->take_notes(), "!c3 -c5 -c4 -c2 -c1 +c1 +c2 +c3 +c4 +c5");
  auto second = crash(self, "c2"_atom);
  static_cast<void>(co_await second);
  const Exit exit = co_await self.receive<Exit>();
  verdict->equal(exit.reason, "shutdown");
  verdict->equal(verdict->take_notes(), "!c2 -c5 -c4 -c3 -c1");
}

// No time passes in the simulator but what messages and signals take.
template <int milliseconds>
Behaviour every_attempt_counts(Self self, Verdict* verdict) {
  const Duration attempts_within = Duration::milliseconds(milliseconds);
  self.trap_exit(true);
  SupervisorSpec spec = tree_of(1, verdict, Strategy::one_for_one, 3);
  Counted counted;
  counted.failing = 1000;
  spec.children.push_back(idler("failing"_atom));
  spec.children.back().start = counted;
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  auto looking = child_of(self, sup.pid, "failing"_atom);
  const Pid child = co_await looking;
  const Instant begin = self.now();
  auto ending = end(self, child, Term("abnormal"_atom));
  static_cast<void>(co_await ending);
  const Exit exit = co_await self.receive<Exit>();
  verdict->holds(exit.from == sup.pid, "it gives up");
  verdict->equal(exit.reason, "shutdown");
  verdict->holds(self.now() - begin < attempts_within, "the attempts come at once");
  verdict->equal(std::to_string(*counted.starts), "4");
  verdict->equal(verdict->take_notes(), "+c1 -c1");
}

// An announcer whose second start fails, once.
struct FailsOnce {
  StartFunction start;
  std::shared_ptr<std::atomic<int>> starts = std::make_shared<std::atomic<int>>(0);
  Verdict* verdict = nullptr;
  Pid operator()(Process& parent, CallFrom starter) const {
    if (++*starts != 2) return start(parent, starter);
    verdict->note("fails");
    answer_start(parent, starter, atoms::error, Term("no"_atom));
    return {};
  }
};

Behaviour one_for_all_tries_the_group_again(Self self, Verdict* verdict) {
  SupervisorSpec spec = tree_of(2, verdict, Strategy::one_for_all);
  FailsOnce once;
  once.start = spec.children[1].start;
  once.verdict = verdict;
  spec.children[1].start = once;
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  auto crashing = crash(self, "c1"_atom);
  static_cast<void>(co_await crashing);
  // Its attempts come through the mailbox: a few answers later they are through.
  for (int i = 0; i < 3; ++i) {
    auto looking = picture(self, sup.pid);
    co_await looking;
  }
  verdict->equal(verdict->take_notes(), "+c1 +c2 !c1 -c2 +c1 fails -c1 +c1 +c2");
}

Behaviour a_transient_supervisor_stays_down(Self self, Verdict* verdict) {
  SupervisorSpec top;
  top.limit.intensity = 0;
  top.children.push_back(supervisor_child("b"_atom, tree_of(1, verdict, Strategy::one_for_one, 0),
                                          Restart::transient));
  auto starting = start_supervisor(self, std::move(top));
  const auto sup = co_await starting;
  auto looking = child_of(self, sup.pid, "b"_atom);
  const Pid below = co_await looking;
  const Ref ref = self.monitor(below);
  auto crashing = crash(self, "c1"_atom);
  static_cast<void>(co_await crashing);
  auto next = self.receive_if<Down>([ref](const Down& down) { return down.ref == ref; });
  const std::optional<Down> down = co_await next;
  verdict->equal(down->reason, "shutdown");
  auto seeing = picture(self, sup.pid);
  const std::string children = co_await seeing;
  verdict->equal(children, "b(down)");
}

}  // namespace

CONFORMANCE("SUP-015", "a permanent child is restarted for every exit reason",
            permanent_is_restarted)
CONFORMANCE("SUP-016", "a transient child is restarted only for abnormal reasons",
            transient_is_restarted_after_a_crash)
CONFORMANCE("SUP-017", "a temporary child is never restarted and its specification is dropped",
            temporary_is_dropped)
CONFORMANCE("SUP-018", "one_for_one restarts only the failed child, in place", one_for_one_in_place)
CONFORMANCE("SUP-020", "rest_for_one stops and restarts only the later children",
            rest_for_one_restarts_the_rest)
CONFORMANCE("SUP-022", "one restart more than the intensity ends the supervisor",
            one_restart_too_many)
CONFORMANCE("SUP-023", "the window of the restart intensity slides", the_window_slides)
CONFORMANCE("SUP-024", "intensity zero tolerates no restart", zero_intensity)
CONFORMANCE("SUP-025", "the restart of a group counts as one", a_group_counts_once)
CONFORMANCE_SIMULATED("SUP-027", "a failing restart is tried again and every attempt counts",
                      every_attempt_counts<1>)
CONFORMANCE_ON_CORES("SUP-027", "a failing restart is tried again and every attempt counts",
                     every_attempt_counts<2'000>)
CONFORMANCE("SUP-029", "one_for_all stops what it restarted and tries the group again",
            one_for_all_tries_the_group_again)
CONFORMANCE("SUP-032", "a transient supervisor that gives up is not restarted",
            a_transient_supervisor_stays_down)

}  // namespace glasshouse::conformance
