// What sys is told of a state machine, how it changes one, and the starts that OTP has besides.

#include "runtime/behaviour/debug_text.h"
#include "runtime/behaviour/gen_statem.h"
#include "runtime/behaviour/sys.h"
#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

using namespace runtime::gen_statem;
using namespace runtime::literals;

namespace {

struct Push {};
struct Get {
  using Reply = Atom;
};
struct Use {
  Atom module;
};

struct Other;
class Lamp {
 public:
  enum class State { off, on };
  using Accepts = Messages<Push, Get, Use>;
  using Events = Messages<Atom>;

  Next<State> handle(At<State::off>, const Push&) {
    return next_state(State::on, state_timeout(50_ms, "tick"_atom),
                      next_event(EventType::internal, "hello"_atom),
                      timeout(Term("n"_atom), Duration::zero(), "zz"_atom));
  }
  Next<State> handle(At<State::off>, const CallEvent<Get>& call) {
    return keep_state(reply(call, "v"_atom));
  }
  Next<State> handle(At<State::on>, const CallEvent<Get>&) { return keep_state(postpone()); }
  Next<State> handle(At<State::on>, const StateTimeout<Atom>&) { return next_state(State::off); }
  Next<State> handle(State, const Use& use);
  void handle(State, const AnyEvent&) {}

  Term code_change(const Term&, State& state, const Term& extra) {
    version_ = extra;
    state = State::on;
    if (extra == Term("throw"_atom)) throw ExitException(Term("broken"_atom));
    return extra == Term("refuse"_atom) ? extra : Term(atoms::ok);
  }
  Term describe() const { return version_; }

 private:
  Term version_ = Term(1);
};

struct Other {
  explicit Other(Lamp&) {}
  void handle(Lamp::State, const Push&) {}
  void handle(Lamp::State, const CallEvent<Get>&) {}
  Next<Lamp::State> handle(Lamp::State, const Use&) { return keep_state(pop_callback_module()); }
  void handle(Lamp::State, const AnyEvent&) {}
};

Next<Lamp::State> Lamp::handle(State, const Use&) {
  return keep_state(push_callback_module<Other, Lamp>());
}

Task<PidOf<Lamp>> lamp(Self self) {
  auto starting = gen_statem::start_with<Lamp>(self, {.name = "lamp"_atom, .link = false});
  const auto started = co_await starting;
  co_return started.pid;
}

// As OTP 25 prints them for the same machine.
Behaviour reads_the_log(Self self, Notes* notes) {
  const auto pid = co_await lamp(self);
  auto logging = sys::log(self, pid, 100);
  co_await logging;
  self.cast<Push>(pid);
  auto asking = gen_statem::call<Get>(self, pid);
  static_cast<void>(co_await asking);
  auto reading = sys::get_log(self, pid);
  const Term events = co_await reading;
  const std::string me = text(Term(self.pid()));
  for (const Term& event : events.as_list()) {
    std::string line = system_event_text(Term("lamp"_atom), event);
    if (const auto place = line.find(me); place != std::string::npos) {
      line.replace(place, me.size(), "me");
    }
    notes->push_back(line.substr(line.find(' ', 6) + 1));
  }
}

Behaviour counts(Self self, Notes* notes) {
  const auto pid = co_await lamp(self);
  auto counting = sys::statistics(self, pid, sys::Switch::on);
  co_await counting;
  self.cast<Push>(pid);
  auto asking = gen_statem::call<Get>(self, pid);
  static_cast<void>(co_await asking);
  auto reading = sys::get_statistics(self, pid);
  const Term found = co_await reading;
  notes->push_back(text(found.element(3)) + text(found.element(4)));
}

Behaviour traces(Self self, Notes* notes) {
  const auto pid = co_await lamp(self);
  auto tracing = sys::trace_to(self, pid, self.pid());
  co_await tracing;
  self.cast<Use>(pid, "push"_atom);
  self.cast<Use>(pid, "pop"_atom);
  auto stopping = stop(self, pid);
  co_await stopping;
  for (;;) {
    auto next = self.receive<SystemEvent>(Duration::zero());
    const auto event = co_await next;
    if (!event) break;
    notes->push_back(text(event->event));
  }
}

Task<std::string> change(Self self, Pid pid, Term extra) {
  auto changing = sys::change_code(self, pid, Term("lamp"_atom), Term("old"_atom), extra);
  const Term answer = co_await changing;
  auto looking = sys::get_state(self, pid);
  const Term state = co_await looking;
  co_return text(answer) + " " + text(state);
}

Behaviour changes_code(Self self, Notes* notes) {
  const auto pid = co_await lamp(self);
  auto suspending = sys::suspend(self, pid);
  co_await suspending;
  for (const Term& extra : {Term("throw"_atom), Term("refuse"_atom), Term(2)}) {
    auto changing = change(self, pid, extra);
    notes->push_back(co_await changing);
  }
}

struct Fixed {
  using State = Atom;
  using Accepts = Messages<>;
  void handle(const State&, const AnyEvent&) {}
};

Behaviour changes_what_cannot(Self self, Notes* notes) {
  auto starting = gen_statem::start<Fixed>(self);
  const auto started = co_await starting;
  auto suspending = sys::suspend(self, started.pid);
  co_await suspending;
  auto changing = change(self, started.pid.pid, Term());
  notes->push_back(co_await changing);
}

// -- starts ---------------------------------------------------------------------------------------

Behaviour starts_monitored(Self self, Notes* notes) {
  auto starting = gen_statem::start_monitor<Lamp>(self);
  const auto started = co_await starting;
  self.exit(started.pid.pid, Term(atoms::kill));
  const Down down = co_await self.receive<Down>();
  notes->push_back(down.ref == started.monitor ? text(down.reason) : "another");
}

Behaviour becomes_a_lamp(Self self, bool with_name) {
  if (with_name) self.register_name("lamp"_atom);
  proc_lib::init_ack(self);
  auto loop = gen_statem::enter_loop<Lamp>(self, "lamp"_atom);
  co_await loop;
}

Behaviour enters_the_loop(Self self, Notes* notes) {
  auto starting = proc_lib::start_monitor<&becomes_a_lamp>(self, true);
  const auto started = co_await starting;
  auto asking = gen_statem::call<Get>(self, "lamp"_atom);
  const Atom answer = co_await asking;
  notes->push_back(std::string(answer.text()));
  auto stopping = stop(self, started.pid, Term("enough"_atom));
  co_await stopping;
  auto first = self.receive<Down>();
  notes->push_back(text((co_await first).reason));
  auto again = proc_lib::start_monitor<&becomes_a_lamp>(self, false);
  static_cast<void>(co_await again);
  auto second = self.receive<Down>();
  notes->push_back(text((co_await second).reason));
  static_cast<void>(self.spawn_monitor<&becomes_a_lamp>(true));
  auto third = self.receive<Down>();
  notes->push_back(text((co_await third).reason));
}

}  // namespace

