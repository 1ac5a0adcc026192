#pragma once
// How long something takes, when that is left to chance. A sample is a pure function of one draw,
// in whole numbers only: tables take the place of logarithms, so that every machine agrees.
// Plain values; any thread.

#include <cstdint>
#include <string>

#include "runtime/base/random.h"
#include "runtime/base/time.h"

namespace glasshouse::sim {

using runtime::Duration;
using runtime::Instant;
using runtime::Ratio;

class Distribution {
 public:
  // Zero, always.
  constexpr Distribution() = default;

  static Distribution constant(Duration value);
  // Every nanosecond in [least, most] is as likely as any other.
  static Distribution uniform(Duration least, Duration most);
  // `least`, and an exponential wait of that mean on top: memoryless, so queues look like queues.
  static Distribution exponential(Duration least, Duration mean);
  // Half of the samples are below the median; one sigma is a factor of spread_percent / 100.
  // REQUIRES: spread_percent >= 100.
  static Distribution lognormal(Duration median, std::uint32_t spread_percent);
  struct Range {
    Duration least;
    Duration most;
  };
  // Uniform in `usual`, but one of so many samples uniform in `rare`: a network on a bad day.
  static Distribution bimodal(Range usual, Range rare, Ratio is_rare);

  // True if it needs no draw.
  bool is_constant() const { return kind_ == Kind::constant; }
  // No sample is shorter.
  Duration least() const { return usual_.least; }
  Duration sample(std::uint64_t drawn) const;

  // "uniform 1 ms to 2 ms".
  std::string shown() const;

 private:
  enum class Kind : std::uint8_t { constant, uniform, exponential, lognormal, bimodal };

  Kind kind_ = Kind::constant;
  Range usual_;
  Range rare_;
  Ratio is_rare_{.numerator = 0, .denominator = 1};
  Duration mean_;                  // or the median
  std::uint64_t spread_log2_ = 0;  // one sigma, as a power of two with 32 bits after the point
};

// -ln((drawn + 1) / 2^64) with 32 bits after the point: exponential with mean 1 when `drawn` is
// uniform. At most 64 ln 2.
std::uint64_t minus_ln(std::uint64_t drawn);
// Normal with mean 0 and deviation 1, roughly (the sum of four uniforms), 32 bits after the point.
std::int64_t nearly_normal(std::uint64_t drawn);
// 2^x and log2(x), all with 32 bits after the point. REQUIRES: x > 0 for log2.
std::uint64_t exp2_fixed(std::int64_t x);
std::int64_t log2_fixed(std::uint64_t x);

}  // namespace glasshouse::sim
