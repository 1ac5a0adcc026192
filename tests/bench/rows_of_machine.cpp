// cache_line: how far the cores of this machine are from each other just now.

#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/bench/measure.h"
#include "tests/bench/rows.h"

namespace glasshouse::bench {

namespace {

constexpr int tries = 5;

// Two threads write one line by turns.
std::chrono::nanoseconds round_trips(std::uint64_t count) {
  alignas(128) std::atomic<std::uint64_t> turn{0};
  const auto play = [&turn, count](std::uint64_t mine) {
    for (; mine < 2 * count; mine += 2) {
      while (turn.load(std::memory_order_acquire) != mine) {
      }
      turn.store(mine + 1, std::memory_order_release);
    }
  };
  std::thread other(play, 1);
  const Time begin = now();
  play(0);
  other.join();
  return now() - begin;
}

// The median of some tries: both threads need a core.
void cache_line(const Arguments& arguments) {
  const std::uint64_t count = arguments.number(0);
  std::vector<std::chrono::nanoseconds> took;
  for (int i = 0; i < tries; ++i)
    took.push_back(round_trips(count));
  std::nth_element(took.begin(), took.begin() + tries / 2, took.end());
  print({.bench = "cache_line",
         .params = Fields().add("round_trips", count),
         .took = took[tries / 2],
         .operations = count});
}

}  // namespace

std::vector<LoneRow> rows_of_machine() {
  return {{"cache_line", "ROUND_TRIPS", &cache_line}};
}

}  // namespace glasshouse::bench
