#include "runtime/load/token_bucket.h"

#include <algorithm>

#include "runtime/base/check.h"

namespace glasshouse::runtime {

// With an hour and a burst of a million the level stays below 2^63.
bool is_valid(const Rate& rate) {
  return rate.permits >= 1 && rate.permits <= rate_permits_max && rate.burst >= 1 &&
         rate.burst <= rate_burst_max && rate.period > Duration::zero() &&
         rate.period <= Duration::hours(1);
}

TokenBucket::TokenBucket(const Rate& rate, Instant now) : rate_(rate), filled_at_(now) {
  CHECK(is_valid(rate));
  level_ = level_max();
}

void TokenBucket::fill(Instant now) {
  const std::int64_t passed = (now - filled_at_).nanoseconds();
  filled_at_ = now;
  const std::int64_t missing = level_max() - level_;
  // Compared first: the product of a long pause would not fit.
  if (passed >= missing / rate_.permits + 1) {
    level_ = level_max();
  } else {
    level_ = std::min(level_max(), level_ + passed * rate_.permits);
  }
}

bool TokenBucket::has_token(Instant now) {
  fill(now);
  return level_ >= price();
}

void TokenBucket::take(Instant now) {
  CHECK(has_token(now));
  level_ -= price();
}

Instant TokenBucket::next_token(Instant now) {
  if (has_token(now)) return now;
  const std::int64_t missing = price() - level_;
  return now + Duration::nanoseconds((missing + rate_.permits - 1) / rate_.permits);
}

void TokenBucket::change(const Rate& rate, Instant now) {
  CHECK(is_valid(rate));
  fill(now);
  // Whole tokens stay whole; the part of one that was on its way is given up, so that changing the
  // period again and again gains nothing.
  const std::int64_t tokens = level_ / price();
  rate_ = rate;
  level_ = std::min(level_max(), std::min<std::int64_t>(tokens, rate_.burst) * price());
}

}  // namespace glasshouse::runtime
