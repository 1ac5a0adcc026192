// The time-outs of state machines. The ids are those of docs/conformance.md.

#include "tests/conformance/scripted_machine.h"

namespace glasshouse::conformance {

namespace {

// -- STM-011
// ---------------------------------------------------------------------------------------

class Restarting {
 public:
  using State = Atom;
  using Accepts = Messages<Say, Ask>;
  using Events = Messages<Atom>;
  Restarting(bool on_entry, Verdict* verdict) : on_entry_(on_entry), verdict_(verdict) {}
  Next<Atom> init() { return ok("a"_atom, state_timeout(1_s, "old"_atom)); }
  Next<Atom> handle(Atom, const Say&) {
    if (on_entry_) return next_state("b"_atom);
    return next_state("b"_atom, state_timeout(30_ms, "new"_atom));
  }
  Next<Atom> handle(Atom, const CallEvent<Ask>& call) { return keep_state(reply(call, Term())); }
  Next<Atom> handle(Atom state, const Enter<Atom>&) {
    if (!on_entry_ || state == "a"_atom) return keep_state();
    return keep_state(state_timeout(30_ms, "new"_atom));
  }
  void handle(Atom state, const StateTimeout<Atom>& timeout) {
    verdict_->note(std::string(state.text()) + ":" + std::string(timeout.content.text()));
  }

