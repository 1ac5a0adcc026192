#include "runtime/schedule/steal_deque.h"

#include <memory>
#include <vector>

#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

// The deque never looks at what it holds.
class Some {
 public:
  Process& at(std::size_t i) { return *reinterpret_cast<Process*>(&bytes_[i * 64]); }

 private:
  std::vector<std::byte> bytes_ = std::vector<std::byte>(64 * 2000);
};

}  // namespace

TEST_CASE("the owner takes the newest, a thief the oldest", "[schedule]") {
  Some some;
  StealDeque deque;
  for (std::size_t i = 0; i < 4; ++i)
    REQUIRE(deque.push(some.at(i)));
  REQUIRE(deque.size() == 4);
  REQUIRE(deque.pop() == &some.at(3));
  REQUIRE(deque.steal() == &some.at(0));
  REQUIRE(deque.pop() == &some.at(2));
  REQUIRE(deque.pop() == &some.at(1));
  REQUIRE(deque.pop() == nullptr);
  REQUIRE(deque.steal() == nullptr);
  REQUIRE(deque.size() == 0);
}

TEST_CASE("an empty deque can be asked and filled again", "[schedule]") {
  Some some;
  StealDeque deque;
  REQUIRE(deque.pop() == nullptr);
  REQUIRE(deque.steal() == nullptr);
  REQUIRE(deque.push(some.at(1)));
  REQUIRE(deque.steal() == &some.at(1));
  REQUIRE(deque.pop() == nullptr);
  REQUIRE(deque.push(some.at(2)));
  REQUIRE(deque.pop() == &some.at(2));
}

TEST_CASE("a full deque refuses, and takes again after a theft", "[schedule]") {
  Some some;
  StealDeque deque;
  for (std::size_t i = 0; i < static_cast<std::size_t>(StealDeque::capacity); ++i)
    REQUIRE(deque.push(some.at(i)));
  REQUIRE_FALSE(deque.push(some.at(1500)));
  REQUIRE(deque.steal() == &some.at(0));
  REQUIRE(deque.push(some.at(1500)));
  REQUIRE(deque.pop() == &some.at(1500));
}

}  // namespace glasshouse::tests
