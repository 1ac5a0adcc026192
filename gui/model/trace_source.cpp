#include "gui/model/trace_source.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <unordered_set>
#include <utility>

#include "tracing/explain.h"

namespace glasshouse::gui {
namespace {

constexpr std::size_t mailbox_rows_max = 200;
constexpr std::size_t matches_at_once = 200'000;

std::string hexadecimal(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

EventRow row_of(tracing::EventRecord record) {
  return {.moment = record.seq,
          .time_ns = record.time.nanoseconds(),
          .kind = record.kind,
          .node = record.node,
          .subject = record.subject.number,
          .peer = record.peer.number,
          .subject_name = std::move(record.subject.label),
          .subject_pid = std::move(record.subject.pid),
          .peer_name = std::move(record.peer.label),
          .peer_pid = std::move(record.peer.pid),
          .name = std::move(record.name),
          .message = record.message,
          .argument = record.argument,
          .text = std::move(record.detail)};
}

std::optional<Moment> moment_of(const std::optional<tracing::EventRecord>& record) {
  if (!record) return std::nullopt;
  return record->seq;
}

const std::string& first_that_is(const std::string& a, const std::string& b, const std::string& c) {
  return !a.empty() ? a : !b.empty() ? b : c;
}

// A process that only waits for whatever comes next is idle; one that waits for somebody, or for
// something particular, is waiting.
Activity activity_of(const tracing::ProcessRow& row, bool crashed) {
  if (row.state == tracing::ProcessState::exited) {
    return crashed ? Activity::crashed : Activity::exited;
  }
  if (row.state == tracing::ProcessState::runnable) return Activity::runnable;
  bool is_open = row.waiting_whom == 0 && (row.waiting_for.empty() || row.waiting_for == "receive");
  return is_open ? Activity::idle : Activity::waiting;
}

ProcessRow row_of(const tracing::ProcessRow& row, bool crashed) {
  return {.key = row.number,
          .parent = row.parent,
          .node = row.key.node(),
          .is_supervisor = row.supervisor,
          .pid = row.pid,
          .name = first_that_is(row.name, tracing::plain_name(row.label), row.behaviour),
          .behaviour = row.behaviour,
          .activity = activity_of(row, crashed),
          .waiting_what = row.waiting_for,
          .waiting_for = row.waiting_whom,
          .since_ns = row.since.nanoseconds(),
          .mailbox = row.mailbox,
          .reductions = row.reductions,
          .restarts = row.restarts,
          .handler = {},
          .reason = row.reason};
}

RelationRow relation(std::string what, const tracing::ProcessName& name) {
  return {.what = std::move(what), .process = name.number, .pid = name.pid, .name = name.label};
}

void add_relations(const tracing::ProcessDetails& details, ProcessDetail& detail) {
  std::vector<RelationRow>& rows = detail.relations;
  if (details.supervisor.number != 0) rows.push_back(relation("supervisor", details.supervisor));
  bool is_parent_known = !details.ancestors.empty();
  if (is_parent_known && details.ancestors.front().number != details.supervisor.number) {
    rows.push_back(relation("parent", details.ancestors.front()));
  }
  for (const auto& other : details.links) {
    if (other.number != details.supervisor.number) rows.push_back(relation("link", other));
  }
  for (const auto& monitor : details.monitors)
    rows.push_back(relation("monitors", monitor.whom));
  for (const auto& other : details.monitored_by)
    rows.push_back(relation("watched by", other));
}

ChildRow row_of(const tracing::ChildRow& row, const tracing::SupervisorInfo& above,
                std::int64_t started_ns) {
  ChildRow child{.id = row.id,
                 .process = row.process.number,
                 .is_alive = row.state != tracing::ProcessState::exited,
                 .restart_type = row.restart_type,
                 .started_ns = started_ns,
                 .history = {}};
  for (const tracing::RestartRecord& record : above.restarts) {
    // Children of this strategy share one id.
    const bool is_shared = above.strategy == "simple_one_for_one";
    if (record.child_id != row.id) continue;
    if (is_shared && record.child.number != row.process.number) continue;
    child.history.push_back({.moment = record.seq,
                             .time_ns = record.time.nanoseconds(),
                             .decision = record.decision,
                             .why = record.why,
                             .used = record.used});
  }
  return child;
}

std::optional<MarkKind> mark_kind(const tracing::Mark& mark) {
  switch (mark.kind) {
    case EventKind::crash:
      return MarkKind::crash;
    case EventKind::restart:  // and not: keep_down, forget, give_up
      if (mark.name == "restart") return MarkKind::restart;
      return std::nullopt;
    case EventKind::property:
      return MarkKind::violation;
    case EventKind::action:
      return MarkKind::action;
    case EventKind::node_down:
      if (mark.name == "crashed") return MarkKind::node_lost;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

TraceSource::TraceSource(tracing::Reader reader) : reader_(std::move(reader)) {}

runtime::Result<std::unique_ptr<Source>> TraceSource::open(const std::string& path) {
  runtime::Result<tracing::Reader> reader = tracing::Reader::open(path);
  if (!reader.ok()) return reader.error();
  return std::unique_ptr<Source>(std::make_unique<TraceSource>(*std::move(reader)));
}

std::string TraceSource::take_problem() {
  return std::exchange(problem_, {});
}

RunInfo TraceSource::info() {
  const tracing::RunInfo& run = reader_.run();
  RunInfo info{.name = run.scenario,
               .seed = std::to_string(run.seed),
               .digest = run.digest ? hexadecimal(*run.digest) : "",
               .world = run.world == tracing::WorldKind::sim ? "simulator" : "multicore",
               .outcome = run.outcome,
               .was_cut = run.cut,
               .nodes = {},
               .properties = {}};
  if (info.name.empty()) info.name = std::filesystem::path(run.file).filename().string();
  for (const tracing::NodeInfo& node : run.nodes) {
    info.nodes.push_back({node.index, node.name, node.down == 0});
  }
  for (const tracing::PropertyInfo& property : run.properties) {
    info.properties.push_back({property.name, property.verdict, property.why});
  }
  return info;
}

Extent TraceSource::extent() {
  (void)take(reader_.refresh());
  const tracing::RunInfo& run = reader_.run();
  return {.first = run.events == 0 ? 0U : 1U,
          .last = run.events,
          .begin_ns = 0,
          .end_ns = run.end.nanoseconds()};
}

const std::vector<CrashRow>& TraceSource::crashes() {
  Moment last = reader_.run().events;
  if (crashes_to_ == last) return crashes_;
  crashes_to_ = last;
  crashes_.clear();
  for (tracing::CrashReport& report : take(reader_.crashes())) {
    crashes_.push_back({.moment = report.seq,
                        .time_ns = report.time.nanoseconds(),
                        .process = report.process.number,
                        .pid = std::move(report.process.pid),
                        .name = std::move(report.process.label),
                        .reason = std::move(report.reason),
                        .report = std::move(report.report)});
  }
  return crashes_;
}

Overview TraceSource::overview(std::size_t slices) {
  Overview overview;
  std::int64_t end = reader_.run().end.nanoseconds();
  tracing::Overview counts = take(reader_.overview(tracing::Axis::time, 0, end + 1, slices));
  if (counts.width > 0) {
    overview.density.resize(static_cast<std::size_t>(end / counts.width) + 1, 0);
    for (const tracing::Overview::Cell& cell : counts.cells) {
      std::size_t slice = static_cast<std::size_t>(cell.begin / counts.width);
      if (slice < overview.density.size()) {
        overview.density[slice] += static_cast<std::uint32_t>(cell.total);
      }
    }
  }
  for (tracing::FaultBand& fault : take(reader_.faults())) {
    overview.bands.push_back({.kind = std::move(fault.kind),
                              .text = std::move(fault.parameters),
                              .begin_ns = fault.from.nanoseconds(),
                              .end_ns = fault.end == 0 ? end : fault.until.nanoseconds()});
  }
  for (const tracing::Mark& mark : take(reader_.marks())) {
    std::optional<MarkKind> kind = mark_kind(mark);
    if (!kind) continue;
    std::string who = mark.subject == 0 ? "" : take(reader_.name_of(mark.subject)).label;
    std::string text = who.empty() ? mark.name : mark.name.empty() ? who : who + ": " + mark.name;
    overview.marks.push_back({*kind, mark.seq, mark.time.nanoseconds(), std::move(text)});
  }
  overview.crashes = crashes();
  return overview;
}

std::vector<ProcessRow> TraceSource::processes(Moment at) {
  std::unordered_set<ProcessKey> crashed;  // unordered: never iterated
  for (const CrashRow& crash : crashes()) {
    if (crash.moment <= at) crashed.insert(crash.process);
  }
  std::vector<ProcessRow> rows;
  for (const tracing::ProcessRow& row : take(reader_.processes(at, true))) {
    rows.push_back(row_of(row, crashed.contains(row.number)));
  }
  std::optional<tracing::EventRecord> event = take(reader_.event(at));
  if (!event || event->kind == EventKind::wait) return rows;
  // Whoever made the event was running then.
  for (ProcessRow& row : rows) {
    bool is_up = row.activity != Activity::exited && row.activity != Activity::crashed;
    if (row.key == event->subject.number && is_up) row.activity = Activity::running;
  }
  return rows;
}

std::vector<SupervisorRow> TraceSource::supervisors(Moment at) {
  std::vector<SupervisorRow> rows;
  for (const tracing::SupervisorInfo& info : take(reader_.supervisors(at))) {
    if (info.state == tracing::ProcessState::exited) continue;
    SupervisorRow row{.process = info.process.number,
                      .parent = info.parent,
                      .strategy = info.strategy,
                      .intensity = info.intensity,
                      .period_ns = info.period.nanoseconds(),
                      .used = info.used,
                      .children = {}};
    for (const tracing::ChildRow& child : info.children) {
      row.children.push_back(row_of(child, info, time_of(child.started)));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

ProcessDetail TraceSource::detail(ProcessKey process, Moment at) {
  ProcessDetail detail{.process = process,
                       .mailbox = {},
                       .state = {},
                       .state_before = {},
                       .relations = {},
                       .crash = {},
                       .recent = {}};
  auto number = static_cast<tracing::ProcessNumber>(process);
  runtime::Result<tracing::ProcessDetails> found = reader_.process(number, at);
  // Not there yet at this moment: there is nothing to tell, and nothing wrong.
  if (!found.ok()) return detail;
  detail.state = found->state;
  detail.state_before = found->previous_state;
  detail.state_moment = found->state_seq;
  detail.state_ns = time_of(found->state_seq);
  add_relations(*found, detail);
  tracing::Mailbox mailbox = take(reader_.mailbox(number, at, mailbox_rows_max));
  detail.mailbox_length = mailbox.length;
  for (tracing::MailboxMessage& message : mailbox.messages) {
    detail.mailbox.push_back({.sent = message.sent,
                              .sent_ns = message.sent_at.nanoseconds(),
                              .from = message.sender.number,
                              .from_name = message.sender.shown(),
                              .type = std::move(message.type),
                              .text = std::move(message.text)});
  }
  for (const CrashRow& crash : crashes()) {
    if (crash.process == process && crash.moment <= at) detail.crash = crash;
  }
  return detail;
}

std::vector<Moment> TraceSource::matching(const EventFilter& filter, Moment after) {
  tracing::EventFilter asked;
  asked.kinds = filter.kinds & EventFilter::runtime_kinds;
  asked.text = filter.text;
  if (filter.process != 0) {
    asked.processes = {static_cast<tracing::ProcessNumber>(filter.process)};
  }
  std::vector<Moment> found;
  while (true) {
    tracing::EventRange range{.first = after + 1, .limit = matches_at_once};
    std::vector<tracing::EventRecord> records = take(reader_.events(range, asked));
    for (const tracing::EventRecord& record : records)
      found.push_back(record.seq);
    if (records.size() < matches_at_once) return found;
    after = found.back();
  }
}

std::vector<EventRow> TraceSource::events(std::span<const Moment> moments) {
  std::vector<EventRow> rows;
  if (moments.empty()) return rows;
  bool is_dense = moments.back() - moments.front() + 1 == moments.size();
  if (is_dense) {
    tracing::EventRange range{
        .first = moments.front(), .last = moments.back(), .limit = moments.size()};
    for (tracing::EventRecord& record : take(reader_.events(range))) {
      rows.push_back(row_of(std::move(record)));
    }
    return rows;
  }
  for (Moment moment : moments) {
    std::optional<tracing::EventRecord> record = take(reader_.event(moment));
    if (record) rows.push_back(row_of(*std::move(record)));
  }
  return rows;
}

std::optional<Moment> TraceSource::step(Direction direction, const StepFrom& from) {
  tracing::EventFilter filter;
  if (from.scope == StepScope::process) {
    filter.processes = {static_cast<tracing::ProcessNumber>(from.process)};
    filter.as_subject = true;
  }
  if (from.scope == StepScope::node) filter.node = from.node;
  return moment_of(take(direction == Direction::forward ? reader_.next(from.moment, filter)
                                                        : reader_.previous(from.moment, filter)));
}

std::optional<Moment> TraceSource::cause(Moment moment) {
  return moment_of(take(reader_.cause(moment)));
}

std::optional<Moment> TraceSource::effect(Moment moment) {
  return moment_of(take(reader_.effect(moment)));
}

Moment TraceSource::moment_at(std::int64_t time_ns) {
  return take(reader_.seq_at(runtime::Instant::at(runtime::Duration::nanoseconds(time_ns))));
}

std::int64_t TraceSource::time_of(Moment moment) {
  if (moment == 0) return 0;
  return take(reader_.time_of(moment)).nanoseconds();
}

}  // namespace glasshouse::gui
