#include "runtime/observe/event.h"

#include <array>

#include "runtime/base/check.h"

namespace glasshouse::runtime {

namespace {

// In the order of EventKind.
constexpr std::array<std::string_view, event_kind_count> kind_names = {
    "node_up",      "node_down",   "spawn",         "exit",          "send",
    "receive",      "drop",        "link",          "unlink",        "monitor",
    "demonitor",    "exit_signal", "down",          "register_name", "unregister_name",
    "label",        "timer_start", "timer_fire",    "timer_cancel",  "wait",
    "state",        "supervisor",  "child",         "restart",       "crash",
    "held",         "stream_open", "stream_send",   "stream_arrive", "stream_close",
    "stream_fault", "storage",     "storage_fault", "fault_begin",   "fault_end",
    "log",          "probe",       "property",      "decision",      "action",
};
static_assert(!kind_names.back().empty(), "a kind has no name");

constexpr std::uint32_t id_bits = 28;
constexpr std::uint32_t serial_bits = 20;

}  // namespace

std::string_view event_kind_name(EventKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  CHECK(index < kind_names.size());
  return kind_names[index];
}

ProcessKey ProcessKey::of(std::uint16_t node_index, Pid pid) {
  if (pid.is_null()) return {};
  const std::uint64_t serial = pid.serial & ((1U << serial_bits) - 1);
  const std::uint64_t id = pid.id & ((1U << id_bits) - 1);
  return {(std::uint64_t{node_index} << (id_bits + serial_bits)) | (serial << id_bits) | id};
}

std::string to_string(ProcessKey key) {
  return '<' + std::to_string(key.node()) + '.' + std::to_string(key.id()) + '.' +
         std::to_string(key.serial()) + '>';
}

}  // namespace glasshouse::runtime