TEST_CASE("sys is told of a machine's events, transitions, replies and timers", "[gen_statem]") {
  REQUIRE(notes_of<reads_the_log>() ==
          Notes{"receive cast push in state off", "receive internal hello in state on",
                "consume cast push in state off => on",
                "start_timer {{timeout,n},0,zz,[]} in state on",
                "start_timer {state_timeout,50,tick,[]} in state on",
                "consume internal hello in state on", "receive {timeout,n} zz in state on",
                "consume {timeout,n} zz in state on", "receive call get from me in state on",
                "postpone call get from me in state on", "receive state_timeout tick in state on",
                "consume state_timeout tick in state on => off", "send v to me",
                "consume call get from me in state off"});
}

TEST_CASE("the statistics of a machine count what it tells itself, too", "[gen_statem]") {
  REQUIRE(notes_of<counts>() == Notes{"{messages_in,5}{messages_out,1}"});
}

TEST_CASE("sys is told of a machine's modules and of its orderly end", "[gen_statem]") {
  REQUIRE(notes_of<traces>() == Notes{"{in,{cast,{use,push}},off}", "{module,other,off}",
                                      "{consume,{cast,{use,push}},off,off}",
                                      "{in,{cast,{use,pop}},off}", "{module,lamp,off}",
                                      "{consume,{cast,{use,pop}},off,off}",
                                      "{terminate,normal,off}"});
}

TEST_CASE("code_change gives a machine another state and data, or leaves both", "[gen_statem]") {
  REQUIRE(notes_of<changes_code>() ==
          Notes{"{error,{'EXIT',broken}} {off,1}", "{error,refuse} {off,1}", "ok {on,2}"});
}

TEST_CASE("a machine without code_change answers that it has none", "[gen_statem]") {
  REQUIRE(notes_of<changes_what_cannot>() == Notes{"{error,{'EXIT',undef}} {undefined,#{}}"});
}

TEST_CASE("a machine may be monitored from its first moment", "[gen_statem]") {
  REQUIRE(notes_of<starts_monitored>() == Notes{"killed"});
}

TEST_CASE("a process of proc_lib becomes a machine if it has the name", "[gen_statem]") {
  REQUIRE(notes_of<enters_the_loop>() ==
          Notes{"v", "enough", "process_not_registered", "process_was_not_started_by_proc_lib"});
}

}  // namespace glasshouse::tests
