#pragma once
// Machines for cases of gen_statem: their events are told by name, and one function, given by the
// case, answers them all.

#include <string>

#include "runtime/behaviour/gen_statem.h"
#include "tests/conformance/both_worlds.h"

namespace glasshouse::conformance {

using namespace runtime::gen_statem;

// What all machines of these cases are told and asked.
struct Say {
  Atom what;
};
struct Ask {
  using Reply = Term;
  Atom what;
};

inline Atom what(const AnyEvent& event) {
  if (same_type(event.content->type, message_type<Say>())) {
    return body_of<Say>(*event.content).what;
  }
  if (same_type(event.content->type, message_type<Ask>())) {
    return body_of<Ask>(*event.content).what;
  }
  return content_term(event).as_atom().value_or(Atom());
}

inline std::string type_of(const AnyEvent& event) {
  const Term type = type_term(event);
  return event.type == EventType::call ? "call" : to_string(type);
}

inline From<Ask> asker(const AnyEvent& event) {
  return {event.from};
}

// A machine in OTP's handle_event_function style: one function for everything.
class Scripted {
 public:
  using State = Term;
  using Accepts = Messages<Say, Ask>;
  using Events = Messages<Atom>;
  using Script = Next<Term> (*)(const Term& state, const AnyEvent& event, Verdict* verdict);

  Scripted(Script script, Verdict* verdict) : script_(script), verdict_(verdict) {}
  Next<Term> init() { return ok(Term("a"_atom)); }
  Next<Term> handle(const Term& state, const AnyEvent& event) {
    return script_(state, event, verdict_);
  }

 private:
  Script script_;
  Verdict* verdict_;
};

// The same with state enter calls, which are noted.
class Entering {
 public:
  using State = Term;
  using Accepts = Messages<Say, Ask>;
  using Events = Messages<Atom>;
  using Script = Scripted::Script;

  Entering(Script script, Verdict* verdict) : script_(script), verdict_(verdict) {}
  Next<Term> init() { return ok(Term("a"_atom)); }
  Next<Term> handle(const Term& state, const AnyEvent& event) {
    return script_(state, event, verdict_);
  }
  void handle(const Term& state, const Enter<Term>& enter) {
    verdict_->note("enter:" + to_string(enter.old) + "-" + to_string(state));
  }

 private:
  Script script_;
  Verdict* verdict_;
};

template <class S>
Task<PidOf<S>> started(Self self, Scripted::Script script, Verdict* verdict) {
  auto starting = gen_statem::start_link<S>(self, script, verdict);
  const auto machine = co_await starting;
  co_return machine.pid;
}

// Everything sent before it has been handled when it is answered.
inline Task<std::string> ask(Self self, Pid machine, Atom question) {
  auto asking = gen_statem::call<Ask>(self, machine, question);
  const Term answer = co_await asking;
  co_return to_string(answer);
}

}  // namespace glasshouse::conformance
