#pragma once
// A thread that watches the workers while any of them works: it finds one that holds a process for
// too long, wakes help where work lies about, and counts the ticks by which old work ages. It
// sleeps when all workers do. Private to runtime/schedule.

#include <chrono>
#include <thread>
#include <vector>

#include "runtime/schedule/crew.h"

namespace glasshouse::runtime {

class Monitor {
 public:
  explicit Monitor(Crew& crew);
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;
  // REQUIRES: the crew was stopped.
  ~Monitor() { thread_.join(); }

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Sighting {
    std::uint64_t turns = 0;
    Time since;
  };

  void serve();
  void look();
  void look_at(Worker& worker, Sighting& last, Time now);
  void report(Worker& worker, const Sighting& seen, Time now);

  Crew& crew_;
  const std::chrono::nanoseconds period_;
  const std::chrono::nanoseconds held_after_;
  std::vector<Sighting> sightings_;  // by worker
  std::thread thread_;
};

}  // namespace glasshouse::runtime
