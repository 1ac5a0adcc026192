#pragma once
// How severe a log event is, and from which severity on events are wanted. Plain values, any
// thread. OTP: logger:level().

#include <array>
#include <cstdint>
#include <string_view>

#include "runtime/base/result.h"

namespace glasshouse::runtime {

// From the most severe to the least. OTP's order: emergency > alert > ... > debug.
enum class LogLevel : std::uint8_t {
  emergency,
  alert,
  critical,
  error,
  warning,
  notice,
  info,
  debug,
};
inline constexpr std::array<std::string_view, 8> log_level_names = {
    "emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"};

constexpr std::string_view log_level_name(LogLevel level) {
  return log_level_names[static_cast<std::size_t>(level)];
}

// What a primary level, a module or a handler lets pass: a level and all that are more severe, or
// none, or all.
class LogThreshold {
 public:
  // Implicit: set_level(LogLevel::info).
  constexpr LogThreshold(LogLevel level) : passed_(static_cast<std::uint8_t>(level) + 1) {}
  static constexpr LogThreshold none() { return LogThreshold(std::uint8_t{0}); }
  static constexpr LogThreshold all() { return LogLevel::debug; }

  constexpr bool passes(LogLevel level) const { return static_cast<std::uint8_t>(level) < passed_; }
  // How many levels pass: 0 none, 8 all.
  constexpr std::uint8_t passed() const { return passed_; }
  friend constexpr bool operator==(LogThreshold, LogThreshold) = default;

  // The word of a configuration: a level, "none" or "all". OTP: {error, {invalid_level, X}}.
  static Result<LogThreshold> named(std::string_view word);

 private:
  explicit constexpr LogThreshold(std::uint8_t passed) : passed_(passed) {}
  std::uint8_t passed_;
};

}  // namespace glasshouse::runtime
