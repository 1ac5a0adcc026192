#include "scenarios/run/serve.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "runtime/node/node.h"
#include "runtime/observe/metrics_endpoint.h"
#include "runtime/schedule/shutdown.h"
#include "runtime/schedule/system.h"
#include "scenarios/run/repeat.h"
#include "scenarios/run/run_parts.h"
#include "sim/decisions.h"
#include "tracing/recorder.h"

namespace glasshouse::scenarios {

using runtime::Error;
using runtime::Node;

namespace {

constexpr std::string_view loopback = "127.0.0.1";
constexpr Duration look_every = Duration::milliseconds(100);  // whether the nodes still serve
constexpr Duration shutdown_time = Duration::seconds(10);     // of a node

// Probes are told by any worker; the script hears of them between two things it does.
class ProbeBox {
 public:
  using Probe = std::pair<Atom, std::int64_t>;
  void put(Atom name, std::int64_t value) {
    const std::lock_guard lock(mutex_);
    if (probes_.size() < probes_max) probes_.emplace_back(name, value);
  }
  std::vector<Probe> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(probes_, {});
  }

 private:
  static constexpr std::size_t probes_max = 65'536;
  std::mutex mutex_;
  std::vector<Probe> probes_;
};

// What processes log as errors, for the person who runs them.
class ErrorBox {
 public:
  void put(Atom who, std::string_view line) {
    const std::lock_guard lock(mutex_);
    if (lines_.size() < lines_max)
      lines_.push_back(std::string(who.text()) + ": " + std::string(line));
  }
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(lines_, {});
  }

 private:
  static constexpr std::size_t lines_max = 1'000;
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

// While this process lives, its node does what it was started for.
struct Root {
  std::string node;
  runtime::Pid pid;
  std::string application;
};

class MulticoreStage final : public Stage {
 public:
  MulticoreStage(const ServeOptions& options, const Plan& plan, Watcher& watcher)
      : options_(options),
        plan_(plan),
        watcher_(watcher),
        draws_(options.run.seed),
        world_({.executor = {}, .network = {}, .folder = options.folder}, watcher) {}

  Result<void> build();
  Result<void> tell_metrics(std::uint16_t port);
  // Until it has to stop. True: its time was over, or somebody said so.
  bool run(const Script& script, ProbeBox& probes, ErrorBox& errors,
           const std::function<void(Atom, std::int64_t)>&);
  // The nodes in reverse order, each from the leaves of its supervision tree to the root.
  void shut_down();

  Instant now() const override { return world_.clock().now(); }
  void at(Instant when, std::function<void()> what) override {
    due_.emplace(when, std::move(what));
  }
  std::uint64_t draw(std::uint64_t stream) override {
    return draws_.draw(sim::Choice::workload, stream);
  }
  Result<bool> inject(const FaultRequest& fault) override;
  void heal() override {}
  bool is_up(const NodePlan& node) const override { return find(node.name) != nullptr; }
  std::int64_t processes(const NodePlan& node, std::string_view like) const override;
  std::int64_t seen(std::string_view kind, std::string_view name) const override {
    return watcher_.count_named(kind, name);
  }
  std::int64_t probe(std::string_view name) const override { return watcher_.probe(name); }
  Shared& shared() override { return shared_; }
  void say(std::string_view text) override { announce(text); }
  void judge(std::string_view property, bool held, std::string_view why) override;
  void fail(Error error) override {
    if (!failure_) failure_ = std::move(error);
  }

  const std::optional<Error>& failure() const { return failure_; }
  const std::map<std::string, std::uint64_t>& injected() const { return injected_; }

 private:
  Node* find(const std::string& name) const;
  void tell_errors(ErrorBox& errors);
  std::string last_errors() const;
  bool serves(ErrorBox& errors);
  void announce(std::string_view line) const {
    if (options_.announce) options_.announce(line);
  }
  void tell(Event event, std::string_view text = {});

