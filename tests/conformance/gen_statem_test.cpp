// State machines. The ids are those of docs/conformance.md.

#include "tests/conformance/scripted_machine.h"

namespace glasshouse::conformance {

namespace {

// -- STM-001
// ---------------------------------------------------------------------------------------

class Starts {
 public:
  using State = Atom;
  using Accepts = Messages<Say>;
  explicit Starts(Atom how) : how_(how) {}
  Next<Atom> init() {
    if (how_ == "garbage"_atom) return keep_state();
    if (how_ == "ignore"_atom) return ignore();
    if (how_ == "stop"_atom) return stop("r"_atom);
    if (how_ == "error"_atom) throw ExitException("e"_atom);
    return ok("a"_atom);
  }
  void handle(Atom, const Say&) {}

 private:
  Atom how_;
};

Task<std::string> start_of(Self self, Atom how) {
  auto starting = gen_statem::start<Starts>(self, how);
  const auto started = co_await starting;
  if (started) co_return "ok";
  co_return started.ignored ? "ignore" : to_string(started.error);
}

Behaviour start_results(Self self, Verdict* verdict) {
  const std::string garbage = co_await start_of(self, "garbage"_atom);
  verdict->equal(garbage, "{bad_return_from_init,keep_state}");
  const std::string ignored = co_await start_of(self, "ignore"_atom);
  verdict->equal(ignored, "ignore");
  const std::string stopped = co_await start_of(self, "stop"_atom);
  verdict->equal(stopped, "r");
  const std::string error = co_await start_of(self, "error"_atom);
  verdict->equal(error, "e");
  const std::string started = co_await start_of(self, "ok"_atom);
  verdict->equal(started, "ok");
}

// Which style a handler has is a matter of its types: there is no callback_mode to be wrong, and
// what no handler takes does not compile.
using Place = const Atom&;
static_assert(gen_statem::detail::handles<Starts, Atom, Place, CastEvent<Say>, Say>);
static_assert(!gen_statem::detail::handles<Starts, Atom, Place, CastEvent<Ask>, Ask>);

// -- STM-002
// ---------------------------------------------------------------------------------------

Next<Term> tells_types(const Term&, const AnyEvent& event, Verdict* verdict) {
  verdict->note(type_of(event) + ":" + std::string(what(event).text()));
  if (what(event) == "c3"_atom) return keep_state(next_event(EventType::internal, "c4"_atom));
  if (event.type != EventType::call) return keep_state();
  return keep_state(reply(asker(event), "answered"_atom));
}

Behaviour event_types(Self self, Verdict* verdict) {
  const auto machine = co_await started<Scripted>(self, tells_types, verdict);
  const std::string answer = co_await ask(self, machine, "c1"_atom);
  verdict->equal(answer, "answered");
  self.cast<Say>(machine, "c2"_atom);
  self.send<Say>(machine, "c3"_atom);
  co_await ask(self, machine, "end"_atom);
  verdict->equal(verdict->take_notes(), "call:c1 cast:c2 info:c3 internal:c4 call:end");
}

// -- STM-004, STM-005
// ------------------------------------------------------------------------------

Next<Term> same_state(const Term&, const AnyEvent& event, Verdict* verdict) {
  const Atom said = what(event);
  if (event.type == EventType::state_timeout) {
    verdict->note("state_timeout");
    return keep_state();
  }
  if (event.type == EventType::call) {
    return keep_state(reply(asker(event), "done"_atom));
  }
  verdict->note(std::string(said.text()));
  if (said == "later"_atom) return keep_state(postpone(), state_timeout(1_s));
  if (said == "same"_atom) return next_state(Term("a"_atom));
  if (said == "repeat"_atom) return repeat_state();
  return keep_state();
}

Behaviour same_state_is_no_change(Self self, Verdict* verdict) {
  const auto machine = co_await started<Entering>(self, same_state, verdict);
  self.cast<Say>(machine, "later"_atom);
  self.cast<Say>(machine, "same"_atom);
  co_await ask(self, machine, "end"_atom);
  verdict->equal(verdict->take_notes(), "enter:a-a later same");
  auto waiting = expect_notes(self, verdict, "state_timeout");
  co_await waiting;
}

Behaviour repeat_enters_again(Self self, Verdict* verdict) {
  const auto machine = co_await started<Entering>(self, same_state, verdict);
  self.cast<Say>(machine, "later"_atom);
  self.cast<Say>(machine, "repeat"_atom);
  co_await ask(self, machine, "end"_atom);
  verdict->equal(verdict->take_notes(), "enter:a-a later repeat enter:a-a");
  auto waiting = expect_notes(self, verdict, "state_timeout");
  co_await waiting;
  const auto plain = co_await started<Scripted>(self, same_state, verdict);
  self.cast<Say>(plain, "later"_atom);
  self.cast<Say>(plain, "repeat"_atom);
  co_await ask(self, plain, "end"_atom);
  verdict->equal(verdict->take_notes(), "later repeat");
}

// -- STM-007
// ---------------------------------------------------------------------------------------

class EntersBadly {
 public:
  using State = Atom;
  using Accepts = Messages<Say>;
  explicit EntersBadly(Atom how) : how_(how) {}
  Next<Atom> init() { return ok("a"_atom); }
  void handle(Atom, const Say&) {}
  Next<Atom> handle(Atom, const Enter<Atom>&) {
    if (how_ == "next_state"_atom) return next_state("b"_atom);
    if (how_ == "postpone"_atom) return keep_state(postpone());
    if (how_ == "next_event"_atom) return keep_state(next_event(EventType::internal, "x"_atom));
    return keep_state(state_timeout(1_ms));
  }
  void handle(Atom, const StateTimeout<>&) { throw ExitException("time"_atom); }
  Term describe() const { return Term("d"_atom); }

