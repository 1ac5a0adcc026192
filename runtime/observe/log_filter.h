#pragma once
// Filters of a logger and of its handlers. A filter looks at an event, may change it, and says what
// becomes of it. Any thread that logs runs them, so they share nothing mutable without a lock.
//
// OTP: logger filters, and the ready ones of logger_filters.

#include <functional>
#include <vector>

#include "runtime/observe/log_event.h"

namespace glasshouse::runtime {

enum class FilterVerdict : std::uint8_t {
  ignore,  // no opinion: the next filter decides, after the last the filter default
  pass,    // goes on, perhaps changed
  stop,    // is dropped
};

// A filter that throws is removed, and counts as one that ignored.
using LogFilter = std::function<FilterVerdict(LogEvent&)>;

// What becomes of an event when all filters ignore it, or there are none. OTP: filter_default.
enum class FilterDefault : std::uint8_t { log, stop };

// What a ready filter does with what matches. OTP: log | stop.
enum class FilterAction : std::uint8_t { log, stop };

// `sub`: the event's domain begins with `domain`; `super`: the other way round. An event without a
// domain matches `undefined` and `not_equal`. OTP: logger_filters:domain/2.
enum class DomainMatch : std::uint8_t { super, sub, equal, not_equal, undefined };
LogFilter domain_filter(FilterAction action, DomainMatch match, std::vector<Atom> domain = {});

// OTP: logger_filters:level/2. Compared by severity: gt is "more severe than".
enum class LevelMatch : std::uint8_t { lt, le, eq, ge, gt, ne };
LogFilter level_filter(FilterAction action, LevelMatch match, LogLevel level);

// Progress reports of supervisors. OTP: logger_filters:progress/2.
LogFilter progress_filter(FilterAction action);

}  // namespace glasshouse::runtime
