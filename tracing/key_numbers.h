#pragma once
// Which number a process has in a trace, by its key: a hash table that only grows. One thread.

#include <cstdint>
#include <vector>

#include "runtime/base/hash.h"
#include "tracing/answers.h"

namespace glasshouse::tracing {

class KeyNumbers {
 public:
  // 0 if it has none. REQUIRES: key is not null.
  ProcessNumber find(ProcessKey key) const {
    if (slots_.empty()) return 0;
    return slots_[slot_of(key)].number;
  }

  // In place of a former number, if it had one.
  void set(ProcessKey key, ProcessNumber number) {
    if ((used_ + 1) * 2 > slots_.size()) grow();
    Slot& slot = slots_[slot_of(key)];
    if (slot.number == 0) ++used_;
    slot = {key, number};
  }

 private:
  struct Slot {
    ProcessKey key;
    ProcessNumber number = 0;
  };

  // Where the key is, or the free slot where it would go.
  std::size_t slot_of(ProcessKey key) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t index = runtime::mix(key.value) & mask;
    while (slots_[index].number != 0 && slots_[index].key != key)
      index = (index + 1) & mask;
    return index;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 1'024 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.number != 0) slots_[slot_of(slot.key)] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two of them, at most half in use
  std::size_t used_ = 0;
};

}  // namespace glasshouse::tracing
