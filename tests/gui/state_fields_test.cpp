#include "gui/model/state_fields.h"

#include "tests/catch.h"

namespace glasshouse::gui {
namespace {

TEST_CASE("a map becomes a field an entry", "[state_fields]") {
  auto fields = state_fields("#{keys => 3, log => [1, 2, {a, b}], name => <<\"a, b\">>}", "");
  REQUIRE(fields.size() == 3);
  REQUIRE(fields[0].name == "keys");
  REQUIRE(fields[1].value == "[1, 2, {a, b}]");
  REQUIRE(fields[2].value == "<<\"a, b\">>");
  REQUIRE_FALSE(fields[0].is_changed);
}

TEST_CASE("a tagged tuple becomes a field an element, without the tag", "[state_fields]") {
  auto fields = state_fields("{counter, 7, \"x\"}", "");
  REQUIRE(fields.size() == 2);
  REQUIRE(fields[0].name == "1");
  REQUIRE(fields[0].value == "7");
}

TEST_CASE("a tagged map is shown as the map", "[state_fields]") {
  auto fields = state_fields("{shard, #{keys => 3}}", "");
  REQUIRE(fields.size() == 1);
  REQUIRE(fields[0].name == "keys");
}

TEST_CASE("fields that differ from before are marked with what they were", "[state_fields]") {
  auto fields = state_fields("#{a => 1, b => 2, c => 3}", "#{a => 1, b => 9}");
  REQUIRE_FALSE(fields[0].is_changed);
  REQUIRE(fields[1].is_changed);
  REQUIRE(fields[1].before == "9");
  REQUIRE(fields[2].is_changed);
  REQUIRE(fields[2].before.empty());
}

TEST_CASE("anything else is one field, and nothing is none", "[state_fields]") {
  REQUIRE(state_fields("42", "").front().value == "42");
  REQUIRE(state_fields("", "").empty());
  REQUIRE(state_fields("{}", "").empty());
  REQUIRE(state_fields("#{broken", "").size() == 1);
}

TEST_CASE("a term is split at its outermost commas only", "[state_fields]") {
  auto parts = split_term("a, {b, c}, \"d,\\\"e\", 'f,g'");
  REQUIRE(parts.size() == 4);
  REQUIRE(parts[1] == "{b, c}");
  REQUIRE(parts[2] == "\"d,\\\"e\"");
  REQUIRE(split_term("").empty());
}

}  // namespace
}  // namespace glasshouse::gui
