#pragma once

// The counted allocation behind Term and Binary. Only the term layer looks inside. Counting is
// atomic, so that values may be shared between threads; what is counted never changes.

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace glasshouse::runtime::detail {

enum class CellKind : std::uint32_t {
  block,        // size bytes
  slice,        // a Binary
  big_integer,  // sign and size bytes of magnitude
  tuple,        // size Terms
  list,         // size Terms and the tail
  map,          // size pairs of Terms, sorted by key
  fun,          // a Fun
};

// The header; the contents follow it.
struct Cell {
  std::atomic<std::uint32_t> count;
  CellKind kind;
  std::uint64_t size;
  Cell* next_dead;  // links cells that wait for destruction, so that depth costs no stack

  char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
  const char* bytes() const noexcept { return reinterpret_cast<const char*>(this + 1); }
};
static_assert(sizeof(Cell) == 24);

// A cell with a count of 1 and room for that many bytes of contents, uninitialised.
Cell* new_cell(CellKind kind, std::uint64_t size, std::size_t content_bytes);

// Frees a cell whose count has reached 0, and what only it kept alive.
void destroy_cell(Cell* cell) noexcept;

inline void retain(Cell* cell) noexcept {
  // Relaxed: whoever copies already holds a count, so the cell cannot go away meanwhile.
  cell->count.fetch_add(1, std::memory_order_relaxed);
}

// True if this was the last one. The release half hands our reads of the contents to the acquire
// half of whoever destroys it.
inline bool drop(Cell* cell) noexcept {
  return cell->count.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

inline void release(Cell* cell) noexcept {
  if (drop(cell)) destroy_cell(cell);
}

}  // namespace glasshouse::runtime::detail
