#include "runtime/base/keyed_list.h"

#include <algorithm>

#include "tests/catch.h"

namespace glasshouse::tests {

namespace {

struct Item {
  std::uint64_t key = 0;
  std::uint64_t value = 0;
};
struct ByKey {
  std::uint64_t operator()(const Item& item) const { return item.key; }
};
using List = runtime::KeyedList<Item, ByKey>;

std::vector<std::uint64_t> keys_of(const List& list) {
  std::vector<std::uint64_t> keys;
  for (const Item& item : list)
    keys.push_back(item.key);
  return keys;
}

}  // namespace

TEST_CASE("a keyed list is walked in the order of insertion, short or long", "[keyed_list]") {
  for (const std::uint64_t length : {0U, 1U, 32U, 33U, 1000U}) {
    List list;
    std::vector<std::uint64_t> expected;
    for (std::uint64_t key = length; key > 0; --key) {
      list.push_back({key, 2 * key});
      expected.push_back(key);
    }
    REQUIRE(keys_of(list) == expected);
    REQUIRE(list.size() == length);
    REQUIRE(list.empty() == (length == 0));
    for (const std::uint64_t key : expected)
      REQUIRE(list.find(key)->value == 2 * key);
    REQUIRE(list.find(length + 1) == nullptr);
    REQUIRE_FALSE(list.erase(length + 1));
  }
}

TEST_CASE("a keyed list says what a plain list says, whatever is added and removed",
          "[keyed_list]") {
  std::uint64_t state = 7;
  const auto below = [&state](std::uint64_t bound) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return (state >> 33) % bound;
  };
  List list;
  std::vector<std::uint64_t> plain;
  for (int step = 0; step < 30'000; ++step) {
    // It grows, shrinks to nothing, and grows again.
    const bool grows = step / 5'000 % 2 == 0 ? below(3) != 0 : below(3) == 0;
    const std::uint64_t key = 1 + below(3'000);
    const auto at = std::find(plain.begin(), plain.end(), key);
    REQUIRE(list.contains(key) == (at != plain.end()));
    if (grows && at == plain.end()) {
      list.push_back({key, 0});
      plain.push_back(key);
    } else if (!grows && !plain.empty()) {
      const auto victim = plain.begin() + static_cast<std::ptrdiff_t>(below(plain.size()));
      REQUIRE(list.erase(*victim));
      plain.erase(victim);
    }
    REQUIRE(list.size() == plain.size());
    if (step % 500 == 0) REQUIRE(keys_of(list) == plain);
  }
  list.clear();
  REQUIRE(list.empty());
}

}  // namespace glasshouse::tests
