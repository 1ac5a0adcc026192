#include "gui/command/palette.h"

#include <algorithm>

#include "gui/command/command.h"
#include "gui/model/observer.h"
#include "tests/catch.h"
#include "tests/gui/fake_source.h"

namespace glasshouse::gui {
namespace {

TEST_CASE("letters must be found in order, words beat scattered letters", "[palette]") {
  REQUIRE(fuzzy_score("Light or dark", "lod") > 0);
  REQUIRE(fuzzy_score("Light or dark", "dol") == 0);
  REQUIRE(fuzzy_score("Supervision", "sup") > fuzzy_score("Show up", "sup"));
}

TEST_CASE("the first letter says what is sought", "[palette]") {
  Observer observer(std::make_unique<FakeSource>(), Desk::Mode::in_line);
  CommandTable commands = observer_commands();
  REQUIRE(palette_entries("theme dark", observer, commands).empty());
  REQUIRE(palette_entries("dark", observer, commands).front().id == "palette/theme.toggle");
  auto processes = palette_entries("@acceptor", observer, commands);
  REQUIRE(processes.size() == 3);
  REQUIRE(palette_entries("#120", observer, commands).front().title == "Go to event 120");
  REQUIRE(palette_entries(":2.5", observer, commands).front().title == "Go to 2.500 s");
  REQUIRE(palette_entries("#x", observer, commands).empty());
  REQUIRE(palette_entries(":-1", observer, commands).empty());
}

TEST_CASE("every command of the shell can be found by its own title", "[palette]") {
  Observer observer(std::make_unique<FakeSource>(FakeOptions{.is_live = true}),
                    Desk::Mode::in_line);
  observer.select_process(observer.picture().processes.rows.front().key);
  observer.select_event(10);
  observer.go_back();
  CommandTable commands = observer_commands();
  for (const Command& command : commands.all()) {
    bool is_offered = command.scope == CommandScope::shell || command.scope == CommandScope::leader;
    if (!is_offered || command.id == "palette.open") continue;
    if (!commands.is_enabled(command.id, observer)) continue;
    INFO(command.id);
    auto entries = palette_entries(command.title, observer, commands);
    REQUIRE(std::any_of(entries.begin(), entries.end(), [&](const PaletteEntry& entry) {
      return entry.id == "palette/" + command.id;
    }));
  }
}

}  // namespace
}  // namespace glasshouse::gui
