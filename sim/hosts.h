#pragma once
// Who lives in a simulated world: hosts with a clock and a disk, and nodes that are up or down.
// Private to sim. One thread.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/node/node.h"
#include "sim/clock.h"

namespace glasshouse::sim {

class SimStorage;

struct Host {
  Host(std::string host_name, std::uint16_t number, const Agenda& agenda, ClockOptions options);
  ~Host();

  std::string name;
  std::uint64_t key = 0;  // of the name: the stable entity of its draws
  std::uint16_t index = 0;
  SimClock clock;
  std::unique_ptr<SimStorage> disk;
};

// One node in all its lives.
struct NodeSlot {
  std::string name;
  std::uint16_t index = 0;  // its number in a trace is one more
  std::uint16_t host = 0;
  std::function<void(runtime::Node&)> boot;
  std::unique_ptr<runtime::Node> node;  // null: down
  std::uint32_t creation = 0;
  bool dark = false;  // its power was cut: nobody answers in its place
  bool stopping = false;
  Instant paused_until;                  // a pause that is over is in the past
  std::vector<Due> held;                 // what was due during a pause
  std::uint32_t due_of_level[4] = {};    // runnable processes of each priority
  Instant alarm_shown = Instant::max();  // when its timers are due, on its own clock
  Instant alarm = Instant::max();        // and in virtual time; other alarms are stale

  bool lives(std::uint32_t in_creation) const { return node != nullptr && creation == in_creation; }
};

struct Hosts {
  std::vector<std::unique_ptr<Host>> hosts;
  std::vector<std::unique_ptr<NodeSlot>> slots;
  std::map<std::string, std::uint16_t, std::less<>> host_by_name;
  std::map<std::string, std::uint16_t, std::less<>> slot_by_name;

  NodeSlot& slot_of(const runtime::Node& node) {
    return *slots[node.options().trace_index - std::size_t{1}];
  }
  // A host whose power is out: it does not even refuse.
  bool is_dark(std::uint16_t host) const;
};

}  // namespace glasshouse::sim
