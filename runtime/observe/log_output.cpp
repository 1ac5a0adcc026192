#include "runtime/observe/log_output.h"

#include <exception>

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace glasshouse::runtime {

namespace {

// The line is ready: spdlog only writes it.
class SpdlogOutput final : public LogOutput {
 public:
  explicit SpdlogOutput(std::unique_ptr<spdlog::sinks::sink> sink) : sink_(std::move(sink)) {
    sink_->set_pattern("%v");
  }
  void write(std::string_view line) override {
    sink_->log(spdlog::details::log_msg(spdlog::string_view_t(), spdlog::level::info,
                                        spdlog::string_view_t(line.data(), line.size())));
  }
  void sync() override { sink_->flush(); }

 private:
  std::unique_ptr<spdlog::sinks::sink> sink_;
};

std::unique_ptr<spdlog::sinks::sink> sink_for(const LogFile& file) {
  if (file.bytes_max == 0) return std::make_unique<spdlog::sinks::basic_file_sink_st>(file.path);
  return std::make_unique<spdlog::sinks::rotating_file_sink_st>(file.path, file.bytes_max,
                                                                file.files_max);
}

}  // namespace

std::unique_ptr<LogOutput> standard_error_output() {
  return std::make_unique<SpdlogOutput>(std::make_unique<spdlog::sinks::stderr_sink_st>());
}

Result<std::unique_ptr<LogOutput>> file_output(const LogFile& file) {
  try {
    return std::unique_ptr<LogOutput>(std::make_unique<SpdlogOutput>(sink_for(file)));
  } catch (const std::exception& error) {
    return Error(error.what());
  }
}

}  // namespace glasshouse::runtime
