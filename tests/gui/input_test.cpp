#include "gui/frame/input.h"

#include <imgui/imgui.h>

#include "gui/frame/screen.h"
#include "tests/catch.h"

namespace glasshouse::gui {
namespace {

int frames_until_empty(Screen& screen, std::vector<KeyPress>& seen) {
  int frames = 0;
  while (!screen.input().is_empty()) {
    screen.begin_frame(0);
    for (const KeyPress& press : screen.input().presses())
      seen.push_back(press);
    screen.end_frame();
    ++frames;
  }
  return frames;
}

TEST_CASE("fast keys are all seen, however few frames there are", "[input]") {
  Screen screen({.width = 400, .height = 300});
  for (int i = 0; i < 31; ++i) {
    screen.input().key(key::left, true);
    screen.input().key(key::left, false);
  }
  std::vector<KeyPress> seen;
  frames_until_empty(screen, seen);
  REQUIRE(seen.size() == 31);
}

TEST_CASE("a modifier belongs to the key that follows it", "[input]") {
  Screen screen({.width = 400, .height = 300});
  screen.input().stroke({.key = 'K', .control = true});
  screen.input().stroke({.key = 'J'});
  std::vector<KeyPress> seen;
  frames_until_empty(screen, seen);
  REQUIRE(seen == std::vector<KeyPress>{{.key = 'K', .control = true}, {.key = 'J'}});
}

TEST_CASE("a click is seen as press and release, where the pointer was", "[input]") {
  Screen screen({.width = 400, .height = 300});
  screen.input().move(10, 20);
  screen.input().button(0, true);
  screen.input().button(0, false);
  screen.input().move(300, 200);
  int presses = 0;
  ImVec2 where;
  while (!screen.input().is_empty()) {
    screen.begin_frame(0);
    if (ImGui::IsMouseClicked(0)) {
      ++presses;
      where = ImGui::GetIO().MousePos;
    }
    screen.end_frame();
  }
  REQUIRE(presses == 1);
  REQUIRE(where.x == 10);
  REQUIRE(where.y == 20);
}

TEST_CASE("codes outside the keyboard are ignored", "[input]") {
  Screen screen({.width = 400, .height = 300});
  screen.input().key(-1, true);
  screen.input().key(100'000, true);
  screen.input().button(9, true);
  std::vector<KeyPress> seen;
  frames_until_empty(screen, seen);
  REQUIRE(seen.empty());
}

}  // namespace
}  // namespace glasshouse::gui
