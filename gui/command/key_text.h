#pragma once
// Keys as text, as they stand in scripts ("ctrl+shift+p") and on the screen ("Ctrl+Shift+P").

#include <optional>
#include <string>
#include <string_view>

#include "gui/frame/input.h"

namespace glasshouse::gui {

std::string key_text(const KeyPress& press);
std::optional<KeyPress> parse_key(std::string_view text);

}  // namespace glasshouse::gui
