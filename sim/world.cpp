#include "sim/world.h"

#include <algorithm>

#include "runtime/observe/system_monitor.h"
#include "runtime/process/current.h"
#include "runtime/process/self.h"
#include "sim/disk.h"
#include "sim/executor.h"
#include "sim/hosts.h"
#include "sim/network.h"
#include "sim/world_tracer.h"

namespace glasshouse::sim {

using runtime::Event;
using runtime::EventKind;
using runtime::Process;
using namespace runtime::literals;

std::string_view run_end_name(RunEnd end) {
  switch (end) {
    case RunEnd::reached:
      return "reached";
    case RunEnd::stopped:
      return "stopped";
    case RunEnd::quiescent:
      return "quiescent";
    case RunEnd::deadlock:
      return "deadlock";
    case RunEnd::limit:
      return "limit";
  }
  return "unknown";
}

struct World::Implementation {
  Implementation(World& world, WorldOptions world_options)
      : options(world_options),
        seeded(options.seed),
        decide(options.decisions != nullptr ? *options.decisions : seeded),
        tracer(agenda, options.tracer),
        executor({agenda, decide, hosts}, options.schedule_jitter_max),
        network({agenda, decide, hosts, [this](std::string_view kind) { faults.fired(kind); }},
                options.network),
        faults(world) {
    CHECK(options.reductions_least > 0);
    CHECK(options.reductions_most >= options.reductions_least);
  }

  // How a failed CHECK tells which run it was.
  static std::string context();

  void begin_run() {
    tracer.listen();
    stop = false;
    running = this;
    runtime::set_check_context(&Implementation::context);
  }
  bool drop_stale();
  bool is_stale(const Due& due) const;
  void do_next(World& world);
  void run_process(World& world, const Due& due);
  void tell_long_turn(const Process& process, std::uint64_t before);

  WorldOptions options;
  Agenda agenda;
  SeededDecisions seeded;
  runtime::Decisions& decide;
  WorldTracer tracer;
  Hosts hosts;
  SimExecutor executor;
  SimByteStreams network;
  Faults faults;

  std::vector<std::function<void()>> actions;
  std::vector<std::size_t> free_actions;
  std::uint64_t actions_planned = 0;
  std::function<void()> after_step;
  std::uint64_t steps = 0;
  bool stop = false;
  bool expects_more = false;

