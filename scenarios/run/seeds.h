#pragma once
// One scenario under many seeds: worlds are independent, so each core runs its own.
//
// Threads: `run_seeds` starts some and waits for them; `progress` is called by one at a time.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "scenarios/run/run.h"

namespace glasshouse::scenarios {

struct SeedRange {
  std::uint64_t first = 1;
  std::uint64_t last = 1;  // included
  std::uint64_t count() const { return last - first + 1; }
};
inline constexpr std::uint64_t seeds_max = 10'000'000;

// "1..200", or "200" for 1..200.
Result<SeedRange> parse_seeds(std::string_view text);

struct SeedsOptions {
  RunOptions run;  // of each seed; not recorded
  SeedRange seeds;
  std::uint32_t jobs = 1;
  // Every seed a second time, with equal digests.
  bool twice = false;
  std::function<void(std::uint64_t done)> progress;
};

struct SeedsReport {
  std::uint64_t run = 0;
  std::uint64_t events = 0;
  Duration virtual_time;
  Duration wall_time;
  std::uint64_t faults = 0;
  std::uint64_t crashes = 0;
  std::uint64_t kills = 0;
  std::uint64_t restarts = 0;
  // The lowest seed whose run was not good.
  std::optional<Report> bad;
  std::string failure;                             // of that run, if it could not go on
  std::optional<std::uint64_t> different;          // the lowest seed whose second run differed
  std::map<std::uint64_t, std::uint64_t> digests;  // of each seed that was run
  // In how many seeds each property held, in the order of the scenario.
  std::vector<NamedCount> held;
};

// Stops at the first seed that is not good. Errors: the scenario cannot be loaded.
Result<SeedsReport> run_seeds(const SeedsOptions& options);

}  // namespace glasshouse::scenarios
