#pragma once
// A thread that watches the workers while any of them works: it finds one that a process holds for
// too long, by running or by blocking (a worker that the operating system does not let run is held
// by nobody), wakes help where work lies about, and counts the ticks by which old work ages. It
// sleeps when all workers do. Private to runtime/schedule.

#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/schedule/crew.h"
#include "runtime/schedule/thread_use.h"

namespace glasshouse::runtime {

class Monitor {
 public:
  explicit Monitor(Crew& crew);
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;
  // REQUIRES: the crew was stopped.
  ~Monitor() { thread_.join(); }

 private:
  struct Sighting {
    std::uint64_t turns = 0;
    // From its second sighting on: what its thread had done by then. Most are seen only once.
    std::optional<ThreadUse::Sample> since;
    bool is_told = false;      // to the system monitor
    bool is_reported = false;  // as held
  };

  void serve();
  void look();
  void look_at(Worker& worker, Sighting& last);
  std::chrono::nanoseconds busy_since(const Worker& worker, Sighting& last) const;
  void report(Worker& worker, Sighting& last, std::chrono::nanoseconds held_for);
  void tell_system_monitor(Worker& worker, Sighting& last, std::chrono::nanoseconds held_for);

  Crew& crew_;
  const std::chrono::nanoseconds period_;
  const std::chrono::nanoseconds held_after_;
  std::vector<Sighting> sightings_;  // by worker
  std::thread thread_;
};

}  // namespace glasshouse::runtime
