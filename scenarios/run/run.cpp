#include "scenarios/run/run.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "scenarios/run/repeat.h"
#include "scenarios/run/run_parts.h"
#include "tracing/digest.h"
#include "tracing/reader.h"
#include "tracing/recorder.h"

namespace glasshouse::scenarios {

using runtime::Error;

namespace {

// How far a run goes between two looks at the comparison and at who wants to know its progress.
constexpr Duration slice = Duration::milliseconds(100);
constexpr std::size_t scenario_bytes_max = 1 << 20;

std::vector<sim::Override> overrides(const std::vector<tracing::DecisionRecord>& decisions) {
  std::vector<sim::Override> result;
  for (const tracing::DecisionRecord& decision : decisions) {
    for (int i = 0; i < sim::choice_count; ++i) {
      const auto choice = static_cast<sim::Choice>(i);
      if (sim::choice_name(choice) != decision.choice) continue;
      result.push_back({{choice, decision.entity, decision.count}, decision.value});
    }
  }
  return result;
}

}  // namespace

tracing::RunDescription describe_run(const RunOptions& options, const Plan& plan) {
  tracing::RunDescription run;
  run.scenario = plan.name;
  run.scenario_text = options.text;
  run.seed = options.seed;
  for (const ParameterPlan& parameter : plan.parameters) {
    run.parameters.push_back({parameter.name, to_string(parameter.value)});
  }
  run.parameters.push_back({std::string(file_parameter), options.file});
  if (options.until) {
    run.parameters.push_back({std::string(until_parameter), duration_text(*options.until)});
  }
  run.world = tracing::WorldKind::sim;
  run.started = runtime::SystemClock().wall();
  run.build = build_text();
  run.decisions = options.decisions;
  return run;
}

Result<std::unique_ptr<Script>> load_script(const RunOptions& options,
                                            std::function<std::uint64_t(std::uint64_t)> draw) {
  const Applications& known =
      options.applications != nullptr ? *options.applications : shipped_applications();
  return Script::load(
      {.file = options.file, .text = options.text, .set = options.set, .draw = std::move(draw)},
      known);
}

Result<std::string> read_scenario(const std::string& path) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) {
    return Error(path + ": this is a folder; a scenario is a text file", "eisdir");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error(path + ": there is no such file, or it cannot be read", "enoent");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad()) return Error(path + ": this cannot be read; a scenario is a text file", "eio");
  if (text.size() > scenario_bytes_max) {
    return Error(path + ": this is larger than 1 MB; a scenario is a short text", "einval");
  }
  if (text.find('\0') != std::string::npos) {
    return Error(path + ": this is no text; a scenario is written in Lua", "einval");
  }
  return text;
}

Run::Parts::Parts(RunOptions run_options)
    : options(std::move(run_options)), decisions(options.seed, overrides(options.decisions)) {}

Result<void> Run::Parts::set_up() {
  auto loaded = load_script(options, [this](std::uint64_t stream) {
    return decisions.draw(sim::Choice::workload, stream);
  });
  if (!loaded) return loaded.error();
  script = std::move(loaded).value();
  const Plan& plan = script->plan();
  if (!options.until && !plan.length) {
    return Error(options.file +
                 ": how long does it run? Write run_for \"30s\", or say --until 30s");
  }
  end = Instant::at(options.until ? *options.until : *plan.length);
  auto tracers = set_up_tracers();
  if (!tracers) return tracers;
  set_up_world();
  return {};
}

Result<void> Run::Parts::set_up_tracers() {
  if (!options.trace.empty()) {
    tracing::RecorderOptions recording;
    recording.path = options.trace;
    auto created =
        tracing::Recorder::create(std::move(recording), describe_run(options, script->plan()));
    if (!created) return created.error();
    recorder = std::move(created).value();
  }
  runtime::Tracer* last = nullptr;
  if (options.compare_with != nullptr) {
    auto created =
        tracing::Comparator::create({.recording = *options.compare_with, .next = recorder.get()});
    if (!created) return created.error();
    comparator = std::move(created).value();
    last = comparator.get();
  } else {
    tracing::DigestOptions digesting;
    digesting.next = recorder.get();
    if (recorder) {
      digesting.checkpoint = [this](std::uint64_t events, std::uint64_t value) {
        recorder->digest_point(events, value);
      };
    }
    digest = std::make_unique<tracing::DigestTracer>(std::move(digesting));
    last = digest.get();
  }
  watcher = std::make_unique<Watcher>(*last, Watcher::Threads::one);
  return {};
}

