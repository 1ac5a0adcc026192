#include "scenarios/run/replay.h"

#include "scenarios/run/repeat.h"
#include "tracing/digest.h"
#include "tracing/reader.h"

namespace glasshouse::scenarios {

using runtime::Error;

namespace {

constexpr std::size_t actions_max = 1'000'000;

Result<std::vector<Action>> recorded_actions(tracing::Reader& recording) {
  tracing::EventFilter filter;
  filter.kinds = runtime::kind_bit(EventKind::action);
  auto events = recording.events({.limit = actions_max}, filter);
  if (!events) return events.error();
  std::vector<Action> actions;
  for (const tracing::EventRecord& event : *events) {
    auto action = Action::parse(event.name, event.detail);
    if (!action) return action.error();
    actions.push_back(*action);
  }
  return actions;
}

std::string shown_digest(const std::optional<std::uint64_t>& digest) {
  return digest ? tracing::digest_text(*digest) : "nothing";
}

}  // namespace

Result<RunOptions> recorded_run(tracing::Reader& recording) {
  const tracing::RunInfo& info = recording.run();
  if (info.world != tracing::WorldKind::sim) {
    return Error(info.file +
                 ": this was recorded on many cores; only a simulated run can be "
                 "run again");
  }
  RunOptions options;
  options.file = info.scenario;
  options.text = info.scenario_text;
  options.seed = info.seed;
  for (const tracing::Parameter& parameter : info.parameters) {
    if (parameter.name == file_parameter) {
      options.file = parameter.value;
    } else if (parameter.name == until_parameter) {
      const auto until = parse_duration(parameter.value);
      if (!until) return Error(info.file + ": this trace is damaged: " + until.error().what);
      options.until = *until;
    } else {
      options.set.emplace_back(parameter.name, parameter.value);
    }
  }
  auto actions = recorded_actions(recording);
  if (!actions) return actions.error();
  options.actions = std::move(*actions);
  auto decisions = recording.decisions();
  if (!decisions) return decisions.error();
  options.decisions = std::move(*decisions);
  return options;
}

Result<Replay> replay(const ReplayOptions& options) {
  auto recording = tracing::Reader::open(options.trace);
  if (!recording) return recording.error();
  auto again = recorded_run(*recording);
  if (!again) return again.error();
  again->applications = options.applications;
  if (options.verify) again->compare_with = &*recording;
  auto created = Run::create(std::move(*again));
  if (!created) return created.error();
  Run& run = **created;

  Replay result;
  const tracing::RunInfo& info = recording->run();
  result.recorded_by = info.build;
  result.same_build = info.build == build_text();
  result.recorded_digest = info.digest;
  result.complete = !info.cut && !options.until_event && !options.until_time;
  // A recording that was cut has no end to compare with: it is repeated as far as it goes.
  std::optional<std::uint64_t> last_event = options.until_event;
  if (info.cut && (!last_event || *last_event > info.events)) last_event = info.events;
  run.run_to_event(last_event, options.until_time.value_or(Instant::max()), options.progress);
  auto report = result.complete ? run.finish() : run.report_so_far();
  if (!report) return report.error();
  result.report = std::move(*report);
  if (result.report.divergence) {
    result.divergence = result.report.divergence->sentence();
  } else if (result.complete && info.digest != result.report.digest) {
    result.divergence = "the replay ended with digest " + shown_digest(result.report.digest) +
                        ", the recording with " + shown_digest(info.digest);
  }
  return result;
}

}  // namespace glasshouse::scenarios
