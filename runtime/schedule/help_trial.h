#pragma once
// Whether one more worker does any good. Private to runtime/schedule.
//
// Processes that do little but send to each other get less done on two cores than on one: what
// crosses moves cache lines that one core alone has at hand. So a worker that has been at it for a
// while stands aside for a moment, and looks what the others get done without it. If it is as much,
// it stays away, for twice as long each time; if not, it comes back at once, and does not try again
// for a while, twice as long each time that it was surely missed.
//
// What is done is counted in reductions, and only where turns are short: who computes keeps all
// workers. No threads and no clock here; Worker has both.

#include <chrono>
#include <cstdint>

namespace glasshouse::runtime {

class HelpTrial {
 public:
  using Clock = std::chrono::steady_clock;

  // What all workers together did so far.
  struct Progress {
    Clock::time_point at;
    std::uint64_t turns = 0;
    std::uint64_t reductions = 0;
  };

  // It begins to work, or goes on alone: that says nothing of what it is worth beside others.
  void begin(const Progress& now);
  // Now and then while it works. True: it should stand aside.
  bool is_due(const Progress& now);

  // It works no more.
  void stand_aside(const Progress& now);
  // After a `glance`, and then at every `watch`. False: it should work again. `is_more_to_do`:
  // something is queued.
  bool stays_aside(const Progress& now, bool is_more_to_do);

  static constexpr auto glance = std::chrono::microseconds(200);
  static constexpr auto watch = std::chrono::microseconds(200);

 private:
  Progress from_;        // where the present stretch began
  double together_ = 0;  // the pace of all, this one included
  Clock::time_point works_until_;
  Clock::time_point aside_until_;
  std::chrono::nanoseconds works_for_ = least;
  std::chrono::nanoseconds aside_for_ = least;

  static constexpr std::chrono::nanoseconds least = std::chrono::milliseconds(1);
};

}  // namespace glasshouse::runtime
