#pragma once
// What is due when, and what time it is: the heart of a simulated world. One thread.
//
// Order: by virtual time; at one moment by kind in the order of DueKind, so that a scenario acts
// before timers fire, timers fire before bytes arrive, and processes see all of it when they run;
// within a kind by a stable key (never an address, never the order of insertion). No two entries
// of one kind and moment have equal keys, except stale ones.

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/time.h"
#include "sim/distribution.h"

namespace glasshouse::sim {

enum class DueKind : std::uint8_t {
  action,    // of the scenario, a fault, a person: key = how manieth was planned
  alarm,     // timers of a node: key = node
  arrival,   // on a stream: key = number of the receiving socket
  patience,  // a time-out of the network: key = number of the socket that waits
  disk,      // a request is done: key = how manieth of this world
  step,      // a process runs: key = its process key
};
inline constexpr int due_kind_count = static_cast<int>(DueKind::step) + 1;

struct Due {
  std::uint64_t moment = 0;  // virtual nanoseconds * 8 + kind
  std::uint64_t key = 0;
  std::uint64_t what = 0;  // whatever the kind needs; takes no part in the order

  DueKind kind() const { return static_cast<DueKind>(moment & 7); }
  Instant when() const {
    return Instant::at(Duration::nanoseconds(static_cast<std::int64_t>(moment >> 3)));
  }
  friend bool operator<(const Due& left, const Due& right) {
    return left.moment != right.moment ? left.moment < right.moment : left.key < right.key;
  }
};

class Agenda {
 public:
  // 73 years; what is due later never is.
  static constexpr Instant end = Instant::at(Duration::nanoseconds((std::int64_t{1} << 61) - 1));

  Instant now() const { return now_; }
  // REQUIRES: not before now.
  void advance(Instant to) {
    CHECK(to >= now_);
    now_ = to;
  }

  // A time that is past is now.
  void add(Instant when, DueKind kind, std::uint64_t key, std::uint64_t what);

  bool empty() const { return heap_.empty(); }
  std::size_t count(DueKind kind) const { return counts_[static_cast<std::size_t>(kind)]; }
  std::size_t count() const { return heap_.size(); }
  // REQUIRES of both: not empty.
  const Due& next() const { return heap_.front(); }
  Due take();

  // Takes out all of `kind` for which `is_gone` holds.
  template <class Predicate>
  void remove(DueKind kind, Predicate is_gone) {
    std::erase_if(heap_, [&](const Due& due) {
      const bool gone = due.kind() == kind && is_gone(due);
      if (gone) --counts_[static_cast<std::size_t>(kind)];
      return gone;
    });
    rebuild();
  }

 private:
  // Four children a node: half the depth of a binary heap, and the children share cache lines.
  static constexpr std::size_t children = 4;

  void sift_up(std::size_t place, Due due);
  void sift_down(std::size_t place, Due due);
  void rebuild();

  std::vector<Due> heap_;
  std::array<std::size_t, due_kind_count> counts_{};
  Instant now_;
};

}  // namespace glasshouse::sim
