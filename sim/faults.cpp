#include "sim/faults.h"

#include <algorithm>
#include <functional>

#include "runtime/process/self.h"
#include "runtime/term/print.h"
#include "sim/disk.h"
#include "sim/network.h"
#include "sim/world.h"

namespace glasshouse::sim {

using runtime::Atom;
using runtime::Error;
using runtime::EventKind;

namespace {

// What a clock can do.
constexpr std::int64_t drift_ppm_least = -500'000;
constexpr std::int64_t drift_ppm_most = 1'000'000;

// In the order of their names. A parameter that must be there ends in '!'.
constexpr FaultKind kinds[] = {
    {"clock.drift", "clocks run fast or slow, by `amount` ppm", "hosts amount! lasts"},
    {"clock.jump", "wall clocks jump `by` some time, for good", "hosts by!", true},
    {"clock.skew", "wall clocks are wrong `by` some time", "hosts by! lasts"},
    {"disk.eio", "reads, writes and syncs fail, with `chance`", "hosts chance lasts"},
    {"disk.full", "only `amount` more bytes fit on the disk", "hosts amount lasts"},
    {"disk.latency", "the same as disk.slow", "hosts time! chance lasts"},
    {"disk.slow", "requests take `time` longer, with `chance`", "hosts time! chance lasts"},
    {"disk.stall", "requests are not answered", "hosts lasts"},
    {"disk.torn", "a power cut tears every unsynced write, with `chance`", "hosts chance lasts"},
    {"net.bandwidth", "links carry `amount` bytes a second", "hosts others one_way amount! lasts"},
    {"net.halfopen", "the middle forgets connections: who sends is reset", "hosts others", true},
    {"net.hang", "connecting to a host is not answered", "hosts lasts"},
    {"net.latency", "packets take `time` longer, with `chance`",
     "hosts others one_way time! chance lasts"},
    {"net.loss", "the same as net.stall", "hosts others one_way time! chance lasts"},
    {"net.refuse", "connecting to a host is refused", "hosts lasts"},
    {"net.reset", "connections are reset: all at once, or per packet with `chance` while it lasts",
     "hosts others one_way chance lasts"},
    {"net.split", "what was sent at once arrives in pieces, with `chance`",
     "hosts others one_way chance lasts"},
    {"net.stall", "a packet is lost and sent again after `time`, with `chance`",
     "hosts others one_way time! chance lasts"},
    {"node.crash", "the power of a node is cut; it starts again at the end", "node! lasts"},
    {"node.kill", "a node's program is killed; it starts again at the end", "node! lasts"},
    {"node.pause", "a node stands still", "node! lasts!"},
    {"node.restart", "a node that is down starts again", "node!", true},
    {"part.cut", "`hosts` and `others` do not reach each other", "hosts! others one_way lasts"},
    {"part.isolate", "hosts reach nobody and nobody reaches them", "hosts! one_way lasts"},
    {"part.oneway", "nothing gets from `hosts` to `others`", "hosts! others! lasts"},
    {"part.split", "hosts of different `groups` do not reach each other", "groups! lasts"},
    {"proc.kill", "processes get an exit signal", "node! process! reason", true},
};

bool is_given(const FaultSpec& spec, std::string_view parameter) {
  if (parameter == "hosts") return !spec.hosts.empty();
  if (parameter == "others") return !spec.others.empty();
  if (parameter == "groups") return !spec.groups.empty();
  if (parameter == "node") return !spec.node.empty();
  if (parameter == "process") return !spec.process.empty();
  if (parameter == "lasts") return spec.lasts.has_value();
  if (parameter == "amount") return spec.amount != 0;
  if (parameter == "by") return spec.by != Duration::zero();
  if (parameter == "time") return !spec.time.is_constant() || spec.time.least() > Duration::zero();
  return true;
}

// The first parameter that must be there and is not.
std::string_view missing_parameter(const FaultSpec& spec, std::string_view uses) {
  while (!uses.empty()) {
    const auto space = uses.find(' ');
    std::string_view parameter = uses.substr(0, space);
    uses.remove_prefix(space == std::string_view::npos ? uses.size() : space + 1);
    if (!parameter.ends_with('!')) continue;
    parameter.remove_suffix(1);
    if (!is_given(spec, parameter)) return parameter;
  }
  return {};
}

Term names_term(const std::vector<std::string>& names) {
  std::vector<Term> terms;
  terms.reserve(names.size());
  for (const std::string& name : names)
    terms.emplace_back(Atom(name));
  return runtime::list_of(std::move(terms));
}

LinkFault::What link_effect(std::string_view kind) {
  if (kind == "net.latency") return LinkFault::What::latency;
  if (kind == "net.bandwidth") return LinkFault::What::bandwidth;
  if (kind == "net.reset") return LinkFault::What::reset;
  if (kind == "net.split") return LinkFault::What::split;
  return LinkFault::What::stall;
}

// Faults that set something, rather than add to it: the last begun of those that are on has its
// way, whichever ends first. By host or node.
template <class Setting>
class LastOn {
 public:
  void begin(std::size_t place, FaultNumber number, Setting setting) {
    on_[place].insert_or_assign(number, std::move(setting));
  }
  // What is to be set now; nothing: as usual.
  std::optional<Setting> end(std::size_t place, FaultNumber number) {
    on_[place].erase(number);
    if (on_[place].empty()) return std::nullopt;
    return on_[place].rbegin()->second;
  }

