#include "tracing/side_tables.h"

#include <utility>

#include "tracing/explain.h"

namespace glasshouse::tracing {

namespace {

constexpr std::size_t label_characters_max = 60;

}  // namespace

Result<SideTables> SideTables::prepare(Database& database) {
  SideTables tables;
  const std::pair<Statement*, const char*> statements[] = {
      {&tables.insert_process_, "INSERT INTO processes (number, pid, key, node) VALUES (?,?,?,?)"},
      {&tables.spawn_process_,
       "UPDATE processes SET parent = ?2, behaviour = ?3, spawned = ?4 WHERE number = ?1"},
      {&tables.exit_process_, "UPDATE processes SET exited = ?2, reason = ?3 WHERE number = ?1"},
      {&tables.name_process_, "UPDATE processes SET name = ?2 WHERE number = ?1"},
      {&tables.label_process_, "UPDATE processes SET name = ?2 WHERE number = ?1 AND name IS NULL"},
      {&tables.node_up_,
       "INSERT INTO nodes VALUES (?1, ?2, ?3, 1, ?4, NULL) ON CONFLICT (node) DO UPDATE SET "
       "name = ?2, creation = ?3, starts = starts + 1, up = ?4, down = NULL"},
      {&tables.node_down_,
       "INSERT INTO nodes VALUES (?1, NULL, 0, 0, NULL, ?2) ON CONFLICT (node) DO UPDATE SET "
       "down = ?2"},
      {&tables.crash_, "INSERT INTO crashes VALUES (?, ?, ?)"},
      {&tables.mark_, "INSERT INTO marks VALUES (?)"},
      {&tables.fault_begin_, "INSERT OR REPLACE INTO faults VALUES (?, ?, ?, ?, NULL)"},
      {&tables.fault_end_, "UPDATE faults SET until = ?2 WHERE number = ?1"},
      {&tables.stream_, "INSERT OR REPLACE INTO streams VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
      {&tables.property_,
       "INSERT INTO properties (name, verdict, violated, why) VALUES (?1, ?2, ?3, ?4) "
       "ON CONFLICT (name) DO UPDATE SET verdict = ?2, violated = ?3, why = ?4 "
       "WHERE ?3 IS NOT NULL AND violated IS NULL"},
      {&tables.verdict_,
       "INSERT INTO properties VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (name) DO UPDATE SET "
       "kind = ?2, verdict = ?3, violated = coalesce(?4, violated), "
       "why = CASE WHEN ?5 = '' THEN why ELSE ?5 END"},
  };
  for (const auto& [statement, sql] : statements) {
    auto prepared = database.prepare(sql);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  return tables;
}

void SideTables::add_process(ProcessNumber number, ProcessKey key) {
  const std::string pid = to_string(key);
  insert_process_.bind(1, number);
  insert_process_.bind(2, pid);
  insert_process_.bind(3, static_cast<std::int64_t>(key.value));
  insert_process_.bind(4, key.node());
  run(insert_process_);
}

void SideTables::on_label(ProcessNumber process, std::string_view text) {
  // What is bound must live until the statement has run.
  const std::string name = shortened(plain_name(text), label_characters_max);
  label_process_.bind(1, process);
  label_process_.bind(2, name);
  run(label_process_);
}

void SideTables::add(const NumberedEvent& numbered, const runtime::Event& event,
                     std::string_view text, const WorldModel& world) {
  switch (event.kind) {
    case EventKind::node_up:
    case EventKind::node_down:
      return on_node(numbered, event, world);
    case EventKind::spawn:
      return on_spawn(numbered, event);
    case EventKind::exit:
      return on_exit(numbered.subject, numbered.seq, text);
    case EventKind::register_name:
      name_process_.bind(1, numbered.subject);
      name_process_.bind(2, event.name.text());
      return run(name_process_);
    case EventKind::label:
      return on_label(numbered.subject, text);
    case EventKind::crash:
      mark(numbered.seq);
      crash_.bind(1, static_cast<std::int64_t>(numbered.seq));
      crash_.bind_or_null(2, numbered.subject);
      crash_.bind(3, text);
      return run(crash_);
    case EventKind::restart:
    case EventKind::held:
    case EventKind::action:
      return mark(numbered.seq);
    case EventKind::fault_begin:
    case EventKind::fault_end:
      return on_fault(numbered, event, text);
    case EventKind::property:
      return on_property(numbered, event, text);
    case EventKind::stream_open:
    case EventKind::stream_send:
    case EventKind::stream_arrive:
    case EventKind::stream_close:
    case EventKind::stream_fault:
      return on_stream(numbered, event, text);
    default:
      return;
  }
}

void SideTables::mark(Seq seq) {
  mark_.bind(1, static_cast<std::int64_t>(seq));
  run(mark_);
}

void SideTables::on_spawn(const NumberedEvent& numbered, const runtime::Event& event) {
  spawn_process_.bind(1, numbered.subject);
  spawn_process_.bind_or_null(2, numbered.peer);
  spawn_process_.bind(3, event.name.text());
  spawn_process_.bind(4, static_cast<std::int64_t>(numbered.seq));
  run(spawn_process_);
}

void SideTables::on_exit(ProcessNumber process, Seq seq, std::string_view reason) {
  exit_process_.bind(1, process);
  exit_process_.bind(2, static_cast<std::int64_t>(seq));
  exit_process_.bind(3, reason);
  run(exit_process_);
}

void SideTables::on_node(const NumberedEvent& numbered, const runtime::Event& event,
                         const WorldModel& world) {
  mark(numbered.seq);
  const auto seq = static_cast<std::int64_t>(numbered.seq);
  if (event.kind == EventKind::node_up) {
    node_up_.bind(1, event.node);
    node_up_.bind(2, event.name.text());
    node_up_.bind(3, event.argument);
    node_up_.bind(4, seq);
    return run(node_up_);
  }
  // A power cut ends processes without a word of their own.
  for (const auto* process : world.alive()) {
    if (ProcessKey{process->key}.node() == event.node) {
      on_exit(process->number, numbered.seq, "the node went down");
    }
  }
  for (auto& [number, stream] : streams_) {
    if (stream.node != event.node) continue;
    stream.closed = numbered.seq;
    stream.close_reason = "the node went down";
    if (!std::exchange(stream.dirty, true)) dirty_.push_back(number);
  }
  node_down_.bind(1, event.node);
  node_down_.bind(2, seq);
  run(node_down_);
}

void SideTables::on_fault(const NumberedEvent& numbered, const runtime::Event& event,
                          std::string_view text) {
  mark(numbered.seq);
  if (event.kind == EventKind::fault_end) {
    fault_end_.bind(1, static_cast<std::int64_t>(event.message));
    fault_end_.bind(2, static_cast<std::int64_t>(numbered.seq));
    return run(fault_end_);
  }
  fault_begin_.bind(1, static_cast<std::int64_t>(event.message));
  fault_begin_.bind(2, event.name.text());
  fault_begin_.bind(3, text);
  fault_begin_.bind(4, static_cast<std::int64_t>(numbered.seq));
  run(fault_begin_);
}

void SideTables::on_property(const NumberedEvent& numbered, const runtime::Event& event,
                             std::string_view text) {
  const bool violated = event.argument == 0;
  if (violated) mark(numbered.seq);
  property_.bind(1, event.name.text());
  property_.bind(2, violated ? "violated" : "held");
  property_.bind_or_null(3, violated ? static_cast<std::int64_t>(numbered.seq) : 0);
  property_.bind(4, text);
  run(property_);
}

void SideTables::on_stream(const NumberedEvent& numbered, const runtime::Event& event,
                           std::string_view text) {
  if (event.kind == EventKind::stream_fault) {
    const auto found = streams_.find(event.message);
    if (found == streams_.end()) return;
  }
  Stream& stream = streams_[event.message];
  stream.node = event.node;
  if (numbered.subject != 0) stream.owner = numbered.subject;  // it may have been given away
  const auto bytes = static_cast<std::uint64_t>(event.argument);
  switch (event.kind) {
    case EventKind::stream_open:
      stream.opened_as = event.name.text();
      stream.peer = text;
      stream.opened = numbered.seq;
      break;
    case EventKind::stream_send:
      stream.sent += bytes;
      break;
    case EventKind::stream_arrive:
      stream.arrived += bytes;
      break;
    case EventKind::stream_fault:
      ++stream.faults;
      break;
    default:
      stream.closed = numbered.seq;
      stream.close_reason = event.name.text();
  }
  if (!std::exchange(stream.dirty, true)) dirty_.push_back(event.message);
}

void SideTables::flush() {
  for (const std::uint64_t number : dirty_) {
    Stream& stream = streams_[number];
    stream.dirty = false;
    stream_.bind(1, static_cast<std::int64_t>(number));
    stream_.bind(2, stream.opened_as);
    stream_.bind_or_null(3, stream.owner);
    stream_.bind(4, stream.peer);
    stream_.bind_or_null(5, static_cast<std::int64_t>(stream.opened));
    stream_.bind_or_null(6, static_cast<std::int64_t>(stream.closed));
    stream_.bind(7, stream.close_reason);
    stream_.bind(8, static_cast<std::int64_t>(stream.sent));
    stream_.bind(9, static_cast<std::int64_t>(stream.arrived));
    stream_.bind(10, static_cast<std::int64_t>(stream.faults));
    run(stream_);
    if (stream.closed != 0) streams_.erase(number);
  }
  dirty_.clear();
}

void SideTables::finish(const std::vector<PropertyInfo>& properties) {
  flush();
  for (const PropertyInfo& property : properties) {
    verdict_.bind(1, property.name);
    verdict_.bind(2, property.kind);
    verdict_.bind(3, property.verdict);
    verdict_.bind_or_null(4, static_cast<std::int64_t>(property.violated));
    verdict_.bind(5, property.why);
    run(verdict_);
  }
}

}  // namespace glasshouse::tracing
