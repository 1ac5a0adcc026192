// Pictures of every view in both themes, compared with those in tests/golden. When a change is
// meant, UPDATE_GOLDEN=1 writes them anew; look at them before committing. Of a view that looks
// otherwise, the picture and what differs in it are left in the folder of the build that the
// failure names.

#include <cstdlib>
#include <filesystem>

#include "tests/catch.h"
#include "tests/gui/stage.h"

namespace glasshouse::gui {
namespace {

struct Shot {
  const char* name;
  const char* script;
};

constexpr Shot shots[] = {
    {"processes",
     "key ctrl+left\nkey ctrl+left\nkey ctrl+left\nkey ctrl+left\n"
     "click procs/row/<1.105.0>"},
    {"supervision", "key 2\nkey ctrl+left\nkey ctrl+left"},
    {"messages", "key 3\nkey ctrl+left\nkey ctrl+left"},
    {"crashes", "key 4"},
};

// Where the pictures of a failure go, without their ending.
std::string left_behind(const std::string& name) {
  std::filesystem::create_directories(GLASSHOUSE_GOLDEN_FAILURES);
  return std::string(GLASSHOUSE_GOLDEN_FAILURES) + "/" + name;
}

void expect_golden(const std::string& name, const ScreenOptions& screen, const char* script) {
  INFO(name);
  auto app = make_app({}, screen);
  REQUIRE(failure_of(*app, script) == "");
  app->input().move(-1, -1);
  app->settle(4);
  Image picture = app->screen().picture();
  std::string path = std::string(GLASSHOUSE_GOLDEN) + "/" + name + ".png";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    REQUIRE(write_png(picture, path).ok());
    return;
  }
  runtime::Result<Image> golden = read_png(path);
  REQUIRE(golden.ok());
  Difference difference = compare(*golden, picture, 8);
  std::size_t allowed = picture.rgba.size() / 4 / 1'000;
  if (difference.pixels > allowed) {
    std::string left = left_behind(name);
    REQUIRE(write_png(picture, left + ".now.png").ok());
    REQUIRE(write_png(difference.where, left + ".difference.png").ok());
    FAIL(difference.pixels << " pixels differ, " << allowed << " may: see " << left
                           << ".difference.png");
  }
}

TEST_CASE("each view looks as it did, in both themes", "[golden]") {
  for (const Shot& shot : shots) {
    for (ThemeName theme : {ThemeName::dark, ThemeName::light}) {
      ScreenOptions screen{.width = 1280, .height = 800, .theme = theme};
      std::string name = std::string(shot.name) + "-" + std::string(theme_of(theme).name);
      expect_golden(name, screen, shot.script);
    }
  }
}

TEST_CASE("the processes look as they did at double scale", "[golden]") {
  ScreenOptions screen{.width = 1600, .height = 1000, .scale = 2};
  expect_golden("processes-dark-2x", screen, shots[0].script);
}

TEST_CASE("two pictures of one moment are equal to the last byte", "[golden]") {
  auto first = make_app();
  auto second = make_app();
  REQUIRE(encode_png(first->screen().picture()) == encode_png(second->screen().picture()));
}

}  // namespace
}  // namespace glasshouse::gui
