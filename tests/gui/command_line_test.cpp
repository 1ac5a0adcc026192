#include "gui/app/command_line.h"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "gui/app/automation.h"
#include "gui/app/open_source.h"
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
  REQUIRE(status_of({"a.db", "--at", "-1"}) == 2);
  REQUIRE(status_of({"a.lua", "--seed", "-1"}) == 2);
  REQUIRE(status_of({"a.lua", "--seed", "1"}) == -1);
  REQUIRE(status_of({"a.db", "--seed", "1"}) == 2);
  REQUIRE(status_of({"a.db", "--set", "n=1"}) == 2);
  REQUIRE(status_of({"a.db", "--trace", "b.db"}) == 2);
  REQUIRE(status_of({"--help"}) == 0);
}

TEST_CASE("a file that is no socket is not replaced by one", "[automation]") {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("automation-" + std::to_string(::getpid())))
          .string();
  std::ofstream(path) << "dear reader";
  const auto refused = Automation::listen(path);
  REQUIRE_FALSE(refused.ok());
  REQUIRE(refused.error().what == path + " is there and is no socket; name another path");
  REQUIRE(std::filesystem::file_size(path) == 11);
  std::filesystem::remove(path);
  REQUIRE(Automation::listen(path).ok());
}

TEST_CASE("a setting that is wrong is wrong usage", "[command_line]") {
  const std::string scenario = GLASSHOUSE_SCENARIOS "/ping_pong.lua";
  for (const std::string setting : {"=3", "three"}) {
    const auto refused = open_source(scenario, {{}, {setting}, {}});
    REQUIRE_FALSE(refused.ok());
    REQUIRE(refused.error().code == "usage");
  }
}

}  // namespace
}  // namespace glasshouse::gui
