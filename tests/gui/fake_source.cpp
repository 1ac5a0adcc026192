#include "tests/gui/fake_source.h"

#include <algorithm>
#include <unordered_map>

#include "gui/model/format.h"

namespace glasshouse::gui {

// What follows from the events up to a moment.
struct FakeSource::World {
  struct Process {
    ProcessRow row;
    std::deque<MailboxRow> mailbox;
    std::string state;
    std::string state_before;
    Moment state_moment = 0;
    std::int64_t state_ns = 0;
    std::vector<ProcessKey> links;
    std::optional<CrashRow> crash;
  };
  std::map<ProcessKey, Process> processes;
  std::vector<SupervisorRow> supervisors;

  SupervisorRow* supervisor(ProcessKey key) {
    for (SupervisorRow& row : supervisors) {
      if (row.process == key) return &row;
    }
    return nullptr;
  }
  void apply(const EventRow& event);
  void apply_supervision(const EventRow& event);
  void apply_message(const EventRow& event);
};

void FakeSource::World::apply_supervision(const EventRow& event) {
  if (event.kind == EventKind::supervisor) {
    ProcessRow& row = processes[event.subject].row;
    row.is_supervisor = true;
    supervisors.push_back({.process = event.subject,
                           .parent = row.parent,
                           .strategy = event.name,
                           .intensity = event.argument,
                           .period_ns = static_cast<std::int64_t>(event.message),
                           .children = {}});
    return;
  }
  SupervisorRow* above = supervisor(event.subject);
  if (above == nullptr) return;
  auto child = std::find_if(
      above->children.begin(), above->children.end(),
      [&](const ChildRow& row) { return row.id == event.name || row.process == event.peer; });
  if (event.kind == EventKind::child) {
    if (child == above->children.end()) {
      above->children.push_back({.id = event.name, .restart_type = "permanent", .history = {}});
      child = above->children.end() - 1;
    }
    child->process = event.peer;
    child->is_alive = true;
    child->started_ns = event.time_ns;
    processes[event.peer].row.restarts = static_cast<std::uint32_t>(child->history.size());
  } else if (event.kind == EventKind::restart && child != above->children.end()) {
    ++above->used;
    child->is_alive = false;
    child->history.push_back({.moment = event.moment,
                              .time_ns = event.time_ns,
                              .decision = event.name,
                              .why = event.text,
                              .used = above->used});
  }
}

void FakeSource::World::apply_message(const EventRow& event) {
  Process& process = processes[event.subject];
  ProcessRow& row = process.row;
  if (event.kind == EventKind::send) {
    Process& to = processes[event.peer];
    to.mailbox.push_back({.sent = event.moment,
                          .sent_ns = event.time_ns,
                          .from = event.subject,
                          .from_name = event.subject_name,
                          .type = event.name,
                          .text = event.text});
    to.row.mailbox = to.mailbox.size();
    return;
  }
  auto& mailbox = process.mailbox;
  auto taken = std::find_if(mailbox.begin(), mailbox.end(), [&](const MailboxRow& message) {
    return message.text == event.text && message.from == event.peer;
  });
  if (taken != mailbox.end()) mailbox.erase(taken);
  row.mailbox = mailbox.size();
  row.activity = Activity::running;
  row.handler = event.name;
  row.since_ns = event.time_ns;
}

void FakeSource::World::apply(const EventRow& event) {
  apply_supervision(event);
  if (event.subject == 0) return;
  Process& process = processes[event.subject];
  ProcessRow& row = process.row;
  // What was planned for a process that has crashed since does not happen.
  bool is_gone = row.activity == Activity::crashed || row.activity == Activity::exited;
  if (is_gone && event.kind != EventKind::exit) return;
  switch (event.kind) {
    case EventKind::spawn:
      row.key = event.subject;
      row.parent = event.peer;
      row.node = event.node;
      row.pid = event.subject_pid;
      row.name = event.subject_name;
      row.behaviour = event.name;
      row.since_ns = event.time_ns;
      row.reductions = 120 + event.subject * 7;
      break;
    case EventKind::link:
      process.links.push_back(event.peer);
      processes[event.peer].links.push_back(event.subject);
      break;
    case EventKind::send:
    case EventKind::receive:
      apply_message(event);
      break;
    case EventKind::wait:
      row.reductions += static_cast<std::uint64_t>(event.argument);
      row.activity = event.peer != 0 ? Activity::waiting : Activity::idle;
      row.waiting_what = event.name;
      row.waiting_for = event.peer;
      row.since_ns = event.time_ns;
      break;
    case EventKind::state:
      process.state_before = process.state;
      process.state = event.text;
      process.state_moment = event.moment;
      process.state_ns = event.time_ns;
      break;
    case EventKind::crash:
      process.crash = CrashRow{.moment = event.moment,
                               .time_ns = event.time_ns,
                               .process = event.subject,
                               .pid = event.subject_pid,
                               .name = event.subject_name,
                               .reason = {},
                               .report = event.text};
      row.activity = Activity::crashed;
      break;
    case EventKind::exit:
      if (process.crash) process.crash->reason = event.text;
      if (row.activity != Activity::crashed) row.activity = Activity::exited;
      row.reason = event.text;
      row.waiting_for = 0;
      break;
    default:
      break;
  }
}

FakeSource::World FakeSource::world_at(Moment at) const {
  World world;
  for (std::size_t i = 0; i < std::min<std::size_t>(at, events_.size()); ++i) {
    world.apply(events_[i]);
  }
  return world;
}

RunInfo FakeSource::info() {
  RunInfo info{.name = "kv_under_fire",
               .seed = "0x5EED42",
               .digest = "9c41 07aa 55e2 f310",
               .world = "simulator",
               .outcome = "",
               .nodes = {},
               .properties = {}};
  for (std::uint16_t n = 1; n <= 3; ++n) {
    info.nodes.push_back({.index = n, .name = "n" + std::to_string(n)});
  }
  info.properties.push_back({"no_acknowledged_write_is_lost", "violated", "k17 is gone on n3"});
  info.properties.push_back({"every_client_is_served", "held", ""});
  return info;
}

Extent FakeSource::extent() {
  return {.first = 1, .last = shown_, .begin_ns = 0, .end_ns = time_of(shown_)};
}

Overview FakeSource::overview(std::size_t slices) {
  Overview overview;
  overview.density.assign(slices, 0);
  std::int64_t end = std::max<std::int64_t>(1, time_of(shown_));
  World world = world_at(shown_);
  for (std::size_t i = 0; i < shown_; ++i) {
    const EventRow& event = events_[i];
    std::size_t slice =
        static_cast<std::size_t>(event.time_ns * static_cast<std::int64_t>(slices) / (end + 1));
    ++overview.density[std::min(slice, slices - 1)];
    auto mark = [&](MarkKind kind, const std::string& text) {
      overview.marks.push_back({kind, event.moment, event.time_ns, text});
    };
    if (event.kind == EventKind::crash) {
      mark(MarkKind::crash, event.subject_name);
      overview.crashes.push_back(*world.processes.at(event.subject).crash);
    }
    if (event.kind == EventKind::restart) mark(MarkKind::restart, event.peer_name);
    if (event.kind == EventKind::property) mark(MarkKind::violation, event.name);
    if (event.kind == EventKind::action) mark(MarkKind::action, event.name);
    if (event.kind == EventKind::fault_begin) {
      overview.bands.push_back({event.name, event.text, event.time_ns, end});
    }
    if (event.kind == EventKind::fault_end) {
      for (Band& band : overview.bands) {
        if (band.kind == event.name) band.end_ns = event.time_ns;
      }
    }
  }
  return overview;
}

std::vector<ProcessRow> FakeSource::processes(Moment at) {
  std::vector<ProcessRow> rows;
  for (auto& [key, process] : world_at(at).processes)
    rows.push_back(process.row);
  return rows;
}

std::vector<SupervisorRow> FakeSource::supervisors(Moment at) {
  return world_at(at).supervisors;
}

ProcessDetail FakeSource::detail(ProcessKey key, Moment at) {
  World world = world_at(at);
  ProcessDetail detail{.process = key,
                       .mailbox = {},
                       .state = {},
                       .state_before = {},
                       .relations = {},
                       .crash = {},
                       .recent = {}};
  auto found = world.processes.find(key);
  if (found == world.processes.end()) return detail;
  World::Process& process = found->second;
  detail.mailbox_length = process.mailbox.size();
  detail.mailbox.assign(process.mailbox.begin(), process.mailbox.end());
  detail.state = process.state;
  detail.state_before = process.state_before;
  detail.state_moment = process.state_moment;
  detail.state_ns = process.state_ns;
  detail.crash = process.crash;
  for (ProcessKey other : process.links) {
    const ProcessRow& row = world.processes.at(other).row;
    detail.relations.push_back(
        {other == process.row.parent ? "supervisor" : "link", other, row.pid, row.name});
  }
  return detail;
}

std::vector<Moment> FakeSource::matching(const EventFilter& filter, Moment after) {
  std::vector<Moment> found;
  for (Moment moment = after + 1; moment <= shown_; ++moment) {
    const EventRow& row = event(moment);
    bool has_kind = ((filter.kinds >> static_cast<int>(row.kind)) & 1) != 0;
    bool has_process =
        filter.process == 0 || row.subject == filter.process || row.peer == filter.process;
    bool has_text = filter.text.empty() || contains_ignoring_case(row.name, filter.text) ||
                    contains_ignoring_case(row.text, filter.text) ||
                    contains_ignoring_case(row.subject_name, filter.text) ||
                    contains_ignoring_case(row.peer_name, filter.text);
    if (has_kind && has_process && has_text) found.push_back(moment);
  }
  return found;
}

std::vector<EventRow> FakeSource::events(std::span<const Moment> moments) {
  std::vector<EventRow> rows;
  for (Moment moment : moments) {
    if (moment >= 1 && moment <= shown_) rows.push_back(event(moment));
  }
  return rows;
}

std::optional<Moment> FakeSource::step(Direction direction, const StepFrom& from) {
  bool forward = direction == Direction::forward;
  for (Moment moment = forward ? from.moment + 1 : from.moment - 1; moment >= 1 && moment <= shown_;
       forward ? ++moment : --moment) {
    const EventRow& row = event(moment);
    bool fits = from.scope == StepScope::run ||
                (from.scope == StepScope::process && row.subject == from.process) ||
                (from.scope == StepScope::node && row.node == from.node);
    if (fits) return moment;
  }
  return std::nullopt;
}

std::optional<Moment> FakeSource::cause(Moment moment) {
  if (moment < 1 || moment > shown_) return std::nullopt;
  const EventRow& row = event(moment);
  for (Moment before = moment - 1; before >= 1; --before) {
    const EventRow& candidate = event(before);
    if (row.kind == EventKind::receive ? candidate.message == row.message && row.message != 0
                                       : candidate.subject == row.subject) {
      return before;
    }
  }
  return std::nullopt;
}

std::optional<Moment> FakeSource::effect(Moment moment) {
  if (moment < 1 || moment > shown_) return std::nullopt;
  const EventRow& row = event(moment);
  for (Moment after = moment + 1; after <= shown_; ++after) {
    const EventRow& candidate = event(after);
    if (row.kind == EventKind::send ? candidate.message == row.message
                                    : candidate.subject == row.subject) {
      return after;
    }
  }
  return std::nullopt;
}

Moment FakeSource::moment_at(std::int64_t time_ns) {
  auto after = std::upper_bound(
      events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(shown_), time_ns,
      [](std::int64_t time, const EventRow& row) { return time < row.time_ns; });
  return static_cast<Moment>(after - events_.begin());
}

std::int64_t FakeSource::time_of(Moment moment) {
  if (moment < 1 || events_.empty()) return 0;
  return event(std::min<Moment>(moment, events_.size())).time_ns;
}

void FakeSource::advance(std::int64_t nanoseconds) {
  shown_ = std::max<std::size_t>(shown_, moment_of_all(time_of(shown_) + nanoseconds));
}

std::size_t FakeSource::moment_of_all(std::int64_t time_ns) const {
  auto after =
      std::upper_bound(events_.begin(), events_.end(), time_ns,
                       [](std::int64_t time, const EventRow& row) { return time < row.time_ns; });
  return static_cast<std::size_t>(after - events_.begin());
}

runtime::Result<void> FakeSource::kill(ProcessKey process) {
  if (!named_.contains(process)) return runtime::Error("There is no such process to kill.");
  World world = world_at(shown_);
  Activity activity = world.processes[process].row.activity;
  if (activity == Activity::crashed || activity == Activity::exited) {
    return runtime::Error(named_.at(process).second + " is already gone.");
  }
  EventRow exit{.moment = 0,
                .time_ns = time_of(shown_),
                .kind = EventKind::exit,
                .subject = process,
                .text = "killed"};
  add(exit);
  std::rotate(events_.begin() + static_cast<std::ptrdiff_t>(shown_), events_.end() - 1,
              events_.end());
  ++shown_;
  for (std::size_t i = 0; i < events_.size(); ++i)
    events_[i].moment = i + 1;
  return {};
}

runtime::Result<void> FakeSource::set_cut(std::uint16_t a, std::uint16_t b, bool is_cut) {
  if (a == b) return runtime::Error("A node has no link to itself.");
  for (auto link : {std::pair(a, b), std::pair(b, a)}) {
    if (is_cut) {
      cuts_.insert(link);
    } else {
      cuts_.erase(link);
    }
  }
  return {};
}

}  // namespace glasshouse::gui
