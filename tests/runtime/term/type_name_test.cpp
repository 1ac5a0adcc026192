#include "runtime/term/type_name.h"

#include <map>
#include <optional>
#include <vector>

#include "tests/catch.h"

namespace bank {

struct TransferFunds {};
struct HTTPServer2 {};
struct already_snake {};  // NOLINT(readability-identifier-naming): the law is about it
template <class T>
struct Box {
  struct Lid {};
};
template <int>
struct Numbered {};
enum class Colour : std::uint8_t { red, dark_green, blue = 63, beyond = 64 };
enum Old { old_first };

}  // namespace bank

namespace glasshouse::runtime {
namespace {

struct Hidden {};
enum class Level { low, high };

}  // namespace

TEST_CASE("a type is named in snake case without its namespaces", "[type_name]") {
  static_assert(type_name<bank::TransferFunds>() == "transfer_funds");
  REQUIRE(type_name<bank::HTTPServer2>() == "http_server2");
  REQUIRE(type_name<bank::already_snake>() == "already_snake");
  REQUIRE(type_name<const bank::TransferFunds>() == "transfer_funds");
  REQUIRE(type_name<Hidden>() == "hidden");
  struct InFunction {};
  REQUIRE(type_name<InFunction>() == "in_function");
}

TEST_CASE("a template is named with its arguments, but not with those nobody writes",
          "[type_name]") {
  REQUIRE(type_name<bank::Box<bank::TransferFunds>>() == "box_transfer_funds");
  REQUIRE(type_name<bank::Box<bank::Box<int>>>() == "box_box_int32");
  REQUIRE(type_name<bank::Box<int>::Lid>() == "lid");
  REQUIRE(type_name<bank::Numbered<5>>() == "numbered_5");
  REQUIRE(type_name<std::vector<std::string>>() == "vector_string");
  REQUIRE(type_name<std::map<std::string, std::optional<bool>>>() == "map_string_optional_bool");
  REQUIRE(type_name<std::array<std::uint8_t, 30>>() == "array_uint8_30");
}

TEST_CASE("numbers are named by their size, whatever C++ calls them", "[type_name]") {
  REQUIRE(type_name<long>() == type_name<long long>());
  REQUIRE(type_name<std::uint64_t>() == "uint64");
  REQUIRE(type_name<std::int8_t>() == "int8");
  REQUIRE(type_name<bool>() == "bool");
  REQUIRE(type_name<double>() == "double");
  REQUIRE(type_name<float>() == "float");
}

TEST_CASE("an enumerator is named as it is written", "[type_name]") {
  REQUIRE(enumerator_name(bank::Colour::red) == "red");
  REQUIRE(enumerator_name(bank::Colour::dark_green) == "dark_green");
  REQUIRE(enumerator_name(bank::Colour::blue) == "blue");
  REQUIRE(enumerator_name(Level::high) == "high");
}

TEST_CASE("a value without an enumerator, or one that is not looked for, has no name",
          "[type_name]") {
  REQUIRE(enumerator_name(static_cast<bank::Colour>(7)).empty());
  REQUIRE(enumerator_name(bank::Colour::beyond).empty());
  REQUIRE(enumerator_name(static_cast<Level>(-1)).empty());
  REQUIRE(enumerator_name(bank::old_first).empty());
}

}  // namespace glasshouse::runtime
