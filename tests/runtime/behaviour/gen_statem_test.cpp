#include "runtime/behaviour/gen_statem.h"

#include "runtime/behaviour/sys.h"
#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

using namespace runtime::gen_statem;
using namespace runtime::literals;

namespace {

struct Push {};
struct Count {
  using Reply = std::int64_t;
};
struct Halt {
  using Reply = std::string;
  bool with_reply = true;
};
struct Stray {};
struct Tick {};

// States as an enum, each with its own functions.
class Button {
 public:
  enum class State { off, on };
  using Accepts = Messages<Push, Count, Halt>;
  using Events = Messages<Tick>;

  Button(Self self, Notes* notes) : self_(self), notes_(notes) {}

  Next<State> handle(At<State::off>, const Push&) {
    ++pushed_;
    return next_state(State::on, state_timeout(50_ms, Tick{}));
  }
  Next<State> handle(At<State::on>, const Push&) { return next_state(State::off); }
  Next<State> handle(At<State::on>, const StateTimeout<Tick>&) {
    notes_->push_back("tired");
    return next_state(State::off);
  }
  // Counting is for when it is off.
  Next<State> handle(At<State::on>, const CallEvent<Count>&) { return keep_state(postpone()); }
  Task<Next<State>> handle(At<State::off>, const CallEvent<Count>& call) {
    co_await self_.sleep(5_ms);
    co_return keep_state(reply(call, pushed_));
  }
  Next<State> handle(State, const CallEvent<Halt>& call) {
    if (!call.content.with_reply) return stop("halted"_atom);
    return stop_and_reply("halted"_atom, reply(call, "stopping"));
  }
  void terminate(Term reason) { notes_->push_back("terminate " + text(reason)); }
  Term describe() const { return Term(pushed_); }

 private:
  Self self_;
  Notes* notes_;
  std::int64_t pushed_ = 0;
};

Task<PidOf<Button>> button(Self self, Notes* notes) {
  auto starting = gen_statem::start<Button>(self, notes);
  const auto started = co_await starting;
  co_return started.pid;
}

Behaviour pushes(Self self, Notes* notes) {
  const auto pid = co_await button(self, notes);
  self.cast<Push>(pid);
  auto counting = gen_statem::call<Count>(self, pid);
  const std::int64_t count = co_await counting;
  const bool is_late = self.now() >= Instant::at(55_ms);
  notes->push_back(std::to_string(count) + (is_late ? " late" : " early"));
}

Behaviour halts(Self self, Notes* notes) {
  const auto pid = co_await button(self, notes);
  self.monitor(pid);
  const auto answer = co_await self.try_call<Halt>(1_s, pid);
  notes->push_back(answer.value.value_or("no answer"));
  const Down down = co_await self.receive<Down>();
  notes->push_back("down " + text(down.reason));
}

Behaviour asks(Self self, Pid pid, Notes* notes) {
  const auto answer = co_await self.try_call<Count>(Duration::infinity(), pid);
  notes->push_back("caller " + text(answer.failure));
}

// A call is postponed, and the machine ends before it ever is in the other state.
Behaviour halts_with_a_postponed_call(Self self, Notes* notes) {
  const auto pid = co_await button(self, notes);
  self.cast<Push>(pid);
  self.spawn<&asks>(pid.pid, notes);
  co_await self.sleep(10_ms);
  const auto answer = co_await self.try_call<Halt>(1_s, pid, false);
  notes->push_back("halter " + text(answer.failure));
}

Behaviour strays(Self self, Notes* notes) {
  const auto pid = co_await button(self, notes);
  self.send<Stray>(pid);
  const auto count = co_await self.try_call<Count>(1_s, pid);
  notes->push_back(count ? "lives" : "is gone");
}

// States as structs, which hold what only they need.
struct Idle {
  friend bool operator==(const Idle&, const Idle&) = default;
};
struct Busy {
  std::int64_t jobs = 0;
  friend bool operator==(const Busy&, const Busy&) = default;
};

class Workshop {
 public:
  using State = std::variant<Idle, Busy>;
  using Accepts = Messages<Push, Count>;