 private:
  std::map<std::size_t, std::map<FaultNumber, Setting>> on_;
};

}  // namespace

std::span<const FaultKind> fault_kinds() {
  return kinds;
}

const FaultKind* find_fault_kind(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kinds), std::end(kinds),
                                         [&](const FaultKind& kind) { return kind.name == name; });
  return found == std::end(kinds) ? nullptr : found;
}

Term FaultSpec::term() const {
  std::vector<runtime::MapEntry> entries;
  const auto add = [&](std::string_view name, Term value) {
    entries.push_back({Term(Atom(name)), std::move(value)});
  };
  if (!hosts.empty()) add("hosts", names_term(hosts));
  if (!others.empty()) add("others", names_term(others));
  if (one_way) add("one_way", Term(runtime::atoms::true_));
  if (!groups.empty()) {
    std::vector<Term> lists;
    for (const auto& group : groups)
      lists.push_back(names_term(group));
    add("groups", runtime::list_of(std::move(lists)));
  }
  if (!node.empty()) add("node", Term(Atom(node)));
  if (!process.empty()) add("process", Term(Atom(process)));
  if (lasts) add("lasts", Term(Atom(to_string(*lasts))));
  if (is_given(*this, "time")) add("time", Term(Atom(time.shown())));
  if (!(chance == Ratio{.numerator = 1, .denominator = 1})) {
    add("chance", Term(Atom(to_string(chance))));
  }
  if (amount != 0) add("amount", Term(amount));
  if (by != Duration::zero()) add("by", Term(Atom(to_string(by))));
  if (!reason.is_undefined()) add("reason", reason);
  return runtime::map_of(std::move(entries));
}

// -- what is on ---------------------------------------------------------------------------------

struct Faults::Implementation {
  using Ways = std::vector<std::pair<std::uint16_t, std::uint16_t>>;
  struct Active {
    const FaultKind* kind = nullptr;
    Ways cut{};                  // what it cuts, if it cuts
    std::function<void()> undo;  // may be empty
  };
  using HostNumbers = std::vector<std::uint16_t>;

  explicit Implementation(World& of_world) : world(of_world) {}

