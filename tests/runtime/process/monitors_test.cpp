#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

namespace {

struct Go {};
struct Number {
  int value = 0;
};

Behaviour waits(Self self) {
  co_await self.receive<Go>();
  self.exit(Term("done"_atom));
}

Task<int> downs_seen(Self self) {
  int count = 0;
  for (;;) {
    const auto down = co_await self.receive<Down>(Duration::seconds(1));
    if (!down) co_return count;
    ++count;
  }
}

Behaviour stacks(Self self, Notes* notes) {
  const Pid child = self.spawn<&waits>();
  self.monitor(child);
  const Ref second = self.monitor(child);
  self.monitor(child);
  REQUIRE(self.demonitor(second));
  self.send<Go>(child);
  const int count = co_await downs_seen(self);
  notes->push_back(std::to_string(count));
}

struct Question {
  using Reply = int;
};

// All of it reaches the child in one turn, behind the signal that ends it.
Behaviour asks_who_was_told_to_exit(Self self, Notes* notes) {
  self.trap_exit(true);
  const Pid child = self.spawn<&waits>();
  co_await self.sleep(Duration::seconds(1));
  self.exit(child, Term("boom"_atom));
  self.monitor(child);
  self.link(child);
  const auto answer = co_await self.try_call<Question>(Duration::seconds(1), child);
  notes->push_back(text(answer.failure));
  const Down down = co_await self.receive<Down>();
  notes->push_back(text(down.reason));
  const Exit exit = co_await self.receive<Exit>();
  notes->push_back(text(exit.reason));
}

Behaviour takes_without_an_answer(Self self) {
  static_cast<void>(co_await self.receive_any());
  co_await self.sleep(Duration::seconds(1));
  self.exit(Term("tired"_atom));
}

Behaviour asks_one_who_is_silent(Self self, Notes* notes) {
  const Pid silent = self.spawn<&takes_without_an_answer>();
  const auto answer = co_await self.try_call<Question>(Duration::infinity(), silent);
  notes->push_back(text(answer.failure));
}

Behaviour watches_a_name_elsewhere(Self self, Notes* notes) {
  self.register_name("watched"_atom);
  self.monitor(To("watched"_atom, "other@host"_atom));
  const Down down = co_await self.receive<Down>();
  notes->push_back(text(down.reason));
}

Behaviour watches_nobody(Self self, Notes* notes) {
  self.monitor("nobody"_atom);
  Down down = co_await self.receive<Down>();
  notes->push_back(text(down.reason));
}

Behaviour keeps_a_queued_down(Self self, Notes* notes) {
  const auto child = self.spawn_monitor<&waits>();
  self.send<Go>(child.pid);
  co_await self.sleep(Duration::seconds(1));
  REQUIRE_FALSE(self.demonitor(child.ref, Self::Flush::keep));
  const int count = co_await downs_seen(self);
  notes->push_back(std::to_string(count));
}

Behaviour flushes_a_queued_down(Self self, Notes* notes) {
  const auto child = self.spawn_monitor<&waits>();
  self.send<Go>(child.pid);
  co_await self.sleep(Duration::seconds(1));
  REQUIRE_FALSE(self.demonitor(child.ref));
  const int count = co_await downs_seen(self);
  notes->push_back(std::to_string(count));
}

Behaviour watches_itself(Self self, Notes* notes) {
  self.monitor(self.pid());
  const int count = co_await downs_seen(self);
  notes->push_back(std::to_string(count));
}

Behaviour counts_up(Self self, Pid to) {
  for (int i = 1; i <= 1000; ++i)
    self.send<Number>(to, i);
  co_return;
}

Behaviour hears_all_then_down(Self self, Notes* notes) {
  self.spawn_monitor<&counts_up>(self.pid());
  for (int expected = 1; expected <= 1000; ++expected) {
    const auto next = co_await self.receive<Number, Down>();
    if (!std::holds_alternative<Number>(next) || std::get<Number>(next).value != expected) {
      notes->push_back("out of order at " + std::to_string(expected));
      co_return;
    }
  }
  co_await self.receive<Down>();
  notes->push_back("in order");
}

Behaviour takes_a_name(Self self) {
  REQUIRE(self.register_name("held"_atom));
  co_await self.receive<Go>();
}

Behaviour name_is_free_at_down(Self self, Notes* notes) {
  const auto child = self.spawn_monitor<&takes_a_name>();
  co_await self.sleep(Duration::seconds(1));
  REQUIRE(self.whereis("held"_atom) == child.pid);
  self.send<Go>("held"_atom);
  co_await self.receive<Down>();
  notes->push_back(self.register_name("held"_atom) ? "free" : "taken");
}

}  // namespace

TEST_CASE("each monitor call is independent of the others", "[monitors][MON-003]") {
  REQUIRE(notes_of_all_gone<&stacks>() == Notes{"2"});
}

TEST_CASE("monitoring a name nobody has is a Down with noproc", "[monitors][MON-005]") {
  REQUIRE(notes_of_all_gone<&watches_nobody>() == Notes{"noproc"});
}

TEST_CASE("demonitor leaves a Down that has come, unless it flushes", "[monitors][MON-006]") {
  REQUIRE(notes_of_all_gone<&keeps_a_queued_down>() == Notes{"1"});
  REQUIRE(notes_of_all_gone<&flushes_a_queued_down>() == Notes{"0"});
}

TEST_CASE("what is asked after a fatal signal is asked of one who is gone", "[monitors]") {
  REQUIRE(notes_of_all_gone<&asks_who_was_told_to_exit>() == Notes{"noproc", "noproc", "noproc"});
}

TEST_CASE("who takes a call and exits without an answer tells the caller", "[monitors]") {
  REQUIRE(notes_of_all_gone<&asks_one_who_is_silent>() == Notes{"tired"});
}

TEST_CASE("a name on another node is not watched here", "[monitors]") {
  REQUIRE(notes_of_all_gone<&watches_a_name_elsewhere>() == Notes{"noconnection"});
}

TEST_CASE("monitoring oneself is inert", "[monitors][MON-010]") {
  REQUIRE(notes_of_all_gone<&watches_itself>() == Notes{"0"});
}

TEST_CASE("a Down comes after all that its process sent before", "[monitors][MON-012]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    REQUIRE(notes_of_all_gone<&hears_all_then_down>(seed) == Notes{"in order"});
  }
}

TEST_CASE("a name is free before the Down of its process arrives", "[monitors][MON-013]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    REQUIRE(notes_of_all_gone<&name_is_free_at_down>(seed) == Notes{"free"});
  }
}

}  // namespace glasshouse::tests