  Workshop(Self self, Notes* notes) : self_(self), notes_(notes) {}

  Next<State> handle(Idle&, const Push&) { return next_state(Busy{1}); }
  void handle(Busy& busy, const Push&) { ++busy.jobs; }
  Next<State> handle(Idle&, const CallEvent<Count>& call) { return keep_state(reply(call, 0)); }
  Next<State> handle(Busy& busy, const CallEvent<Count>& call) {
    notes_->push_back(text(self_.process().server->state()));
    return next_state(Idle{}, reply(call, busy.jobs));
  }
  void handle(Idle&, const Enter<State>& enter) {
    notes_->push_back("idle after " + text(to_term(enter.old)));
  }
  Term describe() const { return Term("tools"_atom); }

 private:
  Self self_;
  Notes* notes_;
};

Behaviour works(Self self, Notes* notes) {
  auto starting = gen_statem::start<Workshop>(self, notes);
  const auto workshop = co_await starting;
  self.cast<Push>(workshop.pid);
  self.cast<Push>(workshop.pid);
  auto counting = gen_statem::call<Count>(self, workshop.pid);
  const std::int64_t jobs = co_await counting;
  notes->push_back(std::to_string(jobs));
}

class Forgetful {
 public:
  enum class State { only };
  using Accepts = Messages<Push>;
  Next<State> handle(State, const Push&) { return keep_state(state_timeout(1_ms, Tick{})); }
};

Behaviour forgets(Self self, Notes* notes) {
  auto starting = gen_statem::start<Forgetful>(self);
  const auto machine = co_await starting;
  self.monitor(machine.pid);
  self.cast<Push>(machine.pid);
  const Down down = co_await self.receive<Down>();
  notes->push_back(text(down.reason));
}

// A machine that tells itself something for ever.
class Restless {
 public:
  using State = Atom;
  using Accepts = Messages<Halt>;
  using Events = Messages<Tick>;
  Next<Atom> init() { return ok("a"_atom, next_event(EventType::internal, Tick{})); }
  Next<Atom> handle(Atom, const InternalEvent<Tick>&) {
    return keep_state(next_event(EventType::internal, Tick{}));
  }
  Next<Atom> handle(Atom, const CallEvent<Halt>&) { return stop(); }
};

Behaviour kills_the_restless(Self self, Notes* notes) {
  auto starting = gen_statem::start<Restless>(self);
  const auto machine = co_await starting;
  self.monitor(machine.pid);
  co_await self.sleep(1_ms);
  self.exit(machine.pid.pid, Term(atoms::kill));
  const Down down = co_await self.receive<Down>();
  notes->push_back(text(down.reason));
}

Behaviour trapping_parent(Self self, Notes* notes) {
  auto starting = gen_statem::start_link<Button>(self, notes);
  const auto pid = co_await starting;
  co_await self.sleep(1_ms);
  self.exit(pid.pid.pid, "enough"_atom);
  co_await self.sleep(1_ms);
}

// What may be replaced from outside, and what sys sees of the rest.
struct Dial {
  using State = Atom;
  using Accepts = Messages<Push, Count>;
  Next<Atom> handle(const Atom& state, const CallEvent<Count>& call) {
    if (state == "open"_atom) return keep_state(reply(call, turns));
    return keep_state(postpone(), state_timeout(1_s, Tick{}));
  }
  void handle(Atom, const Push&) { ++turns; }
  std::int64_t turns = 0;
};

Behaviour looks_into(Self self, Notes* notes) {
  auto starting = gen_statem::start<Dial>(self);
  const auto dial = co_await starting;
  const Pid pid = dial.pid;
  self.cast<Push>(dial.pid);
  self.spawn<&asks>(pid, notes);
  co_await self.sleep(1_ms);
  auto getting = sys::get_state(self, pid);
  const Term state = co_await getting;
  notes->push_back(text(state));
  auto asking = sys::get_status(self, pid);
  const Term status = co_await asking;
  const Term& misc = status.element(3).element(4);
  notes->push_back(text(misc.element(1).element(1)));
  const Term name(Atom(field_names_known ? "turns" : "field_1"));
  auto setting = sys::set_state(self, pid, tuple(Term("open"_atom), map(name, 7)));
  static_cast<void>(co_await setting);
  auto counting = gen_statem::call<Count>(self, pid);
  const std::int64_t turns = co_await counting;
  notes->push_back(std::to_string(turns));
}

Behaviour suspends(Self self, Notes* notes) {
  const auto pid = co_await button(self, notes);
  self.cast<Push>(pid);
  co_await self.sleep(1_ms);
  auto suspending = sys::suspend(self, pid);
  co_await suspending;
  co_await self.sleep(100_ms);
  notes->push_back("suspended");
  auto resuming = sys::resume(self, pid);
  co_await resuming;
  co_await self.sleep(1_ms);
}

Behaviour supervised(Self self, Notes* notes) {
  auto starting = StartWait(self.process(), gen_statem::child<Button>(notes));
  const Started started = co_await starting;
  notes->push_back(started ? "started" : text(started.error));
}

}  // namespace

