#pragma once
// The colours of the observer: one table a theme, no ImGui.
//
// Surfaces are four tones (background < panel < raised < line). Colour speaks only about data: the
// accent is for what acts, `status` always stands beside an icon and a word, and the six categories
// were chosen so that they stay apart for every common kind of colour blindness.

#include <array>
#include <cstdint>
#include <string_view>

namespace glasshouse::gui {

struct Colour {
  std::uint8_t r = 0;
  std::uint8_t g = 0;
  std::uint8_t b = 0;
  std::uint8_t a = 255;

  // As ImGui packs colours: red in the lowest byte.
  constexpr std::uint32_t packed() const {
    return static_cast<std::uint32_t>(r) | static_cast<std::uint32_t>(g) << 8 |
           static_cast<std::uint32_t>(b) << 16 | static_cast<std::uint32_t>(a) << 24;
  }
  // The same colour, covering only `part` (0 to 1) of what is below.
  constexpr Colour faded(double part) const {
    Colour faded = *this;
    // Not std::lround, which is no constant expression.
    // NOLINTNEXTLINE(bugprone-incorrect-roundings)
    faded.a = static_cast<std::uint8_t>(part * a + 0.5);
    return faded;
  }
  friend constexpr bool operator==(const Colour&, const Colour&) = default;
};

constexpr Colour hex(std::uint32_t rrggbb) {
  return {static_cast<std::uint8_t>(rrggbb >> 16), static_cast<std::uint8_t>(rrggbb >> 8),
          static_cast<std::uint8_t>(rrggbb), 255};
}

enum class ThemeName : std::uint8_t { dark, light };

struct Theme {
  std::string_view name;
  Colour background;
  Colour panel;
  Colour raised;
  Colour line;
  Colour text;
  Colour dim;
  Colour accent;
  Colour selection;
  Colour good;
  Colour warning;
  Colour bad;
  std::array<Colour, 6> categories;
  Colour shadow;
};

const Theme& theme_of(ThemeName name);
ThemeName other(ThemeName name);

// The category of a node or another small index; it comes round again after six.
Colour category(const Theme& theme, std::size_t index);

}  // namespace glasshouse::gui
