#pragma once
// How the disk of a host behaves. Plain data.

#include <cstdint>

#include "sim/distribution.h"

namespace glasshouse::sim {

// What a power cut does to each write that was not synced yet: lost, torn or kept.
struct CrashPolicy {
  Ratio lost{.numerator = 1, .denominator = 2};
  Ratio torn{.numerator = 1, .denominator = 4};       // of those not lost: some sectors only
  Ratio name_lost{.numerator = 1, .denominator = 2};  // creation, rename or removal
};

struct DiskOptions {
  std::uint64_t bytes_max = std::uint64_t{1} << 40;  // then enospc, and what fits is written
  Distribution latency =
      Distribution::uniform(Duration::microseconds(20), Duration::microseconds(100));
  Distribution sync_latency =
      Distribution::uniform(Duration::microseconds(500), Duration::milliseconds(4));
  CrashPolicy crash = {};
};

inline constexpr std::uint32_t sector_bytes = 512;  // written whole or not at all

}  // namespace glasshouse::sim
