#include "runtime/behaviour/restart_plan.h"

#include "tests/catch.h"

namespace glasshouse::tests {

using namespace runtime;

namespace {

const std::vector<ChildState> four(4, ChildState{Restart::permanent, true});
const Term crashed("crashed"_atom);
constexpr RestartLimit generous{.intensity = 10, .period = Duration::seconds(5)};

Plan plan(Strategy strategy, std::vector<ChildState> children, std::size_t failed,
          const Term& reason = crashed) {
  return plan_restart(strategy, children, failed, reason, {generous, {}, Instant()});
}

using Indexes = std::vector<std::size_t>;

}  // namespace

TEST_CASE("one_for_one restarts the failed child alone", "[supervisor][SUP-018]") {
  const Plan result = plan(Strategy::one_for_one, four, 1);
  REQUIRE(result.decision == Decision::restart);
  REQUIRE(result.stop.empty());
  REQUIRE(result.start == Indexes{1});
}

TEST_CASE("one_for_all stops the others latest first and starts all in order", "[supervisor]") {
  const Plan result = plan(Strategy::one_for_all, four, 1);
  REQUIRE(result.stop == Indexes{3, 2, 0});
  REQUIRE(result.start == Indexes{0, 1, 2, 3});
}

TEST_CASE("rest_for_one stops and starts those behind the failed one", "[supervisor][SUP-020]") {
  const Plan result = plan(Strategy::rest_for_one, four, 1);
  REQUIRE(result.stop == Indexes{3, 2});
  REQUIRE(result.start == Indexes{1, 2, 3});
}

TEST_CASE("a permanent child is restarted whatever its reason", "[supervisor][SUP-015]") {
  for (const Term& reason : {Term(atoms::normal), Term(atoms::shutdown), crashed}) {
    REQUIRE(plan(Strategy::one_for_one, four, 0, reason).decision == Decision::restart);
  }
}

TEST_CASE("a transient child is restarted only after a crash", "[supervisor][SUP-016]") {
  const std::vector<ChildState> one = {{Restart::transient, true}};
  const Term why = tuple(Term(atoms::shutdown), Term("why"_atom));
  for (const Term& reason : {Term(atoms::normal), Term(atoms::shutdown), why}) {
    REQUIRE(plan(Strategy::one_for_one, one, 0, reason).decision == Decision::keep_down);
  }
  for (const Term& reason : {crashed, Term(atoms::killed)}) {
    REQUIRE(plan(Strategy::one_for_one, one, 0, reason).decision == Decision::restart);
  }
}

TEST_CASE("a temporary child is forgotten and touches no sibling", "[supervisor][SUP-017]") {
  std::vector<ChildState> children = four;
  children[1].restart = Restart::temporary;
  for (const Strategy strategy :
       {Strategy::one_for_one, Strategy::one_for_all, Strategy::rest_for_one}) {
    const Plan result = plan(strategy, children, 1);
    REQUIRE(result.decision == Decision::forget);
    REQUIRE(result.stop.empty());
    REQUIRE(result.start.empty());
  }
}

TEST_CASE("a temporary bystander is stopped and does not come back", "[supervisor]") {
  std::vector<ChildState> children = four;
  children[2].restart = Restart::temporary;
  const Plan result = plan(Strategy::one_for_all, children, 0);
  REQUIRE(result.stop == Indexes{3, 2, 1});
  REQUIRE(result.start == Indexes{0, 1, 3});
}

TEST_CASE("a child that is down already is not stopped again", "[supervisor]") {
  std::vector<ChildState> children = four;
  children[2].is_up = false;
  REQUIRE(plan(Strategy::one_for_all, children, 0).stop == Indexes{3, 1});
}

TEST_CASE("intensity restarts are allowed and one more gives up", "[supervisor][SUP-022]") {
  const RestartLimit two{.intensity = 2, .period = Duration::seconds(5)};
  std::vector<Instant> earlier;
  const auto decide = [&](Instant now) {
    return plan_restart(Strategy::one_for_one, four, 0, crashed, {two, earlier, now}).decision;
  };
  REQUIRE(decide(Instant()) == Decision::restart);
  earlier = {Instant(), Instant()};
  REQUIRE(decide(Instant()) == Decision::give_up);
}

TEST_CASE("restarts older than the period no longer count", "[supervisor][SUP-023]") {
  const RestartLimit one{.intensity = 1, .period = Duration::seconds(5)};
  const std::vector<Instant> earlier = {Instant()};
  const auto decide = [&](Duration after) {
    return plan_restart(Strategy::one_for_one, four, 0, crashed, {one, earlier, Instant() + after})
        .decision;
  };
  REQUIRE(decide(Duration::seconds(5)) == Decision::give_up);
  REQUIRE(decide(Duration::seconds(5) + Duration::nanoseconds(1)) == Decision::restart);
}

TEST_CASE("intensity zero tolerates no restart", "[supervisor][SUP-024]") {
  const RestartLimit none{.intensity = 0, .period = Duration::seconds(5)};
  REQUIRE(plan_restart(Strategy::one_for_one, four, 0, crashed, {none, {}, Instant()}).decision ==
          Decision::give_up);
}

TEST_CASE("a group restart counts as one", "[supervisor][SUP-025]") {
  const RestartLimit one{.intensity = 1, .period = Duration::seconds(1)};
  REQUIRE(plan_restart(Strategy::one_for_all, four, 3, crashed, {one, {}, Instant()}).decision ==
          Decision::restart);
}

}  // namespace glasshouse::tests
