// Chains of reasons in words: from what is asked about back to where it began.

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "tracing/causality.h"
#include "tracing/explain.h"

namespace glasshouse::tracing {

namespace {

using runtime::kind_bit;
using Found = Result<std::optional<EventRecord>>;

// What makes a process do something.
constexpr std::uint64_t triggers =
    kind_bit(EventKind::receive) | kind_bit(EventKind::timer_fire) |
    kind_bit(EventKind::stream_arrive) | kind_bit(EventKind::stream_close) |
    kind_bit(EventKind::exit_signal) | kind_bit(EventKind::down) | kind_bit(EventKind::spawn);

// The event that explains this one, if one does: its cause where there is one of its own, else what
// its process last reacted to.
Found reason_of(Reader& reader, const EventRecord& event) {
  switch (event.kind) {
    case EventKind::receive:
    case EventKind::drop:
    case EventKind::exit:
    case EventKind::exit_signal:
    case EventKind::down:
    case EventKind::restart:
    case EventKind::timer_fire:
    case EventKind::timer_cancel:
    case EventKind::stream_arrive:
    case EventKind::stream_close:
    case EventKind::node_up:
    case EventKind::node_down:
    case EventKind::fault_begin:
    case EventKind::fault_end: {
      auto cause = reader.cause(event.seq);
      // An exit that nothing forced: the process came to its end by itself.
      const bool by_itself = cause.ok() && *cause && event.kind == EventKind::exit &&
                             (*cause)->kind != EventKind::crash &&
                             (*cause)->kind != EventKind::exit_signal;
      if (!by_itself) return cause;
      break;
    }
    case EventKind::child: {
      auto restart = reader.previous(event.seq, {.kinds = kind_bit(EventKind::restart),
                                                 .processes = {event.subject.number},
                                                 .as_subject = true});
      if (!restart || *restart) return restart;
      break;
    }
    default:
      break;
  }
  if (event.kind == EventKind::send && event.cause != 0) return reader.event(event.cause);
  const ProcessName& actor = event.kind == EventKind::spawn ? event.peer : event.subject;
  if (actor.number == 0) return std::optional<EventRecord>();
  return reader.previous(event.seq,
                         {.kinds = triggers, .processes = {actor.number}, .as_subject = true});
}

// Faults that were in force when it began are part of the answer.
Result<void> add_faults(Reader& reader, std::vector<Reason>& reasons, Tie tie) {
  if (reasons.empty()) return {};
  auto bands = reader.faults();
  if (!bands) return bands.error();
  const auto [oldest, newest] =
      std::minmax_element(reasons.begin(), reasons.end(),
                          [](const Reason& a, const Reason& b) { return a.time < b.time; });
  const Instant from = oldest->time;
  const Instant until = newest->time;
  for (const FaultBand& band : *bands) {
    if (band.from > until || band.until < from || reasons.size() >= reasons_max) continue;
    const bool told = std::any_of(reasons.begin(), reasons.end(),
                                  [&](const Reason& reason) { return reason.seq == band.begin; });
    if (told) continue;
    const std::string how = band.parameters.empty() ? "" : " " + shortened(band.parameters, 80);
    reasons.push_back({band.begin, band.from,
                       "At that time the fault " + band.kind + how + " was in force, from " +
                           to_string(band.from) + " to " + to_string(band.until) + ".",
                       tie});
  }
  return {};
}

// What an observer from outside could have seen processes do.
constexpr std::uint64_t deeds = kind_bit(EventKind::send) | kind_bit(EventKind::spawn) |
                                kind_bit(EventKind::exit) | kind_bit(EventKind::probe) |
                                kind_bit(EventKind::log);
constexpr std::uint64_t disturbances =
    kind_bit(EventKind::crash) | kind_bit(EventKind::restart) | kind_bit(EventKind::node_down) |
    kind_bit(EventKind::node_up) | kind_bit(EventKind::fault_begin) | kind_bit(EventKind::action);
constexpr std::size_t violation_text_max = 1'000;

bool is_violation(const EventRecord& event) {
  return event.kind == EventKind::property && event.argument == 0;
}

// A node's first start disturbs nobody.
bool is_first_start(const EventRecord& event) {
  return event.kind == EventKind::node_up && event.argument <= 1;
}

Result<std::vector<Reason>> why_violated(Reader& reader, const EventRecord& violation) {
  std::map<Seq, EventRecord, std::greater<>> past;
  const auto add_last = [&](std::uint64_t kinds, std::size_t limit) -> Result<void> {
    auto events =
        reader.events({.last = violation.seq - 1, .limit = limit, .direction = Direction::backward},
                      {.kinds = kinds});
    if (!events) return events.error();
    for (EventRecord& event : *events) {
      if (!is_first_start(event)) past.emplace(event.seq, std::move(event));
    }
    return {};
  };
  if (auto added = add_last(deeds, last_events_max); !added) return added.error();
  if (auto added = add_last(disturbances, disturbances_max); !added) return added.error();
  std::vector<Reason> reasons;
  reasons.push_back(
      {violation.seq, violation.time, explain(violation, violation_text_max), Tie::asked});
  for (const auto& [seq, event] : past)
    reasons.push_back({seq, event.time, explain(event), Tie::after});
  if (auto added = add_faults(reader, reasons, Tie::after); !added) return added.error();
  return reasons;
}

}  // namespace

Result<std::vector<Reason>> why_event(Reader& reader, Seq seq) {
  std::vector<Reason> reasons;
  auto event = reader.event(seq);
  if (!event) return event.error();
  if (!*event) {
    return runtime::Error("There is no event " + std::to_string(seq) + "; the trace has " +
                              std::to_string(reader.run().events) + ".",
                          "noevent");
  }
  if (is_violation(**event)) return why_violated(reader, **event);
  while (*event && reasons.size() < reasons_max) {
    const Tie tie = reasons.empty() ? Tie::asked : Tie::because;
    reasons.push_back({(*event)->seq, (*event)->time, explain(**event), tie});
    auto reason = reason_of(reader, **event);
    if (!reason) return reason.error();
    *event = std::move(*reason);
  }
  if (auto added = add_faults(reader, reasons, Tie::because); !added) return added.error();
  return reasons;
}

Result<std::vector<Reason>> why_property(Reader& reader, std::string_view name) {
  const std::vector<PropertyInfo>& properties = reader.run().properties;
  const auto property = std::find_if(properties.begin(), properties.end(),
                                     [&](const PropertyInfo& each) { return each.name == name; });
  if (property == properties.end()) {
    return runtime::Error("The run has no property " + std::string(name) + ".", "noproperty");
  }
  if (property->violated != 0) return why_event(reader, property->violated);
  const std::string how = property->verdict.empty()     ? " is not decided yet."
                          : property->verdict == "held" ? " held."
                                                        : " never came to be; that is no failure.";
  return std::vector<Reason>{{0, reader.run().end, "Property " + property->name + how, Tie::asked}};
}

Result<std::vector<Reason>> what_went_wrong(Reader& reader) {
  std::vector<Reason> reasons;
  for (const PropertyInfo& property : reader.run().properties) {
    if (property.violated == 0) continue;
    auto why = why_event(reader, property.violated);
    if (!why) return why.error();
    reasons.insert(reasons.end(), why->begin(), why->end());
  }
  if (!reasons.empty()) return reasons;
  const auto crash = reader.next(0, {.kinds = kind_bit(EventKind::crash)});
  if (!crash) return crash.error();
  if (*crash) return why_event(reader, (*crash)->seq);
  return reasons;
}

namespace {

std::string shown(const ProcessRow& row) {
  const std::string& label = row.name.empty() ? row.behaviour : row.name;
  return label.empty() ? row.pid : label + " " + row.pid;
}

std::string mailbox_text(const ProcessRow& row) {
  if (row.mailbox == 0) return "its mailbox is empty";
  return row.mailbox == 1 ? std::string("one message is in its mailbox")
                          : std::to_string(row.mailbox) + " messages are in its mailbox";
}

// How a process that is alive is, in a sentence.
std::string condition_of(const ProcessDetails& details) {
  const ProcessRow& row = details.row;
  if (row.state == ProcessState::runnable) {
    return shown(row) + " is not waiting: it runs or is about to; " + mailbox_text(row) + ".";
  }
  const std::string what = row.waiting_for.empty() ? "receive" : row.waiting_for;
  if (row.waiting_whom != 0) {
    return shown(row) + " has waited since " + to_string(row.since) + " in a " + what + " with " +
           tracing::shown(details.waiting_whom) + "; " + mailbox_text(row) + ".";
  }
  const std::string tail = row.mailbox == 0 ? "." : " and it accepts none of them.";
  return shown(row) + " has waited since " + to_string(row.since) + " in a " + what + "; " +
         mailbox_text(row) + tail;
}

}  // namespace

Result<std::vector<Reason>> why_process(Reader& reader, ProcessNumber number, Seq at) {
  std::vector<Reason> reasons;
  std::set<ProcessNumber> seen;
  auto now = reader.time_of(at);
  if (!now) return now.error();
  while (number != 0 && reasons.size() < reasons_max) {
    auto details = reader.process(number, at);
    if (!details) return details.error();
    if (details->row.state == ProcessState::exited) {
      auto rest = why_event(reader, details->row.exited);
      if (!rest) return rest.error();
      if (!reasons.empty() && !rest->empty()) rest->front().tie = Tie::because;
      reasons.insert(reasons.end(), rest->begin(), rest->end());
      return reasons;
    }
    if (!seen.insert(number).second) {
      reasons.push_back({0, *now, "That closes a circle: each waits for the next, a deadlock."});
      return reasons;
    }
    const Tie tie = reasons.empty() ? Tie::asked : Tie::because;
    reasons.push_back({0, *now, condition_of(*details), tie});
    number = details->row.state == ProcessState::waiting ? details->row.waiting_whom : 0;
  }
  return reasons;
}

}  // namespace glasshouse::tracing
