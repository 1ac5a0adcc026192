#pragma once
// Counts of events by cells of time and of event number, at several widths, made while recording.
// A level of time whose cells hold few events each is given up: events themselves serve as well
// there. One thread at a time.

#include <array>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "tracing/answers.h"

namespace glasshouse::tracing {

class Pyramid {
 public:
  using Counts = std::array<std::uint64_t, kind_group_count>;

  // Cells of level l are 2^(shift_finest + l * level_shift) wide.
  Pyramid(int shift_finest, int levels) : shift_(shift_finest), levels_(levels) {}

  // REQUIRES: positions do not fall.
  void add(std::int64_t position, KindGroup group) {
    const std::int64_t cell = position >> shift_;
    if (cell != levels_[0].cell) [[unlikely]]
      advance(0, cell);
    ++levels_[0].counts[static_cast<std::size_t>(group)];
    ++events_;
  }

  struct Cell {
    int level = 0;
    std::int64_t cell = 0;
    Counts counts{};
  };
  // Finished cells since the last call, then the open ones as they stand: a later call may hand
  // over the same cell again, to replace the former.
  void take(const std::function<void(const Cell&)>& file);
  // Levels given up since the last call; what was filed of them is to be removed.
  std::vector<int> take_abandoned() { return std::exchange(abandoned_, {}); }

 private:
  struct Level {
    std::int64_t cell = -1;
    Counts counts{};  // without what is still open in the levels below
    std::uint64_t cells = 0;
    bool kept = true;
  };
  void advance(int level, std::int64_t cell);

  int shift_;
  std::vector<Level> levels_;
  std::vector<Cell> finished_;
  std::vector<int> abandoned_;
  std::uint64_t events_ = 0;
};

}  // namespace glasshouse::tracing
