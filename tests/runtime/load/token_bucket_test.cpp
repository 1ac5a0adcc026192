#include "runtime/load/token_bucket.h"

#include <algorithm>
#include <vector>

#include "runtime/base/random.h"
#include "tests/catch.h"

namespace glasshouse::tests {

namespace {

using namespace runtime;

// The most that were taken in any span, beyond burst + span * permits / period; at most 0 is right.
std::int64_t excess(const std::vector<Instant>& taken, const Rate& rate) {
  std::int64_t worst = -1;
  for (std::size_t first = 0; first < taken.size(); ++first) {
    for (std::size_t last = first; last < taken.size(); ++last) {
      const std::int64_t span = (taken[last] - taken[first]).nanoseconds();
      const std::int64_t allowed = rate.burst + span * rate.permits / rate.period.nanoseconds();
      worst = std::max(worst, static_cast<std::int64_t>(last - first + 1) - allowed);
    }
  }
  return worst;
}

Rate drawn_rate(Draws& draws) {
  return {.permits = static_cast<std::uint32_t>(1 + draws.below(2000)),
          .period = Duration::milliseconds(static_cast<std::int64_t>(1 + draws.below(5000))),
          .burst = static_cast<std::uint32_t>(1 + draws.below(20))};
}

}  // namespace

TEST_CASE("never more than burst and rate times span are taken in any span", "[token_bucket]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Draws draws(seed);
    const Rate rate = drawn_rate(draws);
    Instant now = Instant::at(3_s);
    TokenBucket bucket(rate, now);
    std::vector<Instant> taken;
    while (taken.size() < 100) {
      now = bucket.next_token(now);
      // Greedy most of the time, and a pause now and then.
      if (draws.below(8) == 0) now += Duration::microseconds(std::int64_t{1} << draws.below(24));
      bucket.take(now);
      taken.push_back(now);
    }
    REQUIRE(excess(taken, rate) <= 0);
  }
}

TEST_CASE("who takes each token as it comes gets exactly the rate", "[token_bucket]") {
  // A third of a microsecond is no whole number of nanoseconds; a burst makes up for what is cut.
  TokenBucket bucket({.permits = 3, .period = 1_us, .burst = 2}, Instant());
  Instant now;
  for (int i = 0; i < 3'002; ++i) {
    now = bucket.next_token(now);
    bucket.take(now);
  }
  REQUIRE(now == Instant::at(1_ms));
}

TEST_CASE("the next token comes not a nanosecond early or late", "[token_bucket]") {
  TokenBucket bucket({.permits = 100, .burst = 2}, Instant());
  bucket.take(Instant());
  bucket.take(Instant());
  REQUIRE_FALSE(bucket.has_token(Instant()));
  REQUIRE(bucket.next_token(Instant()) == Instant::at(10_ms));
  REQUIRE_FALSE(bucket.has_token(Instant::at(10_ms) - 1_ns));
  REQUIRE(bucket.has_token(Instant::at(10_ms)));
}

TEST_CASE("a pause of any length gives the burst and no more", "[token_bucket]") {
  const Rate rate{.permits = rate_permits_max, .period = Duration::hours(1), .burst = 3};
  TokenBucket bucket(rate, Instant());
  const Instant late = Instant::at(Duration::hours(100'000));
  for (int i = 0; i < 3; ++i)
    bucket.take(late);
  REQUIRE_FALSE(bucket.has_token(late));
}

TEST_CASE("changing a rate gains no token", "[token_bucket]") {
  TokenBucket bucket({.permits = 1, .burst = 5}, Instant());
  for (int i = 0; i < 5; ++i)
    bucket.take(Instant());
  bucket.change({.permits = 1000, .period = 1_ms, .burst = 5}, Instant());
  REQUIRE_FALSE(bucket.has_token(Instant()));
  bucket.change({.permits = 10, .burst = 1}, Instant::at(1_s));
  bucket.take(Instant::at(1_s));
  REQUIRE(bucket.next_token(Instant::at(1_s)) == Instant::at(1100_ms));
}

TEST_CASE("a rate of nothing, of no time or beyond the bounds is not valid", "[token_bucket]") {
  REQUIRE(is_valid(Rate{.permits = 1}));
  REQUIRE_FALSE(is_valid(Rate{}));
  REQUIRE_FALSE(is_valid(Rate{.permits = 1, .period = 0_ns}));
  REQUIRE_FALSE(is_valid(Rate{.permits = 1, .period = Duration::hours(2)}));
  REQUIRE_FALSE(is_valid(Rate{.permits = 1, .burst = 0}));
  REQUIRE_FALSE(is_valid(Rate{.permits = rate_permits_max + 1}));
  REQUIRE_FALSE(is_valid(Rate{.permits = 1, .burst = rate_burst_max + 1}));
}

}  // namespace glasshouse::tests
