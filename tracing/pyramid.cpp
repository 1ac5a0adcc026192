#include "tracing/pyramid.h"

#include "tracing/schema.h"

namespace glasshouse::tracing {

namespace {

// A level must save at least this factor over reading the events, once it is no longer tiny.
constexpr std::uint64_t events_per_cell_min = 8;
constexpr std::uint64_t cells_always_kept = 512;

void add_to(Pyramid::Counts& sum, const Pyramid::Counts& counts) {
  for (std::size_t i = 0; i < sum.size(); ++i)
    sum[i] += counts[i];
}

}  // namespace

// Closes the open cell of `level` and opens `cell`; what was counted moves one level up, which may
// have to advance in turn before.
void Pyramid::advance(int index, std::int64_t cell) {
  Level& level = levels_[static_cast<std::size_t>(index)];
  const bool is_top = index + 1 == static_cast<int>(levels_.size());
  if (level.cell >= 0) {
    if (level.kept) finished_.push_back({index, level.cell, level.counts});
    if (!is_top) add_to(levels_[static_cast<std::size_t>(index) + 1].counts, level.counts);
  }
  if (!is_top && (cell >> level_shift) != levels_[static_cast<std::size_t>(index) + 1].cell) {
    advance(index + 1, cell >> level_shift);
  }
  level.cell = cell;
  level.counts = {};
  ++level.cells;
  if (level.kept && level.cells > cells_always_kept &&
      level.cells * events_per_cell_min > events_ && !is_top) {
    level.kept = false;
    abandoned_.push_back(index);
  }
}

void Pyramid::take(const std::function<void(const Cell&)>& file) {
  for (const Cell& cell : finished_) {
    if (levels_[static_cast<std::size_t>(cell.level)].kept) file(cell);
  }
  finished_.clear();
  Counts below{};
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    if (levels_[i].cell < 0) break;
    add_to(below, levels_[i].counts);
    if (levels_[i].kept) file({static_cast<int>(i), levels_[i].cell, below});
  }
}

}  // namespace glasshouse::tracing
