#include "runtime/behaviour/debug_text.h"

#include <string_view>

#include "runtime/term/print.h"

namespace glasshouse::runtime {

namespace {

bool is_event(const Term& event, std::string_view tag, std::size_t size) {
  return event.is_tuple(Atom(tag), size);
}

bool is_from(const Term& term) {
  return term.is_tuple() && term.size() == 2 && term.element(0).is_pid();
}

// gen_server, gen_event and others: {in, Message}.
std::string got(const std::string& name, const Term& message) {
  if (is_event(message, "$gen_call", 3)) {
    return name + " got call " + to_string(message.element(2)) + " from " +
           to_string(message.element(1).element(0));
  }
  if (is_event(message, "$gen_cast", 2)) return name + " got cast " + to_string(message.element(1));
  if (is_event(message, "notify", 2)) return name + " got event " + to_string(message.element(1));
  const bool is_request = message.is_tuple() && message.size() == 3 && is_from(message.element(1));
  if (is_request && is_event(message.element(2), "call", 3)) {
    const Term& request = message.element(2);
    return name + "(" + to_string(request.element(1)) + ") got call " +
           to_string(request.element(2));
  }
  return name + " got " + to_string(message);
}

// {EventType, EventContent} of a gen_statem.
std::string event_text(const Term& event) {
  const Term& type = event.element(0);
  if (is_event(type, "call", 2) && is_from(type.element(1))) {
    return "call " + to_string(event.element(1)) + " from " + to_string(type.element(1).element(0));
  }
  return to_string(type) + " " + to_string(event.element(1));
}

std::string in_state(const Term& state) {
  return " in state " + to_string(state);
}

std::string change_text(const Term& from, const Term& to) {
  return from == to ? in_state(from) : in_state(from) + " => " + to_string(to);
}

std::string text_of(const std::string& name, const Term& event) {
  if (is_event(event, "in", 2)) return got(name, event.element(1));
  if (is_event(event, "in", 3)) {
    return name + " receive " + event_text(event.element(1)) + in_state(event.element(2));
  }
  if (is_event(event, "out", 3) && is_from(event.element(2))) {
    return name + " send " + to_string(event.element(1)) + " to " +
           to_string(event.element(2).element(0));
  }
  if (is_event(event, "out", 4)) {
    return name + " sent " + to_string(event.element(1)) + " to " + to_string(event.element(2)) +
           ", new state " + to_string(event.element(3));
  }
  if (is_event(event, "noreply", 2)) return name + " new state " + to_string(event.element(1));
  for (const std::string_view tag : {"postpone", "consume"}) {
    if (!is_event(event, tag, 4)) continue;
    return name + " " + std::string(tag) + " " + event_text(event.element(1)) +
           change_text(event.element(2), event.element(3));
  }
  for (const std::string_view tag : {"start_timer", "module", "terminate"}) {
    if (!is_event(event, tag, 3)) continue;
    return name + " " + std::string(tag) + " " + to_string(event.element(1)) +
           in_state(event.element(2));
  }
  return name + " " + to_string(event);
}

}  // namespace

std::string system_event_text(const Term& name, const Term& event) {
  return "*DBG* " + text_of(to_string(name), event);
}

}  // namespace glasshouse::runtime
