// glasshouse run --on multicore: until a signal, --until, or a violation.

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <mutex>

#include "scenarios/command/commands.h"
#include "scenarios/run/serve.h"

namespace glasshouse::scenarios {

using runtime::Error;

namespace {

constexpr Duration longest_wait = Duration::hours(24);

// SIGINT and SIGTERM are taken by one thread, when it waits; every thread made meanwhile blocks
// them too. The first one is an order to stop; another one then ends the program at once.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  // True: one came.
  bool wait(Duration at_most) {
    const std::int64_t nanoseconds = std::min(at_most, longest_wait).nanoseconds();
    const timespec time{.tv_sec = nanoseconds / 1'000'000'000,
                        .tv_nsec = nanoseconds % 1'000'000'000};
    if (sigtimedwait(&signals_, nullptr, &time) <= 0) return false;
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    return true;
  }

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

// The folder that was asked for, or one that is removed at the end.
class DataFolder {
 public:
  static Result<DataFolder> open(const std::string& wanted) {
    std::error_code failure;
    if (!wanted.empty()) {
      std::filesystem::create_directories(wanted, failure);
      if (failure) return Error("--data " + wanted + ": " + failure.message());
      return DataFolder(wanted, false);
    }
    std::string name = (std::filesystem::temp_directory_path(failure) / "glasshouse-XXXXXX");
    if (mkdtemp(name.data()) == nullptr) {
      return Error("no temporary folder can be made; name one with --data FOLDER");
    }
    return DataFolder(name, true);
  }
  DataFolder(DataFolder&& other) noexcept
      : path_(std::exchange(other.path_, {})), temporary_(other.temporary_) {}
  DataFolder& operator=(DataFolder&&) = delete;
  ~DataFolder() {
    std::error_code ignored;
    if (temporary_ && !path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  DataFolder(std::string path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}
  std::string path_;
  bool temporary_;
};

}  // namespace

ExitStatus run_multicore(Command command, RunOptions options) {
  auto folder = DataFolder::open(command.typed.data);
  if (!folder) return complain(command.console, folder.error(), ExitStatus::unreadable);
  StopSignals signals;
  std::mutex printing;
  std::ostream& lines = command.typed.json ? command.console.err : command.console.out;
  ServeOptions serving;
  serving.run = std::move(options);
  serving.folder = folder->path();
  serving.metrics_port = command.typed.metrics;
  serving.records_messages = command.typed.record == "all";
  serving.wait = [&](Duration at_most) {
    if (!signals.wait(at_most)) return false;
    serving.announce("stopping; once more ends it at once");
    return true;
  };
  serving.announce = [&](std::string_view line) {
    const std::lock_guard lock(printing);
    lines << line << std::endl;
  };
  lines << "on many cores, until Ctrl-C" << std::endl;
  auto served = serve(serving);
  if (!served) {
    const bool is_usage = served.error().code == "usage";
    return complain(command.console, served.error(),
                    is_usage ? ExitStatus::usage : ExitStatus::unreadable);
  }
  if (command.typed.json) {
    command.console.out << report_json(served->report) << "\n";
  } else {
    command.console.out << report_text(served->report);
  }
  if (!served->failure.empty()) {
    return complain(command.console, Error(served->failure), ExitStatus::unreadable);
  }
  return served->report.good ? ExitStatus::good : ExitStatus::violated;
}

}  // namespace glasshouse::scenarios
