#include "runtime/process/ref.h"

#include <limits>

#include "tests/catch.h"

namespace glasshouse::runtime {

TEST_CASE("a reference is printed in words of 14, 32 and 18 bits", "[ref]") {
  REQUIRE(to_string(Ref{Atom("n@h"), 1, 7}) == "#Ref<0.0.0.7>");
  REQUIRE(to_string(Ref{Atom("n@h"), 1, std::uint64_t{1} << 18}) == "#Ref<0.0.1.0>");
  REQUIRE(to_string(Ref{Atom("n@h"), 1, std::numeric_limits<std::uint64_t>::max()}) ==
          "#Ref<0.16383.4294967295.262143>");
  REQUIRE(to_string(Ref{Atom("n@h"), 1, 7}, 2) == "#Ref<2.0.0.7>");
}

TEST_CASE("references differ when any part of them does", "[ref]") {
  const Ref ref{Atom("a@h"), 1, 2};
  const Ref others[] = {{Atom("b@h"), 1, 2}, {Atom("a@h"), 2, 2}, {Atom("a@h"), 1, 3}};
  for (const Ref& other : others) {
    REQUIRE(other > ref);
    REQUIRE(other.hash() != ref.hash());
  }
}

TEST_CASE("the default reference refers to nothing", "[ref]") {
  REQUIRE(Ref().is_null());
  REQUIRE_FALSE(Ref{Atom("n@h"), 1, 1}.is_null());
}

}  // namespace glasshouse::runtime
