#include "runtime/application/start_order.h"

#include "tests/catch.h"

namespace glasshouse::tests {

using namespace runtime;
using namespace runtime::literals;

namespace {

std::string order_of(const NeedsOf& needs, Atom wanted) {
  const auto order = start_order(needs, wanted);
  if (!order) return order.error().code + ": " + order.error().what;
  std::string text;
  for (const Atom name : *order)
    text += (text.empty() ? "" : " ") + std::string(name.text());
  return text;
}

}  // namespace

TEST_CASE("an application starts after all it needs, and each once", "[application]") {
  const NeedsOf needs = {
      {"web"_atom, {{"kv"_atom, "log"_atom}, {}}},
      {"kv"_atom, {{"store"_atom, "log"_atom}, {}}},
      {"store"_atom, {{"log"_atom}, {}}},
      {"log"_atom, {}},
      {"other"_atom, {}},
  };
  REQUIRE(order_of(needs, "web"_atom) == "log store kv web");
  REQUIRE(order_of(needs, "other"_atom) == "other");
}

TEST_CASE("applications that need each other are one error that names the circle",
          "[application]") {
  const NeedsOf needs = {
      {"top"_atom, {{"a"_atom}, {}}},     {"a"_atom, {{"b"_atom}, {}}},
      {"b"_atom, {{"c"_atom}, {}}},       {"c"_atom, {{"a"_atom}, {}}},
      {"lone"_atom, {{"lone"_atom}, {}}},
  };
  REQUIRE(order_of(needs, "top"_atom) ==
          "cycle: applications need each other in a circle: 'a' needs 'b' needs 'c' needs 'a'; "
          "take one of these out of `applications`");
  REQUIRE(order_of(needs, "lone"_atom) ==
          "cycle: applications need each other in a circle: 'lone' needs 'lone'; take one of these "
          "out of `applications`");
}

TEST_CASE("a missing application is an error unless it is optional", "[application]") {
  const NeedsOf needs = {
      {"a"_atom, {{"b"_atom, "gone"_atom}, {"gone"_atom}}},
      {"b"_atom, {}},
      {"c"_atom, {{"a"_atom, "gone"_atom}, {}}},
  };
  REQUIRE(order_of(needs, "a"_atom) == "b a");
  REQUIRE(order_of(needs, "c"_atom) ==
          "not_loaded: application 'c' needs 'gone', which is not loaded");
  REQUIRE(order_of(needs, "none"_atom) == "not_loaded: application 'none' is not loaded");
}

}  // namespace glasshouse::tests
