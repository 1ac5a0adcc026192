#pragma once
// Trace files for tests, removed at the end.

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <unistd.h>

#include "tests/catch.h"
#include "tests/tracing/story.h"
#include "tracing/reader.h"
#include "tracing/recorder.h"

namespace glasshouse::tracing {

// A name that no other test has; the file and its log are removed at the end of the test.
class TraceFile {
 public:
  TraceFile()
      : path_(std::filesystem::temp_directory_path() /
              ("glasshouse_tracing_" + std::to_string(::getpid()) + "_" + std::to_string(++made()) +
               ".db")) {}
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;
  ~TraceFile() {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::error_code ignored;
      std::filesystem::remove(path_.string() + suffix, ignored);
    }
  }
  std::string path() const { return path_.string(); }

 private:
  static std::atomic<int>& made() {
    static std::atomic<int> count{0};
    return count;
  }
  std::filesystem::path path_;
};

inline RunDescription described(std::uint64_t seed = 7) {
  return {.scenario = "story",
          .scenario_text = "host 'a'\n",
          .seed = seed,
          .parameters = {{"shards", "4"}, {"port", "0"}}};
}

inline std::unique_ptr<Recorder> recorder_to(const TraceFile& file, RecorderOptions options = {}) {
  options.path = file.path();
  auto recorder = Recorder::create(options, described());
  REQUIRE(recorder.ok());
  return std::move(*recorder);
}

inline Reader opened(const TraceFile& file) {
  auto reader = Reader::open(file.path());
  if (!reader) FAIL(reader.error().what);
  return std::move(*reader);
}

template <class T>
T value_of(Result<T> result) {
  if (!result) FAIL(result.error().what);
  return std::move(*result);
}

// A finished trace of a story of some steps, and the story.
struct Recorded {
  TraceFile file;
  std::unique_ptr<Recorder> recorder;
  story::Story told;

  explicit Recorded(int steps, std::uint64_t seed = 7, RecorderOptions options = {})
      : recorder(recorder_to(file, std::move(options))), told(*recorder, seed) {
    told.begin(4);
    told.run(steps);
    REQUIRE(recorder->finish({}).ok());
  }
  Reader open() const { return opened(file); }
};

}  // namespace glasshouse::tracing
