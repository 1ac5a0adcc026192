#pragma once
// What a thread did with its time, as the kernel counts it: it ran, it was blocked, or it was ready
// and the operating system let others run. Private to runtime/schedule.
//
// Threads: made by the thread that is watched; `sample` may be called by any thread while that one
// lives.

#include <chrono>

#include <pthread.h>
#include <sys/types.h>

namespace glasshouse::runtime {

class ThreadUse {
 public:
  // Of the calling thread.
  ThreadUse();

  struct Sample {
    std::chrono::nanoseconds at{};      // steady clock
    std::chrono::nanoseconds ran{};     // on a processor
    std::chrono::nanoseconds queued{};  // ready, but not running; waits that are over
    bool is_blocked = false;            // just now: in the kernel, until something happens
  };
  // A system call and two small files of /proc: some 20 us.
  Sample sample() const;

  // How long it surely ran or was blocked between two samples; what it waited for a processor does
  // not count. Of a thread that is ready nobody knows for how long it has been waiting, so only the
  // time it ran counts then: too little, never too much.
  static std::chrono::nanoseconds busy(const Sample& from, const Sample& to);

 private:
  pid_t thread_;
  clockid_t clock_{};
  bool has_clock_;
};

}  // namespace glasshouse::runtime
