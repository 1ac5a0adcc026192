#pragma once

// CHECK states a law of the runtime itself. It is on in every build; breaking one aborts the
// program with file, line, the condition and a line of context (the seed and the running process).
// Expected failures are Results, and a process that cannot go on throws: neither is a CHECK.
// Any thread.

#include <string>

namespace glasshouse::runtime {

// What this thread adds to the report of a failed CHECK; nullptr for nothing. The function must not
// throw. Each thread has its own.
using CheckContext = std::string (*)();
void set_check_context(CheckContext context) noexcept;

[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

// As CHECK, for a place that has more to say than the condition.
[[noreturn]] void check_failed(const char* condition, const char* file, int line,
                               const std::string& detail) noexcept;

}  // namespace glasshouse::runtime

#define CHECK(condition)                                                     \
  (__builtin_expect(!(condition), 0)                                         \
       ? ::glasshouse::runtime::check_failed(#condition, __FILE__, __LINE__) \
       : static_cast<void>(0))
