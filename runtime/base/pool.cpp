#include "runtime/base/pool.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <mutex>

#include <sys/mman.h>

namespace glasshouse::runtime {

#if GLASSHOUSE_SANITIZED

void* allocate_pooled(std::size_t bytes) {
  return ::operator new(bytes);
}
void free_pooled(void* block, std::size_t bytes) noexcept {
  ::operator delete(block, bytes);
}

#else

namespace {

constexpr std::size_t step = 16;  // a free block holds two pointers
constexpr std::size_t class_count = pooled_bytes_max / step;
constexpr std::size_t list_bytes_max = 8 << 10;  // in one list of free blocks
constexpr std::uint32_t list_length_max = 128;

constexpr std::size_t chunk_bytes = 64 << 10;  // what a thread takes at once
constexpr std::size_t huge_page = 2 << 20;
constexpr std::size_t first_region_bytes = 1 << 20;
constexpr std::size_t region_bytes_max = 32 << 20;

struct Block {
  Block* next;       // in its list
  Block* next_list;  // of the first block of a list in the depot
};

struct List {
  Block* first = nullptr;
  std::uint32_t length = 0;
};

constexpr std::uint32_t list_length(std::size_t index) {
  const std::size_t fitting = list_bytes_max / ((index + 1) * step);
  return std::min(static_cast<std::uint32_t>(fitting), list_length_max);
}

// Full lists of one size. A list is as long as list_length says, but for those of ended threads.
class Depot {
 public:
  void put(List list) {
    if (list.first == nullptr) return;
    const std::scoped_lock lock(mutex_);
    list.first->next_list = lists_;
    lists_ = list.first;
  }
  List take(std::uint32_t length) {
    const std::scoped_lock lock(mutex_);
    if (lists_ == nullptr) return {};
    Block* const first = lists_;
    lists_ = first->next_list;
    return {first, length};
  }

 private:
  std::mutex mutex_;
  Block* lists_ = nullptr;  // guarded by mutex_
};

// Memory from the operating system, in ever larger regions: a small program stays small, and a
// large one gets huge pages, whose first touch costs a quarter.
class Regions {
 public:
  std::byte* take_chunk() {
    const std::scoped_lock lock(mutex_);
    if (begin_ == end_) grow();
    std::byte* const chunk = begin_;
    begin_ += chunk_bytes;
    return chunk;
  }

 private:
  void grow() {
    const std::size_t bytes = next_bytes_;
    void* const mapped = mmap(nullptr, bytes + huge_page, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    const auto address = reinterpret_cast<std::uintptr_t>(mapped);
    begin_ = reinterpret_cast<std::byte*>((address + huge_page - 1) & ~(huge_page - 1));
    end_ = begin_ + bytes;
    // Best effort: without it the memory is the same and slower.
    if (bytes > first_region_bytes) madvise(begin_, bytes, MADV_HUGEPAGE);
    next_bytes_ = std::min(bytes == first_region_bytes ? 4 * bytes : 2 * bytes, region_bytes_max);
  }

  std::mutex mutex_;
  std::byte* begin_ = nullptr;
  std::byte* end_ = nullptr;
  std::size_t next_bytes_ = first_region_bytes;
};

// Never destroyed: threads and static objects may drop blocks until the last moment.
struct Shared {
  std::array<Depot, class_count> depots;
  Regions regions;
};
Shared& shared() {
  alignas(Shared) static std::byte place[sizeof(Shared)];
  static Shared* const made = new (place) Shared;
  return *made;
}

// Of one thread. Trivial, so that reaching it costs nothing.
struct Cache {
  struct Lists {
    List current;
    List full;  // of full length, or empty
  };
  std::array<Lists, class_count> lists;
  std::byte* begin;  // of a chunk nothing was made of yet
  std::byte* end;
  bool is_registered;
};
constinit thread_local Cache cache{};

// Gives what an ending thread had to those who go on.
struct Heir {
  ~Heir() {
    for (std::size_t index = 0; index < class_count; ++index) {
      Cache::Lists& lists = cache.lists[index];
      shared().depots[index].put(lists.full);
      lists.full = {};
      // The depot wants lists of full length: a shorter one goes block by block into the next.
      while (lists.current.length != 0 && lists.current.length < list_length(index)) {
        void* const block = cut(index);
        if (block == nullptr) break;
        auto* const added = static_cast<Block*>(block);
        added->next = lists.current.first;
        lists.current = {added, lists.current.length + 1};
      }
      if (lists.current.length == list_length(index)) {
        shared().depots[index].put(lists.current);
        lists.current = {};
      }
    }
  }
  static void* cut(std::size_t index) {
    const std::size_t bytes = (index + 1) * step;
    if (static_cast<std::size_t>(cache.end - cache.begin) < bytes) return nullptr;
    std::byte* const block = cache.begin;
    cache.begin += bytes;
    return block;
  }
};

void* refill(std::size_t index) {
  if (!cache.is_registered) {
    cache.is_registered = true;
    thread_local Heir heir;
    static_cast<void>(heir);
  }
  Cache::Lists& lists = cache.lists[index];
  lists.current = shared().depots[index].take(list_length(index));
  if (Block* const block = lists.current.first) {
    lists.current = {block->next, lists.current.length - 1};
    return block;
  }
  if (void* const block = Heir::cut(index)) return block;
  cache.begin = shared().regions.take_chunk();
  cache.end = cache.begin + chunk_bytes;
  return Heir::cut(index);
}

}  // namespace

void* allocate_pooled(std::size_t bytes) {
  if (bytes > pooled_bytes_max) return ::operator new(bytes);
  const std::size_t index = bytes == 0 ? 0 : (bytes - 1) / step;
  Cache::Lists& lists = cache.lists[index];
  if (lists.current.first == nullptr) {
    if (lists.full.first == nullptr) return refill(index);
    lists.current = lists.full;
    lists.full = {};
  }
  Block* const block = lists.current.first;
  lists.current = {block->next, lists.current.length - 1};
  return block;
}

void free_pooled(void* block, std::size_t bytes) noexcept {
  if (bytes > pooled_bytes_max) return ::operator delete(block, bytes);
  const std::size_t index = bytes == 0 ? 0 : (bytes - 1) / step;
  Cache::Lists& lists = cache.lists[index];
  if (lists.current.length >= list_length(index)) {
    shared().depots[index].put(lists.full);
    lists.full = lists.current;
    lists.current = {};
  }
  auto* const freed = static_cast<Block*>(block);
  freed->next = lists.current.first;
  lists.current = {freed, lists.current.length + 1};
}

#endif

}  // namespace glasshouse::runtime