  const ServeOptions& options_;
  const Plan& plan_;
  Watcher& watcher_;
  sim::SeededDecisions draws_;
  Shared shared_;
  runtime::MulticoreWorld world_;
  std::map<std::string, std::unique_ptr<Node>> nodes_;
  std::unique_ptr<runtime::MetricsEndpoint> metrics_;  // after the nodes: it reads them
  std::vector<Root> roots_;
  static constexpr std::size_t last_errors_max = 3;
  std::vector<std::string> last_errors_;
  std::multimap<Instant, std::function<void()>> due_;
  std::optional<Error> failure_;
  std::map<std::string, std::uint64_t> injected_;
};

Result<void> MulticoreStage::build() {
  std::uint16_t index = 0;
  for (const NodePlan& plan : plan_.nodes) {
    if (plan.application->worlds == Worlds::only_sim) {
      return Error("node " + plan.name + ": " + plan.application->name +
                   " runs in the simulator only");
    }
    auto node = std::make_unique<Node>(
        world_.environment(),
        runtime::NodeOptions{.name = Atom(plan.name + "@" + std::string(loopback)),
                             .trace_index = ++index});
    const auto started =
        plan.application->start({.node = *node,
                                 .options = plan.options,
                                 .shared = shared_,
                                 .host = std::string(loopback),
                                 .announce = [this](std::string_view line) { announce(line); }});
    nodes_.emplace(plan.name, std::move(node));
    if (!started) return Error("node " + plan.name + ": " + started.error().what);
    roots_.push_back({plan.name, *started, plan.application->name});
  }
  return {};
}

Result<void> MulticoreStage::tell_metrics(std::uint16_t port) {
  auto opened = runtime::MetricsEndpoint::open({.address = std::string(loopback), .port = port});
  if (!opened) return opened.error();
  metrics_ = std::move(*opened);
  for (const auto& [name, node] : nodes_)
    metrics_->add(*node);
  announce("metrics are told at " + metrics_->url());
  return {};
}

void MulticoreStage::tell_errors(ErrorBox& errors) {
  for (std::string& line : errors.take()) {
    announce(line);
    if (last_errors_.size() == last_errors_max) last_errors_.erase(last_errors_.begin());
    last_errors_.push_back(std::move(line));
  }
}

// The cause comes before what supervisors say of it.
std::string MulticoreStage::last_errors() const {
  std::string all;
  for (const std::string& line : last_errors_)
    all += (all.empty() ? "; the last errors were: " : "; ") + line;
  return all;
}

// False: a node has nothing left that anybody started on it, and the failure says so.
bool MulticoreStage::serves(ErrorBox& errors) {
  for (const Root& root : roots_) {
    const runtime::Process* const process = find(root.node)->find(root.pid);
    if (process != nullptr && process->pid() == root.pid && process->is_alive()) continue;
    tell_errors(errors);
    fail(Error("node " + root.node + ": " + root.application + " has ended and serves no more" +
               last_errors()));
    return false;
  }
  return true;
}

bool MulticoreStage::run(const Script& script, ProbeBox& probes, ErrorBox& errors,
                         const std::function<void(Atom, std::int64_t)>& told) {
  const Instant end = options_.run.until ? Instant::at(*options_.run.until) : Instant::max();
  for (;;) {
    while (!failure_ && !due_.empty() && due_.begin()->first <= std::min(now(), end)) {
      const auto first = due_.begin();
      const auto what = std::move(first->second);
      due_.erase(first);
      what();
    }
    for (const auto& [name, value] : probes.take())
      told(name, value);
    tell_errors(errors);
    if (failure_ || script.is_violated() || !serves(errors)) return false;
    if (now() >= end) return true;
    const Instant look = std::min(end, now() + look_every);
    const Instant next = due_.empty() ? look : std::min(look, due_.begin()->first);
    // Also when something is due at once: a busy script must not keep a signal waiting.
    if (options_.wait(std::max(next - now(), Duration::zero()))) return true;
  }
}

void MulticoreStage::shut_down() {
  for (auto plan = plan_.nodes.rbegin(); plan != plan_.nodes.rend(); ++plan) {
    Node* const node = find(plan->name);
    if (node == nullptr || runtime::shut_down(*node, shutdown_time)) continue;
    announce("node " + plan->name + " did not stop within " + runtime::to_string(shutdown_time) +
             " and is ended as it stands");
  }
}

Node* MulticoreStage::find(const std::string& name) const {
  const auto found = nodes_.find(name);
  return found == nodes_.end() ? nullptr : found->second.get();
}

std::int64_t MulticoreStage::processes(const NodePlan& node, std::string_view like) const {
  const Node& live = *find(node.name);
  if (like.empty()) return static_cast<std::int64_t>(live.process_count());
  return static_cast<std::int64_t>(processes_like(live, like).size());
}

Result<bool> MulticoreStage::inject(const FaultRequest& fault) {
  if (fault.kind != "kill") {
    return Error("fault." + fault.kind +
                 " needs the simulator: on many cores network, disks, clocks and power are real");
  }
  Node& node = *find(fault.node);
  const std::vector<runtime::Pid> found = processes_like(node, fault.process);
  if (found.empty()) return false;
  const std::uint64_t entity = runtime::hash_bytes(fault.node + "/" + fault.process);
  const std::uint64_t chosen = draws_.below(sim::Choice::fault, entity, found.size());
  const Atom kind("proc.kill");
  const std::uint64_t number = ++injected_[fault.kind];
  tell({.kind = EventKind::fault_begin, .name = kind, .message = number},
       fault.process + " " + to_string(node.key_of(found[chosen])) + " of " + fault.node);
  node.exit(found[chosen], runtime::Term(runtime::atoms::kill));
  tell({.kind = EventKind::fault_end, .name = kind, .message = number});
  return true;
}

void MulticoreStage::judge(std::string_view property, bool held, std::string_view why) {
  const std::string_view name = property.substr(0, Atom::text_bytes_max);
  tell({.kind = EventKind::property, .name = Atom(name), .argument = held ? 1 : 0}, why);
}

void MulticoreStage::tell(Event event, std::string_view text) {
  if (!watcher_.wants(event.kind)) return;
  event.time = now();
  watcher_.emit(event, text);
}

Result<std::unique_ptr<tracing::Recorder>> start_recording(const ServeOptions& options,
                                                           const Plan& plan) {
  tracing::RecorderOptions recording;
  recording.path = options.run.trace;
  recording.pressure = tracing::Pressure::monitoring;
  if (!options.records_messages) recording.kinds = tracing::life_kinds;
  tracing::RunDescription run = describe_run(options.run, plan);
  run.world = tracing::WorldKind::multicore;
  return tracing::Recorder::create(std::move(recording), std::move(run));
}

Report make_report(const ServeOptions& options, const Script& script, const Watcher& watcher,
                   const MulticoreStage& stage) {
  Report report;
  report.scenario = script.plan().name;
  report.file = options.run.file;
  report.seed = options.run.seed;
  report.events = watcher.events();
  report.virtual_time = stage.now().since_origin();
  report.wall_time = report.virtual_time;
  report.processes = watcher.count(EventKind::spawn);
  report.crashes = watcher.count(EventKind::crash);
  report.kills = watcher.kills();
  report.restarts = watcher.count(EventKind::restart, "restart");
  for (const auto& [kind, count] : stage.injected()) {
    report.injected.push_back({kind, count});
    report.faults += count;
  }
  report.crashed = watcher.crashed();
  report.killed = watcher.killed();
  report.restarted = watcher.restarted();
  report.properties = script.properties();
  report.repeat = repeat_command(options.run) + " --on multicore";
  report.good = !script.is_violated() && !stage.failure();
  report.ended = (report.good       ? "was stopped after "
                  : stage.failure() ? "failed after "
                                    : "stopped at a violation, after ") +
                 runtime::to_string(report.wall_time);
  return report;
}

}  // namespace