 private:
  Atom how_;
};

Task<std::string> end_of_entering(Self self, Atom how) {
  auto starting = gen_statem::start_link<EntersBadly>(self, how);
  const auto started = co_await starting;
  const Exit exit = co_await self.receive<Exit>();
  co_return started ? to_string(exit.reason) : "not started";
}

Behaviour forbidden_in_enter(Self self, Verdict* verdict) {
  self.trap_exit(true);
  const std::string state = co_await end_of_entering(self, "next_state"_atom);
  verdict->equal(state, "{bad_state_enter_return_from_state_function,{next_state,b,d}}");
  const std::string postponed = co_await end_of_entering(self, "postpone"_atom);
  verdict->equal(postponed, "{bad_state_enter_action_from_state_function,postpone}");
  const std::string inserted = co_await end_of_entering(self, "next_event"_atom);
  verdict->equal(inserted, "{bad_state_enter_action_from_state_function,{next_event,internal,x}}");
  const std::string allowed = co_await end_of_entering(self, "state_timeout"_atom);
  verdict->equal(allowed, "time");
}

// -- STM-008
// ---------------------------------------------------------------------------------------

Next<Term> inserts(const Term&, const AnyEvent& event, Verdict* verdict) {
  const Atom said = what(event);
  if (event.type == EventType::call) {
    return keep_state(reply(asker(event), "done"_atom));
  }
  verdict->note(type_of(event) + ":" + std::string(said.text()));
  if (said == "go"_atom) {
    return keep_state(next_event(EventType::internal, "e1"_atom),
                      next_event(EventType::cast, "e2"_atom),
                      next_event(EventType::info, "e3"_atom));
  }
  if (said == "e1"_atom) return keep_state(next_event(EventType::internal, "e1_5"_atom));
  return keep_state();
}

Behaviour inserted_come_first(Self self, Verdict* verdict) {
  const auto machine = co_await started<Scripted>(self, inserts, verdict);
  self.cast<Say>(machine, "go"_atom);
  self.cast<Say>(machine, "q"_atom);
  co_await ask(self, machine, "end"_atom);
  verdict->equal(verdict->take_notes(), "cast:go internal:e1 internal:e1_5 cast:e2 info:e3 cast:q");
}

// -- STM-018
// ---------------------------------------------------------------------------------------

Next<Term> answers_badly(const Term&, const AnyEvent& event, Verdict*) {
  if (what(event) == "badreturn"_atom) return ignore();
  if (what(event) == "badaction"_atom) return keep_state(pop_callback_module());
  return keep_state(timeout(-1_ms * 4711, "ouch"_atom));
}

Behaviour asks_once(Self self, Pid machine, Atom question) {
  co_await ask(self, machine, question);
}

Task<void> bad_answer(Self self, Verdict* verdict, Atom question, std::string reason) {
  const auto machine = co_await started<Scripted>(self, answers_badly, verdict);
  const auto caller = self.spawn_monitor<&asks_once>(machine.pid, question);
  const Exit exit = co_await self.receive<Exit>();
  verdict->equal(exit.reason, reason);
  const Down down = co_await self.receive<Down>();
  const Term& call = down.reason.element(1);
  verdict->holds(down.ref == caller.ref, "it is the caller that is down");
  verdict->equal(down.reason.element(0), reason);
  verdict->equal(list(call.element(0), call.element(1)), "[gen_statem,call]");
}

Behaviour bad_answers(Self self, Verdict* verdict) {
  self.trap_exit(true);
  auto badreturn =
      bad_answer(self, verdict, "badreturn"_atom, "{bad_return_from_state_function,ignore}");
  co_await badreturn;
  auto badaction = bad_answer(self, verdict, "badaction"_atom,
                              "{bad_action_from_state_function,pop_callback_module}");
  co_await badaction;
  auto badtimeout = bad_answer(self, verdict, "badtimeout"_atom,
                               "{bad_action_from_state_function,{timeout,-4711,ouch}}");
  co_await badtimeout;
}

// -- STM-020
// ---------------------------------------------------------------------------------------

Next<Term> hibernates(const Term&, const AnyEvent& event, Verdict* verdict) {
  verdict->note(std::string(what(event).text()));
  if (what(event) == "both"_atom) {
    return keep_state(hibernate(), next_event(EventType::internal, "inserted"_atom));
  }
  if (event.type == EventType::call) return keep_state(reply(asker(event), "awake"_atom));
  return keep_state(hibernate());
}

Behaviour hibernation(Self self, Verdict* verdict) {
  const auto machine = co_await started<Scripted>(self, hibernates, verdict);
  self.cast<Say>(machine, "sleep"_atom);
  co_await self.sleep(20_ms);
  self.cast<Say>(machine, "both"_atom);
  self.cast<Say>(machine, "queued"_atom);
  const std::string answer = co_await ask(self, machine, "end"_atom);
  verdict->equal(answer, "awake");
  verdict->equal(verdict->take_notes(), "sleep both inserted queued end");
}

// -- STM-021
// ---------------------------------------------------------------------------------------

Next<Term> complex_states(const Term& state, const AnyEvent& event, Verdict* verdict) {
  verdict->note(to_string(state) + ":" + std::string(what(event).text()));
  const auto at = [](int n) { return tuple(Term("s"_atom), Term(n)); };
  if (what(event) == "one"_atom) return next_state(at(1));
  if (what(event) == "two"_atom) return next_state(at(2));
  if (what(event) == "later"_atom && state == at(1)) return keep_state(postpone());
  if (event.type == EventType::call) return keep_state(reply(asker(event), state));
  return keep_state();
}

Behaviour any_term_is_a_state(Self self, Verdict* verdict) {
  const auto machine = co_await started<Scripted>(self, complex_states, verdict);
  for (const Atom said : {"one"_atom, "later"_atom, "two"_atom})
    self.cast<Say>(machine, said);
  const std::string state = co_await ask(self, machine, "end"_atom);
  verdict->equal(state, "{s,2}");
  verdict->equal(verdict->take_notes(), "a:one {s,1}:later {s,1}:two {s,2}:later {s,2}:end");
}

// In the other style a state is a type, so that one without functions does not compile.
enum class Lamp { off, on };
struct Lamps {
  void handle(At<Lamp::off>, const Say&) {}
};
static_assert(gen_statem::detail::handles<Lamps, Lamp, At<Lamp::off>, CastEvent<Say>, Say>);
static_assert(!gen_statem::detail::handles<Lamps, Lamp, At<Lamp::on>, CastEvent<Say>, Say>);
static_assert(!std::convertible_to<StateOutcome<Term>, Next<Lamp>>);

// -- STM-022
// ---------------------------------------------------------------------------------------

Next<Term> inserts_all(const Term&, const AnyEvent& event, Verdict* verdict) {
  if (what(event) == "go"_atom) {
    const auto x = "x"_atom;
    return keep_state(next_event(EventType::internal, x), next_event(EventType::state_timeout, x),
                      next_event(EventType::timeout, x), next_event(EventType::info, x),
                      next_event(EventType::cast, x), next_event(Term(6), x),
                      next_event(asker(event), Ask{x}));
  }
  verdict->note(type_of(event));
  if (event.type != EventType::call) return keep_state();
  return keep_state(reply(asker(event), "done"_atom));
}

Behaviour any_type_can_be_inserted(Self self, Verdict* verdict) {
  const auto machine = co_await started<Scripted>(self, inserts_all, verdict);
  const std::string answer = co_await ask(self, machine, "go"_atom);
  verdict->equal(answer, "done");
  verdict->equal(verdict->take_notes(),
                 "internal state_timeout timeout info cast {timeout,6} call");
}

// -- STM-023
// ---------------------------------------------------------------------------------------

class First;

class Second {
 public:
  explicit Second(First& data) : data_(data) {}
  Next<Atom> handle(Atom, const CallEvent<Ask>& call);
  void handle(Atom, const Say&) {}