  Result<HostNumbers> hosts_named(const std::vector<std::string>& names) const;
  Result<void> check(const FaultSpec& spec) const;
  std::uint64_t key_of(const FaultSpec& spec);
  Result<std::function<void()>> start(const FaultSpec& spec);
  std::function<void()> start_link(const FaultSpec& spec);
  std::function<void()> start_cut(const FaultSpec& spec);
  std::function<void()> start_welcome(const FaultSpec& spec);
  std::function<void()> start_disk(const FaultSpec& spec);
  std::function<void()> start_room(std::uint16_t host, std::uint64_t bytes);
  std::function<void()> start_torn(std::uint16_t host, Ratio chance);
  void add_drift(std::uint16_t host, std::int64_t ppm);
  std::function<void()> start_clock(const FaultSpec& spec);
  Result<std::function<void()>> start_node(const FaultSpec& spec);
  void break_connections(const FaultSpec& spec);
  bool acts_at_once(const FaultSpec& spec) const;
  Ways ways(const FaultSpec& spec) const;
  Ways cut_ways(const FaultSpec& spec) const;

  World& world;
  std::map<FaultNumber, Active> active;
  FaultNumber last = 0;  // while one starts, its number
  LastOn<SimByteStreams::Welcome> welcomes;
  LastOn<std::uint64_t> rooms;  // how large the disk may grow
  LastOn<CrashPolicy> policies;
  std::map<std::uint16_t, CrashPolicy> usual_policies;  // where one of these is on
  LastOn<bool> pauses;
  // What drifts add up to beyond what a clock can do.
  std::map<std::uint16_t, std::int64_t> drift_in_excess;
  std::map<std::string_view, FaultCount> counts;
  std::map<std::uint64_t, std::uint64_t> alike;  // faults begun with equal parameters
};

Faults::Faults(World& world) : implementation_(std::make_unique<Implementation>(world)) {}
Faults::~Faults() = default;

Result<Faults::Implementation::HostNumbers> Faults::Implementation::hosts_named(
    const std::vector<std::string>& names) const {
  HostNumbers numbers;
  if (names.empty()) {
    for (std::size_t i = 0; i < world.host_count(); ++i)
      numbers.push_back(static_cast<std::uint16_t>(i));
  }
  for (const std::string& name : names) {
    const auto host = world.find_host(name);
    if (!host) return Error("there is no host '" + name + "'");
    numbers.push_back(static_cast<std::uint16_t>(*host));
  }
  return numbers;
}

Result<void> Faults::Implementation::check(const FaultSpec& spec) const {
  const FaultKind* const kind = find_fault_kind(spec.kind);
  if (kind == nullptr) return Error("there is no fault '" + spec.kind + "'");
  const std::string_view missing = missing_parameter(spec, kind->uses);
  if (!missing.empty()) {
    return Error("fault " + spec.kind + " needs '" + std::string(missing) + "'");
  }
  for (const auto* names : {&spec.hosts, &spec.others}) {
    if (const auto known = hosts_named(*names); !known) return known.error();
  }
  for (const auto& group : spec.groups) {
    if (const auto known = hosts_named(group); !known) return known.error();
  }
  if (!spec.node.empty() && !world.find_node(spec.node)) {
    return Error("there is no node '" + spec.node + "'");
  }
  const bool is_possible = spec.amount >= drift_ppm_least && spec.amount <= drift_ppm_most;
  if (spec.kind == "clock.drift" && !is_possible) {
    return Error("fault clock.drift goes from -500000 to 1000000 ppm");
  }
  if (spec.amount < 0 && spec.kind != "clock.drift") {
    return Error("fault " + spec.kind + " needs an amount that is not negative");
  }
  return {};
}

// Draws of a fault do not depend on which others there are.
std::uint64_t Faults::Implementation::key_of(const FaultSpec& spec) {
  const std::uint64_t text = runtime::hash_combine(runtime::fnv1a(spec.kind), spec.term().hash());
  return runtime::hash_combine(text, alike[text]++);
}

bool Faults::Implementation::acts_at_once(const FaultSpec& spec) const {
  return find_fault_kind(spec.kind)->momentary || (spec.kind == "net.reset" && !spec.lasts);
}

