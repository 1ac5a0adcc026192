#pragma once
// CoDel: when a queue has been too slow for too long, what has waited longest is dropped, more and
// more often, until the rest waits no longer than it should. A plain value without processes or
// clock. It watches how long requests waited, never how many wait: a burst that is worked off is
// good, a queue that stands is not.
//
// Sources: Nichols and Jacobson, "Controlling Queue Delay" (ACM Queue, 2012), and RFC 8289 section
// 5, whose dequeue routine this is, rule by rule:
//  * looked at when one is taken, and dropped from the head (5.1);
//  * nothing is dropped before the wait was above `target` for one whole `interval` (5.2);
//  * the n-th drop in a row comes interval / sqrt(n) after the one before: the control law (5.3);
//  * whoever begins to drop again soon (16 intervals) goes on near where it stopped (5.6).
// Ours:
//  * the last that waits is never dropped. RFC 8289 spares what is no more than one packet of the
//    largest size; here all are of one size;
//  * a request that is dropped is told so; a packet is not.
// safetyvalve has the same routine (sv_codel), with the older rule of the last point (count - 2).

#include <concepts>
#include <cstddef>
#include <cstdint>

#include "runtime/base/time.h"

namespace glasshouse::runtime {

struct CodelTimes {
  // RFC 8289 asks for 5 ms and 100 ms, for packets. For requests: how long a wait is good, and how
  // long a burst may take. To shed x requests a second takes CoDel about 2 * interval^2 * x.
  Duration target = Duration::milliseconds(5);
  Duration interval = Duration::milliseconds(100);
  friend bool operator==(const CodelTimes&, const CodelTimes&) = default;
};
// 0 < target <= interval <= one hour.
bool is_valid(const CodelTimes& times);

class Codel {
 public:
  explicit Codel(const CodelTimes& times);  // REQUIRES: is_valid(times)

  // One of `waiting` is to be taken now: how many of the oldest are dropped before. Less than
  // `waiting`; 0 if nobody waits. `arrived_at(i)` is when the i-th from the head came.
  // REQUIRES: all of that number are dropped then, and one more is taken.
  template <std::invocable<std::size_t> ArrivedAt>
  std::size_t drops(Instant now, std::size_t waiting, ArrivedAt arrived_at);

  bool is_dropping() const { return dropping_; }
  const CodelTimes& times() const { return times_; }

 private:
  // RFC 8289, dodequeue: the head came at `arrived`, and `behind` wait behind it.
  bool ok_to_drop(Instant now, Instant arrived, std::size_t behind);
  void begin_dropping(Instant now);
  Instant control_law(Instant from) const;

  CodelTimes times_;
  Instant first_above_ = Instant::max();  // an interval after the wait was found above; max: is not
  Instant drop_next_;
  std::uint32_t count_ = 0;         // drops since it began
  std::uint32_t count_before_ = 0;  // count_ when it began
  bool dropping_ = false;
};

template <std::invocable<std::size_t> ArrivedAt>
std::size_t Codel::drops(Instant now, std::size_t waiting, ArrivedAt arrived_at) {
  if (waiting == 0) return first_above_ = Instant::max(), dropping_ = false, 0;
  std::size_t head = 0;
  const auto next_is_ok = [&] { return ok_to_drop(now, arrived_at(head), waiting - head - 1); };
  bool ok = next_is_ok();
  if (!dropping_) {
    if (!ok) return 0;
    ++head;
    static_cast<void>(next_is_ok());  // what it finds counts for the next time
    begin_dropping(now);
    return head;
  }
  dropping_ = ok;
  while (dropping_ && now >= drop_next_) {
    ++head;
    ++count_;
    dropping_ = next_is_ok();
    if (dropping_) drop_next_ = control_law(drop_next_);
  }
  return head;
}

}  // namespace glasshouse::runtime
