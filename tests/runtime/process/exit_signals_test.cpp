#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

namespace {

struct Go {};

Behaviour returns(Self) {
  co_return;
}

Behaviour exits(Self self, Term reason) {
  self.exit(std::move(reason));
  co_return;
}

Behaviour throws(Self) {
  throw std::runtime_error("no more");
  co_return;
}

Behaviour waits(Self self) {
  co_await self.receive<Go>();
}

Behaviour traps(Self self, Notes* notes) {
  self.trap_exit(true);
  for (;;) {
    Exit exit = co_await self.receive<Exit>();
    notes->push_back(text(exit.reason));
  }
}

template <auto Body, class... Args>
Behaviour watches(Self self, Notes* notes, Args... args) {
  const auto child = self.spawn_monitor<Body>(args...);
  Down down = co_await self.receive<Down>();
  notes->push_back(text(down.reason));
  notes->push_back(down.pid == child.pid && down.ref == child.ref ? "same" : "other");
}

template <auto Body, class... Args>
std::string reason_of_exit(Args... args) {
  Notes notes;
  OneNode one;
  one.spawn<&watches<Body, Args...>>(&notes, args...);
  one.run();
  REQUIRE(notes.size() == 2);
  REQUIRE(notes[1] == "same");
  return notes[0];
}

}  // namespace

TEST_CASE("returning from the body is exit reason normal", "[process][PRC-002]") {
  REQUIRE(reason_of_exit<&returns>() == "normal");
}

TEST_CASE("an exit reason is any term and arrives unchanged", "[process][MON-002]") {
  REQUIRE(reason_of_exit<&exits>(tuple(Term("oops"_atom), Term(42))) == "{oops,42}");
}

TEST_CASE("an exception is an exit reason: its type and what it says", "[process][PRC-005]") {
  REQUIRE(reason_of_exit<&throws>() == "{runtime_error,<<\"no more\">>}");
}

TEST_CASE("an exit of one's own with reason kill stays kill", "[process][PRC-014]") {
  REQUIRE(reason_of_exit<&exits>(Term(atoms::kill)) == "kill");
}

namespace {

// Sends `reason` to a process that waits; notes why it went, or that it lives.
Behaviour shoots(Self self, Notes* notes, Term reason) {
  const auto child = self.spawn_monitor<&waits>();
  self.exit(child.pid, reason);
  const auto down = co_await self.receive<Down>(Duration::seconds(1));
  notes->push_back(down ? text(down->reason) : "alive");
}

std::string shot_with(Term reason) {
  Notes notes;
  OneNode one;
  one.spawn<&shoots>(&notes, std::move(reason));
  one.run();
  REQUIRE(notes.size() == 1);
  return notes[0];
}

}  // namespace

TEST_CASE("an exit signal ends a process that does not trap", "[process]") {
  REQUIRE(shot_with(Term("away"_atom)) == "away");
}

TEST_CASE("the exit signal kill cannot be trapped and shows as killed", "[process]") {
  REQUIRE(shot_with(Term(atoms::kill)) == "killed");
}

TEST_CASE("the exit signal normal does nothing to another process", "[process][PRC-007]") {
  REQUIRE(shot_with(Term(atoms::normal)) == "alive");
}

TEST_CASE("a process that traps gets exit signals as messages, kill apart", "[process]") {
  Notes notes;
  OneNode one;
  const Pid trapper = one.spawn<&traps>(&notes);
  one.run();
  one.node().exit(trapper, Term("first"_atom));
  one.run();
  REQUIRE(notes == Notes{"first"});
  one.node().exit(trapper, Term(atoms::kill));
  one.run();
  REQUIRE(notes == Notes{"first"});
  REQUIRE(one.node().process_count() == 0);
}

namespace {

Behaviour exits_itself_normally(Self self, Notes* notes) {
  self.exit(self.pid(), Term(atoms::normal));
  co_await self.yield();
  notes->push_back("still here");
}

Behaviour last_of_chain(Self self, Term reason) {
  co_await self.receive<Go>();
  self.exit(std::move(reason));
}

Behaviour chain(Self self, int more, Pid* end, Term reason) {
  if (more == 0) {
    *end = self.spawn_link<&last_of_chain>(std::move(reason));
  } else {
    self.spawn_link<&chain>(more - 1, end, std::move(reason));
  }
  co_await self.receive<Go>();
}

Behaviour watches_chain(Self self, Notes* notes, Pid* end) {
  const Term reason = tuple(Term("oops"_atom), Term(42));
  const auto first = self.spawn_monitor<&chain>(3, end, reason);
  co_await self.sleep(Duration::seconds(1));
  self.send<Go>(*end);
  Down down = co_await self.receive<Down>();
  notes->push_back(text(down.reason));
  static_cast<void>(first);
}

Behaviour survives_for_a_line(Self self, Notes* notes) {
  try {
    self.exit(self.pid(), Term("boom"_atom));
  } catch (const ExitException&) {
    notes->push_back("caught");
  }
  co_return;
}

Behaviour watches_a_survivor(Self self, Notes* notes) {
  self.spawn_monitor<&survives_for_a_line>(notes);
  Down down = co_await self.receive<Down>();
  notes->push_back(text(down.reason));
}

struct Brittle {
  Brittle() = default;
  Brittle(const Brittle&) { throw std::runtime_error("no copy"); }
};
Behaviour takes_brittle(Self, Brittle) {
  co_return;
}

Behaviour spawns_in_vain(Self self, Notes* notes) {
  const Brittle brittle;
  const std::size_t before = self.node().process_count();
  for (int i = 0; i < 3; ++i) {
    try {
      self.spawn<&takes_brittle>(brittle);
    } catch (const std::runtime_error& error) {
      notes->push_back(error.what());
    }
  }
  notes->push_back(self.node().process_count() == before ? "none is left" : "some are left");
  co_return;
}

}  // namespace

TEST_CASE("a fatal signal is the reason however the body ends", "[process]") {
  REQUIRE(notes_of_all_gone<&watches_a_survivor>() == Notes{"caught", "boom"});
}

TEST_CASE("a spawn whose argument throws leaves nothing behind", "[process]") {
  REQUIRE(notes_of_all_gone<&spawns_in_vain>() ==
          Notes{"no copy", "no copy", "no copy", "none is left"});
}

TEST_CASE("exit(self(), normal) ends the caller", "[process][PRC-009]") {
  Notes notes;
  OneNode one;
  one.spawn<&exits_itself_normally>(&notes);
  one.run();
  REQUIRE(notes.empty());
  REQUIRE(one.node().process_count() == 0);
}

TEST_CASE("an abnormal exit runs along links with its reason unchanged", "[process][PRC-004]") {
  Notes notes;
  Pid end;
  OneNode one;
  one.spawn<&watches_chain>(&notes, &end);
  one.run();
  REQUIRE(notes == Notes{"{oops,42}"});
  REQUIRE(one.node().process_count() == 0);
}

}  // namespace glasshouse::tests