 private:
  First& data_;
};

class First {
 public:
  using State = Atom;
  using Accepts = Messages<Say, Ask>;
  Next<Atom> init() { return ok("a"_atom); }
  Next<Atom> handle(Atom, const CallEvent<Ask>& call) {
    ++calls;
    return keep_state(reply(call, tuple(Term("first"_atom), Term(calls))), changed(call));
  }
  void handle(Atom, const Say&) {}

  static Actions changed(const CallEvent<Ask>& call) {
    Actions actions;
    if (call.content.what == "push"_atom) append(actions, push_callback_module<Second, First>());
    if (call.content.what == "change"_atom) {
      append(actions, change_callback_module<Second, First>());
    }
    if (call.content.what == "pop"_atom) append(actions, pop_callback_module());
    return actions;
  }
  std::int64_t calls = 0;
};

Next<Atom> Second::handle(Atom, const CallEvent<Ask>& call) {
  ++data_.calls;
  return keep_state(reply(call, tuple(Term("second"_atom), Term(data_.calls))),
                    First::changed(call));
}

Behaviour module_stack(Self self, Verdict* verdict) {
  self.trap_exit(true);
  auto starting = gen_statem::start_link<First>(self);
  const auto machine = co_await starting;
  const char* const questions[] = {"push", "pop", "change", "push", "pop", "q"};
  for (const char* question : questions) {
    const std::string answer = co_await ask(self, machine.pid, Atom(question));
    verdict->note(answer);
  }
  verdict->equal(verdict->take_notes(),
                 "{first,1} {second,2} {first,3} {second,4} {second,5} {second,6}");
  co_await ask(self, machine.pid, "pop"_atom);
  const Exit exit = co_await self.receive<Exit>();
  verdict->equal(exit.reason, "{bad_action_from_state_function,pop_callback_module}");
}

// -- STM-025
// ---------------------------------------------------------------------------------------

class Boots {
 public:
  using State = Atom;
  using Accepts = Messages<Ask>;
  using Events = Messages<Atom>;
  explicit Boots(Verdict* verdict) : verdict_(verdict) {}
  Next<Atom> init() {
    return ok("a"_atom, next_event(EventType::internal, "boot"_atom),
              state_timeout(1_s, "go"_atom));
  }
  void handle(Atom, const InternalEvent<Atom>& event) {
    verdict_->note(std::string(event.content.text()));
  }
  Next<Atom> handle(Atom, const StateTimeout<Atom>&) { return next_state("b"_atom); }
  Next<Atom> handle(Atom state, const CallEvent<Ask>& call) {
    verdict_->note("call_in_" + std::string(state.text()));
    if (state == "b"_atom) verdict_->holds(call.from.ref == asked_, "it is the same From");
    asked_ = call.from.ref;
    if (state == "a"_atom) return keep_state(postpone());
    return keep_state(reply(call, Term("ready"_atom)));
  }

