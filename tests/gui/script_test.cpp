#include "gui/script/script.h"

#include "tests/catch.h"
#include "tests/gui/stage.h"

namespace glasshouse::gui {
namespace {

std::string complaint(const char* text) {
  auto parsed = parse_script(text);
  return parsed.ok() ? "" : parsed.error().what;
}

TEST_CASE("a script is a command a line, with comments", "[script]") {
  auto parsed = parse_script("# a comment\n\nclick a/b\ntype two words \nwait 3\n");
  REQUIRE(parsed.ok());
  REQUIRE(parsed->size() == 3);
  REQUIRE((*parsed)[0].line == 3);
  REQUIRE((*parsed)[1].words.front() == "two words");
}

TEST_CASE("a fault in a script is named with its line", "[script]") {
  REQUIRE(complaint("wait 1\njump up") == "script line 2: there is no command \"jump\"");
  REQUIRE(complaint("drag a 1") == "script line 1: drag needs 3 words");
  REQUIRE(complaint("click a b") == "script line 1: \"b\" is too much");
}

TEST_CASE("values compare as numbers when both are, else as text", "[script]") {
  REQUIRE(holds("10", ">", "9"));
  REQUIRE(holds("10", "==", "10.0"));
  REQUIRE_FALSE(holds("abc", ">", "abb"));
  REQUIRE(holds("live, paused", "~", "paused"));
  REQUIRE(holds("a", "!=", "b"));
  REQUIRE_FALSE(holds("a", "??", "a"));
}

TEST_CASE("a script that fails says where and what was there", "[script]") {
  auto app = make_app();
  REQUIRE(failure_of(*app, "expect view == messages") ==
          "script line 1: view is \"processes\", expected == \"messages\"");
  REQUIRE(failure_of(*app, "click nobody") == "script line 1: \"nobody\" is not on the screen");
  REQUIRE(failure_of(*app, "key hyper+x") == "script line 1: there is no key \"hyper+x\"");
  REQUIRE(failure_of(*app, "expect nothing == 1") ==
          "script line 1: there is no value called \"nothing\"");
}

TEST_CASE("a row that is scrolled away is brought into view before it is clicked", "[script]") {
  auto app = make_app({.connections = 2'000});
  REQUIRE(failure_of(*app,
                     "expect-hidden procs/row/<3.6100.0>\n"
                     "click procs/row/<3.6100.0>\n"
                     "expect pid == <3.6100.0>\n") == "");
}

}  // namespace
}  // namespace glasshouse::gui