void Run::Parts::set_up_world() {
  const Plan& plan = script->plan();
  sim::WorldOptions world_options;
  world_options.seed = options.seed;
  world_options.network.link = link_options(plan.network);
  world_options.tracer = watcher.get();
  world_options.decisions = &decisions;
  world = std::make_unique<sim::World>(world_options);
  stage = std::make_unique<SimStage>(plan, *world, *watcher);
  // A probe is told inside a process, where nothing of the world may be touched: what waits for it
  // is called when the step is over.
  watcher->on_probe = [this](Atom name, std::int64_t value) {
    if (script->waits_for_probe(name.text())) probes.emplace_back(name, value);
  };
  world->on_step([this] {
    if (probes.empty()) return;
    for (const auto& [name, value] : std::exchange(probes, {}))
      script->probed(name.text(), value);
  });
  stage->build();
  script->begin(*stage);
}

RunState Run::Parts::settle(sim::RunEnd outcome) {
  if (stage->failure()) return state = RunState::failed;
  if (script->is_violated()) return state = RunState::violated;
  if (comparator && comparator->divergence()) return state = RunState::diverged;
  if (outcome == sim::RunEnd::limit) return state = RunState::endless;
  if (outcome == sim::RunEnd::deadlock) return state = RunState::deadlock;
  if (world->now() >= end) return state = RunState::reached;
  return state;
}

// What was done by hand when this run was recorded is done again, at the same step and time.
void Run::Parts::repeat_actions() {
  while (actions_done < options.actions.size()) {
    const Action& next = options.actions[actions_done];
    if (world->steps() < next.step || world->now() < next.when) return;
    ++actions_done;
    const auto done = apply(*world, next);
    if (done && next.kind == ActionKind::stop) state = RunState::stopped;
    if (!done) {
      stage->fail(Error("what was done by hand cannot be repeated: " + done.error().what));
    }
  }
}

RunState Run::Parts::advance(Instant until, const std::function<bool()>& goes_on) {
  const auto is_wanted = [&] { return !goes_on || goes_on(); };
  while (state == RunState::going && actions_done < options.actions.size()) {
    const Action& next = options.actions[actions_done];
    if (next.when > until) break;
    const bool must_step = world->steps() < next.step;
    settle(world->run_while(
        [&] { return is_wanted() && (!must_step || world->steps() < next.step); }, next.when));
    if (!is_wanted()) return state;
    const bool is_missed = world->steps() < next.step && world->now() >= next.when;
    if (state == RunState::going && is_missed) state = RunState::diverged;
    if (state == RunState::going || state == RunState::reached) repeat_actions();
  }
  if (state == RunState::going) settle(world->run_while(goes_on, until));
  return state;
}

Run::Run(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Run::~Run() = default;

Result<std::unique_ptr<Run>> Run::create(RunOptions options) {
  auto parts = std::make_unique<Parts>(std::move(options));
  auto ready = parts->set_up();
  if (!ready) return ready.error();
  if (parts->stage->failure()) return *parts->stage->failure();
  return std::unique_ptr<Run>(new Run(std::move(parts)));
}

RunState Run::run_until(Instant until) {
  const Instant target = std::min(until, parts_->end);
  while (parts_->state == RunState::going && now() < target) {
    parts_->advance(std::min(target, now() + slice));
  }
  return parts_->state;
}

RunState Run::run_steps(std::uint64_t steps, Instant until) {
  const std::uint64_t last = this->steps() + steps;
  const Instant target = std::min(until, parts_->end);
  if (parts_->state != RunState::going) return parts_->state;
  return parts_->settle(parts_->world->run_while([&] { return this->steps() < last; }, target));
}

RunState Run::run_to_end(const std::function<void(const Run&)>& progress) {
  while (parts_->state == RunState::going) {
    parts_->advance(std::min(parts_->end, now() + slice));
    if (progress) progress(*this);
  }
  return parts_->state;
}

RunState Run::run_to_event(std::optional<std::uint64_t> last_event, Instant until,
                           const std::function<void(const Run&)>& progress) {
  const Instant target = std::min(until, parts_->end);
  std::function<bool()> goes_on;
  if (last_event) goes_on = [&] { return events() < *last_event; };
  while (parts_->state == RunState::going && now() < target && (!goes_on || goes_on())) {
    parts_->advance(std::min(target, now() + slice), goes_on);
    if (progress) progress(*this);
  }
  return parts_->state;
}

RunState Run::state() const {
  return parts_->state;
}
Instant Run::now() const {
  return parts_->world->now();
}
Instant Run::end() const {
  return parts_->end;
}
std::uint64_t Run::steps() const {
  return parts_->world->steps();
}
std::uint64_t Run::events() const {
  return parts_->watcher->events();
}
sim::World& Run::world() {
  return *parts_->world;
}
const Plan& Run::plan() const {
  return parts_->script->plan();
}
const std::vector<PropertyState>& Run::properties() const {
  return parts_->script->properties();
}
const Error& Run::failure() const {
  return *parts_->stage->failure();
}

Result<void> Run::act(const Action& action) {
  if (parts_->state != RunState::going) return Error("the run has ended");
  return apply(*parts_->world, action);
}

Result<void> Run::flush() {
  if (!parts_->recorder) return {};
  return parts_->recorder->flush();
}

}  // namespace glasshouse::scenarios
