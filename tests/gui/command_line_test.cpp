#include "gui/app/command_line.h"

#include "tests/catch.h"

namespace glasshouse::gui {
namespace {

auto parse(std::vector<const char*> words) {
  words.insert(words.begin(), "glasshouse-observer");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

int status_of(std::vector<const char*> words) {
  auto parsed = parse(std::move(words));
  const auto* end = std::get_if<CommandLineEnd>(&parsed);
  return end == nullptr ? -1 : end->status;
}

TEST_CASE("a complete command line is understood", "[command_line]") {
  auto parsed = parse({"run.db", "--screenshot", "out.png", "--view", "messages", "--size",
                       "800x600", "--theme", "light", "--scale", "1.5", "--at", "12"});
  const auto& arguments = std::get<ObserverArguments>(parsed);
  REQUIRE(arguments.input == "run.db");
  REQUIRE(arguments.view == ViewName::messages);
  REQUIRE(arguments.width == 800);
  REQUIRE(arguments.height == 600);
  REQUIRE(arguments.theme == ThemeName::light);
  REQUIRE(arguments.scale == 1.5F);
  REQUIRE(arguments.at == Moment{12});
}

TEST_CASE("wrong usage ends with status 2, help with 0", "[command_line]") {
  REQUIRE(status_of({}) == 2);
  REQUIRE(status_of({"a.db", "--size", "big"}) == 2);
  REQUIRE(status_of({"a.db", "--size", "800x600x2"}) == 2);
  REQUIRE(status_of({"a.db", "--size", "10x10"}) == 2);
  REQUIRE(status_of({"a.db", "--view", "nowhere"}) == 2);
  REQUIRE(status_of({"a.db", "--theme", "pink"}) == 2);
  REQUIRE(status_of({"a.db", "--automation", "tcp:1"}) == 2);
  REQUIRE(status_of({"--help"}) == 0);
}

}  // namespace
}  // namespace glasshouse::gui
