#pragma once
// The timers of a node: a heap by (deadline, order of creation). OTP: erlang:send_after/3,
// cancel_timer/1, read_timer/1. A timer belongs to its destination, not to its creator: it ends
// with the process it is for, and one for somebody who is gone never was. Never fires early.
//
// Threads: any.

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "runtime/base/time.h"
#include "runtime/process/pid_of.h"

namespace glasshouse::runtime {

class Node;

struct TimerId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  // 0: no timer
  explicit operator bool() const { return generation != 0; }
  std::uint64_t number() const { return std::uint64_t{generation} << 32 | slot; }
};

class Timers {
 public:
  explicit Timers(Node& node) : node_(node) {}

  // Sends `message` to `to` at `deadline`; a name or an alias is looked up then. None, for a
  // process that is gone.
  TimerId start(Instant deadline, const To& to, MessagePtr message);
  // Ends wait `wait_number` of `to` at `deadline` (a receive or call with a time-out).
  TimerId start_wait(Instant deadline, Pid to, std::uint32_t wait_number);
  // What was left, or nothing if it fired, ended or never was. A message already sent stays sent.
  std::optional<Duration> cancel(TimerId id);
  // The same for who does not care; a third of the cost is looking at the clock.
  void drop(TimerId id);
  std::optional<Duration> left(TimerId id) const;
  // `gone` exits, and its mailbox is closed: ends what was to be sent to it.
  void end_those_for(Pid gone);

  // Fires all that is due at `now`, oldest deadline first; returns the next deadline, if any.
  std::optional<Instant> fire(Instant now);
  std::size_t size() const;

 private:
  struct Timer {
    Instant deadline;
    std::uint64_t order = 0;
    To to = Pid();
    MessagePtr message;
    std::uint32_t wait_number = 0;
    std::uint32_t generation = 1;
    std::uint32_t place = 0;  // in heap_
    // Among those with a message for the same process.
    std::uint32_t next = nobody;
    std::uint32_t before = nobody;
  };
  static constexpr std::uint32_t nobody = ~std::uint32_t{0};

  TimerId add(Instant deadline, const To& to, MessagePtr message, std::uint32_t wait_number);
  void chain(std::uint32_t slot);
  void unchain(const Timer& timer);
  Duration time_left(const Timer& timer) const;  // REQUIRES: mutex_ is held
  bool is_live(TimerId id) const;
  bool before(std::uint32_t left, std::uint32_t right) const;
  void sift_up(std::uint32_t place);
  void sift_down(std::uint32_t place);
  void put(std::uint32_t place, std::uint32_t slot);
  Timer remove_at(std::uint32_t place);

  Node& node_;
  mutable std::mutex mutex_;  // guards all below
  std::vector<Timer> timers_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> heap_;      // slots of timers_
  std::vector<std::uint32_t> first_of_;  // by the slot of a process: of those for it
  std::uint64_t next_order_ = 0;
  Instant announced_ = Instant::max();  // what the executor was told
};

}  // namespace glasshouse::runtime