Result<FaultNumber> Faults::begin(const FaultSpec& spec) {
  auto& faults = *implementation_;
  if (auto checked = faults.check(spec); !checked) return checked.error();
  const FaultKind* const kind = find_fault_kind(spec.kind);
  const FaultNumber number = ++faults.last;
  const Atom name(kind->name);
  faults.world.emit({.kind = EventKind::fault_begin, .name = name, .message = number},
                    to_string(spec.term()));
  FaultCount& count = faults.counts[kind->name];
  count.kind = kind->name;
  ++count.begun;
  auto started = faults.start(spec);
  if (!started || faults.acts_at_once(spec)) {
    faults.world.emit({.kind = EventKind::fault_end, .name = name, .message = number});
    if (!started) return started.error();
    return number;
  }
  auto& active = faults.active[number];
  active.kind = kind;
  if (spec.kind.starts_with("part.")) active.cut = faults.cut_ways(spec);
  active.undo = std::move(started).value();
  if (spec.lasts) {
    faults.world.at(faults.world.now() + *spec.lasts, [this, number] { end(number); });
  }
  return number;
}

bool Faults::end(FaultNumber number) {
  auto& faults = *implementation_;
  const auto found = faults.active.find(number);
  if (found == faults.active.end()) return false;
  const Implementation::Active ended = std::move(found->second);
  faults.active.erase(found);
  if (ended.undo) ended.undo();
  faults.world.emit(
      {.kind = EventKind::fault_end, .name = Atom(ended.kind->name), .message = number});
  return true;
}

void Faults::heal_all() {
  while (!implementation_->active.empty())
    end(implementation_->active.begin()->first);
}

std::size_t Faults::active() const {
  return implementation_->active.size();
}

std::vector<FaultNumber> Faults::cuts_between(std::string_view host, std::string_view other) const {
  std::vector<FaultNumber> found;
  const auto one = implementation_->world.find_host(host);
  const auto two = implementation_->world.find_host(other);
  if (!one || !two) return found;
  const std::pair there(static_cast<std::uint16_t>(*one), static_cast<std::uint16_t>(*two));
  const std::pair back(there.second, there.first);
  for (const auto& [number, fault] : implementation_->active) {
    const bool is_here = !fault.cut.empty() &&
                         std::all_of(fault.cut.begin(), fault.cut.end(),
                                     [&](const auto& way) { return way == there || way == back; });
    if (is_here) found.push_back(number);
  }
  return found;
}

std::vector<FaultCount> Faults::counts() const {
  std::vector<FaultCount> counts;
  for (const auto& [kind, count] : implementation_->counts) {
    if (count.begun > 0) counts.push_back(count);
  }
  return counts;
}

void Faults::fired(std::string_view kind) {
  FaultCount& count = implementation_->counts[find_fault_kind(kind)->name];
  ++count.fired;
}

// -- each kind ----------------------------------------------------------------------------------

Result<std::function<void()>> Faults::Implementation::start(const FaultSpec& spec) {
  const std::string_view kind = spec.kind;
  if (kind.starts_with("clock.")) return start_clock(spec);
  if (kind.starts_with("disk.")) return start_disk(spec);
  if (kind.starts_with("part.")) return start_cut(spec);
  if (kind.starts_with("node.") || kind.starts_with("proc.")) return start_node(spec);
  if (kind == "net.refuse" || kind == "net.hang") return start_welcome(spec);
  if (kind == "net.halfopen" || acts_at_once(spec)) {
    break_connections(spec);
    return std::function<void()>();
  }
  return start_link(spec);
}

// From where to where, each way once.
Faults::Implementation::Ways Faults::Implementation::ways(const FaultSpec& spec) const {
  Ways found;
  const auto add = [&](std::uint16_t from, std::uint16_t to) {
    const std::pair way(from, to);
    if (from != to && std::find(found.begin(), found.end(), way) == found.end()) {
      found.push_back(way);
    }
  };
  const auto sources = hosts_named(spec.hosts).value();
  const auto targets = hosts_named(spec.others).value();
  for (const std::uint16_t from : sources) {
    for (const std::uint16_t to : targets) {
      add(from, to);
      if (!spec.one_way) add(to, from);
    }
  }
  return found;
}

