#pragma once
// The clock of one host: virtual time seen through a clock that may be wrong. Its wall time has an
// offset and may jump; its monotonic time may run fast or slow but never goes back. One thread.

#include <cstdint>

#include "runtime/node/clock.h"
#include "sim/agenda.h"

namespace glasshouse::sim {

struct ClockOptions {
  Duration skew{};             // of wall time, against true time
  std::int32_t drift_ppm = 0;  // of both: 100 gains 100 us a second. At least -500,000.
};

// When a simulated world begins, in wall time: 2026-01-01 00:00 UTC.
inline constexpr Instant world_epoch = Instant::at(Duration::seconds(1'767'225'600));

class SimClock final : public runtime::Clock {
 public:
  SimClock(const Agenda& agenda, ClockOptions options);

  Instant now() const override;
  Instant wall() const override;

  // The first moment of virtual time at which this clock shows `shown` or more.
  Instant true_time_of(Instant shown) const;

  // From now on. REQUIRES: ppm in [-500,000, 1,000,000].
  void set_drift(std::int32_t ppm);
  void set_skew(Duration skew) { skew_ = skew; }
  void jump(Duration by) { skew_ += by; }
  std::int32_t drift_ppm() const { return drift_ppm_; }
  Duration skew() const { return skew_; }

 private:
  const Agenda& agenda_;
  Duration skew_;
  std::int32_t drift_ppm_ = 0;
  Instant true_base_;   // when the drift last changed,
  Instant shown_base_;  // and what the clock showed then
};

}  // namespace glasshouse::sim
