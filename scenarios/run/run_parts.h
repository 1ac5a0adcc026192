#pragma once
// What a Run is made of. Private to scenarios/run.

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/schedule/system.h"
#include "scenarios/run/run.h"
#include "scenarios/run/sim_stage.h"
#include "scenarios/run/watcher.h"
#include "sim/decisions.h"
#include "tracing/digest.h"
#include "tracing/recorder.h"

namespace glasshouse::scenarios {

// What run.cpp and serve.cpp share.
tracing::RunDescription describe_run(const RunOptions& options, const Plan& plan);
Result<std::unique_ptr<Script>> load_script(const RunOptions& options,
                                            std::function<std::uint64_t(std::uint64_t)> draw);
std::vector<tracing::PropertyInfo> property_infos(const std::vector<PropertyState>& properties);

struct Run::Parts {
  explicit Parts(RunOptions run_options);

  RunOptions options;
  sim::OverriddenDecisions decisions;
  runtime::SystemClock clock;  // of real time, for what is said about the run
  std::unique_ptr<Script> script;
  // In the order events go through them, from the last.
  std::unique_ptr<tracing::Recorder> recorder;
  std::unique_ptr<tracing::DigestTracer> digest;
  std::unique_ptr<tracing::Comparator> comparator;
  std::unique_ptr<Watcher> watcher;
  std::unique_ptr<sim::World> world;
  std::unique_ptr<SimStage> stage;
  std::vector<std::pair<Atom, std::int64_t>> probes;  // told in this step
  std::size_t actions_done = 0;
  Instant end;
  RunState state = RunState::going;

  Result<void> set_up();
  Result<void> set_up_tracers();
  void set_up_world();
  // Until then, or until it no longer `goes_on`, what was done by hand included.
  RunState advance(Instant until, const std::function<bool()>& goes_on = {});
  RunState settle(sim::RunEnd outcome);
  void repeat_actions();
  Report report() const;
};

}  // namespace glasshouse::scenarios
