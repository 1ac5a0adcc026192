// In which order a machine's events come, in a process with its mailbox and timers.

#include "runtime/behaviour/gen_statem.h"
#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

using namespace runtime::gen_statem;
using namespace runtime::literals;

namespace {

struct Do {
  Atom what;
};
struct Sync {
  using Reply = void;
};

// Does what it is told, and notes each event with the state it comes in.
class Diary {
 public:
  using State = Atom;
  using Accepts = Messages<Do, Sync>;
  using Events = Messages<Atom>;

  Diary(Self self, Notes* notes) : self_(self), notes_(notes) {}
  Next<Atom> init() { return ok("a"_atom, next_event(EventType::internal, "boot"_atom)); }

  Task<Next<Atom>> handle(Atom state, const Do& told) {
    note(state, told.what);
    const Atom what = told.what;
    if (what == "start"_atom) co_return keep_state(state_timeout(10_ms, "fired"_atom));
    if (what == "busy"_atom) co_await self_.sleep(20_ms);
    if (what == "again"_atom) {
      co_await self_.sleep(20_ms);
      co_return keep_state(state_timeout(30_ms, "second"_atom));
    }
    if (what == "quiet"_atom) co_return keep_state(timeout(10_ms, "quiet_time"_atom));
    if (what == "at"_atom) {
      co_return keep_state(timeout(Term("at"_atom), self_.now() + 5_ms, "absolute"_atom));
    }
    if (what == "b"_atom) co_return next_state("b"_atom, state_timeout(5_ms, "of_change"_atom));
    if (what == "c"_atom) co_return next_state("c"_atom);
    if (what == "d"_atom) co_return next_state("d"_atom);
    co_return keep_state();
  }
  Next<Atom> handle(Atom, const CallEvent<Sync>& call) { return keep_state(reply(call)); }
  void handle(Atom state, const InternalEvent<Atom>& event) { note(state, event.content); }
  void handle(Atom state, const StateTimeout<Atom>& event) { note(state, event.content); }
  void handle(Atom state, const EventTimeout<Atom>& event) { note(state, event.content); }
  void handle(Atom state, const NamedTimeout<Atom>& event) { note(state, event.content); }

  Next<Atom> handle(Atom state, const Enter<Atom>& enter) {
    note(state, Atom("from_" + std::string(enter.old.text())));
    if (state == "b"_atom) return keep_state(state_timeout(5_ms, "of_entering"_atom));
    if (state == "c"_atom && enter.old != state) return repeat_state();
    if (state == "d"_atom) return stop("dead_end"_atom);
    return keep_state();
  }
  void terminate(Term reason, Atom state) {
    notes_->push_back("terminate in " + std::string(state.text()) + " " + text(reason));
  }

 private:
  void note(Atom state, Atom what) {
    notes_->push_back(std::string(state.text()) + ":" + std::string(what.text()));
  }

  Self self_;
  Notes* notes_;
};

Task<PidOf<Diary>> diary(Self self, Notes* notes) {
  auto starting = gen_statem::start<Diary>(self, notes);
  const auto started = co_await starting;
  // Nothing of the beginning is a part of what is told here.
  auto first = gen_statem::call<Sync>(self, started.pid);
  co_await first;
  notes->clear();
  co_return started.pid;
}

Behaviour begins(Self self, Notes* notes) {
  const auto pid = gen_statem::start_on<Diary>(self.node(), Atom(), notes);
  self.cast<Do>(pid, "early"_atom);
  co_await self.sleep(1_ms);
}

Behaviour is_busy(Self self, Notes* notes) {
  const auto pid = co_await diary(self, notes);
  self.cast<Do>(pid, "start"_atom);
  self.cast<Do>(pid, "busy"_atom);
  co_await self.sleep(5_ms);
  self.cast<Do>(pid, "before"_atom);
  co_await self.sleep(10_ms);
  self.cast<Do>(pid, "after"_atom);
  co_await self.sleep(100_ms);
}

Behaviour sets_again(Self self, Notes* notes) {
  const auto pid = co_await diary(self, notes);
  self.cast<Do>(pid, "start"_atom);
  self.cast<Do>(pid, "again"_atom);
  co_await self.sleep(100_ms);
}

Behaviour is_quiet(Self self, Notes* notes) {
  const auto pid = co_await diary(self, notes);
  self.cast<Do>(pid, "quiet"_atom);
  co_await self.sleep(5_ms);
  self.cast<Do>(pid, "noise"_atom);
  co_await self.sleep(20_ms);
  self.cast<Do>(pid, "quiet"_atom);
  self.cast<Do>(pid, "at"_atom);
  co_await self.sleep(20_ms);
  self.cast<Do>(pid, "quiet"_atom);
  co_await self.sleep(20_ms);
}

template <char to>
Behaviour enters(Self self, Notes* notes) {
  const auto pid = co_await diary(self, notes);
  self.cast<Do>(pid, Atom(std::string(1, to)));
  co_await self.sleep(20_ms);
}

}  // namespace

TEST_CASE("what init inserts comes before what was sent before init", "[gen_statem]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed)
    REQUIRE(notes_of<&begins>(seed) == Notes{"a:from_a", "a:boot", "a:early"});
}

TEST_CASE("a time-out that comes while the machine is busy keeps its place among the messages",
          "[gen_statem]") {
  REQUIRE(notes_of<&is_busy>() == Notes{"a:start", "a:busy", "a:before", "a:fired", "a:after"});
}

TEST_CASE("a time-out that fired and was set again before it was seen is not seen",
          "[gen_statem]") {
  REQUIRE(notes_of<&sets_again>() == Notes{"a:start", "a:again", "a:second"});
}

TEST_CASE("the event time-out is for silence only", "[gen_statem]") {
  REQUIRE(notes_of<&is_quiet>() ==
          Notes{"a:quiet", "a:noise", "a:quiet", "a:at", "a:absolute", "a:quiet", "a:quiet_time"});
}

TEST_CASE("what an enter call sets replaces what the change of state set", "[gen_statem]") {
  REQUIRE(notes_of<&enters<'b'>>() == Notes{"a:b", "b:from_a", "b:of_entering"});
}

TEST_CASE("an enter call that repeats is made again with its own state as the old one",
          "[gen_statem]") {
  REQUIRE(notes_of<&enters<'c'>>() == Notes{"a:c", "c:from_a", "c:from_c"});
}

TEST_CASE("an enter call may stop the machine, in the state that it entered", "[gen_statem]") {
  REQUIRE(notes_of<&enters<'d'>>() == Notes{"a:d", "d:from_a", "terminate in d dead_end"});
}

}  // namespace glasshouse::tests
