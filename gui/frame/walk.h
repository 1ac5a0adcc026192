#pragma once
// How the keyboard walks over the widgets of a frame, as the mouse finds them: by the marks of the
// probe. Pure functions.

#include <cstdint>
#include <string>
#include <string_view>

#include "gui/frame/probe.h"

namespace glasshouse::gui {

enum class Walk : std::uint8_t { none, next, previous, left, right, up, down };

// The widget reached from the one called `from`; empty: from before the first. `next` and
// `previous` go in the order of drawing and round, and take the rows of a list as one stop; the
// others go to what is nearest on that side, and stay where there is nothing. Empty when there is
// no widget at all.
std::string walk(const Probe& probe, std::string_view from, Walk how);

}  // namespace glasshouse::gui