TEST_CASE("a call that waits for another state is answered when that state comes", "[gen_statem]") {
  REQUIRE(notes_of<&pushes>() == Notes{"tired", "1 late"});
}

TEST_CASE("stop_and_reply replies before terminate", "[gen_statem]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Notes notes = notes_of<&halts>(seed);
    REQUIRE(notes.size() == 3);
    REQUIRE(notes.back() == "down halted");
  }
}

TEST_CASE("who waits for an answer to a postponed call hears why the machine ended",
          "[gen_statem]") {
  Notes notes = notes_of<&halts_with_a_postponed_call>();
  std::sort(notes.begin(), notes.end());
  REQUIRE(notes == Notes{"caller halted", "halter halted", "terminate halted"});
}

TEST_CASE("a message of a type that nobody takes is dropped, and the machine goes on",
          "[gen_statem]") {
  REQUIRE(notes_of<&strays>() == Notes{"lives"});
}

TEST_CASE("a state that is a struct is changed in place without leaving it", "[gen_statem]") {
  REQUIRE(notes_of<&works>() ==
          Notes{"idle after idle", "{{busy,2},tools}", "idle after {busy,2}", "2"});
}

TEST_CASE("a time-out that no handler of the state takes ends the machine", "[gen_statem]") {
  REQUIRE(notes_of<&forgets>() == Notes{"{function_clause,[state_timeout,tick,only]}"});
}

TEST_CASE("a machine that never waits for a message can be killed", "[gen_statem]") {
  REQUIRE(notes_of<&kills_the_restless>() == Notes{"killed"});
}

TEST_CASE("a machine that does not trap exits dies of one without terminate", "[gen_statem]") {
  REQUIRE(notes_of<&trapping_parent>().empty());
}

TEST_CASE("sys sees state, data, time-outs and postponed events, and replaces the first two",
          "[gen_statem]") {
  const Notes notes = notes_of<&looks_into>();
  REQUIRE(notes.size() == 4);
  REQUIRE(notes[0].starts_with("{undefined,"));
  REQUIRE(notes[1].find("{<<\"Modules\">>,[") != std::string::npos);
  REQUIRE(notes[1].find("Time-outs\">>,{1,[{state_timeout,tick}]}}") != std::string::npos);
  REQUIRE(notes[1].find("Postponed\">>,[{{call,") != std::string::npos);
  REQUIRE(notes[2] == "7");
  // A state that was put there is no change of state: what was postponed still waits.
  REQUIRE(notes[3].starts_with("caller {function_clause,"));
}

TEST_CASE("a time-out of a suspended machine waits until it is resumed", "[gen_statem]") {
  REQUIRE(notes_of<&suspends>() == Notes{"suspended", "tired"});
}

TEST_CASE("a machine is a child as a server is", "[gen_statem]") {
  REQUIRE(notes_of<&supervised>() == Notes{"started"});
}

}  // namespace glasshouse::tests
