#include "runtime/term/fields.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/catch.h"

namespace glasshouse::runtime {
namespace {

struct Nothing {};
struct One {
  std::optional<std::string> only;
};
struct Inner {
  int depth = 0;
};
struct Several {
  int number = 1;
  std::string text;
  std::unique_ptr<int> owner;
  Inner inner;
  const bool fixed = true;
};
struct Sixteen {
  int a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p;
};
struct Mandatory {
  explicit Mandatory(int n) : value(n) {}
  int value;
};
struct WithMandatory {
  Mandatory first;
  int second = 0;
};
struct Views {
  const int& there;
};

}  // namespace

TEST_CASE("the fields of an aggregate are counted, from none to sixteen", "[fields]") {
  STATIC_REQUIRE(field_count<Nothing>() == 0);
  STATIC_REQUIRE(field_count<One>() == 1);
  STATIC_REQUIRE(field_count<Several>() == 5);
  STATIC_REQUIRE(field_count<Sixteen>() == 16);
  STATIC_REQUIRE(field_count<WithMandatory>() == 2);
}

TEST_CASE("the types of fields are as declared", "[fields]") {
  STATIC_REQUIRE(std::same_as<FieldTypes<Nothing>, TypeList<>>);
  STATIC_REQUIRE(std::same_as<FieldTypes<Several>,
                              TypeList<int, std::string, std::unique_ptr<int>, Inner, const bool>>);
  STATIC_REQUIRE(std::same_as<FieldTypes<Views>, TypeList<const int&>>);
}

TEST_CASE("fields are visited in order and can be written", "[fields]") {
  Sixteen value{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  for_each_field(value, [](int& field) { field *= 2; });
  std::vector<int> seen;
  const Sixteen& constant = value;
  for_each_field(constant, [&seen](const int& field) { seen.push_back(field); });
  REQUIRE(seen == std::vector<int>{2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32});
}

TEST_CASE("nothing is visited in an empty struct", "[fields]") {
  const Nothing value;
  int visited = 0;
  for_each_field(value, [&visited](const auto&) { ++visited; });
  REQUIRE(visited == 0);
}

TEST_CASE("fields have the names of the source where the compiler tells", "[fields]") {
  if constexpr (field_names_known) {
    REQUIRE(field_name<Several, 0>() == "number");
    REQUIRE(field_name<Several, 2>() == "owner");
    REQUIRE(field_name<Several, 4>() == "fixed");
    REQUIRE(field_name<Sixteen, 15>() == "p");
    REQUIRE(field_name<WithMandatory, 0>() == "first");
  } else {
    REQUIRE(field_name<Several, 0>().empty());
  }
}

}  // namespace glasshouse::runtime
