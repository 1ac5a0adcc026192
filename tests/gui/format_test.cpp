#include "gui/model/format.h"

#include "tests/catch.h"

namespace glasshouse::gui {
namespace {

TEST_CASE("counts are grouped by thousands", "[format]") {
  REQUIRE(format_count(0) == "0");
  REQUIRE(format_count(999) == "999");
  REQUIRE(format_count(1'000) == "1,000");
  REQUIRE(format_count(1'204'331) == "1,204,331");
}

TEST_CASE("times have three digits, spans the digits that matter", "[format]") {
  REQUIRE(format_time(6'204'999'999) == "6.204 s");
  REQUIRE(format_time(0) == "0.000 s");
  REQUIRE(format_span(999) == "999 ns");
  REQUIRE(format_span(1'250) == "1.2 µs");
  REQUIRE(format_span(177'000'000) == "177 ms");
  REQUIRE(format_span(1'200'000'000) == "1.2 s");
}

TEST_CASE("bytes are shown in the largest unit", "[format]") {
  REQUIRE(format_bytes(0) == "0 B");
  REQUIRE(format_bytes(2'048) == "2.0 KB");
  REQUIRE(format_bytes(200'704) == "196 KB");
}

TEST_CASE("text is cut between characters, never inside one", "[format]") {
  REQUIRE(shorten("abc", 3) == "abc");
  REQUIRE(shorten("abcd", 3) == "ab…");
  REQUIRE(shorten("äöüß", 4) == "äöüß");
  REQUIRE(shorten("äöüßx", 4) == "äöü…");
}

}  // namespace
}  // namespace glasshouse::gui
