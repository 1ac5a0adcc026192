#include "runtime/base/time.h"

#include "tests/catch.h"

using namespace glasshouse::runtime::literals;
using glasshouse::runtime::Duration;
using glasshouse::runtime::Instant;

TEST_CASE("units are exact multiples of each other", "[time]") {
  REQUIRE(1_min == 60_s);
  REQUIRE(1_s == 1000_ms);
  REQUIRE(1_ms == 1000_us);
  REQUIRE(1_us == 1000_ns);
  REQUIRE(Duration::hours(1) == 60_min);
  static_assert((2_s).nanoseconds() == 2'000'000'000);
}

TEST_CASE("durations add, subtract, scale and divide as numbers do", "[time]") {
  REQUIRE(5_s + 250_ms == 5250_ms);
  REQUIRE(5_s - 6_s == -(1_s));
  REQUIRE(3 * 2_ms == 6_ms);
  REQUIRE(7_ns / 2 == 3_ns);
  REQUIRE(1_s / 300_ms == 3);
  REQUIRE(1_s % 300_ms == 100_ms);
  REQUIRE(1_ms < 1_s);
}

TEST_CASE("what would overflow stays at the bound", "[time]") {
  const Duration large = Duration::nanoseconds(std::numeric_limits<std::int64_t>::max() - 1);
  REQUIRE(large + 1_s == Duration::infinity());
  REQUIRE(large * 2 == Duration::infinity());
  REQUIRE(Duration::hours(1'000'000'000'000) == Duration::infinity());
  const Duration small = Duration::nanoseconds(std::numeric_limits<std::int64_t>::min());
  REQUIRE(small - 1_s == small);
  REQUIRE(large * -2 == small);
}

TEST_CASE("infinity absorbs what is added to it", "[time]") {
  REQUIRE(Duration::infinity() - 1_s == Duration::infinity());
  REQUIRE(Duration::infinity() + -(1_s) == Duration::infinity());
  REQUIRE(Duration::infinity() / 2 == Duration::infinity());
  REQUIRE(Instant::origin() + Duration::infinity() == Instant::max());
  REQUIRE(Instant::max() - Instant::origin() == Duration::infinity());
}

TEST_CASE("two instants are a duration apart", "[time]") {
  const Instant start = Instant::at(5_s);
  const Instant end = start + 20_ms;
  REQUIRE(end - start == 20_ms);
  REQUIRE(start - end == -(20_ms));
  REQUIRE(end > start);
}

TEST_CASE("a duration is printed in the largest unit that leaves a whole number", "[time]") {
  REQUIRE(to_string(6204_ms) == "6.204 s");
  REQUIRE(to_string(1200_us) == "1.2 ms");
  REQUIRE(to_string(750_us) == "750 us");
  REQUIRE(to_string(7_ns) == "7 ns");
  REQUIRE(to_string(90_min) == "5400 s");
  REQUIRE(to_string(Duration::zero()) == "0 s");
  REQUIRE(to_string(-(1500_ns)) == "-1.5 us");
  REQUIRE(to_string(Duration::infinity()) == "infinity");
}

TEST_CASE("digits of a duration are cut and not rounded", "[time]") {
  REQUIRE(to_string(999'999'999_ns) == "999.999 ms");
  REQUIRE(to_string(1'000'999_ns) == "1 ms");
}

TEST_CASE("an instant is printed as the time since its origin", "[time]") {
  REQUIRE(to_string(Instant::at(6204_ms)) == "6.204 s");
  REQUIRE(to_string(Instant::max()) == "never");
}
