#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "runtime/base/pool.h"
#include "tests/catch.h"

namespace glasshouse::stress {

namespace {

constexpr std::array<std::size_t, 7> sizes = {1, 16, 17, 48, 200, 1024, 1025};

struct Given {
  unsigned char* block;
  std::size_t bytes;
  unsigned char mark;
};

bool is_intact(const Given& given) {
  for (std::size_t i = 0; i < given.bytes; ++i) {
    if (given.block[i] != given.mark) return false;
  }
  return true;
}

// Makes blocks, and drops the ones another thread made.
void make_and_drop(std::size_t thread, std::vector<std::vector<Given>>* from_round_before,
                   std::vector<Given>* made) {
  for (int i = 0; i < 2000; ++i) {
    const std::size_t bytes = sizes[(thread + static_cast<std::size_t>(i)) % sizes.size()];
    const auto mark = static_cast<unsigned char>(thread * 37 + static_cast<std::size_t>(i));
    auto* const block = static_cast<unsigned char*>(runtime::allocate_pooled(bytes));
    std::memset(block, mark, bytes);
    made->push_back({block, bytes, mark});
  }
  auto& others = (*from_round_before)[(thread + 1) % from_round_before->size()];
  for (const Given& given : others) {
    if (!is_intact(given)) std::abort();
    runtime::free_pooled(given.block, given.bytes);
  }
}

}  // namespace

TEST_CASE("blocks that one thread makes and another drops stay apart", "[pool]") {
  constexpr std::size_t threads = 4;
  std::vector<std::vector<Given>> before(threads);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::vector<Given>> made(threads);
    {
      std::vector<std::jthread> running;
      for (std::size_t i = 0; i < threads; ++i)
        running.emplace_back(make_and_drop, i, &before, &made[i]);
    }
    before = std::move(made);
  }
  for (const auto& rest : before) {
    for (const Given& given : rest) {
      REQUIRE(is_intact(given));
      runtime::free_pooled(given.block, given.bytes);
    }
  }
}

TEST_CASE("a block is aligned as operator new aligns it", "[pool]") {
  for (const std::size_t bytes : sizes) {
    void* const block = runtime::allocate_pooled(bytes);
    REQUIRE(reinterpret_cast<std::uintptr_t>(block) % alignof(std::max_align_t) == 0);
    runtime::free_pooled(block, bytes);
  }
}

}  // namespace glasshouse::stress
