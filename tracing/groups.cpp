#include "tracing/answers.h"

namespace glasshouse::tracing {

KindGroup group_of(EventKind kind) {
  switch (kind) {
    case EventKind::spawn:
    case EventKind::exit:
    case EventKind::register_name:
    case EventKind::unregister_name:
    case EventKind::label:
    case EventKind::supervisor:
    case EventKind::child:
      return KindGroup::process;
    case EventKind::send:
    case EventKind::receive:
    case EventKind::drop:
      return KindGroup::message;
    case EventKind::link:
    case EventKind::unlink:
    case EventKind::monitor:
    case EventKind::demonitor:
    case EventKind::exit_signal:
    case EventKind::down:
      return KindGroup::signal;
    case EventKind::timer_start:
    case EventKind::timer_fire:
    case EventKind::timer_cancel:
      return KindGroup::timer;
    case EventKind::wait:
    case EventKind::held:
      return KindGroup::scheduling;
    case EventKind::state:
    case EventKind::probe:
      return KindGroup::state;
    case EventKind::stream_open:
    case EventKind::stream_send:
    case EventKind::stream_arrive:
    case EventKind::stream_close:
    case EventKind::storage:
      return KindGroup::io;
    default:
      return KindGroup::notable;
  }
}

std::string_view group_name(KindGroup group) {
  switch (group) {
    case KindGroup::process:
      return "process";
    case KindGroup::message:
      return "message";
    case KindGroup::signal:
      return "signal";
    case KindGroup::timer:
      return "timer";
    case KindGroup::scheduling:
      return "scheduling";
    case KindGroup::state:
      return "state";
    case KindGroup::io:
      return "io";
    case KindGroup::notable:
      return "notable";
  }
  return "notable";
}

std::uint64_t kinds_of(KindGroup group) {
  std::uint64_t mask = 0;
  for (int i = 0; i < runtime::event_kind_count; ++i) {
    const auto kind = static_cast<EventKind>(i);
    if (group_of(kind) == group) mask |= runtime::kind_bit(kind);
  }
  return mask;
}

}  // namespace glasshouse::tracing
