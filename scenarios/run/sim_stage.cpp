#include "scenarios/run/sim_stage.h"

#include <array>

#include "runtime/node/node.h"

namespace glasshouse::scenarios {

using runtime::Choice;
using runtime::Error;
using runtime::Node;

namespace {

struct KindName {
  std::string_view word;
  std::string_view sim;
};
constexpr std::array<KindName, 19> kind_names{{{"kill", "proc.kill"},
                                               {"crash", "node.crash"},
                                               {"pause", "node.pause"},
                                               {"partition", "part.oneway"},
                                               {"isolate", "part.isolate"},
                                               {"latency", "net.latency"},
                                               {"stall", "net.stall"},
                                               {"reset", "net.reset"},
                                               {"forget", "net.halfopen"},
                                               {"split", "net.split"},
                                               {"refuse", "net.refuse"},
                                               {"hang", "net.hang"},
                                               {"bandwidth", "net.bandwidth"},
                                               {"slow_disk", "disk.slow"},
                                               {"full_disk", "disk.full"},
                                               {"stuck_disk", "disk.stall"},
                                               {"bad_disk", "disk.eio"},
                                               {"clock", "clock.skew"},
                                               {"drift", "clock.drift"}}};

// Kills are told here: the simulator's own faults are numbered from 1.
constexpr std::uint64_t first_kill_number = std::uint64_t{1} << 32;

}  // namespace

std::vector<runtime::Pid> processes_like(const Node& node, std::string_view like) {
  std::vector<runtime::Pid> named;
  std::vector<runtime::Pid> spawned_as;
  for (const runtime::ProcessInfo& process : node.list()) {
    if (process.name.text() == like) named.push_back(process.pid);
    if (process.initial.text() == like) spawned_as.push_back(process.pid);
  }
  return named.empty() ? spawned_as : named;
}

std::string_view sim_fault_kind(std::string_view kind) {
  for (const KindName& name : kind_names) {
    if (name.word == kind) return name.sim;
  }
  return {};
}

sim::FaultSpec fault_spec(const FaultRequest& fault) {
  sim::FaultSpec spec;
  spec.kind = sim_fault_kind(fault.kind);
  if (fault.kind == "crash" && !fault.power) spec.kind = "node.kill";
  spec.hosts = fault.hosts;
  spec.others = fault.others;
  spec.one_way = fault.one_way;
  spec.node = fault.node;
  spec.process = fault.process;
  spec.lasts = fault.lasts;
  spec.chance = fault.chance;
  spec.amount = fault.amount;
  if (fault.kind == "clock") {
    spec.by = fault.least;
  } else if (fault.most > Duration::zero()) {
    spec.time = sim::Distribution::uniform(fault.least, fault.most);
  }
  return spec;
}

sim::LinkOptions link_options(const NetworkPlan& network) {
  sim::LinkOptions link;
  link.latency = sim::Distribution::uniform(network.latency_least, network.latency_most);
  link.stall = network.stall;
  link.bytes_per_second = static_cast<std::uint64_t>(network.bytes_per_second);
  return link;
}

SimStage::SimStage(const Plan& plan, sim::World& world, Watcher& watcher)
    : plan_(plan), world_(world), watcher_(watcher) {}

void SimStage::build() {
  for (const HostPlan& host : plan_.hosts)
    world_.add_host(host.name);
  for (const NodePlan& node : plan_.nodes) {
    const HostPlan& host = plan_.hosts[node.host];
    const auto boot = [this, &node, &host](Node& live) {
      const auto started = node.application->start(
          {.node = live, .options = node.options, .shared = shared_, .host = host.name});
      if (!started) fail(Error("node " + node.name + ": " + started.error().what));
    };
    world_.start_node(*world_.find_host(host.name), node.name, boot);
  }
}

void SimStage::at(Instant when, std::function<void()> what) {
  world_.at(when, std::move(what));
}

std::uint64_t SimStage::draw(std::uint64_t stream) {
  return world_.decisions().draw(Choice::workload, stream);
}

Node* SimStage::node_named(const std::string& name) const {
  const auto node = world_.find_node(name);
  return node ? world_.node(*node) : nullptr;
}

Result<bool> SimStage::inject(const FaultRequest& fault) {
  if (!fault.node.empty() && node_named(fault.node) == nullptr) return false;
  if (fault.kind == "kill") return kill(fault);
  sim::FaultSpec spec = fault_spec(fault);
  auto begun = world_.faults().begin(spec);
  if (!begun) return begun.error();
  if (fault.kind == "partition" && !fault.one_way) {
    std::swap(spec.hosts, spec.others);
    begun = world_.faults().begin(spec);
    if (!begun) return begun.error();
  }
  count(fault.kind);
  return true;
}

// One process of that name, or one of those that were spawned as that: the seed says which.
Result<bool> SimStage::kill(const FaultRequest& fault) {
  const Node& node = *node_named(fault.node);
  const std::vector<runtime::Pid> found = processes_like(node, fault.process);
  if (found.empty()) return false;
  std::size_t chosen = 0;
  if (found.size() > 1) {
    const std::uint64_t entity = runtime::hash_bytes(fault.node + "/" + fault.process);
    chosen = world_.decisions().below(Choice::fault, entity, found.size());
  }
  const runtime::ProcessKey key = node.key_of(found[chosen]);
  const std::string shown = fault.process + " " + to_string(key) + " of " + fault.node;
  const std::uint64_t number = first_kill_number + ++kills_;
  const Atom kind(sim_fault_kind("kill"));
  world_.emit({.kind = EventKind::fault_begin, .name = kind, .message = number}, shown);
  world_.exit_process(found[chosen], runtime::Term(runtime::atoms::kill));
  world_.emit({.kind = EventKind::fault_end, .name = kind, .message = number});
  count(fault.kind);
  return true;
}

bool SimStage::is_up(const NodePlan& node) const {
  return node_named(node.name) != nullptr;
}

std::int64_t SimStage::processes(const NodePlan& node, std::string_view like) const {
  const Node* live = node_named(node.name);
  if (live == nullptr) return 0;
  if (like.empty()) return static_cast<std::int64_t>(live->process_count());
  return static_cast<std::int64_t>(processes_like(*live, like).size());
}

void SimStage::say(std::string_view text) {
  world_.emit({.kind = EventKind::log, .name = Atom("notice")}, text);
}

void SimStage::judge(std::string_view property, bool held, std::string_view why) {
  const std::string_view name = property.substr(0, Atom::text_bytes_max);
  world_.emit({.kind = EventKind::property, .name = Atom(name), .argument = held ? 1 : 0}, why);
  if (!held) world_.stop();
}

void SimStage::fail(Error error) {
  if (!failure_) failure_ = std::move(error);
  world_.stop();
}

std::vector<NamedCount> SimStage::injected() const {
  std::vector<NamedCount> result;
  for (const auto& [kind, count] : injected_)
    result.push_back({kind, count});
  return result;
}

}  // namespace glasshouse::scenarios