std::function<void()> Faults::Implementation::start_link(const FaultSpec& spec) {
  const LinkFault fault{.what = link_effect(spec.kind),
                        .key = key_of(spec),
                        .kind = find_fault_kind(spec.kind)->name,
                        .time = spec.time,
                        .chance = spec.chance,
                        .bytes_per_second = static_cast<std::uint64_t>(spec.amount)};
  const auto concerned = ways(spec);
  for (const auto& [from, to] : concerned)
    world.network().add_fault(from, to, fault);
  return [this, concerned, key = fault.key] {
    for (const auto& [from, to] : concerned)
      world.network().remove_fault(from, to, key);
  };
}

void Faults::Implementation::break_connections(const FaultSpec& spec) {
  FaultSpec once = spec;
  once.one_way = true;  // a connection has no direction
  std::vector<std::pair<std::uint16_t, std::uint16_t>> done;
  for (const auto& [from, to] : ways(once)) {
    const std::pair turned(to, from);
    if (std::find(done.begin(), done.end(), turned) != done.end()) continue;
    done.emplace_back(from, to);
    const std::size_t broken = spec.kind == "net.reset"
                                   ? world.network().reset_connections(from, to)
                                   : world.network().forget_connections(from, to);
    counts[find_fault_kind(spec.kind)->name].fired += broken;
  }
}

Faults::Implementation::Ways Faults::Implementation::cut_ways(const FaultSpec& spec) const {
  FaultSpec cut = spec;
  if (spec.kind == "part.oneway") cut.one_way = true;
  Ways concerned;
  if (spec.kind == "part.split") {
    // Hosts that are named nowhere are together in one more group.
    std::vector<std::size_t> group_of(world.host_count(), spec.groups.size());
    for (std::size_t group = 0; group < spec.groups.size(); ++group) {
      const auto members = hosts_named(spec.groups[group]).value();
      for (const std::uint16_t host : members)
        group_of[host] = group;
    }
    const auto hosts = static_cast<std::uint16_t>(group_of.size());
    for (std::uint16_t from = 0; from < hosts; ++from) {
      for (std::uint16_t to = 0; to < hosts; ++to) {
        if (group_of[from] != group_of[to]) concerned.emplace_back(from, to);
      }
    }
  } else {
    concerned = ways(cut);
  }
  return concerned;
}

std::function<void()> Faults::Implementation::start_cut(const FaultSpec& spec) {
  const Ways concerned = cut_ways(spec);
  const std::string_view kind = find_fault_kind(spec.kind)->name;
  for (const auto& [from, to] : concerned)
    world.network().cut(from, to, kind);
  return [this, concerned, kind] {
    for (const auto& [from, to] : concerned)
      world.network().heal(from, to, kind);
  };
}

std::function<void()> Faults::Implementation::start_welcome(const FaultSpec& spec) {
  using Welcome = SimByteStreams::Welcome;
  const auto hosts = hosts_named(spec.hosts).value();
  const Welcome welcome = spec.kind == "net.hang" ? Welcome::unanswered : Welcome::refused;
  for (const std::uint16_t host : hosts) {
    world.network().set_welcome(host, welcome);
    welcomes.begin(host, last, welcome);
  }
  return [this, hosts, number = last] {
    for (const std::uint16_t host : hosts)
      world.network().set_welcome(host, welcomes.end(host, number).value_or(Welcome::as_usual));
  };
}

std::function<void()> Faults::Implementation::start_room(std::uint16_t host, std::uint64_t bytes) {
  SimStorage& disk = world.disk(HostId{host});
  rooms.begin(host, last, disk.bytes() + bytes);
  disk.set_room(bytes);
  return [this, host, &disk, number = last] {
    const auto most = rooms.end(host, number);
    if (most) {
      disk.set_room(*most - std::min(*most, disk.bytes()));
    } else {
      disk.set_room(std::nullopt);
    }
  };
}

