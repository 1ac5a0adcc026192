// How a run ends, and what is said about it.

#include "scenarios/run/repeat.h"
#include "scenarios/run/run_parts.h"

namespace glasshouse::scenarios {

namespace {

std::string ending(RunState state, sim::World& world) {
  const std::string at = " at " + runtime::to_string(world.now());
  switch (state) {
    case RunState::going:
      return "is" + at;
    case RunState::reached:
      return "finished" + at;
    case RunState::violated:
      return "stopped at a violation," + at;
    case RunState::deadlock:
      return "stood still" + at + ": " + world.stand_still().sentence();
    case RunState::endless:
      return "took " + grouped(world.steps()) + " steps and would perhaps never end";
    case RunState::stopped:
      return "was stopped by hand" + at;
    case RunState::diverged:
      return "differed from its recording" + at;
    case RunState::failed:
      return "failed" + at;
  }
  return {};
}

}  // namespace

std::vector<tracing::PropertyInfo> property_infos(const std::vector<PropertyState>& properties) {
  std::vector<tracing::PropertyInfo> result;
  for (const PropertyState& property : properties) {
    tracing::PropertyInfo info;
    info.name = property.name;
    info.kind = property_kind_name(property.kind);
    info.verdict = verdict_name(property.verdict);
    info.why = property.why;
    result.push_back(std::move(info));
  }
  return result;
}

Report Run::Parts::report() const {
  Report report;
  report.scenario = script->plan().name;
  report.file = options.file;
  report.seed = options.seed;
  report.properties = script->properties();
  report.ended = ending(state, *world);
  report.digest = comparator ? comparator->digest() : digest->digest();
  report.events = comparator ? comparator->events() : digest->events();
  if (comparator) report.divergence = comparator->divergence();
  report.virtual_time = world->now().since_origin();
  report.processes = watcher->count(EventKind::spawn);
  report.crashes = watcher->count(EventKind::crash);
  report.kills = watcher->kills();
  report.restarts = watcher->count(EventKind::restart, "restart");
  report.injected = stage->injected();
  for (const NamedCount& fault : report.injected)
    report.faults += fault.count;
  report.crashed = watcher->crashed();
  report.killed = watcher->killed();
  report.restarted = watcher->restarted();
  report.repeat = repeat_command(options);
  report.good =
      state == RunState::reached || state == RunState::going || state == RunState::stopped;
  if (recorder) report.trace = options.trace;
  report.wall_time = clock.now().since_origin();
  return report;
}

Result<Report> Run::report_so_far() const {
  return parts_->report();
}

Result<Report> Run::finish() {
  Parts& parts = *parts_;
  if (parts.state == RunState::going) {
    // A replay ends where this ended.
    auto stopped = apply(*parts.world, {.kind = ActionKind::stop});
    if (!stopped) return stopped.error();
    parts.state = RunState::stopped;
  }
  // Nothing is due but looks of the scenario itself, and somebody waits for an answer for ever.
  if (parts.state == RunState::reached && parts.world->pending().others == 0 &&
      parts.world->stand_still().is_deadlock()) {
    parts.state = RunState::deadlock;
  }
  parts.script->finish(parts.state == RunState::reached);
  const bool judged = parts.state == RunState::reached || parts.state == RunState::stopped;
  if (judged && parts.script->is_violated()) parts.state = RunState::violated;
  if (parts.stage->failure()) parts.state = RunState::failed;
  std::optional<tracing::Divergence> divergence;
  if (parts.comparator) {
    auto compared = parts.comparator->finish();
    if (!compared) return compared.error();
    divergence = *compared;
  }
  Report report = parts.report();
  report.divergence = divergence;
  if (parts.recorder) {
    auto recorded = parts.recorder->finish({.words = report.ended,
                                            .digest = report.digest,
                                            .digest_events = report.events,
                                            .properties = property_infos(report.properties)});
    if (!recorded) report.recording_failure = recorded.error().what;
  }
  report.wall_time = parts.clock.now().since_origin();
  return report;
}

}  // namespace glasshouse::scenarios
