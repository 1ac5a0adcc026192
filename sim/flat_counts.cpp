#include "sim/flat_counts.h"

#include <algorithm>

namespace glasshouse::sim {

void FlatCounts::grow() {
  std::vector<Entry> former = std::move(entries_);
  entries_.assign(std::max<std::size_t>(16, former.size() * 2), Entry());
  for (const Entry& entry : former) {
    if (entry.next != 0) entries_[place_of(entry.key)] = entry;
  }
}

}  // namespace glasshouse::sim