Result<Served> serve(const ServeOptions& options) {
  auto loaded = load_script(
      options.run, [draws = sim::SeededDecisions(options.run.seed)](std::uint64_t stream) mutable {
        return draws.draw(sim::Choice::workload, stream);
      });
  if (!loaded) return loaded.error();
  Script& script = **loaded;
  std::unique_ptr<tracing::Recorder> recorder;
  if (!options.run.trace.empty()) {
    auto created = start_recording(options, script.plan());
    if (!created) return created.error();
    recorder = std::move(created).value();
  }
  runtime::NullTracer nobody;
  runtime::Tracer& next = recorder ? static_cast<runtime::Tracer&>(*recorder) : nobody;
  Watcher watcher(next, Watcher::Threads::many);
  ProbeBox probes;
  ErrorBox errors;
  watcher.on_error = [&errors](Atom who, std::string_view line) { errors.put(who, line); };
  watcher.on_probe = [&probes](Atom name, std::int64_t value) { probes.put(name, value); };

  Served served;
  {
    MulticoreStage stage(options, script.plan(), watcher);
    auto built = stage.build();
    if (!built) return built.error();
    if (options.metrics_port) {
      const auto telling = stage.tell_metrics(*options.metrics_port);
      if (!telling) return telling.error();
    }
    script.begin(stage);
    const auto told = [&script](Atom name, std::int64_t value) {
      if (script.waits_for_probe(name.text())) script.probed(name.text(), value);
    };
    const bool complete = stage.run(script, probes, errors, told);
    script.finish(complete && options.run.until.has_value());
    stage.shut_down();
    if (stage.failure()) served.failure = stage.failure()->what;
    served.report = make_report(options, script, watcher, stage);
  }
  if (recorder) {
    served.report.trace = options.run.trace;
    auto finished = recorder->finish({.words = served.report.ended,
                                      .digest = std::nullopt,
                                      .digest_events = 0,
                                      .properties = property_infos(served.report.properties)});
    if (!finished && served.failure.empty()) served.failure = finished.error().what;
    served.report.events = recorder->recorded();
  }
  return served;
}

}  // namespace glasshouse::scenarios
