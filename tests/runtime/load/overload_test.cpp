// A server that is asked for twice what it can do, by clients that wait half a second and go: how
// much of its work is of use (goodput), with and without regulation.

#include <vector>

#include "runtime/load/permission.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

struct Job {
  using Reply = std::int64_t;
  std::int64_t number = 0;
};

namespace {

constexpr Duration work_of_a_job = 10_ms;  // one after the other: 100 a second
constexpr Duration patience = 500_ms;
constexpr Instant settled = Instant::at(5_s);
constexpr Instant end = Instant::at(25_s);
constexpr std::size_t capacity = 2000;  // jobs between the two

enum class Protection { none, regulator, mailbox };

class Workshop {
 public:
  using Accepts = Messages<Job>;
  Workshop(Self self, Protection protection) : self_(self) {
    if (protection == Protection::mailbox)
      self.limit_mail({.messages = 20, .then = AtMailLimit::refuse});
  }
  Task<std::int64_t> handle(Job job) {
    co_await self_.sleep(work_of_a_job);
    co_return job.number;
  }

 private:
  Self self_;
};

struct Tally {
  std::size_t in_time = 0;  // answered after it had settled
  std::size_t asked = 0;    // as long
  Duration longest;         // that somebody waited for an answer that came
  Duration refused_after;   // the longest that somebody waited for a refusal
};

Behaviour client(Self self, Protection protection, Tally* tally) {
  const Instant begin = self.now();
  if (begin >= settled) ++tally->asked;
  CallResult<Job> result;
  if (protection == Protection::regulator) {
    const Through door{.regulator = "load"_atom, .queue = "jobs"_atom};
    auto calling = call_through<Job>(self, door, patience, "workshop"_atom, 1);
    result = co_await calling;
  } else {
    auto calling = self.try_call<Job>(patience, "workshop"_atom, 1);
    result = co_await calling;
  }
  if (begin < settled) co_return;
  const Duration took = self.now() - begin;
  if (result) {
    ++tally->in_time;
    tally->longest = std::max(tally->longest, took);
  } else {
    tally->refused_after = std::max(tally->refused_after, took);
  }
}

// Twice as many as can be done, whatever becomes of them.
Behaviour crowd(Self self, Duration pause, Protection protection, Tally* tally) {
  while (self.now() < end) {
    self.spawn<&client>(protection, tally);
    co_await self.sleep(pause);
  }
}

RegulatorSpec door_of_the_workshop() {
  // Two places: while one is at work, the next is already at the door.
  RegulatorSpec spec{.limits = {.concurrency = 2}};
  spec.queues.push_back({.name = "jobs"_atom,
                         .wait_max = 300_ms,
                         .shed = CodelTimes{.target = 50_ms, .interval = 100_ms}});
  return spec;
}

Tally tally_of(std::uint64_t seed, Duration pause, Protection protection) {
  Tally tally;
  OneNode one(seed);
  start_on<Workshop>(one.node(), "workshop"_atom, protection);
  start_on<Regulator>(one.node(), "load"_atom, door_of_the_workshop());
  one.world().run_for(1_ms);
  one.spawn<&crowd>(pause, protection, &tally);
  one.world().run_until(end + 1_s);
  return tally;
}

constexpr Duration twice_too_many = work_of_a_job / 2;

}  // namespace

TEST_CASE("at twice its capacity a server without regulation does nothing of use", "[overload]") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Tally tally = tally_of(seed, twice_too_many, Protection::none);
    REQUIRE(tally.asked > 2 * capacity * 98 / 100);
    REQUIRE(tally.in_time == 0);
  }
}

TEST_CASE("at twice its capacity a server behind a regulator does all it can", "[overload]") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Tally tally = tally_of(seed, twice_too_many, Protection::regulator);
    INFO(tally.in_time << " " << to_string(tally.longest));
    REQUIRE(tally.asked > 2 * capacity * 98 / 100);
    REQUIRE(tally.in_time > capacity * 98 / 100);
    REQUIRE(tally.longest < patience);
    REQUIRE(tally.refused_after < patience);
  }
}

TEST_CASE("at twice its capacity a server that refuses mail does all it can", "[overload]") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Tally tally = tally_of(seed, twice_too_many, Protection::mailbox);
    REQUIRE(tally.in_time > capacity * 98 / 100);
    REQUIRE(tally.longest < 250_ms);
    REQUIRE(tally.refused_after < 1_ms);
  }
}

TEST_CASE("at three quarters of its capacity regulation refuses nobody", "[overload]") {
  const Tally tally = tally_of(1, work_of_a_job * 4 / 3, Protection::regulator);
  REQUIRE(tally.asked > 1400);
  REQUIRE(tally.in_time == tally.asked);
  REQUIRE(tally.refused_after == Duration::zero());
}

}  // namespace glasshouse::tests