 private:
  Verdict* verdict_;
  Ref asked_;
};

Behaviour answered_from_another_state(Self self, Verdict* verdict) {
  auto starting = gen_statem::start_link<Boots>(self, verdict);
  const auto machine = co_await starting;
  const std::string answer = co_await ask(self, machine.pid, "q"_atom);
  verdict->equal(answer, "ready");
  const auto second = co_await self.receive_any(60_ms);
  verdict->holds(second == nullptr, "there is a single reply");
  verdict->equal(verdict->take_notes(), "boot call_in_a call_in_b");
}

}  // namespace

CONFORMANCE("STM-001", "each result of init is its own start result", start_results)
CONFORMANCE("STM-002", "events come with OTP's types", event_types)
CONFORMANCE("STM-004", "next_state to the same state changes nothing", same_state_is_no_change)
CONFORMANCE("STM-005", "repeat_state only repeats the enter call", repeat_enters_again)
CONFORMANCE("STM-007", "an enter call may not leave, postpone or insert", forbidden_in_enter)
CONFORMANCE("STM-008", "inserted events come first, in their order", inserted_come_first)
CONFORMANCE("STM-018", "a bad result or action ends the machine and its caller", bad_answers)
CONFORMANCE("STM-020", "a machine hibernates only when nothing is queued", hibernation)
CONFORMANCE("STM-021", "any term is a state, and another term is a change", any_term_is_a_state)
CONFORMANCE("STM-022", "an event of any type can be inserted", any_type_can_be_inserted)
CONFORMANCE("STM-023", "callback modules are a stack", module_stack)
CONFORMANCE("STM-025", "a postponed call is answered from another state",
            answered_from_another_state)

}  // namespace glasshouse::conformance
