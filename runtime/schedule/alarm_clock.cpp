#include "runtime/schedule/alarm_clock.h"

#include <algorithm>

#include "runtime/node/node.h"

namespace glasshouse::runtime {

namespace {
constexpr Duration longest_sleep = Duration::hours(8'760);  // a year: an early alarm does no harm
}

AlarmClock::AlarmClock() : thread_(&AlarmClock::serve, this) {}

AlarmClock::~AlarmClock() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void AlarmClock::wake_at(Node& node, Instant when) {
  if (when.is_max()) return;
  const Duration left = std::clamp(when - node.now(), Duration::zero(), longest_sleep);
  const Time due = std::chrono::steady_clock::now() + std::chrono::nanoseconds(left.nanoseconds());
  {
    const std::scoped_lock lock(mutex_);
    const auto known = std::find_if(alarms_.begin(), alarms_.end(),
                                    [&](const Alarm& alarm) { return alarm.node == &node; });
    if (known == alarms_.end()) {
      alarms_.push_back({&node, due});
    } else if (due < known->due) {
      known->due = due;
    } else {
      return;
    }
  }
  changed_.notify_one();
}

void AlarmClock::forget(const Node& node) {
  std::unique_lock lock(mutex_);
  // Not yet while it fires: that may ask for the next alarm.
  fired_.wait(lock, [&] { return firing_ != &node; });
  std::erase_if(alarms_, [&](const Alarm& alarm) { return alarm.node == &node; });
}

void AlarmClock::serve() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto next =
        std::min_element(alarms_.begin(), alarms_.end(),
                         [](const Alarm& a, const Alarm& b) { return a.due < b.due; });
    if (next == alarms_.end()) {
      changed_.wait(lock);
      continue;
    }
    if (next->due > std::chrono::steady_clock::now()) {
      changed_.wait_until(lock, Time(next->due));
      continue;
    }
    Node& node = *next->node;
    alarms_.erase(next);
    firing_ = &node;
    lock.unlock();
    node.fire_timers();
    lock.lock();
    firing_ = nullptr;
    fired_.notify_all();
  }
}

}  // namespace glasshouse::runtime
