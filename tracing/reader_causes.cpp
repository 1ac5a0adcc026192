// Cause and effect of one event. Where the recorder knew the cause it stands in the row; the rest
// is found among the events of the processes concerned.

#include <optional>
#include <string_view>
#include <utility>

#include "tracing/reader_parts.h"

namespace glasshouse::tracing {

namespace {

using Found = Result<std::optional<EventRecord>>;
using runtime::kind_bit;

constexpr std::uint64_t ends =
    kind_bit(EventKind::crash) | kind_bit(EventKind::exit_signal) | kind_bit(EventKind::spawn);

// What a person's action does.
std::optional<EventKind> consequence_of(std::string_view action) {
  if (action == "kill") return EventKind::exit_signal;
  if (action == "cut") return EventKind::fault_begin;
  if (action == "heal") return EventKind::fault_end;
  if (action == "crash") return EventKind::node_down;
  if (action == "restart") return EventKind::node_up;
  return std::nullopt;
}

constexpr std::uint64_t interventions =
    kind_bit(EventKind::fault_begin) | kind_bit(EventKind::action);

EventFilter by(ProcessNumber process, std::uint64_t kinds = runtime::all_event_kinds) {
  return {.kinds = kinds, .processes = {process}, .as_subject = true};
}

EventFilter around(ProcessNumber process, std::uint64_t kinds) {
  return {.kinds = kinds, .processes = {process}};
}

EventRange before(Seq seq) {
  return {.first = 1, .last = seq - 1, .limit = 1, .direction = Direction::backward};
}

// An action that was done at the time of the event.
std::string at_that_time(const EventRecord& event, std::string_view action) {
  return " AND time = " + std::to_string(event.time.nanoseconds()) +
         " AND name IN (SELECT id FROM names WHERE text = '" + std::string(action) + "')";
}

EventRange after(Seq seq) {
  return {.first = seq + 1};
}

std::string with_message(const EventRecord& event) {
  return " AND message = " + std::to_string(static_cast<std::int64_t>(event.message));
}

}  // namespace

Found Reader::cause(Seq seq) {
  auto& all = *implementation_;
  auto asked = all.event(seq);
  if (!asked) return asked.error();
  if (!*asked || seq <= 1) return std::optional<EventRecord>();
  const EventRecord& event = **asked;
  if (event.cause != 0 && event.cause < seq) return all.event(event.cause);
  const ProcessNumber subject = event.subject.number;
  switch (event.kind) {
    case EventKind::spawn:
      if (event.peer.number == 0) return std::optional<EventRecord>();
      return all.first_of(before(seq), by(event.peer.number));
    case EventKind::exit: {
      const std::string fatal =
          " AND (kind <> " +
          std::to_string(all.kind_numbers[static_cast<std::size_t>(EventKind::exit_signal)]) +
          " OR name IN (SELECT id FROM names WHERE text = 'fatal'))";
      auto found = all.first_of(before(seq), by(subject, ends), fatal);
      if (!found || (*found && (*found)->kind != EventKind::spawn)) return found;
      break;
    }
    case EventKind::exit_signal:
    case EventKind::down: {
      if (event.peer.number != 0) return all.first_of(before(seq), by(event.peer.number));
      // From outside: the fault or the person that names this process.
      return all.first_of(before(seq), {.kinds = interventions},
                          " AND instr(detail, '" + to_string(event.subject.key) + "')");
    }
    case EventKind::node_down:
      return all.first_of(before(seq), {.kinds = interventions});
    case EventKind::restart: {
      auto found = all.first_of(before(seq), by(event.peer.number, kind_bit(EventKind::exit)));
      if (!found || *found) return found;
      break;
    }
    case EventKind::node_up:
      return all.first_of(before(seq), {.kinds = kind_bit(EventKind::action)},
                          at_that_time(event, "restart"));
    case EventKind::fault_begin:
      return all.first_of({.first = seq - 1, .last = seq - 1},
                          {.kinds = kind_bit(EventKind::action)});
    case EventKind::fault_end: {
      auto healed = all.first_of(before(seq), {.kinds = kind_bit(EventKind::action)},
                                 at_that_time(event, "heal"));
      if (!healed || *healed) return healed;
      return all.first_of(before(seq), {.kinds = kind_bit(EventKind::fault_begin)},
                          with_message(event));
    }
    default:
      break;
  }
  if (subject == 0) return std::optional<EventRecord>();
  return all.first_of(before(seq), by(subject));
}

Found Reader::effect(Seq seq) {
  auto& all = *implementation_;
  auto asked = all.event(seq);
  if (!asked) return asked.error();
  if (!*asked) return std::optional<EventRecord>();
  const EventRecord& event = **asked;
  const ProcessNumber subject = event.subject.number;
  const std::string caused = " AND cause = " + std::to_string(seq);
  switch (event.kind) {
    case EventKind::send: {
      if (event.peer.number == 0) return std::optional<EventRecord>();
      const auto kinds = kind_bit(EventKind::receive) | kind_bit(EventKind::drop);
      return all.first_of(after(seq), around(event.peer.number, kinds), with_message(event));
    }
    case EventKind::exit: {
      const auto kinds = kind_bit(EventKind::exit_signal) | kind_bit(EventKind::down) |
                         kind_bit(EventKind::restart);
      return all.first_of(after(seq), around(subject, kinds), caused);
    }
    case EventKind::timer_start: {
      const auto kinds = kind_bit(EventKind::timer_fire) | kind_bit(EventKind::timer_cancel);
      return all.first_of(after(seq), by(subject, kinds), with_message(event));
    }
    case EventKind::crash:
      return all.first_of(after(seq), by(subject, kind_bit(EventKind::exit)));
    case EventKind::restart:
      return all.first_of(after(seq), by(subject, kind_bit(EventKind::child)));
    case EventKind::fault_begin:
      return all.first_of(after(seq), {.kinds = kind_bit(EventKind::fault_end)},
                          with_message(event));
    case EventKind::action: {
      const auto kind = consequence_of(event.name);
      if (!kind) return std::optional<EventRecord>();
      // "<1.107.0> at step 512, ...": a process is killed when it runs next.
      const std::string pid = event.detail.substr(0, event.detail.find(' '));
      const bool is_kill = *kind == EventKind::exit_signal;
      return all.first_of(
          after(seq), {.kinds = kind_bit(*kind)},
          is_kill ? " AND subject IN (SELECT number FROM processes WHERE pid = '" + pid + "')"
                  : "");
    }
    default:
      break;
  }
  if (subject == 0) return std::optional<EventRecord>();
  return all.first_of(after(seq), by(subject));
}

}  // namespace glasshouse::tracing
