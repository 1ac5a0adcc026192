#pragma once
// One simulated run of a scenario: the world built from script, seed and parameters, the script
// that acts on it, its recording, and the report at its end. The command line, the replay and the
// observer's live view all run this.
//
// Threads: one at a time.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/observe/tracer.h"
#include "scenarios/application.h"
#include "scenarios/language/script.h"
#include "scenarios/run/action.h"
#include "scenarios/run/report.h"
#include "sim/world.h"
#include "tracing/answers.h"

namespace glasshouse::tracing {
class Recorder;
class Reader;
}  // namespace glasshouse::tracing

namespace glasshouse::scenarios {

struct RunOptions {
  std::string file;  // of the scenario, as sentences and the repeat command name it
  std::string text;
  Settings set;
  std::uint64_t seed = 1;
  std::optional<Duration> until;  // instead of the scenario's own length
  std::string trace;              // the file to record to; empty: no recording
  // Compare with this recording while it goes on; must outlive the run.
  tracing::Reader* compare_with = nullptr;
  std::vector<Action> actions;                     // by hand, to be done again
  std::vector<tracing::DecisionRecord> decisions;  // that the seed does not make
  const Applications* applications = nullptr;      // none: those that are shipped
};

// Reads a scenario. Errors: one sentence with the name of the file.
Result<std::string> read_scenario(const std::string& path);

enum class RunState : std::uint8_t {
  going,
  reached,   // its length, or --until
  violated,  // a property does not hold
  deadlock,  // nothing is due, and some process waits for an answer nobody will give
  endless,   // more steps than a run may have
  stopped,   // by hand
  diverged,  // it differs from the recording it is compared with
  failed,    // the script, or an application, could not go on
};

class Run {
 public:
  // Everything is in place, and nothing has happened yet.
  static Result<std::unique_ptr<Run>> create(RunOptions options);
  ~Run();

  // Until that time of virtual time, the end, or a violation.
  RunState run_until(Instant until);
  // At most so many steps.
  RunState run_steps(std::uint64_t steps, Instant until = Instant::max());
  // To the end. `progress` is called now and then.
  RunState run_to_end(const std::function<void(const Run&)>& progress = {});

  // Until just after that event, or that time, or the end.
  RunState run_to_event(std::optional<std::uint64_t> last_event, Instant until,
                        const std::function<void(const Run&)>& progress = {});

  RunState state() const;
  Instant now() const;
  // Where it ends, unless something else ends it before.
  Instant end() const;
  std::uint64_t steps() const;
  std::uint64_t events() const;
  sim::World& world();
  const Plan& plan() const;
  const std::vector<PropertyState>& properties() const;
  // Why it failed, one sentence. REQUIRES: state() == failed.
  const runtime::Error& failure() const;

  // By hand, now: told in the trace, so that a replay does it again.
  Result<void> act(const Action& action);

  // Everything that has happened can be read from the trace file.
  Result<void> flush();
  // How it is now, without ending it.
  Result<Report> report_so_far() const;
  // Judges what is still open, completes the recording and reports. Once; no steps afterwards.
  // A recording that could not be completed is in the report. Errors: what this run was compared
  // with cannot be read.
  Result<Report> finish();

 private:
  struct Parts;
  explicit Run(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace glasshouse::scenarios
