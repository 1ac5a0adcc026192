#pragma once
// Gives ImGui our measures and colours.

#include "gui/frame/theme.h"

namespace glasshouse::gui {

// For the current ImGui context; from scratch, so that it may be called again and again.
void apply_style(const Theme& theme, float scale);

}  // namespace glasshouse::gui
