#pragma once
// Numbers as people read them. Every one has its unit.

#include <cstdint>
#include <string>
#include <string_view>

#include "gui/model/source.h"

namespace glasshouse::gui {

std::string format_count(std::uint64_t count);  // 1,204,331
std::string format_counted(std::uint64_t count, std::string_view one,
                           std::string_view many);  // 1 node, 3 nodes
// Of what ended without telling them, none are known.
std::string format_reductions(const ProcessRow& process);
std::string format_bytes(std::uint64_t bytes);      // 196 KB
std::string format_time(std::int64_t nanoseconds);  // 6.204 s, always three digits
std::string format_span(std::int64_t nanoseconds);  // 1.2 ms: two or three digits that matter
std::string format_speed(double speed);             // 1x, 0.01x

// At most `columns` characters, with an ellipsis where something was cut. Counts code points.
std::string shorten(std::string_view text, std::size_t columns);

bool contains_ignoring_case(std::string_view text, std::string_view part);
std::string lower_case(std::string_view text);

}  // namespace glasshouse::gui
