#pragma once
// Runs again what a trace file recorded, from the file alone, and compares.
//
// Threads: one.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "runtime/base/result.h"
#include "scenarios/run/run.h"

namespace glasshouse::scenarios {

struct ReplayOptions {
  std::string trace;
  bool verify = false;  // compare digests on the way, and name the first event that differs
  // Stop just after this event, or at this virtual time.
  std::optional<std::uint64_t> until_event = {};
  std::optional<Instant> until_time = {};
  const Applications* applications = nullptr;
  std::function<void(const Run&)> progress = {};
};

struct Replay {
  Report report;
  bool complete = true;  // the recording was not cut, and it was replayed to its end
  bool same_build = true;
  std::string recorded_by;  // the build
  std::optional<std::uint64_t> recorded_digest;
  // Empty if nothing differed; else one sentence.
  std::string divergence;
};

// Errors: it is no trace, it is damaged, or it was not recorded in the simulator; one sentence.
Result<Replay> replay(const ReplayOptions& options);

// What is needed to run a recorded run again.
Result<RunOptions> recorded_run(tracing::Reader& recording);

}  // namespace glasshouse::scenarios
