#include "sim/decisions.h"

#include "tests/catch.h"

namespace glasshouse::sim {
namespace {

TEST_CASE("a draw depends on its address, not on when it is made", "[decisions]") {
  SeededDecisions one(42);
  SeededDecisions other(42);
  const std::uint64_t a0 = one.draw(Choice::latency, 1);
  const std::uint64_t b0 = one.draw(Choice::latency, 2);
  const std::uint64_t a1 = one.draw(Choice::latency, 1);
  static_cast<void>(other.draw(Choice::stall, 1));
  REQUIRE(other.draw(Choice::latency, 2) == b0);
  REQUIRE(other.draw(Choice::latency, 1) == a0);
  static_cast<void>(other.draw(Choice::latency, 3));
  REQUIRE(other.draw(Choice::latency, 1) == a1);
  REQUIRE(a0 != a1);
  REQUIRE(a0 != b0);
}

TEST_CASE("draws are counted, all of a choice and those of one entity", "[decisions]") {
  SeededDecisions decisions(1);
  for (std::uint64_t entity = 0; entity < 1'000; ++entity) {
    for (std::uint64_t n = 0; n <= entity % 3; ++n)
      static_cast<void>(decisions.draw(Choice::user, entity));
  }
  REQUIRE(decisions.drawn(Choice::user) == 1'999);
  REQUIRE(decisions.drawn(Choice::user, 0) == 1);
  REQUIRE(decisions.drawn(Choice::user, 998) == 3);
  REQUIRE(decisions.drawn(Choice::user, 1'000) == 0);
  REQUIRE(decisions.drawn(Choice::fault) == 0);
}

TEST_CASE("an override replaces one draw and no other", "[decisions]") {
  SeededDecisions plain(9);
  const std::vector<Override> overrides{
      {.address = {.choice = Choice::schedule, .entity = 5, .n = 1}, .value = 77}};
  OverriddenDecisions decisions(9, overrides);
  for (int n = 0; n < 4; ++n) {
    const std::uint64_t expected = plain.draw(Choice::schedule, 5);
    REQUIRE(decisions.draw(Choice::schedule, 5) == (n == 1 ? 77 : expected));
  }
  REQUIRE(decisions.applied().size() == 1);
  REQUIRE(decisions.applied().front().address == overrides.front().address);
  REQUIRE(decisions.unused().empty());
}

TEST_CASE("an override that nobody asked for is reported as unused", "[decisions]") {
  OverriddenDecisions decisions(9, {});
  REQUIRE(decisions.replace({.address = {.choice = Choice::user, .entity = 1, .n = 3}}));
  REQUIRE(decisions.unused().size() == 1);
  static_cast<void>(decisions.draw(Choice::user, 1));
  REQUIRE_FALSE(decisions.replace({.address = {.choice = Choice::user, .entity = 1, .n = 0}}));
  REQUIRE(decisions.applied().empty());
}

TEST_CASE("every choice has a name of its own", "[decisions]") {
  for (int one = 0; one < choice_count; ++one) {
    REQUIRE_FALSE(choice_name(static_cast<Choice>(one)).empty());
    for (int other = 0; other < one; ++other)
      REQUIRE(choice_name(static_cast<Choice>(one)) != choice_name(static_cast<Choice>(other)));
  }
  REQUIRE(choice_name(Choice::disk_fault) == "disk_fault");
  REQUIRE(choice_name(Choice::split) == "split");
}

}  // namespace
}  // namespace glasshouse::sim
