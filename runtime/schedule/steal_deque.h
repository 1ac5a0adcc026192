#pragma once
// The runnable processes of one worker. Its owner pushes and pops at the bottom, newest first, so
// that a process which was just woken runs next, its message still in the cache. Thieves take the
// oldest, at the top.
//
//   top_ ──▶ [ oldest │ ... │ newest ] ◀── bottom_
//   thieves: steal                    owner: push, pop
//
// After Chase and Lev, bounded, and without fences: the two ends meet in sequentially consistent
// accesses of top_ and bottom_.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace glasshouse::runtime {

class Process;

class StealDeque {
 public:
  static constexpr std::int64_t capacity = 1024;  // a power of two

  // False if it is full.
  // REQUIRES: the caller owns this deque.
  bool push(Process& process) {
    const std::int64_t bottom = bottom_.load(std::memory_order_relaxed);
    // Acquire: pairs with the exchange of a thief, whose read of the slot is over then.
    if (bottom - top_.load(std::memory_order_acquire) >= capacity) return false;
    slot(bottom).store(&process, std::memory_order_relaxed);
    bottom_.store(bottom + 1, std::memory_order_release);  // pairs with steal: the slot is filled
    return true;
  }

  // The newest; null if there is none. A sequentially consistent store in any case.
  // REQUIRES: the caller owns this deque.
  Process* pop() {
    const std::int64_t bottom = bottom_.load(std::memory_order_relaxed) - 1;
    // Announce the taking before looking at the thieves; they do the opposite, so one of the two
    // sees the other.
    bottom_.store(bottom, std::memory_order_seq_cst);
    std::int64_t top = top_.load(std::memory_order_seq_cst);
    if (top > bottom) {
      bottom_.store(bottom + 1, std::memory_order_release);
      return nullptr;
    }
    Process* const taken = slot(bottom).load(std::memory_order_relaxed);
    if (top < bottom) return taken;
    // The last one: whoever moves top_ has it.
    const bool won = top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                                  std::memory_order_relaxed);
    bottom_.store(bottom + 1, std::memory_order_release);
    return won ? taken : nullptr;
  }

  // The oldest; null if there is none or another took it meanwhile. Any thread.
  Process* steal() {
    std::int64_t top = top_.load(std::memory_order_seq_cst);
    if (top >= bottom_.load(std::memory_order_seq_cst)) return nullptr;
    Process* const taken = slot(top).load(std::memory_order_relaxed);
    // If top_ has moved, the slot may have been filled anew and `taken` means nothing.
    if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                      std::memory_order_relaxed)) {
      return nullptr;
    }
    return taken;
  }

  // About how many there are. Any thread.
  std::int64_t size() const {
    const std::int64_t bottom = bottom_.load(std::memory_order_relaxed);
    const std::int64_t size = bottom - top_.load(std::memory_order_relaxed);
    return size > 0 ? size : 0;
  }

  // For whoever must know that a pop of the owner which came before is to be seen.
  void observe() const { static_cast<void>(bottom_.load(std::memory_order_seq_cst)); }

 private:
  std::atomic<Process*>& slot(std::int64_t index) {
    return slots_[static_cast<std::size_t>(index & (capacity - 1))];
  }

  alignas(64) std::atomic<std::int64_t> top_{0};
  alignas(64) std::atomic<std::int64_t> bottom_{0};
  alignas(64) std::array<std::atomic<Process*>, capacity> slots_{};
};

}  // namespace glasshouse::runtime