  static thread_local const Implementation* running;
};

thread_local const World::Implementation* World::Implementation::running = nullptr;

World::World(WorldOptions options)
    : implementation_(std::make_unique<Implementation>(*this, options)) {}

// The run is over: how it is taken apart is nobody's business.
World::~World() {
  if (Implementation::running == implementation_.get()) Implementation::running = nullptr;
  implementation_->tracer.mute();
  for (auto& slot : implementation_->hosts.slots) {
    if (slot->node == nullptr) continue;
    implementation_->network.power_cut(*slot);
    const std::unique_ptr<Node> node = std::move(slot->node);
  }
}

// -- building -----------------------------------------------------------------------------------

HostId World::add_host(std::string_view name, const HostOptions& options) {
  auto& world = *implementation_;
  CHECK(!find_host(name));
  const auto index = static_cast<std::uint16_t>(world.hosts.hosts.size());
  auto host = std::make_unique<Host>(std::string(name), index, world.agenda, options.clock);
  host->disk = std::make_unique<SimStorage>(
      SimStorage::World{world.agenda, world.decide, world.hosts,
                        [&world](std::string_view kind) { world.faults.fired(kind); }},
      *host, options.disk);
  world.hosts.hosts.push_back(std::move(host));
  world.hosts.host_by_name.emplace(name, index);
  world.network.host_added();
  return HostId{index};
}

NodeId World::start_node(HostId host, std::string_view name, Boot boot_function) {
  auto& hosts = implementation_->hosts;
  CHECK(!find_node(name));
  CHECK(static_cast<std::size_t>(host) < hosts.hosts.size());
  auto slot = std::make_unique<NodeSlot>();
  slot->name = name;
  slot->index = static_cast<std::uint16_t>(hosts.slots.size());
  slot->host = static_cast<std::uint16_t>(host);
  slot->boot = std::move(boot_function);
  NodeSlot& placed = *slot;
  hosts.slot_by_name.emplace(name, slot->index);
  hosts.slots.push_back(std::move(slot));
  boot(placed);
  return NodeId{placed.index};
}

void World::boot(NodeSlot& slot) {
  auto& world = *implementation_;
  world.tracer.listen();
  Host& host = *world.hosts.hosts[slot.host];
  ++slot.creation;
  slot.dark = false;
  slot.stopping = false;
  slot.paused_until = Instant();
  slot.node = std::make_unique<Node>(
      runtime::Environment{.executor = world.executor,
                           .clock = host.clock,
                           .network = world.network,
                           .storage = *host.disk,
                           .tracer = world.tracer,
                           .decide = world.decide},
      runtime::NodeOptions{.name = Atom(slot.name),
                           .creation = slot.creation,
                           .trace_index = static_cast<std::uint16_t>(slot.index + 1)});
  slot.boot(*slot.node);
}

void World::set_link(HostId from, HostId to, const LinkOptions& options) {
  implementation_->network.set_link(static_cast<std::uint16_t>(from),
                                    static_cast<std::uint16_t>(to), options);
}

void World::add_program(std::string_view path, ProgramMain main) {
  implementation_->network.add_program(std::string(path), main);
}

std::optional<HostId> World::find_host(std::string_view name) const {
  const auto& names = implementation_->hosts.host_by_name;
  const auto found = names.find(name);
  return found == names.end() ? std::nullopt : std::optional(HostId{found->second});
}

std::optional<NodeId> World::find_node(std::string_view name) const {
  const auto& names = implementation_->hosts.slot_by_name;
  const auto found = names.find(name);
  return found == names.end() ? std::nullopt : std::optional(NodeId{found->second});
}

std::size_t World::host_count() const {
  return implementation_->hosts.hosts.size();
}
std::size_t World::node_count() const {
  return implementation_->hosts.slots.size();
}
const std::string& World::host_name(HostId host) const {
  return implementation_->hosts.hosts[static_cast<std::size_t>(host)]->name;
}
const std::string& World::node_name(NodeId node) const {
  return implementation_->hosts.slots[static_cast<std::size_t>(node)]->name;
}
HostId World::host_of(NodeId node) const {
  return HostId{implementation_->hosts.slots[static_cast<std::size_t>(node)]->host};
}

// -- running ------------------------------------------------------------------------------------

std::string World::Implementation::context() {
  if (running == nullptr) return "no simulated world";
  return "simulated world of seed " + std::to_string(running->options.seed) + ", step " +
         std::to_string(running->steps) + ", at " + to_string(running->agenda.now());
}

bool World::Implementation::is_stale(const Due& due) const {
  switch (due.kind()) {
    case DueKind::action:
    case DueKind::step:
      return false;
    case DueKind::alarm:
      return hosts.slots[due.what]->alarm != due.when();
    case DueKind::arrival:
    case DueKind::patience:
      return network.is_stale(due);
    case DueKind::disk:
      return hosts.hosts[due.what >> 32]->disk->is_stale(due);
  }
  return false;
}

// Makes the first entry one that means something. False if there is none.
bool World::Implementation::drop_stale() {
  while (!agenda.empty() && is_stale(agenda.next())) {
    const Due due = agenda.take();
    if (due.kind() == DueKind::disk) hosts.hosts[due.what >> 32]->disk->forget_stale(due);
  }
  return !agenda.empty();
}

// A turn takes no time here: what it did stands for it.
void World::Implementation::tell_long_turn(const Process& process, std::uint64_t before) {
  runtime::SystemMonitor& monitor = process.node().system_monitor();
  const Duration limit = monitor.long_schedule();
  if (limit == Duration::zero()) return;
  const std::uint64_t used = process.reductions.load(std::memory_order_relaxed) - before;
  const auto time = Duration::nanoseconds(
      static_cast<std::int64_t>(used * 1'000'000 / runtime::reductions_a_millisecond));
  if (time < limit) return;
  monitor.tell(runtime::LongSchedule{.pid = process.pid(), .time = time, .in = process.initial});
}

void World::Implementation::run_process(World& world, const Due& due) {
  auto& process = *reinterpret_cast<Process*>(due.what);
  NodeSlot& slot = *hosts.slots[(due.key >> 48) - 1];
  if (slot.paused_until > agenda.now()) {
    slot.held.push_back(due);
    return;
  }
  if (!executor.take_turn(process)) return;
  std::uint32_t reductions = options.reductions_least;
  if (const std::uint32_t spread = options.reductions_most - options.reductions_least) {
    reductions += static_cast<std::uint32_t>(
        decide.below(runtime::Choice::budget, due.key, std::uint64_t{spread} + 1));
  }
  const std::uint64_t before = process.reductions.load(std::memory_order_relaxed);
  const Node::Ran ran = slot.node->run(process, reductions).ran;
  if (ran != Node::Ran::exited) tell_long_turn(process, before);
  if (ran == Node::Ran::yielded) executor.schedule(process);
  if (ran == Node::Ran::exited && slot.stopping && slot.node->process_count() == 0) {
    network.process_died(slot);
    world.take_down(slot, "stopped"_atom);
  }
}

void World::Implementation::do_next(World& world) {
  const Due due = agenda.take();
  agenda.advance(due.when());
  ++steps;
  switch (due.kind()) {
    case DueKind::action: {
      const std::function<void()> action = std::move(actions[due.what]);
      free_actions.push_back(due.what);
      action();
      break;
    }
    case DueKind::alarm: {
      NodeSlot& slot = *hosts.slots[due.what];
      if (slot.paused_until > agenda.now()) {
        slot.held.push_back(due);
        break;
      }
      slot.alarm = Instant::max();
      slot.node->fire_timers();
      break;
    }
    case DueKind::arrival:
      network.arrive(due);
      break;
    case DueKind::patience:
      network.lose_patience(due);
      break;
    case DueKind::disk:
      hosts.hosts[due.what >> 32]->disk->complete(due);
      break;
    case DueKind::step:
      run_process(world, due);
      break;
  }
  if (after_step) after_step();
}

Instant World::now() const {
  return implementation_->agenda.now();
}

bool World::step() {
  auto& world = *implementation_;
  world.begin_run();
  if (!world.drop_stale()) return false;
  world.do_next(*this);
  return true;
}

RunEnd World::run_until(Instant until) {
  return run_while(std::function<bool()>(), until);
}

RunEnd World::run_while(const std::function<bool()>& goes_on, Instant until) {
  auto& world = *implementation_;
  world.begin_run();
  for (;;) {
    if (world.stop) return RunEnd::stopped;
    if (goes_on && !goes_on()) return RunEnd::reached;
    const bool any = world.drop_stale();
    if (!any || world.agenda.next().when() > until) {
      if (!until.is_max() && until > now()) world.agenda.advance(until);
      if (any) return RunEnd::reached;
      return stand_still().is_deadlock() || world.expects_more ? RunEnd::deadlock
                                                               : RunEnd::quiescent;
    }
    if (world.steps >= world.options.steps_max) return RunEnd::limit;
    world.do_next(*this);
  }
}

void World::stop() {
  implementation_->stop = true;
}

void World::at(Instant when, std::function<void()> what) {
  auto& world = *implementation_;
  std::size_t place = world.actions.size();
  if (world.free_actions.empty()) {
    world.actions.push_back(std::move(what));
  } else {
    place = world.free_actions.back();
    world.free_actions.pop_back();
    world.actions[place] = std::move(what);
  }
  world.agenda.add(when, DueKind::action, ++world.actions_planned, place);
}

void World::on_step(std::function<void()> what) {
  implementation_->after_step = std::move(what);
}

std::uint64_t World::steps() const {
  return implementation_->steps;
}
std::uint64_t World::events() const {
  return implementation_->tracer.events();
}

World::Pending World::pending() const {
  implementation_->drop_stale();
  const Agenda& agenda = implementation_->agenda;
  const std::size_t actions = agenda.count(DueKind::action);
  return {.actions = actions, .others = agenda.count() - actions};
}

void World::expect_more(bool more) {
  implementation_->expects_more = more;
}

// -- parts --------------------------------------------------------------------------------------

NodeSlot& World::slot(NodeId node) {
  return *implementation_->hosts.slots[static_cast<std::size_t>(node)];
}
Faults& World::faults() {
  return implementation_->faults;
}
SimClock& World::clock(HostId host) {
  return implementation_->hosts.hosts[static_cast<std::size_t>(host)]->clock;
}
void World::set_clock_drift(HostId host, std::int32_t ppm) {
  auto& world = *implementation_;
  clock(host).set_drift(ppm);
  for (const auto& slot : world.hosts.slots) {
    if (HostId{slot->host} == host && slot->node != nullptr && !slot->alarm.is_max()) {
      world.executor.plan_alarm(*slot);
    }
  }
}
runtime::Decisions& World::decisions() {
  return implementation_->decide;
}
const WorldOptions& World::options() const {
  return implementation_->options;
}
SimByteStreams& World::network() {
  return implementation_->network;
}
SimStorage& World::disk(HostId host) {
  return *implementation_->hosts.hosts[static_cast<std::size_t>(host)]->disk;
}

void World::tell_action(std::string_view name, std::string_view what) {
  emit({.kind = EventKind::action, .name = Atom(name)}, what);
}

void World::emit(Event event, std::string_view text) {
  auto& tracer = implementation_->tracer;
  tracer.listen();
  if (tracer.wants(event.kind)) tracer.emit(event, text);
}

// -- nodes --------------------------------------------------------------------------------------

Node* World::node(NodeId node) {
  return slot(node).node.get();
}
std::uint32_t World::creation(NodeId node) const {
  return implementation_->hosts.slots[static_cast<std::size_t>(node)]->creation;
}

void World::crash_node(NodeId node, Crash how) {
  auto& world = *implementation_;
  NodeSlot& crashed = slot(node);
  CHECK(runtime::current_process() == nullptr);
  if (crashed.node == nullptr) return;
  if (how == Crash::power_cut) {
    disk(HostId{crashed.host}).power_cut(crashed);
    world.network.power_cut(crashed);
    crashed.dark = true;
  } else {
    world.network.process_died(crashed);
  }
  take_down(crashed, "crashed"_atom);
}

// REQUIRES: the network knows already.
void World::take_down(NodeSlot& slot, Atom reason) {
  auto& world = *implementation_;
  emit({.kind = EventKind::node_down,
        .node = static_cast<std::uint16_t>(slot.index + 1),
        .name = reason});
  world.tracer.mute();
  {
    // Nothing is delivered to it while it is taken apart.
    const std::unique_ptr<Node> node = std::move(slot.node);
  }
  world.tracer.listen();
}

void World::restart_node(NodeId node) {
  NodeSlot& restarted = slot(node);
  if (restarted.node != nullptr) return;
  boot(restarted);
  implementation_->network.restarted(restarted);
}

void World::stop_node(NodeId node, Duration grace) {
  NodeSlot& stopped = slot(node);
  if (stopped.node == nullptr) return;
  stopped.stopping = true;
  for (const auto& info : stopped.node->list()) {
    if (info.parent.is_null()) stopped.node->exit(info.pid, Term(runtime::atoms::shutdown));
  }
  const std::uint32_t creation = stopped.creation;
  const Duration left = stopped.node->process_count() == 0 ? Duration::zero() : grace;
  at(now() + left, [this, node, creation] {
    NodeSlot& late = slot(node);
    if (!late.lives(creation)) return;
    implementation_->network.process_died(late);
    take_down(late, "stopped"_atom);
  });
}

void World::pause_node(NodeId node, Duration time) {
  const Instant until = now() + time;
  NodeSlot& paused = slot(node);
  if (paused.node == nullptr || paused.paused_until >= until) return;
  paused.paused_until = until;
  at(until, [this, node, until] {
    if (slot(node).paused_until == until) resume_node(node);
  });
}

void World::resume_node(NodeId node) {
  NodeSlot& resumed = slot(node);
  resumed.paused_until = Instant();
  for (const Due& due : resumed.held) {
    if (due.kind() == DueKind::alarm) {
      if (resumed.alarm == due.when()) implementation_->executor.plan_alarm(resumed);
    } else {
      implementation_->agenda.add(now(), due.kind(), due.key, due.what);
    }
  }
  resumed.held.clear();
}

bool World::exit_process(Pid pid, Term reason) {
  const auto home = find_node(pid.node.text());
  if (!home) return false;
  Node* const node = slot(*home).node.get();
  if (node == nullptr || node->creation() != pid.creation) return false;
  const auto processes = node->list();
  const bool lives = std::any_of(processes.begin(), processes.end(),
                                 [&](const auto& info) { return info.pid == pid; });
  if (lives) node->exit(pid, std::move(reason));
  return lives;
}

std::size_t World::exit_processes(NodeId node, std::string_view name, const Term& reason) {
  Node* const home = slot(node).node.get();
  if (home == nullptr) return 0;
  if (const auto pid = home->registry().find(Atom(name))) {
    home->exit(*pid, reason);
    return 1;
  }
  std::size_t count = 0;
  for (const auto& info : home->list()) {
    if (info.initial.text() != name) continue;
    home->exit(info.pid, reason);
    ++count;
  }
  return count;
}

}  // namespace glasshouse::sim
