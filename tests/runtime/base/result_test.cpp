#include "runtime/base/result.h"

#include <memory>

#include "tests/catch.h"

using glasshouse::runtime::Error;
using glasshouse::runtime::Result;

namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return Error("an odd number has no half", "badarg");
  return n / 2;
}

Result<void> allow(bool allowed) {
  if (!allowed) return Error("not allowed");
  return {};
}

}  // namespace

TEST_CASE("a result is its value", "[result]") {
  const auto result = half(8);
  REQUIRE(result.ok());
  REQUIRE(result.value() == 4);
  REQUIRE(*result == 4);
}

TEST_CASE("a result is its error, with a sentence and a code", "[result]") {
  const auto result = half(7);
  REQUIRE_FALSE(result.ok());
  REQUIRE(result.error().what == "an odd number has no half");
  REQUIRE(result.error().code == "badarg");
}

TEST_CASE("value_or stands in for a value that is not there", "[result]") {
  REQUIRE(half(8).value_or(-1) == 4);
  REQUIRE(half(7).value_or(-1) == -1);
}

TEST_CASE("a result without a value is only good or bad", "[result]") {
  REQUIRE(allow(true).ok());
  REQUIRE(allow(false).error().what == "not allowed");
}

TEST_CASE("a value that can only be moved is moved out", "[result]") {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(5));
  const std::unique_ptr<int> taken = std::move(result).value();
  REQUIRE(*taken == 5);
}
