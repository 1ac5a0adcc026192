#pragma once
// Draws what ImGui wants drawn into a picture in memory: no display, no graphics library. Equal
// input gives equal bytes on every machine, which screenshots and golden tests rely on.
//
// The one texture known is the font atlas, of which only the coverage counts.

#include <cstdint>

#include "gui/frame/png.h"
#include "gui/frame/theme.h"

struct ImDrawData;

namespace glasshouse::gui {

struct Atlas {
  const std::uint8_t* coverage = nullptr;  // one byte a texel
  int width = 0;
  int height = 0;
};

// REQUIRES: `data` is valid and refers to no texture but the atlas.
Image rasterise(const ImDrawData& data, const Atlas& atlas, Colour background);

}  // namespace glasshouse::gui
