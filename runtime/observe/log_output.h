#pragma once
// Where lines of a log go, and the handler that writes them in the process that logs.
//
// OTP: logger_std_h writes to standard_io, standard_error or a file; so does this, through spdlog.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/observe/log_format.h"
#include "runtime/observe/logger.h"

namespace glasshouse::runtime {

// Any thread, one at a time: the handlers see to that. A write may throw; then its handler goes.
class LogOutput {
 public:
  LogOutput() = default;
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;
  virtual ~LogOutput() = default;
  // `line` has no end.
  virtual void write(std::string_view line) = 0;
  // Until it is with the operating system.
  virtual void sync() {}
};

// The real ones; they block, and have no place in a simulated world.
std::unique_ptr<LogOutput> standard_error_output();
// Appends; makes the folder. With `bytes_max` the file is rotated before it would be longer:
// node.log, node.1.log (the file before), ..., at most `files_max` old ones. The error says why it
// cannot be opened.
struct LogFile {
  std::string path;
  std::size_t bytes_max = 0;  // 0: one file that grows
  std::size_t files_max = 5;
};
Result<std::unique_ptr<LogOutput>> file_output(const LogFile& file);

// Writes in the process that logs, which waits for the output meanwhile.
class LineHandler final : public LogHandler {
 public:
  explicit LineHandler(std::unique_ptr<LogOutput> output, LogFormatter formatter = format_text)
      : output_(std::move(output)), formatter_(std::move(formatter)) {}
  void log(const LogEvent& event) override {
    const std::string line = formatter_(event);
    const std::scoped_lock lock(mutex_);
    output_->write(line);
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<LogOutput> output_;
  LogFormatter formatter_;
};

}  // namespace glasshouse::runtime
