#include "gui/frame/theme.h"

namespace glasshouse::gui {
namespace {

constexpr Theme dark = {
    .name = "dark",
    .background = hex(0x14171c),
    .panel = hex(0x1a1e25),
    .raised = hex(0x232933),
    .line = hex(0x2e3641),
    .text = hex(0xdde3ea),
    .dim = hex(0x8b97a6),
    .accent = hex(0x4ea1ff),
    .selection = hex(0x24405f),
    .good = hex(0x3fbf8f),
    .warning = hex(0xe3a63b),
    .bad = hex(0xf2695c),
    .categories = {hex(0x0ba2fe), hex(0xe35803), hex(0x66fbe4), hex(0xa2789d), hex(0xc5d819),
                   hex(0xf09b95)},
    .shadow = {0, 0, 0, 110},
};

constexpr Theme light = {
    .name = "light",
    .background = hex(0xf3f5f8),
    .panel = hex(0xffffff),
    .raised = hex(0xe9edf2),
    .line = hex(0xd3dae3),
    .text = hex(0x1b222c),
    .dim = hex(0x5b6878),
    .accent = hex(0x0b62c4),
    .selection = hex(0xd5e6fb),
    .good = hex(0x0e7d56),
    .warning = hex(0x9a6200),
    .bad = hex(0xc02f1d),
    .categories = {hex(0x2f9fcb), hex(0x7a2d07), hex(0x0e5f50), hex(0x824394), hex(0x718200),
                   hex(0xd07c7d)},
    .shadow = {20, 30, 50, 46},
};

}  // namespace

const Theme& theme_of(ThemeName name) {
  return name == ThemeName::dark ? dark : light;
}

ThemeName other(ThemeName name) {
  return name == ThemeName::dark ? ThemeName::light : ThemeName::dark;
}

Colour category(const Theme& theme, std::size_t index) {
  return theme.categories[index % theme.categories.size()];
}

}  // namespace glasshouse::gui
