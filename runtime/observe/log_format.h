#pragma once
// Events as lines: for people, and for programs. Pure functions. OTP: logger_formatter.

#include <cstddef>
#include <functional>
#include <string>

#include "runtime/observe/log_event.h"

namespace glasshouse::runtime {

// A line without its end.
using LogFormatter = std::function<std::string(const LogEvent&)>;

inline constexpr std::size_t log_line_bytes_max = 64 * 1024;

// 2023-11-14T22:13:20.000000Z error <0.3.1> kv_shard: cannot open the store
//
// What SASL calls a report begins with its title (CRASH REPORT, SUPERVISOR REPORT, PROGRESS
// REPORT). Line ends inside a text become spaces; a longer line ends in "...".
std::string format_text(const LogEvent& event);

// {"level":"error","time":"2023-11-14T22:13:20.000000Z","msg":"cannot open the store",
//  "meta":{"pid":"<0.3.1>",...}}, on one line; a report stands under "report" instead of "msg".
//
// Atoms and binaries are strings, tuples and lists arrays, maps objects; what JSON does not have
// (pids, references, big integers) is its text. Bytes that are no UTF-8 stand for themselves as
// Latin-1. A line that is too long has its message or report cut to a string that ends in "...".
std::string format_json(const LogEvent& event);

// The term as JSON alone.
std::string to_json(const Term& term);

// Microseconds since 1970 in RFC 3339.
std::string log_time(std::int64_t microseconds);

}  // namespace glasshouse::runtime