 private:
  bool on_entry_;
  Verdict* verdict_;
};

Behaviour timeout_of_the_new_state(Self self, Verdict* verdict) {
  for (const bool on_entry : {false, true}) {
    auto starting = gen_statem::start_link<Restarting>(self, on_entry, verdict);
    const auto machine = co_await starting;
    self.cast<Say>(machine.pid, "go"_atom);
    auto waiting = expect_notes(self, verdict, "b:new");
    co_await waiting;
  }
  co_await self.sleep(1'200_ms);
  verdict->equal(verdict->take_notes(), "");  // the old ones never come
}

// -- STM-013, STM-014
// ------------------------------------------------------------------------------

Next<Term> named(const Term&, const AnyEvent& event, Verdict* verdict) {
  const Term n1("n1"_atom);
  const Atom said = what(event);
  if (said == "start"_atom) {
    return keep_state(timeout(n1, 1'000_ms, "c1"_atom),
                      timeout(Term("n2"_atom), 1'020_ms, "c2"_atom),
                      timeout(Term("n3"_atom), 1'010_ms, "c3"_atom));
  }
  if (said == "b"_atom) return next_state(Term("b"_atom));
  if (said == "a"_atom) return next_state(Term("a"_atom));
  if (said == "change"_atom) {
    return keep_state(timeout(n1, 1'100_ms, "again"_atom), timeout(Term("n3"_atom), cancel));
  }
  verdict->note(type_of(event) + ":" + std::string(said.text()));
  return keep_state();
}

Behaviour named_timeouts(Self self, Verdict* verdict) {
  const auto machine = co_await started<Scripted>(self, named, verdict);
  for (const Atom said : {"start"_atom, "b"_atom, "a"_atom, "change"_atom})
    self.cast<Say>(machine, said);
  auto waiting = expect_notes(self, verdict, "{timeout,n2}:c2 {timeout,n1}:again");
  co_await waiting;
}

Next<Term> updated(const Term&, const AnyEvent& event, Verdict* verdict) {
  const Atom said = what(event);
  if (said == "start"_atom) return keep_state(state_timeout(1_s, "old"_atom));
  if (said == "update"_atom) return keep_state(state_timeout(update, "new"_atom));
  if (said == "none"_atom) {
    return keep_state(timeout(Term("g"_atom), update, "zero"_atom));
  }
  if (event.type == EventType::call) return keep_state(reply(asker(event), "done"_atom));
  verdict->note(type_of(event) + ":" + std::string(said.text()));
  return keep_state();
}

Behaviour update_keeps_the_time(Self self, Verdict* verdict) {
  const auto machine = co_await started<Scripted>(self, updated, verdict);
  self.cast<Say>(machine, "start"_atom);
  co_await self.sleep(20_ms);
  self.cast<Say>(machine, "update"_atom);
  auto waiting = expect_notes(self, verdict, "state_timeout:new");
  co_await waiting;
  self.cast<Say>(machine, "none"_atom);
  co_await ask(self, machine, "end"_atom);
  verdict->equal(verdict->take_notes(), "{timeout,g}:zero");
}

// -- STM-015
// ---------------------------------------------------------------------------------------

class Zero {
 public:
  using State = Atom;
  using Accepts = Messages<Say, Ask>;
  using Events = Messages<Atom>;
  Zero(Self self, Verdict* verdict) : self_(self), verdict_(verdict) {}
  Next<Atom> init() { return ok("a"_atom); }
  Next<Atom> handle(Atom, const CallEvent<Ask>& call) {
    if (call.content.what == "end"_atom) return keep_state(reply(call, Term()));
    self_.send<Say>(self_.pid(), "m"_atom);
    return keep_state(reply(call, Term()), state_timeout(0_ms, "z1"_atom),
                      timeout(Term("g"_atom), 0_ms, "z2"_atom),
                      next_event(EventType::internal, "i"_atom));
  }
  void handle(Atom, const AnyEvent& event) { verdict_->note(std::string(what(event).text())); }

 private:
  Self self_;
  Verdict* verdict_;
};

Behaviour zero_timeouts(Self self, Verdict* verdict) {
  auto starting = gen_statem::start_link<Zero>(self, verdict);
  const auto machine = co_await starting;
  co_await ask(self, machine.pid, "go"_atom);
  co_await ask(self, machine.pid, "end"_atom);
  verdict->equal(verdict->take_notes(), "i z1 z2 m");
}

// -- STM-019
// ---------------------------------------------------------------------------------------

class Slow {
 public:
  using State = Atom;
  using Accepts = Messages<Ask>;
  Next<Atom> init() { return ok("a"_atom); }
  Next<Atom> handle(Atom, const CallEvent<Ask>& call) {
    asked_.push_back(call);
    return keep_state(timeout(Term(static_cast<std::int64_t>(asked_.size())), 100_ms));
  }
  Next<Atom> handle(Atom, const NamedTimeout<>& timeout) {
    const auto number = static_cast<std::size_t>(*timeout.name.as_integer());
    return keep_state(reply(asked_[number - 1], Term("late"_atom)));
  }

 private:
  std::vector<From<Ask>> asked_;
};

Behaviour asks_within(Self self, Pid machine, CallLimit limit, Verdict* verdict) {
  try {
    auto asking = gen_statem::call_within<Ask>(self, limit, machine, "q"_atom);
    static_cast<void>(co_await asking);
    verdict->note("answered");
  } catch (const ExitException& exit) {
    verdict->equal(exit.reason(), "{timeout,{gen_statem,call,[" + to_string(Term(machine)) +
                                      ",{ask,q}," + to_string(limit.term()) + "]}}");
  }
  auto rest = self.receive_any(300_ms);
  const MessagePtr message = co_await rest;
  verdict->holds(message == nullptr, "no late answer is left in the mailbox");
}

Behaviour call_timeouts(Self self, Verdict* verdict) {
  auto starting = gen_statem::start_link<Slow>(self);
  const auto machine = co_await starting;
  const CallLimit limits[] = {CallLimit(20_ms), clean_timeout(20_ms), dirty_timeout(20_ms)};
  for (const CallLimit& limit : limits) {
    self.spawn_monitor<&asks_within>(machine.pid.pid, limit, verdict);
    const Down down = co_await self.receive<Down>();
    verdict->equal(down.reason, "normal");
  }
  const std::string answer = co_await ask(self, machine.pid, "q"_atom);
  verdict->equal(answer, "late");
}

}  // namespace

CONFORMANCE("STM-011", "a state time-out set in the change is the new state's",
            timeout_of_the_new_state)
CONFORMANCE("STM-013", "named time-outs run beside each other and survive changes", named_timeouts)
CONFORMANCE("STM-014", "an update changes the content and not the time", update_keeps_the_time)
CONFORMANCE("STM-015", "zero time-outs come before what was not yet received", zero_timeouts)
CONFORMANCE("STM-019", "call time-outs are clean", call_timeouts)

}  // namespace glasshouse::conformance
