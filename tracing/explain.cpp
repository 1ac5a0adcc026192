#include "tracing/explain.h"

#include <algorithm>

namespace glasshouse::tracing {

namespace {

std::string time_text(std::int64_t nanoseconds) {
  return to_string(Duration::nanoseconds(nanoseconds));
}

std::string node_text(const EventRecord& event) {
  return event.node == 0 ? std::string("the world") : "node " + std::to_string(event.node);
}

// The detail behind a colon, if there is one.
std::string because(const EventRecord& event, std::size_t text_max) {
  if (event.detail.empty()) return ".";
  const std::string text = shortened(event.detail, text_max);
  return ": " + text + (text.ends_with('.') ? "" : ".");
}

std::string message_text(const EventRecord& event) {
  return event.name.empty() ? "a message" : event.name;
}

std::string explain_process(const EventRecord& event, std::size_t text_max) {
  const std::string who = shown(event.subject);
  switch (event.kind) {
    case EventKind::spawn: {
      const std::string as = event.name.empty() ? "" : " as " + event.name;
      return shown(event.peer) + " spawned " + who + as + ".";
    }
    case EventKind::exit:
      return who + " exited" + because(event, text_max);
    case EventKind::crash:
      return who + " crashed" + because(event, text_max);
    case EventKind::register_name:
      return who + " is now called " + event.name + ".";
    case EventKind::unregister_name:
      return who + " is no longer called " + event.name + ".";
    case EventKind::label:
      return who + " describes itself" + because(event, text_max);
    case EventKind::state:
      return who + " has a new state" + because(event, text_max);
    case EventKind::wait: {
      const std::string whom = event.peer.key.value == 0 ? "" : " with " + shown(event.peer);
      return who + " waits in a " + (event.name.empty() ? "receive" : event.name) + whom + ".";
    }
    default:
      return who + " held its worker for " + time_text(event.argument) + ".";
  }
}

std::string explain_message(const EventRecord& event, std::size_t text_max) {
  switch (event.kind) {
    case EventKind::send:
      return shown(event.subject) + " sent " + message_text(event) + " to " + shown(event.peer) +
             because(event, text_max);
    case EventKind::receive:
      return shown(event.subject) + " received " + message_text(event) + " from " +
             shown(event.peer) + because(event, text_max);
    default: {
      const std::string why = event.name.empty() ? "" : " (" + event.name + ")";
      return "A message to " + shown(event.peer) + " went nowhere" + why + ".";
    }
  }
}

std::string explain_relation(const EventRecord& event, std::size_t text_max) {
  const std::string who = shown(event.subject);
  const std::string whom = shown(event.peer);
  switch (event.kind) {
    case EventKind::link:
      return who + " and " + whom + " are linked.";
    case EventKind::unlink:
      return who + " and " + whom + " are no longer linked.";
    case EventKind::monitor:
      return who + " watches " + whom + ".";
    case EventKind::demonitor:
      return who + " no longer watches " + whom + ".";
    case EventKind::down:
      return who + " learned that " + whom + " is down" + because(event, text_max);
    default: {
      const std::string signal = "The exit signal of " + whom;
      if (event.name == "trapped") return signal + " came to " + who + " as a message.";
      if (event.name == "ignored") return signal + " did nothing to " + who + ".";
      return signal + " ended " + who + because(event, text_max);
    }
  }
}

std::string explain_timer(const EventRecord& event) {
  const std::string timer = "timer " + std::to_string(event.message);
  const std::string who = shown(event.subject);
  switch (event.kind) {
    case EventKind::timer_start:
      return who + " set " + timer + ", due in " + time_text(event.argument) + ".";
    case EventKind::timer_fire:
      return "Timer " + std::to_string(event.message) + " of " + who + " fired.";
    default:
      return who + " cancelled " + timer + ".";
  }
}

std::string explain_supervision(const EventRecord& event, std::size_t text_max) {
  const std::string who = shown(event.subject);
  switch (event.kind) {
    case EventKind::supervisor:
      return who + " supervises " + event.name + ", at most " + std::to_string(event.argument) +
             " restarts in " + time_text(static_cast<std::int64_t>(event.message)) + ".";
    case EventKind::child:
      return who + " started " + shown(event.peer) +
             (event.name.empty() ? "." : " as its child " + event.name + ".");
    default:
      break;
  }
  const std::string tail = because(event, text_max);
  if (event.name == "restart") return who + " restarts " + shown(event.peer) + tail;
  if (event.name == "keep_down") return who + " keeps " + shown(event.peer) + " down" + tail;
  if (event.name == "forget") return who + " forgets " + shown(event.peer) + tail;
  if (event.name == "give_up") {
    return who + " gives up after " + shown(event.peer) + " failed once too often" + tail;
  }
  return who + " decided about " + shown(event.peer) + " (" + event.name + ")" + tail;
}

std::string explain_stream(const EventRecord& event, std::size_t text_max) {
  const std::string stream = "stream " + std::to_string(event.message);
  const std::string who = shown(event.subject);
  const std::string bytes = std::to_string(event.argument) + " bytes";
  switch (event.kind) {
    case EventKind::stream_open:
      return who + " has " + stream + " (" + event.name + ")" + because(event, text_max);
    case EventKind::stream_send:
      return who + " sent " + bytes + " on " + stream + ".";
    case EventKind::stream_arrive:
      return bytes + " reached " + who + " on " + stream + ".";
    case EventKind::stream_close:
      return "Stream " + std::to_string(event.message) + " of " + who + " closed (" + event.name +
             ").";
    default:
      return "The network did this to " + stream + ": " + event.name + because(event, text_max);
  }
}

std::string explain_world(const EventRecord& event, std::size_t text_max) {
  const std::string tail = because(event, text_max);
  const std::string number = std::to_string(event.message);
  switch (event.kind) {
    case EventKind::node_up:
      return "Node " + event.name + " came up, life " + std::to_string(event.argument) + ".";
    case EventKind::node_down:
      return "Node " + std::to_string(event.node) + " went down (" + event.name + ").";
    case EventKind::storage:
      return shown(event.subject) + " asked its disk for " + event.name + " of " +
             std::to_string(event.argument) + " bytes" + tail;
    case EventKind::storage_fault:
      return "The disk of " + node_text(event) + " failed (" + event.name + ", " +
             std::to_string(event.argument) + " bytes)" + tail;
    case EventKind::fault_begin:
      return "Fault " + number + " began: " + event.name + tail;
    case EventKind::fault_end:
      return "Fault " + number + " ended: " + event.name + ".";
    case EventKind::log:
      return shown(event.subject) + " logged (" + event.name + ")" + tail;
    case EventKind::probe:
      return "Probe " + event.name + " is " + std::to_string(event.argument) + ".";
    case EventKind::property:
      return "Property " + event.name + (event.argument == 0 ? " is violated" : " holds") + tail;
    case EventKind::decision:
      return "The choice " + event.name + " for " + number + " fell on " +
             std::to_string(event.argument) + ".";
    default:
      return "By hand: " + event.name + tail;
  }
}

}  // namespace

std::string ProcessName::shown() const {
  return tracing::shown(*this);
}

std::string shown(const ProcessName& process) {
  if (process.key.value == 0) return "the world";
  const std::string& pid = process.pid.empty() ? to_string(process.key) : process.pid;
  return process.label.empty() ? pid : process.label + " " + pid;
}

std::string shortened(std::string_view text, std::size_t characters_max) {
  std::string shorter;
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
    if (begins && ++characters > characters_max) return shorter + "…";
    const bool is_break = text[i] == '\n' || text[i] == '\r' || text[i] == '\t';
    shorter += is_break ? ' ' : text[i];
  }
  return shorter;
}

