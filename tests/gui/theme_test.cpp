#include "gui/frame/theme.h"

#include "tests/catch.h"
#include "tests/gui/colour_science.h"

namespace glasshouse::gui {
namespace {

constexpr std::array both = {ThemeName::dark, ThemeName::light};

TEST_CASE("the yardstick of colour differences gives the published values", "[theme]") {
  REQUIRE(contrast(hex(0x000000), hex(0xffffff)) == Approx(21));
  REQUIRE(difference(hex(0x336699), hex(0x336699), Vision::normal) == Approx(0));
  REQUIRE(difference(hex(0xff0000), hex(0x00ff00), Vision::normal) == Approx(86.6).margin(0.1));
}

TEST_CASE("text can be read on every surface it stands on", "[theme]") {
  for (ThemeName name : both) {
    const Theme& theme = theme_of(name);
    INFO(theme.name);
    for (Colour surface : {theme.background, theme.panel, theme.raised, theme.selection}) {
      REQUIRE(contrast(theme.text, surface) >= 4.5);
    }
    for (Colour surface : {theme.background, theme.panel, theme.raised}) {
      REQUIRE(contrast(theme.dim, surface) >= 4.5);
    }
    REQUIRE(contrast(theme.accent, theme.panel) >= 4.5);
  }
}

TEST_CASE("marks stand out from their surface", "[theme]") {
  for (ThemeName name : both) {
    const Theme& theme = theme_of(name);
    for (Colour mark : {theme.good, theme.warning, theme.bad}) {
      REQUIRE(contrast(mark, theme.panel) >= 3);
      REQUIRE(contrast(mark, theme.raised) >= 3);
    }
    for (Colour mark : theme.categories)
      REQUIRE(contrast(mark, theme.panel) >= 2.9);
  }
}

TEST_CASE("the categories stay apart for every common kind of colour blindness", "[theme]") {
  for (ThemeName name : both) {
    const auto& colours = theme_of(name).categories;
    for (Vision vision : all_visions) {
      for (std::size_t i = 0; i < colours.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          INFO(theme_of(name).name << " " << i << " " << j << " vision "
                                   << static_cast<int>(vision));
          REQUIRE(difference(colours[i], colours[j], vision) >= 15);
        }
      }
    }
  }
}

}  // namespace
}  // namespace glasshouse::gui
