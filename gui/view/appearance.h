#pragma once
// How things of the run look everywhere: the icon and colour of an activity, of a kind of event, of
// a node. Status is always icon and word and colour together.

#include "gui/frame/theme.h"
#include "gui/model/source.h"

namespace glasshouse::gui {

struct Look {
  const char* icon = nullptr;
  Colour colour;
};

Look look_of(Activity activity, const Theme& theme);
Look look_of(EventKind kind, const Theme& theme);
Look look_of(MarkKind kind, const Theme& theme);
const char* word_of(MarkKind kind, std::size_t count = 1);
// Nodes are categories, in their order.
Colour node_colour(const Theme& theme, std::uint16_t node);
// The same for text, which needs more contrast: in the light theme beside a swatch.
Colour node_ink(const Theme& theme, std::uint16_t node);

}  // namespace glasshouse::gui