std::string plain_name(std::string_view term) {
  std::string_view name = term;
  if (name.starts_with("<<\"") && name.ends_with("\">>")) {
    name = name.substr(3, name.size() - 6);
  } else if (name.size() > 2 && name.front() == name.back() &&
             (name.front() == '"' || name.front() == '\'')) {
    name = name.substr(1, name.size() - 2);
  }
  const bool is_plain = std::none_of(name.begin(), name.end(),
                                     [](char c) { return c == '"' || c == '\\' || c == '\''; });
  return std::string(is_plain && !name.empty() ? name : term);
}

std::string explain(const EventRecord& event, std::size_t text_max) {
  switch (event.kind) {
    case EventKind::spawn:
    case EventKind::exit:
    case EventKind::crash:
    case EventKind::register_name:
    case EventKind::unregister_name:
    case EventKind::label:
    case EventKind::state:
    case EventKind::wait:
    case EventKind::held:
      return explain_process(event, text_max);
    case EventKind::send:
    case EventKind::receive:
    case EventKind::drop:
      return explain_message(event, text_max);
    case EventKind::link:
    case EventKind::unlink:
    case EventKind::monitor:
    case EventKind::demonitor:
    case EventKind::exit_signal:
    case EventKind::down:
      return explain_relation(event, text_max);
    case EventKind::timer_start:
    case EventKind::timer_fire:
    case EventKind::timer_cancel:
      return explain_timer(event);
    case EventKind::supervisor:
    case EventKind::child:
    case EventKind::restart:
      return explain_supervision(event, text_max);
    case EventKind::stream_open:
    case EventKind::stream_send:
    case EventKind::stream_arrive:
    case EventKind::stream_close:
    case EventKind::stream_fault:
      return explain_stream(event, text_max);
    default:
      return explain_world(event, text_max);
  }
}

}  // namespace glasshouse::tracing
