#pragma once
// The tables of a trace file; docs/manual/traces.md describes them for people. Pure constants.

#include <cstdint>
#include <string>

namespace glasshouse::tracing {

// In the header of the file, so that `file` and a foreign program can tell: "Glas".
inline constexpr std::int64_t application_id = 0x476c6173;
// Raised when a reader of the former version would misread a file.
inline constexpr std::int64_t schema_version = 1;

// Everything that makes an empty trace: tables, views and the rows that never change.
std::string schema_sql();

// Events are filed in chunks of this many: the lists of one process's events are kept by chunk.
inline constexpr std::uint64_t chunk_events = 65'536;

// Widths of the cells in which events are counted are powers of two, four times wider at each
// level. Level 0 has cells of this many ns, or of this many events.
inline constexpr int time_shift_finest = 10;
inline constexpr int time_levels = 19;
inline constexpr int event_shift_finest = 10;
inline constexpr int event_levels = 12;
inline constexpr int level_shift = 2;

}  // namespace glasshouse::tracing