std::function<void()> Faults::Implementation::start_torn(std::uint16_t host, Ratio chance) {
  SimStorage& disk = world.disk(HostId{host});
  CrashPolicy policy = disk.crash_policy();
  const CrashPolicy usual = usual_policies.try_emplace(host, policy).first->second;
  policy.lost = {.numerator = 0, .denominator = 1};
  policy.torn = chance;
  disk.set_crash_policy(policy);
  policies.begin(host, last, policy);
  return [this, host, &disk, usual, number = last] {
    const auto other = policies.end(host, number);
    disk.set_crash_policy(other.value_or(usual));
    if (!other) usual_policies.erase(host);
  };
}

std::function<void()> Faults::Implementation::start_disk(const FaultSpec& spec) {
  const std::uint64_t key = key_of(spec);
  const std::string_view kind = find_fault_kind(spec.kind)->name;
  const auto what = kind == "disk.eio" ? DiskFault::What::eio : DiskFault::What::slow;
  std::vector<std::function<void()>> undo;
  const auto hosts = hosts_named(spec.hosts).value();
  for (const std::uint16_t host : hosts) {
    SimStorage* const disk = &world.disk(HostId{host});
    if (kind == "disk.full") {
      undo.push_back(start_room(host, static_cast<std::uint64_t>(spec.amount)));
    } else if (kind == "disk.stall") {
      disk->stall();
      undo.emplace_back([disk] { disk->go_on(); });
    } else if (kind == "disk.torn") {
      undo.push_back(start_torn(host, spec.chance));
    } else {
      disk->add_fault(
          {.what = what, .key = key, .kind = kind, .time = spec.time, .chance = spec.chance});
      undo.emplace_back([disk, key] { disk->remove_fault(key); });
    }
  }
  return [undo] {
    for (const auto& one : undo)
      one();
  };
}

// Drifts that overlap add up, as far as a clock can go.
void Faults::Implementation::add_drift(std::uint16_t host, std::int64_t ppm) {
  std::int64_t& excess = drift_in_excess[host];
  const std::int64_t wanted = world.clock(HostId{host}).drift_ppm() + excess + ppm;
  const std::int64_t possible = std::clamp(wanted, drift_ppm_least, drift_ppm_most);
  excess = wanted - possible;
  world.set_clock_drift(HostId{host}, static_cast<std::int32_t>(possible));
}

std::function<void()> Faults::Implementation::start_clock(const FaultSpec& spec) {
  const auto hosts = hosts_named(spec.hosts).value();
  const std::int64_t ppm = spec.amount;
  const bool drifts = spec.kind == "clock.drift";
  for (const std::uint16_t host : hosts) {
    if (drifts) {
      add_drift(host, ppm);
    } else {
      world.clock(HostId{host}).jump(spec.by);
    }
  }
  return [this, hosts, drifts, ppm, by = spec.by] {
    for (const std::uint16_t host : hosts) {
      if (drifts) {
        add_drift(host, -ppm);
      } else {
        world.clock(HostId{host}).jump(-by);
      }
    }
  };
}

Result<std::function<void()>> Faults::Implementation::start_node(const FaultSpec& spec) {
  const NodeId node = *world.find_node(spec.node);
  if (spec.kind == "node.restart") {
    world.restart_node(node);
  } else if (spec.kind == "node.pause") {
    world.pause_node(node, *spec.lasts);
    const auto place = static_cast<std::size_t>(node);
    pauses.begin(place, last, true);
    return std::function<void()>([this, node, place, number = last] {
      if (!pauses.end(place, number)) world.resume_node(node);
    });
  } else if (spec.kind == "proc.kill") {
    const Term reason = spec.reason.is_undefined() ? Term(runtime::atoms::kill) : spec.reason;
    const std::size_t killed = world.exit_processes(node, spec.process, reason);
    if (killed == 0) {
      return Error("there is no process '" + spec.process + "' on " + spec.node);
    }
    counts[find_fault_kind(spec.kind)->name].fired += killed;
  } else {
    const bool power = spec.kind == "node.crash";
    world.crash_node(node, power ? Crash::power_cut : Crash::process_death);
    return std::function<void()>([this, node] { world.restart_node(node); });
  }
  return std::function<void()>();
}

}  // namespace glasshouse::sim
