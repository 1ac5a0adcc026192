#include "gui/model/event_groups.h"

namespace glasshouse::gui {

using runtime::EventKind;

std::string_view group_word(EventGroup group) {
  constexpr std::array<std::string_view, 9> words = {"Messages", "Lifecycle", "Supervision",
                                                     "Timers",   "State",     "I/O",
                                                     "Faults",   "Logs",      "Scheduling"};
  return words[static_cast<std::size_t>(group)];
}

EventGroup group_of(EventKind kind) {
  switch (kind) {
    case EventKind::send:
    case EventKind::receive:
    case EventKind::drop:
      return EventGroup::messages;
    case EventKind::spawn:
    case EventKind::exit:
    case EventKind::link:
    case EventKind::unlink:
    case EventKind::monitor:
    case EventKind::demonitor:
    case EventKind::exit_signal:
    case EventKind::down:
    case EventKind::register_name:
    case EventKind::unregister_name:
    case EventKind::label:
    case EventKind::node_up:
    case EventKind::node_down:
      return EventGroup::lifecycle;
    case EventKind::supervisor:
    case EventKind::child:
    case EventKind::restart:
    case EventKind::crash:
      return EventGroup::supervision;
    case EventKind::timer_start:
    case EventKind::timer_fire:
    case EventKind::timer_cancel:
      return EventGroup::timers;
    case EventKind::state:
      return EventGroup::state;
    case EventKind::stream_open:
    case EventKind::stream_send:
    case EventKind::stream_arrive:
    case EventKind::stream_close:
    case EventKind::storage:
      return EventGroup::io;
    case EventKind::stream_fault:
    case EventKind::storage_fault:
    case EventKind::fault_begin:
    case EventKind::fault_end:
    case EventKind::action:
      return EventGroup::faults;
    case EventKind::log:
    case EventKind::probe:
    case EventKind::property:
      return EventGroup::logs;
    case EventKind::run:
    case EventKind::wait:
    case EventKind::held:
    case EventKind::decision:
      return EventGroup::scheduling;
  }
  return EventGroup::logs;
}

std::uint64_t kinds_of(EventGroups groups) {
  std::uint64_t kinds = 0;
  for (int kind = 0; kind < runtime::event_kind_count; ++kind) {
    EventGroup group = group_of(static_cast<EventKind>(kind));
    if ((groups & group_bit(group)) != 0) kinds |= std::uint64_t{1} << kind;
  }
  return kinds;
}

}  // namespace glasshouse::gui
