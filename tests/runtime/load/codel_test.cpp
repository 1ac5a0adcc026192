#include "runtime/load/codel.h"

#include <deque>
#include <vector>

#include "tests/catch.h"

namespace glasshouse::tests {

namespace {

using namespace runtime;

constexpr CodelTimes times{.target = 50_ms, .interval = 100_ms};

// What comes evenly, is served evenly, and is dropped by CoDel in between.
struct Line {
  Codel codel{times};
  std::deque<Instant> waiting;
  std::size_t dropped = 0;
  std::vector<Duration> sojourns;  // of those served

  void serve(Instant now) {
    if (waiting.empty()) return;
    const std::size_t drops =
        codel.drops(now, waiting.size(), [&](std::size_t i) { return waiting[i]; });
    REQUIRE(drops < waiting.size());
    dropped += drops;
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(drops));
    sojourns.push_back(now - waiting.front());
    waiting.pop_front();
  }
};

// One is served every 10 ms; `arrivals(ms)` come in each millisecond.
template <class Arrivals>
Line line_after(Duration time, Arrivals arrivals) {
  Line line;
  for (std::int64_t ms = 0; Duration::milliseconds(ms) < time; ++ms) {
    const Instant now = Instant::at(Duration::milliseconds(ms));
    for (int i = 0; i < arrivals(ms); ++i)
      line.waiting.push_back(now);
    if (ms % 10 == 0) line.serve(now);
  }
  return line;
}

Duration mean_of_last(const std::vector<Duration>& sojourns, std::size_t count) {
  Duration sum;
  for (std::size_t i = sojourns.size() - count; i < sojourns.size(); ++i)
    sum += sojourns[i];
  return sum / static_cast<std::int64_t>(count);
}

// How many are dropped while all have waited that long, looked at every `step`.
std::vector<Duration> drops_in(Codel& codel, Duration from, Duration to, Duration waited,
                               Duration step) {
  std::vector<Duration> at;
  for (Duration now = from; now < to; now += step) {
    const auto arrived = [&](std::size_t) { return Instant::at(now - waited); };
    at.insert(at.end(), codel.drops(Instant::at(now), 1000, arrived), now);
  }
  return at;
}

}  // namespace

TEST_CASE("under light load nothing is dropped", "[codel]") {
  const Line line = line_after(20_s, [](std::int64_t ms) { return ms % 12 == 0 ? 1 : 0; });
  REQUIRE(line.dropped == 0);
  REQUIRE(line.sojourns.size() > 1600);
}

TEST_CASE("a burst that is worked off within the interval is not dropped", "[codel]") {
  const Line line = line_after(5_s, [](std::int64_t ms) { return ms % 1000 == 0 ? 12 : 0; });
  REQUIRE(line.dropped == 0);
  REQUIRE(line.sojourns.size() == 60);
}

TEST_CASE("under a steady overload of two the wait comes near the target and stays", "[codel]") {
  const Line line = line_after(60_s, [](std::int64_t ms) { return ms % 5 == 0 ? 1 : 0; });
  const Duration mean = mean_of_last(line.sojourns, 4000);
  INFO(to_string(mean));
  REQUIRE(mean > times.target / 2);
  REQUIRE(mean < times.target + times.interval);
  // No place is left empty: what is dropped is what was too much.
  REQUIRE(line.sojourns.size() == 6000);
}

TEST_CASE("nothing is dropped before the wait was too long for an interval", "[codel]") {
  Codel codel(times);
  const auto drops = [&](Duration now, Duration waited) {
    return codel.drops(Instant::at(now), 100,
                       [&](std::size_t) { return Instant::at(now - waited); });
  };
  REQUIRE(drops(1_s, 50_ms) == 0);  // from here on it is too long
  REQUIRE(drops(1099_ms, 150_ms) == 0);
  REQUIRE(drops(1100_ms, 150_ms) == 1);
  // A single short wait ends it.
  REQUIRE(drops(1150_ms, 49_ms) == 0);
  REQUIRE_FALSE(codel.is_dropping());
  REQUIRE(drops(1160_ms, 60_ms) == 0);
  REQUIRE(drops(1259_ms, 60_ms) == 0);
}

TEST_CASE("the n-th drop comes the interval through the root of n after the last", "[codel]") {
  Codel codel(times);
  const std::vector<Duration> at = drops_in(codel, 1_s, 1800_ms, 300_ms, 10_us);
  REQUIRE(at.size() > 6);
  REQUIRE(at[0] == 1100_ms);
  const std::vector<Duration> gaps{100'000_us, 70'711_us, 57'736_us, 50'000_us, 44'722_us};
  Duration due = at[0];
  for (std::size_t n = 0; n < gaps.size(); ++n) {
    due += gaps[n];
    REQUIRE(at[n + 1] > due - 20_us);
    REQUIRE(at[n + 1] < due + 20_us);
  }
}

TEST_CASE("who must drop again soon goes on near where it stopped", "[codel]") {
  Codel codel(times);
  const std::size_t first = drops_in(codel, 1_s, 3_s, 300_ms, 1_ms).size();
  REQUIRE(drops_in(codel, 3_s, 3010_ms, 1_ms, 1_ms).empty());
  const std::size_t soon = drops_in(codel, 3010_ms, 3310_ms, 300_ms, 1_ms).size();
  REQUIRE(drops_in(codel, 3310_ms, 6_s, 1_ms, 1_ms).empty());
  const std::size_t late = drops_in(codel, 6_s, 6300_ms, 300_ms, 1_ms).size();
  INFO(first << " " << soon << " " << late);
  REQUIRE(first > 50);
  REQUIRE(soon > 3 * late);
}

TEST_CASE("the last that waits is never dropped", "[codel]") {
  Codel codel(times);
  for (Duration now = 1_s; now < 5_s; now += 10_ms) {
    const auto long_ago = [&](std::size_t) { return Instant::at(now - 1_s); };
    REQUIRE(codel.drops(Instant::at(now), 1, long_ago) == 0);
  }
}

TEST_CASE("times that make no sense are not valid", "[codel]") {
  REQUIRE(is_valid(CodelTimes{}));
  REQUIRE_FALSE(is_valid(CodelTimes{.target = 0_ns}));
  REQUIRE_FALSE(is_valid(CodelTimes{.target = 2_s, .interval = 1_s}));
  REQUIRE_FALSE(is_valid(CodelTimes{.target = 1_s, .interval = Duration::hours(2)}));
}

}  // namespace glasshouse::tests
