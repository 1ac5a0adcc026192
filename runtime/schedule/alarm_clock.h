#pragma once
// One thread that calls fire_timers of any number of nodes when their next timer is due.
//
// Threads: any, except that forget must not be called from within fire_timers.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/base/time.h"

namespace glasshouse::runtime {

class Node;

class AlarmClock {
 public:
  AlarmClock();
  AlarmClock(const AlarmClock&) = delete;
  AlarmClock& operator=(const AlarmClock&) = delete;
  ~AlarmClock();

  // node.fire_timers() is called at `when` of its clock, or when an earlier call said.
  void wake_at(Node& node, Instant when);
  // No fire_timers of `node` runs or will run.
  void forget(const Node& node);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Alarm {
    Node* node;
    Time due;
  };

  void serve();

  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::condition_variable fired_;
  std::vector<Alarm> alarms_;  // at most one for each node
  const Node* firing_ = nullptr;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace glasshouse::runtime
