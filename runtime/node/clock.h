#pragma once
// The only source of time. Monotonic and wall time are apart, as in OTP's erlang:monotonic_time and
// erlang:system_time: timers and time-outs use the first, which never goes back.

#include "runtime/base/time.h"

namespace glasshouse::runtime {

class Clock {
 public:
  virtual ~Clock() = default;
  // Any thread. Starts near zero when the world starts.
  virtual Instant now() const = 0;
  // Any thread. Nanoseconds since 1970-01-01 UTC; may jump.
  virtual Instant wall() const = 0;
};

}  // namespace glasshouse::runtime
