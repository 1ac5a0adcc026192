#pragma once
// Handlers of a test's logger: they keep what they get. Any thread.

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "runtime/observe/log_output.h"
#include "runtime/observe/logger.h"
#include "runtime/term/print.h"
#include "tests/catch.h"

namespace glasshouse::tests {

class LogCollector final : public runtime::LogHandler {
 public:
  void log(const runtime::LogEvent& event) override {
    const std::scoped_lock lock(mutex_);
    events_.push_back(event);
  }
  std::vector<runtime::LogEvent> events() const {
    const std::scoped_lock lock(mutex_);
    return events_;
  }
  // "error text", "info #{...}", one an event.
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (const runtime::LogEvent& event : events()) {
      const std::string text = event.is_text() ? std::string(event.message.as_bytes())
                                               : runtime::to_string(event.message);
      lines.push_back(std::string(runtime::log_level_name(event.level)) + " " + text);
    }
    return lines;
  }
  // The reports with that label, as it prints.
  std::vector<runtime::LogEvent> labelled(std::string_view label) const {
    std::vector<runtime::LogEvent> found;
    for (const runtime::LogEvent& event : events()) {
      if (runtime::to_string(event.label()) == label) found.push_back(event);
    }
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<runtime::LogEvent> events_;
};

// Adds one that gets everything.
inline std::shared_ptr<LogCollector> collect(runtime::Logger& logger, runtime::Atom id) {
  auto collector = std::make_shared<LogCollector>();
  REQUIRE(logger.add_handler(id, collector).ok());
  return collector;
}

// Keeps lines in a vector that outlives it.
class LinesOutput final : public runtime::LogOutput {
 public:
  explicit LinesOutput(std::vector<std::string>* lines) : lines_(lines) {}
  void write(std::string_view line) override { lines_->emplace_back(line); }
  void sync() override { lines_->emplace_back("sync"); }

 private:
  std::vector<std::string>* lines_;
};

}  // namespace glasshouse::tests
