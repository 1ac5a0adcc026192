#pragma once
// Shipped scenarios and trace files for tests of runs.

#include <filesystem>
#include <memory>
#include <string>

#include <unistd.h>

#include "runtime/base/random.h"
#include "scenarios/run/run.h"
#include "tests/catch.h"

namespace glasshouse::scenarios {

// The folder of the shipped scenarios; given by the build.
inline std::string shipped(const std::string& name) {
  return std::string(GLASSHOUSE_SCENARIOS) + "/" + name;
}

inline RunOptions options_of(const std::string& name, std::uint64_t seed = 1) {
  RunOptions options;
  options.file = shipped(name);
  options.text = read_scenario(options.file).value();
  options.seed = seed;
  return options;
}

// A file that is gone with the test, and what SQLite lays beside it.
class TemporaryTrace {
 public:
  TemporaryTrace() {
    static int count = 0;
    path_ =
        (std::filesystem::temp_directory_path() /
         ("glasshouse-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count) + ".db"))
            .string();
    remove();
  }
  TemporaryTrace(const TemporaryTrace&) = delete;
  TemporaryTrace& operator=(const TemporaryTrace&) = delete;
  ~TemporaryTrace() { remove(); }
  const std::string& path() const { return path_; }

 private:
  void remove() const {
    for (const char* end : {"", "-wal", "-shm", "-journal"}) {
      std::error_code ignored;
      std::filesystem::remove(path_ + end, ignored);
    }
  }
  std::string path_;
};

inline Report finished(RunOptions options) {
  auto run = Run::create(std::move(options));
  INFO((run ? std::string() : run.error().what));
  REQUIRE(run.ok());
  (*run)->run_to_end();
  auto report = (*run)->finish();
  INFO((report ? std::string() : report.error().what));
  REQUIRE(report.ok());
  return *report;
}

}  // namespace glasshouse::scenarios
