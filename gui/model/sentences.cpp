#include "gui/model/sentences.h"

#include <algorithm>
#include <vector>

#include "gui/model/format.h"

namespace glasshouse::gui {
namespace {

std::string name_or_pid(const ProcessTable& table, ProcessKey key) {
  const ProcessRow* row = table.find(key);
  if (row == nullptr) return "a process that is not there";
  return row->name.empty() ? row->pid : row->name;
}

// "raft_b, which waits for kv_2": the chain behind a waiting process.
std::string chain_behind(const ProcessRow& process, const ProcessTable& table) {
  std::vector<ProcessKey> seen = {process.key};
  std::string text = name_or_pid(table, process.waiting_for);
  const ProcessRow* next = table.find(process.waiting_for);
  while (next != nullptr) {
    if (std::find(seen.begin(), seen.end(), next->key) != seen.end()) {
      return text + ": a cycle, so none of them goes on";
    }
    seen.push_back(next->key);
    if (next->activity == Activity::crashed || next->activity == Activity::exited) {
      return text + ", which is gone";
    }
    if (next->activity != Activity::waiting || next->waiting_for == 0) return text;
    text += ", which waits for " + name_or_pid(table, next->waiting_for);
    next = table.find(next->waiting_for);
  }
  return text;
}

std::string queue_note(const ProcessRow& process) {
  if (process.mailbox == 0) return "";
  std::string are = process.mailbox == 1 ? " message waits" : " messages wait";
  return " " + format_count(process.mailbox) + are + " in its mailbox.";
}

std::string subject_of(const EventRow& event) {
  if (!event.subject_name.empty()) return event.subject_name;
  return event.subject == 0 ? "The world" : event.subject_pid;
}

std::string peer_of(const EventRow& event) {
  if (!event.peer_name.empty()) return event.peer_name;
  return event.peer == 0 ? "nobody" : event.peer_pid;
}

}  // namespace

std::string why(const ProcessRow& process, const ProcessTable& table, std::int64_t now_ns) {
  std::string since = format_span(std::max<std::int64_t>(0, now_ns - process.since_ns));
  switch (process.activity) {
    case Activity::running:
      return "Works on " + (process.handler.empty() ? "a message" : process.handler) + "." +
             queue_note(process);
    case Activity::runnable:
      return "Could go on and waits " + since + " for a worker." + queue_note(process);
    case Activity::idle:
      return "Idle for " + since + ": waits for any message." + queue_note(process);
    case Activity::suspended:
      return "Suspended for " + since + "." + queue_note(process);
    case Activity::exited:
      return "Exited: " + (process.reason.empty() ? "normal" : process.reason) + ".";
    case Activity::crashed:
      return "Crashed: " + (process.reason.empty() ? "unknown reason" : process.reason) + ".";
    case Activity::waiting:
      break;
  }
  std::string what = process.waiting_what.empty() ? "receive" : process.waiting_what;
  std::string text = "Blocked " + since + " in " + what;
  if (process.waiting_for != 0) text += " to " + chain_behind(process, table);
  return text + "." + queue_note(process);
}

std::string kind_words(EventKind kind) {
  std::string words(runtime::event_kind_name(kind));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string sentence(const EventRow& event) {
  std::string subject = subject_of(event);
  std::string peer = peer_of(event);
  std::string text = event.text.empty() ? event.name : event.text;
  switch (event.kind) {
    case EventKind::node_up:
      return "Node " + event.name + " came up.";
    case EventKind::node_down:
      return "The node went down: " + event.name + ".";
    case EventKind::spawn:
      return peer + " started " + subject + ", which runs " + event.name + ".";
    case EventKind::exit:
      return subject + " ended: " + (event.text.empty() ? "normal" : event.text) + ".";
    case EventKind::send:
      return subject + " sent " + text + " to " + peer + ".";
    case EventKind::receive:
      return subject + " took " + text + " from " + peer + " out of its mailbox.";
    case EventKind::drop:
      return "A message to " + peer + " went nowhere: " + event.name + ".";
    case EventKind::link:
      return subject + " is linked to " + peer + ".";
    case EventKind::unlink:
      return subject + " is no longer linked to " + peer + ".";
    case EventKind::monitor:
      return subject + " watches " + peer + ".";
    case EventKind::demonitor:
      return subject + " no longer watches " + peer + ".";
    case EventKind::exit_signal:
      return "An exit signal of " + peer + " reached " + subject + ": " + event.name + ".";
    case EventKind::down:
      return subject + " learnt that " + peer + " is down" +
             (event.text.empty() ? "." : ": " + event.text + ".");
    case EventKind::register_name:
      return subject + " is now called " + event.name + ".";
    case EventKind::unregister_name:
      return subject + " is no longer called " + event.name + ".";
    case EventKind::timer_start:
      return subject + " set a timer for " + format_span(event.argument) + " from now.";
    case EventKind::timer_fire:
      return "A timer of " + subject + " fired.";
    case EventKind::wait:
      return subject + " waits in " + event.name + (event.peer != 0 ? " for " + peer : "") + ".";
    case EventKind::state:
      return "The state of " + subject + " is now " + text + ".";
    case EventKind::child:
      return subject + " started its child " + event.name + " (" + peer + ").";
    case EventKind::restart:
      return subject + " decided about " + peer + ": " + event.name +
             (event.text.empty() ? "." : ", because " + event.text);
    case EventKind::crash:
      return subject + " crashed.";
    case EventKind::fault_begin:
      return "A fault began: " + event.name + " " + event.text + ".";
    case EventKind::fault_end:
      return "A fault ended: " + event.name + ".";
    case EventKind::property:
      return "Property " + event.name + (event.argument != 0 ? " held." : " was violated: ") +
             (event.argument != 0 ? "" : event.text);
    case EventKind::action:
      return "By hand: " + event.name + " " + event.text + ".";
    case EventKind::log:
      return subject + " says: " + event.text;
    case EventKind::probe:
      return "Probe " + event.name + " is " + std::to_string(event.argument) + ".";
    default:
      return subject + ": " + kind_words(event.kind) + (text.empty() ? "." : " " + text + ".");
  }
}

}  // namespace glasshouse::gui
