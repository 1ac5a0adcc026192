#pragma once
// A token bucket: how many may begin in how much time. A plain value without processes or clock;
// who owns it says what time it is.
//
// The law: in any span of t at most burst + t * permits / period are taken. Kept in whole numbers
// of (token * nanosecond of the period), so that no rate drifts and a simulated run repeats.
//
// Source: safetyvalve, `rate` and `token_limit`, without its `hz`: tokens come one by one as time
// goes on, not a handful at each poll.

#include <cstdint>

#include "runtime/base/time.h"

namespace glasshouse::runtime {

inline constexpr std::uint32_t rate_permits_max = 1'000'000'000;
inline constexpr std::uint32_t rate_burst_max = 1'000'000;

struct Rate {
  std::uint32_t permits = 0;               // in each period; 1..rate_permits_max
  Duration period = Duration::seconds(1);  // up to an hour
  // How many may begin at once after a pause; 1..rate_burst_max. With 1 they are spaced evenly, and
  // what comes late is not made up for.
  std::uint32_t burst = 1;
  friend bool operator==(const Rate&, const Rate&) = default;
};
// Within the bounds above.
bool is_valid(const Rate& rate);

class TokenBucket {
 public:
  // Full at `now`. REQUIRES of every Rate: is_valid.
  TokenBucket(const Rate& rate, Instant now);

  // REQUIRES of every `now`: not before an earlier one.
  bool has_token(Instant now);
  void take(Instant now);  // REQUIRES: has_token
  // When there will be a token if none is taken before; not before `now`.
  Instant next_token(Instant now);
  // What is in it stays, as far as it fits; what comes from now on comes at the new rate.
  void change(const Rate& rate, Instant now);
  const Rate& rate() const { return rate_; }

 private:
  void fill(Instant now);
  std::int64_t price() const { return rate_.period.nanoseconds(); }
  std::int64_t level_max() const { return price() * rate_.burst; }

  Rate rate_;
  std::int64_t level_;  // a token is worth the nanoseconds of the period
  Instant filled_at_;
};

}  // namespace glasshouse::runtime
