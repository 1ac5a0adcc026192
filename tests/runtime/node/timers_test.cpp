#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

namespace {

struct Go {};
struct Late {};

Behaviour waits(Self self) {
  co_await self.receive<Go>();
}

std::string left(Self self, TimerId timer) {
  return self.read_timer(timer) ? "runs" : "none";
}

Behaviour outlives_others(Self self, Notes* notes) {
  const auto gone = self.spawn_monitor<&waits>();
  const Pid other = self.spawn<&waits>();
  const TimerId early = self.send_after<Late>(60_min, gone.pid);
  const TimerId between = self.send_after<Late>(60_min, other);
  const TimerId later = self.send_after<Late>(120_min, gone.pid);
  self.send<Go>(gone.pid);
  co_await self.receive<Down>();
  notes->push_back(left(self, early) + " " + left(self, between) + " " + left(self, later));
  notes->push_back(std::to_string(self.node().timers().size()));
  self.cancel_timer(between);
}

Behaviour starts_one_for_the_dead(Self self, Notes* notes) {
  const auto gone = self.spawn_monitor<&waits>();
  self.send<Go>(gone.pid);
  co_await self.receive<Down>();
  const TimerId timer = self.send_after<Late>(60_min, gone.pid);
  notes->push_back(self.cancel_timer(timer) ? "cancelled" : "none");
  notes->push_back(std::to_string(self.node().timers().size()));
}

Behaviour starts_one_for_a_name(Self self, Notes* notes) {
  const auto gone = self.spawn_monitor<&waits>();
  self.node().register_name("named"_atom, gone.pid);
  self.send_after<Late>(1_s, "named"_atom);
  self.send<Go>(gone.pid);
  co_await self.receive<Down>();
  self.register_name("named"_atom);
  co_await self.receive<Late>();
  notes->push_back("to the next of that name");
}

Behaviour starts_one_in_the_next_life(Self self, Notes* notes) {
  for (int life = 0; life < 3; ++life) {
    const auto child = self.spawn_monitor<&waits>();
    self.send_after<Late>(60_min, child.pid);
    self.send_after<Late>(60_min, child.pid);
    self.send<Go>(child.pid);
    co_await self.receive<Down>();
  }
  notes->push_back(std::to_string(self.node().timers().size()));
}

}  // namespace

// OTP: erlang:start_timer/4, "automatically canceled".
TEST_CASE("a timer ends with the process it is for", "[timers]") {
  REQUIRE(notes_of<&outlives_others>() == Notes{"none runs none", "1"});
}

TEST_CASE("a timer for a process that is gone never was", "[timers]") {
  REQUIRE(notes_of<&starts_one_for_the_dead>() == Notes{"none", "0"});
}

TEST_CASE("a timer for a name does not end with who had it", "[timers]") {
  REQUIRE(notes_of<&starts_one_for_a_name>() == Notes{"to the next of that name"});
}

TEST_CASE("each life of a process ends with its own timers", "[timers]") {
  REQUIRE(notes_of<&starts_one_in_the_next_life>() == Notes{"0"});
}

}  // namespace glasshouse::tests
