#pragma once
// The kinds of events in the groups that the message list can show or hide.

#include <array>
#include <cstdint>
#include <string_view>

#include "runtime/observe/event.h"

namespace glasshouse::gui {

enum class EventGroup : std::uint8_t {
  messages,
  lifecycle,
  supervision,
  timers,
  state,
  io,
  faults,
  logs,
  scheduling
};
inline constexpr std::array all_event_groups = {
    EventGroup::messages, EventGroup::lifecycle, EventGroup::supervision,
    EventGroup::timers,   EventGroup::state,     EventGroup::io,
    EventGroup::faults,   EventGroup::logs,      EventGroup::scheduling};

using EventGroups = std::uint32_t;  // bits by group
constexpr EventGroups group_bit(EventGroup group) {
  return EventGroups{1} << static_cast<int>(group);
}
inline constexpr EventGroups default_event_groups =
    group_bit(EventGroup::messages) | group_bit(EventGroup::lifecycle) |
    group_bit(EventGroup::supervision) | group_bit(EventGroup::faults) |
    group_bit(EventGroup::logs);

std::string_view group_word(EventGroup group);
EventGroup group_of(runtime::EventKind kind);
std::uint64_t kinds_of(EventGroups groups);

}  // namespace glasshouse::gui
