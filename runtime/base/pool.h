#pragma once
// Memory for what is made and dropped millions of times a second: messages and coroutine frames.
//
//   thread ── current, full ──▶ depot of the size ──▶ regions of the program
//
// Each thread keeps two lists of free blocks a size; a full one is exchanged with the depot, so
// what one thread makes and another drops travels back in bundles. Memory is used again for blocks
// of the same size and not given back before the program ends. Builds with sanitizers take
// everything from operator new, so that they see each use after its end.
//
// Any thread. Never inline: a coroutine may go on in another thread than it stopped in.

#include <cstddef>
#include <new>

namespace glasshouse::runtime {

inline constexpr std::size_t pooled_bytes_max = 1024;  // larger blocks come from operator new

// Aligned as operator new does. Throws std::bad_alloc.
void* allocate_pooled(std::size_t bytes);
// REQUIRES: `bytes` is what it was allocated with. Any thread.
void free_pooled(void* block, std::size_t bytes) noexcept;

// Classes whose objects come from the pool derive from this.
struct Pooled {
  static void* operator new(std::size_t bytes) { return allocate_pooled(bytes); }
  static void operator delete(void* block, std::size_t bytes) { free_pooled(block, bytes); }
  // With more than the usual alignment: not from the pool.
  static void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return ::operator new(bytes, alignment);
  }
  static void operator delete(void* block, std::size_t bytes, std::align_val_t alignment) {
    ::operator delete(block, bytes, alignment);
  }
};

}  // namespace glasshouse::runtime
