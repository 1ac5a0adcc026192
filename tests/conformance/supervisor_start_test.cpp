// How supervisors start, and what they refuse.

#include "tests/conformance/supervised.h"

namespace glasshouse::conformance {

namespace {

Behaviour stops_in_reverse(Self self, Verdict* verdict) {
  self.trap_exit(true);
  SupervisorSpec spec;
  for (const char* name : {"c1", "c2", "c3"})
    spec.children.push_back(announcer(name, verdict, Restart::permanent, 40_ms));
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  const Instant begin = self.now();
  auto ending = end(self, sup.pid, Term(atoms::shutdown));
  const Term reason = co_await ending;
  verdict->equal(reason, "shutdown");
  verdict->equal(verdict->take_notes(), "+c1 +c2 +c3 -c3 -c2 -c1");
  verdict->holds(self.now() - begin >= 120_ms, "one is gone before the next is asked");
}

Behaviour start_failure_rolls_back(Self self, Verdict* verdict) {
  self.trap_exit(true);
  SupervisorSpec spec = tree_of(4, verdict);
  spec.children[2].start = start_that_says(atoms::error, Term("why"_atom));
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  verdict->equal(sup.error, "{shutdown,{failed_to_start_child,c3,why}}");
  verdict->equal(verdict->take_notes(), "+c1 +c2 -c2 -c1");
  const Exit exit = co_await self.receive<Exit>();
  verdict->equal(exit.reason, "{shutdown,{failed_to_start_child,c3,why}}");
}

SupervisorSpec ignoring() {
  throw Ignore{};
}
SupervisorSpec crashing() {
  throw ExitException(Term("e"_atom));
}
SupervisorSpec of_idlers(int count) {
  SupervisorSpec spec;
  for (int i = 0; i < count; ++i)
    spec.children.push_back(idler(Atom("c" + std::to_string(i))));
  return spec;
}

Behaviour init_may_ignore_or_crash(Self self, Verdict* verdict) {
  self.trap_exit(true);
  auto first = start_supervisor_with<&ignoring>(self, Atom());
  const auto ignored = co_await first;
  verdict->holds(ignored.ignored && !ignored, "ignore");
  const Exit normal = co_await self.receive<Exit>();
  verdict->equal(normal.reason, "normal");
  auto second = start_supervisor_with<&crashing>(self, Atom());
  const auto crashed = co_await second;
  verdict->equal(crashed.error, "e");
  const Exit abnormal = co_await self.receive<Exit>();
  verdict->equal(abnormal.reason, "e");
}

// Starts it, and gives the error.
Task<Term> refusal(Self self, SupervisorSpec spec) {
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  co_await self.receive<Exit>();
  co_return sup.error;
}

SupervisorSpec with_fault(Verdict* verdict, void (*spoil)(ChildSpec&)) {
  SupervisorSpec spec = tree_of(1, verdict);
  ChildSpec bad = idler("c"_atom);
  spoil(bad);
  spec.children.push_back(std::move(bad));
  return spec;
}

Behaviour faulty_specifications(Self self, Verdict* verdict) {
  self.trap_exit(true);
  struct Fault {
    void (*spoil)(ChildSpec&);
    std::string_view reason;
  };
  const Fault faults[] = {
      {[](ChildSpec& spec) { spec.id = Atom(); }, "missing_id"},
      {[](ChildSpec& spec) { spec.start = nullptr; }, "missing_start"},
      {[](ChildSpec& spec) { spec.restart = Restart(7); }, "{invalid_restart_type,7}"},
      {[](ChildSpec& spec) { spec.shutdown = Duration::milliseconds(-10); },
       "{invalid_shutdown,-10}"},
      {[](ChildSpec& spec) { spec.type = ChildType(9); }, "{invalid_child_type,9}"},
      {[](ChildSpec& spec) { spec.id = "c1"_atom; }, "{duplicate_child_name,c1}"},
  };
  for (const Fault& fault : faults) {
    auto trying = refusal(self, with_fault(verdict, fault.spoil));
    const Term error = co_await trying;
    verdict->equal(error, "{start_spec," + std::string(fault.reason) + "}");
  }
  SupervisorSpec hasty = of_idlers(1);
  hasty.limit.period = Duration::zero();
  auto trying = refusal(self, hasty);
  const Term period = co_await trying;
  verdict->equal(period, "{supervisor_data,{invalid_period,0}}");
  SupervisorSpec simple = of_idlers(2);
  simple.strategy = Strategy::simple_one_for_one;
  auto last = refusal(self, simple);
  const Term two = co_await last;
  verdict->equal(two, "{bad_start_spec,[c0,c1]}");
  verdict->equal(verdict->take_notes(), "");
}

SupervisorSpec with_significant(AutoShutdown flag, Restart restart) {
  SupervisorSpec spec = of_idlers(1);
  spec.auto_shutdown = flag;
  spec.children[0].significant = true;
  spec.children[0].restart = restart;
  return spec;
}

Behaviour illegal_significant(Self self, Verdict* verdict) {
  self.trap_exit(true);
  auto first = refusal(self, with_significant(AutoShutdown::never, Restart::transient));
  const Term never = co_await first;
  verdict->equal(never,
                 "{start_spec,{bad_combination,[{auto_shutdown,never},{significant,true}]}}");
  auto second = refusal(self, with_significant(AutoShutdown::any_significant, Restart::permanent));
  const Term permanent = co_await second;
  verdict->equal(permanent,
                 "{start_spec,{bad_combination,[{restart,permanent},{significant,true}]}}");
  auto starting = start_supervisor(self, of_idlers(1));
  const auto sup = co_await starting;
  ChildSpec extra = idler("extra"_atom, Restart::transient);
  extra.significant = true;
  auto adding = start_child(self, sup.pid, extra);
  const ChildAnswer answer = co_await adding;
  verdict->equal(answer.term(),
                 "{error,{bad_combination,[{auto_shutdown,never},{significant,true}]}}");
}

Behaviour checks_without_starting(Self self, Verdict* verdict) {
  const SupervisorSpec good = of_idlers(3);
  verdict->equal(check_childspecs(good.children), "ok");
  SupervisorSpec bad = of_idlers(3);
  bad.children[1].start = nullptr;
  verdict->equal(check_childspecs(bad.children), "{error,missing_start}");
  bad = of_idlers(3);
  bad.children[2].id = "c0"_atom;
  verdict->equal(check_childspecs(bad.children), "{error,{duplicate_child_name,c0}}");
  const SupervisorSpec marked = with_significant(AutoShutdown::never, Restart::transient);
  verdict->equal(check_childspecs(marked.children), "ok");
  verdict->equal(check_childspecs(marked.children, AutoShutdown::never),
                 "{error,{bad_combination,[{auto_shutdown,never},{significant,true}]}}");

  auto starting = start_supervisor_with<&of_idlers>(self, Atom(), 2);
  const auto sup = co_await starting;
  auto asking = get_callback_module(self, sup.pid);
  const Atom module = co_await asking;
  verdict->equal(module.text(), "of_idlers");
  auto looking = picture(self, sup.pid);
  const std::string children = co_await looking;
  verdict->equal(children, "c0 c1");
}

}  // namespace

CONFORMANCE("SUP-002", "shutdown is sequential and in reverse start order", stops_in_reverse)
CONFORMANCE("SUP-003", "a start failure rolls back started children in reverse order",
            start_failure_rolls_back)
CONFORMANCE("SUP-005", "init may ignore or crash", init_may_ignore_or_crash)
CONFORMANCE("SUP-007", "faulty child specifications are refused before any child starts",
            faulty_specifications)
CONFORMANCE("SUP-047", "illegal combinations of significant are refused", illegal_significant)
CONFORMANCE("SUP-049", "child specifications are checked without a supervisor",
            checks_without_starting)

}  // namespace glasshouse::conformance
