#include "scenarios/run/action.h"

#include <array>
#include <charconv>

#include "runtime/observe/event.h"

namespace glasshouse::scenarios {

using runtime::Duration;
using runtime::Error;

namespace {

constexpr std::array<std::string_view, 6> names{"kill", "cut", "heal", "crash", "restart", "stop"};
constexpr std::string_view place_mark = " at step ";
constexpr std::string_view time_mark = ", ";
constexpr std::string_view time_unit = " ns";

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<runtime::Pid> find_process(sim::World& world, std::string_view shown) {
  for (std::size_t i = 0; i < world.node_count(); ++i) {
    runtime::Node* node = world.node(static_cast<sim::NodeId>(i));
    if (node == nullptr) continue;
    for (const runtime::ProcessInfo& process : node->list()) {
      if (to_string(node->key_of(process.pid)) == shown) return process.pid;
    }
  }
  return std::nullopt;
}

// Whether there is what the action is about.
Result<void> check(sim::World& world, const Action& action) {
  const bool is_of_node = action.kind == ActionKind::crash || action.kind == ActionKind::restart;
  if (is_of_node && !world.find_node(action.what)) {
    return Error("there is no node \"" + action.what + "\"");
  }
  const bool is_of_link =
      action.kind == ActionKind::cut || (action.kind == ActionKind::heal && !action.what.empty());
  if (!is_of_link) return {};
  for (const std::string* host : {&action.what, &action.other}) {
    if (!world.find_host(*host)) return Error("there is no host \"" + *host + "\"");
  }
  if (action.kind == ActionKind::heal &&
      world.faults().cuts_between(action.what, action.other).empty()) {
    return Error("nothing cuts the link between " + action.what + " and " + action.other +
                 " alone");
  }
  return {};
}

Result<void> apply_to_node(sim::World& world, const Action& action) {
  const auto node = world.find_node(action.what);
  if (action.kind == ActionKind::crash) {
    world.crash_node(*node);
  } else {
    world.restart_node(*node);
  }
  return {};
}

Result<void> cut(sim::World& world, const Action& action) {
  sim::FaultSpec spec;
  spec.kind = "part.cut";
  spec.hosts = {action.what};
  spec.others = {action.other};
  spec.one_way = action.one_way;
  const auto begun = world.faults().begin(spec);
  if (!begun) return begun.error();
  return {};
}

void heal(sim::World& world, const Action& action) {
  if (action.what.empty()) return world.faults().heal_all();
  for (const sim::FaultNumber fault : world.faults().cuts_between(action.what, action.other))
    world.faults().end(fault);
}

}  // namespace

std::string_view action_name(ActionKind kind) {
  return names[static_cast<std::size_t>(kind)];
}

std::optional<ActionKind> action_kind(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<ActionKind>(i);
  }
  return std::nullopt;
}

std::string Action::detail() const {
  std::string text = what;
  if (!other.empty()) text += (one_way ? " to " : " and ") + other;
  text += std::string(place_mark) + std::to_string(step) + std::string(time_mark);
  return text + std::to_string(when.nanoseconds()) + std::string(time_unit);
}

std::string Action::shown() const {
  std::string text(action_name(kind));
  if (!what.empty()) text += " " + what;
  if (!other.empty()) text += (one_way ? " to " : " and ") + other;
  return text;
}

Result<Action> Action::parse(std::string_view name, std::string_view detail) {
  const Error wrong("this trace tells of an action nobody knows: " + std::string(name) + " " +
                    std::string(detail));
  Action action;
  const auto kind = action_kind(name);
  const auto place = detail.find(place_mark);
  if (!kind || place == std::string_view::npos) return wrong;
  action.kind = *kind;
  const std::string_view target = detail.substr(0, place);
  const std::string_view numbers = detail.substr(place + place_mark.size());
  const auto comma = numbers.find(time_mark);
  if (comma == std::string_view::npos || !numbers.ends_with(time_unit)) return wrong;
  const auto step = number(numbers.substr(0, comma));
  const auto after = numbers.substr(comma + time_mark.size());
  const auto time = number(after.substr(0, after.size() - time_unit.size()));
  if (!step || !time) return wrong;
  action.step = *step;
  action.when = Instant::at(Duration::nanoseconds(static_cast<std::int64_t>(*time)));
  for (const std::string_view between : {std::string_view(" and "), std::string_view(" to ")}) {
    const auto at = target.find(between);
    if (at == std::string_view::npos) continue;
    action.what = target.substr(0, at);
    action.other = target.substr(at + between.size());
    action.one_way = between == " to ";
    return action;
  }
  action.what = target;
  return action;
}

Result<void> apply(sim::World& world, Action action) {
  action.step = world.steps();
  action.when = world.now();
  if (action.kind == ActionKind::kill) {
    const auto pid = find_process(world, action.what);
    if (!pid) return Error("there is no process " + action.what);
    world.tell_action(action_name(action.kind), action.detail());
    world.exit_process(*pid, runtime::Term(runtime::atoms::kill));
    return {};
  }
  if (auto checked = check(world, action); !checked) return checked;
  world.tell_action(action_name(action.kind), action.detail());
  switch (action.kind) {
    case ActionKind::cut:
      return cut(world, action);
    case ActionKind::heal:
      heal(world, action);
      return {};
    case ActionKind::crash:
    case ActionKind::restart:
      return apply_to_node(world, action);
    default:
      return {};
  }
}

}  // namespace glasshouse::scenarios
