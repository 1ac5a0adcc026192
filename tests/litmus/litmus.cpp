#include "tests/litmus/litmus.h"

#include <cstdint>
#include <set>

#include "sim/world.h"
#include "tests/stress/many_cores.h"

namespace glasshouse::litmus {

namespace {

std::string outcome_of(Arena arena, std::uint64_t seed) {
  std::string outcome = "it waits for ever";
  sim::WorldOptions options;
  options.seed = seed;
  sim::World world(options);
  const sim::HostId host = world.add_host("h");
  world.start_node(host, "a@h", [&](Node& node) { arena(node, &outcome); });
  world.run_for(Duration::seconds(1));
  return outcome;
}

void expect_allowed(const std::string& outcome, Outcomes allowed) {
  INFO("allowed: " << allowed.one << " or " << allowed.other);
  if (outcome != allowed.one) REQUIRE(outcome == std::string(allowed.other));
}

}  // namespace

void race_simulated(Arena arena, Outcomes allowed) {
  std::set<std::string> seen;
  int seed = 1;
  for (; seed <= seeds_most && (seed <= seeds_least || seen.size() < 2); ++seed) {
    INFO("seed " << seed);
    const std::string outcome = outcome_of(arena, static_cast<std::uint64_t>(seed));
    expect_allowed(outcome, allowed);
    seen.insert(outcome);
  }
  INFO("seen " << seen.size() << " outcomes, of " << allowed.one << " and " << allowed.other);
  REQUIRE(seen.size() == 2);
}

void race_on_cores(Arena arena, Outcomes allowed) {
  stress::ManyCores cores(2);
  for (int round = 0; round < rounds_on_cores; ++round) {
    std::string outcome = "it crashed";
    static_cast<void>(cores.end_of(arena(cores.node, &outcome)));
    INFO("round " << round);
    expect_allowed(outcome, allowed);
  }
}

// -- what races are made of -----------------------------------------------------------------------

Task<void> done(Self self, int count) {
  for (int i = 0; i < count; ++i)
    co_await self.receive<Done>();
}

Task<std::string> numbers(Self self, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) {
    const Number number = co_await self.receive<Number>();
    all += std::to_string(number.value);
  }
  co_return all;
}

Task<std::string> any_number(Self self) {
  int count = 0;
  while (co_await self.receive<Number>(Duration::zero()))
    ++count;
  co_return count > 1 ? "more than once" : text(count == 1);
}

Task<std::string> what_was_said(Self self) {
  Said said = co_await self.receive<Said>();
  co_return std::move(said.text);
}

Task<std::string> down_reason(Self self) {
  const Down down = co_await self.receive<Down>();
  co_return to_string(down.reason);
}

Task<std::string> came_before_the_end(Self self) {
  const std::string reason = co_await down_reason(self);
  const std::string came = co_await any_number(self);
  const bool is_told = reason == "killed" || (reason == "normal" && came == "yes");
  co_return is_told ? came : reason + " with " + came;
}

Task<std::string> exit_reason(Self self) {
  const Exit exit = co_await self.receive<Exit>();
  co_return to_string(exit.reason);
}

Task<std::string> info(Self self, Pid whom, Atom item) {
  const Term pair = co_await self.process_info(whom, item);
  if (!pair.is_tuple()) co_return to_string(pair);
  co_return to_string(pair.element(1));
}

Atom fresh_name(Self self) {
  const Pid pid = self.pid();
  return Atom("litmus_" + std::to_string(pid.id) + "_" + std::to_string(pid.serial));
}

void says(Self self, Pid to, int value) {
  self.send<Number>(to, value);
}

void says_to_name(Self self, Atom to, int value) {
  self.send<Number>(to, value);
}

void says_to_alias(Self self, Ref to, int value) {
  self.send<Number>(to, value);
}

void goes(Self self, Pid to) {
  self.send<Go>(to);
}

void exits(Self self, Pid whom, Atom reason) {
  self.exit(whom, Term(reason));
}

Behaviour ends(Self self, Atom reason) {
  co_await self.receive<Go>();
  self.exit(Term(reason));
}

}  // namespace glasshouse::litmus
