#pragma once
// A count for each key, zero until it is touched: one flat table with linear probing. It cannot be
// iterated, so its order can never be seen. One thread.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/base/hash.h"

namespace glasshouse::sim {

class FlatCounts {
 public:
  // Counts up and returns what the count was before.
  std::uint64_t take_next(std::uint64_t key) {
    if ((used_ + 1) * 2 > entries_.size()) grow();
    Entry& entry = entries_[place_of(key)];
    if (entry.next == 0) {
      entry.key = key;
      entry.next = 1;
      ++used_;
    }
    return entry.next++ - 1;
  }
  std::uint64_t at(std::uint64_t key) const {
    if (entries_.empty()) return 0;
    const Entry& entry = entries_[place_of(key)];
    return entry.next == 0 ? 0 : entry.next - 1;
  }
  std::size_t keys() const { return used_; }

 private:
  struct Entry {
    std::uint64_t key = 0;
    std::uint64_t next = 0;  // count + 1; 0: free
  };

  // Where `key` is, or the free entry where it would be.
  std::size_t place_of(std::uint64_t key) const {
    const std::size_t mask = entries_.size() - 1;
    std::size_t place = runtime::mix(key) & mask;
    while (entries_[place].next != 0 && entries_[place].key != key)
      place = (place + 1) & mask;
    return place;
  }
  void grow();

  std::vector<Entry> entries_;  // a power of two
  std::size_t used_ = 0;
};

}  // namespace glasshouse::sim
