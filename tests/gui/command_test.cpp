#include "gui/command/command.h"

#include "gui/command/key_text.h"
#include "gui/model/observer.h"
#include "tests/catch.h"

namespace glasshouse::gui {
namespace {

TEST_CASE("no key of the command table means two things", "[command]") {
  REQUIRE(observer_commands().conflicts() == std::vector<std::string>{});
}

TEST_CASE("a conflict is found between a scope and everywhere", "[command]") {
  auto nothing = [](Observer&) {};
  CommandTable table(
      {{.id = "a", .title = "A", .group = "", .keys = {{.key = 'A'}}, .run = nothing},
       {.id = "b",
        .title = "B",
        .group = "",
        .scope = CommandScope::anywhere,
        .keys = {{.key = 'A'}},
        .run = nothing}});
  REQUIRE(table.conflicts() == std::vector<std::string>{"A means both a and b"});
}

TEST_CASE("every command has a title, a group and a key", "[command]") {
  const CommandTable table = observer_commands();
  for (const Command& command : table.all()) {
    INFO(command.id);
    REQUIRE_FALSE(command.title.empty());
    REQUIRE_FALSE(command.group.empty());
    REQUIRE_FALSE(command.keys.empty());
    REQUIRE(command.run);
  }
}

TEST_CASE("keys are read as they are written", "[command]") {
  const CommandTable table = observer_commands();
  for (const Command& command : table.all()) {
    for (const KeyPress& press : command.keys) {
      INFO(key_text(press));
      REQUIRE(parse_key(key_text(press)) == press);
    }
  }
  REQUIRE(parse_key("ctrl+shift+p") ==
          KeyPress{.key = 'P', .control = true, .shift = true, .alt = false});
  REQUIRE_FALSE(parse_key("meta+q").has_value());
  REQUIRE_FALSE(parse_key("").has_value());
}

}  // namespace
}  // namespace glasshouse::gui
