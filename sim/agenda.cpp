#include "sim/agenda.h"

#include <algorithm>

namespace glasshouse::sim {

void Agenda::add(Instant when, DueKind kind, std::uint64_t key, std::uint64_t what) {
  const Instant real = std::clamp(when, now_, end);
  const auto nanoseconds = static_cast<std::uint64_t>(real.nanoseconds());
  const Due due{
      .moment = nanoseconds << 3 | static_cast<std::uint64_t>(kind), .key = key, .what = what};
  ++counts_[static_cast<std::size_t>(kind)];
  heap_.emplace_back();
  sift_up(heap_.size() - 1, due);
}

Due Agenda::take() {
  const Due first = heap_.front();
  --counts_[static_cast<std::size_t>(first.kind())];
  const Due last = heap_.back();
  heap_.pop_back();
  if (!heap_.empty()) sift_down(0, last);
  return first;
}

void Agenda::sift_up(std::size_t place, Due due) {
  while (place > 0) {
    const std::size_t parent = (place - 1) / children;
    if (!(due < heap_[parent])) break;
    heap_[place] = heap_[parent];
    place = parent;
  }
  heap_[place] = due;
}

void Agenda::sift_down(std::size_t place, Due due) {
  const std::size_t size = heap_.size();
  for (;;) {
    const std::size_t first = place * children + 1;
    if (first >= size) break;
    const std::size_t last = std::min(first + children, size);
    std::size_t least = first;
    for (std::size_t child = first + 1; child < last; ++child) {
      if (heap_[child] < heap_[least]) least = child;
    }
    if (!(heap_[least] < due)) break;
    heap_[place] = heap_[least];
    place = least;
  }
  heap_[place] = due;
}

// A sorted array is a heap.
void Agenda::rebuild() {
  std::sort(heap_.begin(), heap_.end());
}

}  // namespace glasshouse::sim
