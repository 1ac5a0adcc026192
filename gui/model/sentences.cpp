#include "gui/model/sentences.h"

#include <algorithm>
#include <vector>

#include "gui/model/format.h"
#include "tracing/explain.h"

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

tracing::ProcessName name_of(ProcessKey number, const std::string& pid, const std::string& label) {
  tracing::ProcessName name;
  name.number = static_cast<tracing::ProcessNumber>(number);
  name.key.value = number;  // whoever is somebody; what is shown is the pid
  name.pid = pid;
  name.label = label;
  return name;
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
  return tracing::explain(
      {.seq = event.moment,
       .time = runtime::Instant::at(runtime::Duration::nanoseconds(event.time_ns)),
       .kind = event.kind,
       .node = event.node,
       .subject = name_of(event.subject, event.subject_pid, event.subject_name),
       .peer = name_of(event.peer, event.peer_pid, event.peer_name),
       .name = event.name,
       .message = event.message,
       .argument = event.argument,
       .detail = event.text});
}

}  // namespace glasshouse::gui
