#pragma once
// How a handler with a process of its own protects itself and its node. Plain values and decisions;
// no threads, no clock. OTP: logger_olp, "Protecting the Handler from Overload".
//
//   events waiting:  0 ....... sync_mode_qlen ....... drop_mode_qlen ....... flush_qlen
//   mode:               async        |       sync           |    drop            | flush

#include <cstdint>

#include "runtime/base/time.h"

namespace glasshouse::runtime {

// OTP's names and defaults. REQUIRES: sync_mode_qlen <= drop_mode_qlen <= flush_qlen; a mode whose
// bound equals the next one's is off.
struct LogOverload {
  std::uint32_t sync_mode_qlen = 10;
  std::uint32_t drop_mode_qlen = 200;
  std::uint32_t flush_qlen = 1000;
  bool burst_limit_enable = true;
  std::uint32_t burst_limit_max_count = 500;
  Duration burst_limit_window_time = Duration::seconds(1);

  bool is_valid() const {
    return sync_mode_qlen <= drop_mode_qlen && drop_mode_qlen <= flush_qlen &&
           burst_limit_window_time > Duration::zero();
  }
};

// What becomes of one more event.
//   async  it is queued
//   sync   it is queued, and who logs gives up its turn, so that the handler gets one.
//          (In OTP it waits for the handler.)
//   drop   it is counted and forgotten
enum class LogMode : std::uint8_t { async, sync, drop };

constexpr LogMode log_mode(const LogOverload& limits, std::uint32_t waiting) {
  const bool drops = limits.drop_mode_qlen < limits.flush_qlen;
  if (drops && waiting >= limits.drop_mode_qlen) return LogMode::drop;
  const bool syncs = limits.sync_mode_qlen < limits.drop_mode_qlen;
  return syncs && waiting >= limits.sync_mode_qlen ? LogMode::sync : LogMode::async;
}

// At most `burst_limit_max_count` events in each window; a window begins with the first event after
// the one before has ended.
class LogBurst {
 public:
  // False: over the limit.
  bool admit(const LogOverload& limits, Instant now) {
    if (!limits.burst_limit_enable) return true;
    if (now - begin_ >= limits.burst_limit_window_time || !began_) {
      began_ = true;
      begin_ = now;
      count_ = 0;
    }
    return ++count_ <= limits.burst_limit_max_count;
  }
  // When the window of the last event ends.
  Instant end(const LogOverload& limits) const { return begin_ + limits.burst_limit_window_time; }

 private:
  bool began_ = false;
  Instant begin_;
  std::uint32_t count_ = 0;
};

}  // namespace glasshouse::runtime
