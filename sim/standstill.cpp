#include "sim/standstill.h"

#include <algorithm>
#include <map>

#include "runtime/node/node.h"
#include "sim/world.h"

namespace glasshouse::sim {

using runtime::Pid;

namespace {

// How every process is shown, of all nodes.
std::map<Pid, std::string> names_of_all(World& world) {
  std::map<Pid, std::string> names;
  for (std::size_t index = 0; index < world.node_count(); ++index) {
    const runtime::Node* const node = world.node(NodeId{static_cast<std::uint16_t>(index)});
    if (node == nullptr) continue;
    for (const auto& info : node->list()) {
      const runtime::Atom name = info.name == runtime::Atom() ? info.initial : info.name;
      names[info.pid] =
          std::string(name.text()) + " " + to_string(info.pid, node->options().trace_index);
    }
  }
  return names;
}

// Everybody waits for at most one other, so walking on from each finds a ring if there is one.
std::vector<std::string> find_cycle(const std::vector<Waiting>& waiting) {
  std::map<Pid, const Waiting*> by_pid;
  for (const Waiting& one : waiting)
    by_pid[one.pid] = &one;
  for (const Waiting& start : waiting) {
    std::vector<std::string> path;
    const Waiting* at = &start;
    while (at != nullptr && path.size() <= waiting.size()) {
      path.push_back(at->shown);
      if (at->whom == start.pid) return path;
      const auto next = by_pid.find(at->whom);
      at = next == by_pid.end() ? nullptr : next->second;
    }
  }
  return {};
}

}  // namespace

StandStill World::stand_still() const {
  // Looking changes nothing, but the ways to a node are not const.
  World& world = const_cast<World&>(*this);
  StandStill still;
  const auto names = names_of_all(world);
  for (std::size_t index = 0; index < world.node_count(); ++index) {
    const Node* const node = world.node(NodeId{static_cast<std::uint16_t>(index)});
    if (node == nullptr) continue;
    for (const auto& wait : node->waits()) {
      const bool is_idle =
          wait.what == runtime::atoms::receive || wait.what == runtime::atoms::sleep;
      if (is_idle) {
        ++still.idle;
        continue;
      }
      const auto whom = names.find(wait.whom);
      std::string whom_shown = wait.whom.is_null() ? std::string() : to_string(wait.whom);
      still.waiting.push_back({.pid = wait.pid,
                               .shown = names.at(wait.pid),
                               .what = wait.what,
                               .whom = wait.whom,
                               .whom_shown = whom == names.end() ? whom_shown : whom->second});
    }
  }
  still.cycle = find_cycle(still.waiting);
  return still;
}

std::string StandStill::sentence() const {
  if (waiting.empty()) {
    return "nothing is due; " + std::to_string(idle) + " processes are idle";
  }
  std::string text;
  if (!cycle.empty()) {
    text = "deadlock: ";
    for (const std::string& shown : cycle)
      text += shown + " waits for ";
    return text + cycle.front();
  }
  text = "nothing is due any more, but ";
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (i > 0) text += ", ";
    text += waiting[i].shown + " waits in a " + std::string(waiting[i].what.text());
    if (!waiting[i].whom_shown.empty()) text += " for " + waiting[i].whom_shown;
  }
  return text;
}

}  // namespace glasshouse::sim
