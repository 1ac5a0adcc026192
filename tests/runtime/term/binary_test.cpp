#include "runtime/term/binary.h"

#include "tests/catch.h"

namespace glasshouse::runtime {

TEST_CASE("a binary keeps the bytes it was made from", "[binary]") {
  std::string source = "hello";
  const Binary bytes(source);
  source = "other";
  REQUIRE(bytes.view() == "hello");
  REQUIRE(bytes.size() == 5);
}

TEST_CASE("copies of a binary share its bytes", "[binary]") {
  const Binary first("hello");
  Binary second;
  second = first;
  REQUIRE(first.view().data() == second.view().data());
}

TEST_CASE("a slice shares the bytes and outlives the whole", "[binary]") {
  Binary part;
  {
    const Binary whole("hello world");
    part = whole.slice(6, 5);
    REQUIRE(part.view().data() == whole.view().data() + 6);
  }
  REQUIRE(part.view() == "world");
  REQUIRE(part.slice(1, 3).view() == "orl");
}

TEST_CASE("a slice may be empty, at either end", "[binary]") {
  const Binary whole("abc");
  REQUIRE(whole.slice(0, 0).empty());
  REQUIRE(whole.slice(3, 0).empty());
  REQUIRE(whole.slice(0, 3) == whole);
  REQUIRE(Binary().slice(0, 0).empty());
}

TEST_CASE("a binary moved from is empty", "[binary]") {
  Binary first("hello");
  const Binary second = std::move(first);
  REQUIRE(first.empty());  // NOLINT(bugprone-use-after-move): the law is about it
  REQUIRE(second.view() == "hello");
}

TEST_CASE("binaries are equal and ordered by their bytes", "[binary]") {
  REQUIRE(Binary("abc") == Binary("xabcx").slice(1, 3));
  REQUIRE(Binary("abc") < Binary("abd"));
  REQUIRE(Binary("ab") < Binary("abc"));
  REQUIRE(Binary("a") < Binary("\xff"));
  REQUIRE(Binary("abc").hash() == Binary("xabcx").slice(1, 3).hash());
}

}  // namespace glasshouse::runtime
