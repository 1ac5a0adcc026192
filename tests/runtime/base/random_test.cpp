#include "runtime/base/random.h"

#include <array>
#include <limits>

#include "tests/catch.h"

using glasshouse::runtime::draw;
using glasshouse::runtime::draw_below;
using glasshouse::runtime::Draws;
using glasshouse::runtime::one_in;
using glasshouse::runtime::Ratio;
using glasshouse::runtime::scale_to;

TEST_CASE("draws never change: a seed is a run", "[random]") {
  static_assert(draw(1, 2, 3, 4) == draw(1, 2, 3, 4));
  REQUIRE(draw(0, 0, 0, 0) == 0xae0eafa504d32440);
  REQUIRE(draw(1, 2, 3, 4) == 0x9d16f42ec06101f8);
}

TEST_CASE("each part of its address changes a draw", "[random]") {
  const auto value = draw(1, 2, 3, 4);
  REQUIRE(draw(2, 2, 3, 4) != value);
  REQUIRE(draw(1, 1, 3, 4) != value);
  REQUIRE(draw(1, 2, 4, 4) != value);
  REQUIRE(draw(1, 2, 3, 5) != value);
}

TEST_CASE("a bounded draw meets every value about equally often", "[random]") {
  constexpr std::uint64_t bound = 7;
  constexpr std::uint64_t count = 70'000;
  std::array<std::uint64_t, bound> met{};
  for (std::uint64_t n = 0; n < count; ++n)
    ++met[draw_below(bound, 42, 0, 0, n)];
  for (const std::uint64_t times : met) {
    REQUIRE(times > count / bound - 500);
    REQUIRE(times < count / bound + 500);
  }
}

TEST_CASE("a bounded draw stays below its bound at both ends of the range", "[random]") {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  for (const std::uint64_t bound : {std::uint64_t{1}, std::uint64_t{3}, most / 2 + 2, most}) {
    for (const std::uint64_t drawn : {std::uint64_t{0}, std::uint64_t{1}, most / 2, most}) {
      REQUIRE(scale_to(drawn, bound) < bound);
    }
  }
}

TEST_CASE("a ratio happens as often as it says", "[random]") {
  Draws draws(7);
  int happened = 0;
  for (int n = 0; n < 10'000; ++n)
    happened += draws.happens(one_in(10)) ? 1 : 0;
  REQUIRE(happened > 900);
  REQUIRE(happened < 1'100);
  REQUIRE(draws.taken() == 10'000);
}

TEST_CASE("a ratio of 0 never happens and a ratio of 1 always", "[random]") {
  Draws draws(7);
  for (int n = 0; n < 1'000; ++n) {
    REQUIRE_FALSE(draws.happens({.numerator = 0, .denominator = 1}));
    REQUIRE(draws.happens({.numerator = 3, .denominator = 3}));
  }
}

TEST_CASE("a ratio is read from a fraction, a decimal or a percentage", "[random]") {
  REQUIRE(Ratio::parse("1/10").value() == one_in(10));
  REQUIRE(Ratio::parse("0.25").value() == one_in(4));
  REQUIRE(Ratio::parse("3%").value() == Ratio{.numerator = 3, .denominator = 100});
  REQUIRE(Ratio::parse("0.5%").value() == one_in(200));
  REQUIRE(Ratio::parse("0").value() == Ratio{.numerator = 0, .denominator = 1});
  REQUIRE(Ratio::parse("100%").value() == one_in(1));
}

TEST_CASE("what is no probability is refused with a sentence", "[random]") {
  for (const char* text : {"", "x", "1/0", "2", "101%", "3/2", "-1", "0.", ".5", "1/", "1/2/3",
                           "0.12345678901234567", "99999999999999999999"}) {
    INFO(text);
    REQUIRE_FALSE(Ratio::parse(text).ok());
  }
  REQUIRE(Ratio::parse("2").error().what ==
          "'2' is not a probability: expected one such as 1/10, 0.25 or 3%");
}
