#include "tracing/trace_writer.h"

#include <algorithm>
#include <utility>

#include "runtime/base/build_identity.h"
#include "tracing/digest.h"

namespace glasshouse::tracing {

namespace {

// Between keyframes there are at least this many events, and more when the world is large: a
// keyframe costs a byte for every event at most.
constexpr std::uint64_t keyframe_events_min = 8'192;
constexpr std::uint64_t keyframe_bytes_per_event = 16;

std::string this_build() {
  const auto build = runtime::build_identity();
  std::string text(build.commit);
  text.append(", ").append(build.compiler).append(", ").append(build.build);
  return text;
}

std::string kinds_text(std::uint64_t kinds) {
  if ((kinds & runtime::all_event_kinds) == runtime::all_event_kinds) return "all";
  std::string text;
  for (int i = 0; i < runtime::event_kind_count; ++i) {
    const auto kind = static_cast<EventKind>(i);
    if (!(kinds & runtime::kind_bit(kind))) continue;
    if (!text.empty()) text += ' ';
    text += runtime::event_kind_name(kind);
  }
  return text;
}

constexpr const char* detail_names[] = {"none", "digest", "text"};

}  // namespace

TraceWriter::TraceWriter(std::unique_ptr<Database> database, const RecorderOptions& options,
                         const RunDescription& run)
    : database_(std::move(database)), world_kind_(run.world), kinds_(options.kinds) {}

Result<std::unique_ptr<TraceWriter>> TraceWriter::create(const RecorderOptions& options,
                                                         const RunDescription& run) {
  auto database = Database::create(options.path);
  if (!database) return database.error();
  // NORMAL is safe when this program dies; a power cut may cost the last commits, not the file.
  const std::string settings =
      "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
      "PRAGMA wal_autocheckpoint = 4096; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;";
  if (auto set = (*database)->execute(settings + schema_sql()); !set) return set.error();
  std::unique_ptr<TraceWriter> writer(new TraceWriter(std::move(*database), options, run));
  if (auto prepared = writer->prepare(); !prepared) return prepared.error();
  if (auto described = writer->describe(run, options); !described) return described.error();
  return writer;
}

Result<void> TraceWriter::prepare() {
  const std::pair<Statement*, const char*> statements[] = {
      {&insert_event_, "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
      {&insert_name_, "INSERT INTO names VALUES (?, ?)"},
      {&insert_process_list_, "INSERT INTO process_events VALUES (?, ?, ?, ?)"},
      {&insert_kind_list_, "INSERT INTO kind_events VALUES (?, ?, ?, ?)"},
      {&insert_keyframe_, "INSERT INTO keyframes VALUES (?, ?)"},
      {&insert_cell_, "INSERT OR REPLACE INTO pyramid VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
      {&remove_level_, "DELETE FROM pyramid WHERE axis = ? AND level = ?"},
      {&insert_digest_, "INSERT OR REPLACE INTO digests VALUES (?, ?, ?)"},
      {&insert_decision_, "INSERT INTO decisions VALUES (NULL, ?, ?, ?, ?, ?)"},
      {&update_run_, "UPDATE run SET events = ?, end_ns = ?, dropped = ?"},
  };
  for (const auto& [statement, sql] : statements) {
    auto prepared = database_->prepare(sql);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  auto side = SideTables::prepare(*database_);
  if (!side) return side.error();
  side_ = std::make_unique<SideTables>(std::move(*side));
  return {};
}

Result<void> TraceWriter::describe(const RunDescription& run, const RecorderOptions& options) {
  auto insert = database_->prepare(
      "INSERT INTO run (scenario, scenario_text, seed, world, build, started_ns, kinds, detail, "
      "lossless) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  auto parameter = database_->prepare("INSERT OR REPLACE INTO parameters VALUES (?, ?)");
  if (!insert) return insert.error();
  if (!parameter) return parameter.error();
  begin_if_needed();
  const std::string seed = std::to_string(run.seed);
  const std::string build = run.build.empty() ? this_build() : run.build;
  const std::string kinds = kinds_text(options.kinds);
  insert->bind(1, run.scenario);
  insert->bind(2, run.scenario_text);
  insert->bind(3, seed);
  insert->bind(4, run.world == WorldKind::sim ? "sim" : "multicore");
  insert->bind(5, build);
  insert->bind(6, run.started.nanoseconds());
  insert->bind(7, kinds);
  insert->bind(8, detail_names[static_cast<int>(options.detail)]);
  insert->bind(9, options.pressure == Pressure::lossless ? 1 : 0);
  this->run(*insert);
  for (const Parameter& setting : run.parameters) {
    parameter->bind(1, setting.name);
    parameter->bind(2, setting.value);
    this->run(*parameter);
  }
  for (const DecisionRecord& decision : run.decisions)
    add_decision(decision);
  return commit(0);
}

void TraceWriter::begin_if_needed() {
  if (database_->in_transaction()) return;
  auto begun = database_->execute("BEGIN");
  if (!begun && !failure_) failure_ = begun.error();
}

NameId TraceWriter::number_of(runtime::Atom name) {
  const std::uint32_t index = name.index();
  if (index < names_.size() && names_[index] != 0) [[likely]]
    return names_[index];
  if (name == runtime::atoms::undefined || name == runtime::atoms::empty) return 0;
  if (index >= names_.size()) names_.resize(std::size_t{index} * 2 + 64);
  names_[index] = ++name_count_;
  insert_name_.bind(1, name_count_);
  insert_name_.bind(2, name.text());
  run(insert_name_);
  model_.learn_name(name_count_, name.text());
  return name_count_;
}

ProcessNumber TraceWriter::new_number(ProcessKey key) {
  const auto number = static_cast<ProcessNumber>(exits_.size());
  exits_.push_back(0);
  numbers_.set(key, number);
  side_->add_process(number, key);
  recent_key_[0] = recent_key_[1] = {};
  return number;
}

ProcessNumber TraceWriter::number_of(ProcessKey key) {
  if (key.value == 0) return 0;
  if (key == recent_key_[0]) return recent_number_[0];
  if (key == recent_key_[1]) return recent_number_[1];
  ProcessNumber number = numbers_.find(key);
  if (number == 0) number = new_number(key);
  recent_key_[1] = std::exchange(recent_key_[0], key);
  recent_number_[1] = std::exchange(recent_number_[0], number);
  return number;
}

bool TraceWriter::must_wait(const Event& event) const {
  const auto wanted = [&](EventKind kind) { return (kinds_ & runtime::kind_bit(kind)) != 0; };
  if (event.subject.value == 0 || event.kind == EventKind::spawn) return false;
  const ProcessNumber subject = numbers_.find(event.subject);
  if (subject == 0) return wanted(EventKind::spawn);
  return event.kind == EventKind::receive && event.message != 0 && wanted(EventKind::send) &&
         model_.find(subject) != nullptr && !model_.has_mail(subject, event.message);
}

void TraceWriter::add(const Event& event, std::string_view text) {
  begin_if_needed();
  NumberedEvent numbered;
  numbered.seq = ++seq_;
  // Simulated time never falls; real clocks are read a moment before the event is put in order.
  numbered.time = event.time.nanoseconds();
  if (world_kind_ == WorldKind::multicore) numbered.time = std::max(numbered.time, last_time_);
  last_time_ = numbered.time;
  numbered.kind = event.kind;
  numbered.node = event.node;
  numbered.peer = number_of(event.peer);
  numbered.subject = number_of(event.subject);
  // A spawn begins a new process, even if an earlier life of its node had one of the same key.
  if (event.kind == EventKind::spawn && exits_[numbered.subject] != 0) {
    numbered.subject = new_number(event.subject);
  }
  numbered.name = number_of(event.name);
  numbered.message = event.message;
  numbered.argument = event.argument;

  if (event.kind == EventKind::node_down) end_processes_of(event.node);
  side_->add(numbered, event, text, model_);
  const Seq known = std::max(model_.apply(numbered, event.subject.value), flows_.add(numbered));
  insert(numbered, cause_of(numbered, known), text);
  if (event.kind == EventKind::exit && numbered.subject) exits_[numbered.subject] = seq_;
  if (event.kind == EventKind::send) {
    last_sent_message_ = event.message;
    last_send_ = seq_;
  }
  last_event_ = numbered;

  kind_lists_.add(static_cast<std::uint32_t>(event.kind), seq_, false);
  if (numbered.subject) process_lists_.add(numbered.subject, seq_, false);
  if (numbered.peer && numbered.peer != numbered.subject) {
    process_lists_.add(numbered.peer, seq_, true);
  }
  const KindGroup group = group_of(event.kind);
  by_time_.add(numbered.time, group);
  by_event_.add(static_cast<std::int64_t>(seq_), group);
  if (seq_ % chunk_events == 0) flush_chunk();
  keyframe_if_due();
}

void TraceWriter::end_processes_of(std::uint16_t node) {
  for (const auto* process : model_.alive()) {
    if (ProcessKey{process->key}.node() == node) exits_[process->number] = seq_;
  }
}

Seq TraceWriter::cause_of(const NumberedEvent& event, Seq known) const {
  if (known != 0) return known;
  switch (event.kind) {
    case EventKind::send: {
      // What the world sends a process tells it of what has just happened to it.
      const bool by_world = event.subject == 0 && event.peer != 0;
      return by_world && event.peer == last_event_.subject ? last_event_.seq : 0;
    }
    case EventKind::drop:
      return event.message == last_sent_message_ ? last_send_ : 0;
    case EventKind::down:
    case EventKind::exit_signal:
    case EventKind::restart:
      return exits_[event.peer];
    default:
      return 0;
  }
}

void TraceWriter::insert(const NumberedEvent& event, Seq cause, std::string_view text) {
  insert_event_.bind(1, static_cast<std::int64_t>(event.seq));
  insert_event_.bind(2, event.time);
  insert_event_.bind(3, static_cast<std::int64_t>(event.kind));
  insert_event_.bind(4, event.node);
  insert_event_.bind_or_null(5, event.subject);
  insert_event_.bind_or_null(6, event.peer);
  insert_event_.bind_or_null(7, event.name);
  insert_event_.bind_or_null(8, static_cast<std::int64_t>(event.message));
  insert_event_.bind(9, event.argument);
  insert_event_.bind_or_null(10, static_cast<std::int64_t>(cause));
  if (text.empty()) {
    insert_event_.bind_null(11);
  } else {
    insert_event_.bind(11, text);
  }
  run(insert_event_);
}

void TraceWriter::flush_chunk() {
  if (kind_lists_.empty()) return;
  const auto chunk = static_cast<std::int64_t>(chunk_of(seq_));
  const auto file_in = [&](Statement& statement) {
    return
        [this, &statement, chunk](std::uint32_t list, std::uint64_t count, std::string_view seqs) {
          statement.bind(1, list);
          statement.bind(2, chunk);
          statement.bind(3, static_cast<std::int64_t>(count));
          statement.bind_blob(4, seqs);
          run(statement);
        };
  };
  process_lists_.flush(file_in(insert_process_list_));
  kind_lists_.flush(file_in(insert_kind_list_));
}

void TraceWriter::flush_pyramid() {
  const std::pair<Pyramid*, std::string_view> axes[] = {{&by_time_, "time"},
                                                        {&by_event_, "events"}};
  for (const auto& entry : axes) {  // no structured binding: a lambda of clang 14 captures none
    Pyramid* const pyramid = entry.first;
    const std::string_view axis = entry.second;
    for (const int level : pyramid->take_abandoned()) {
      remove_level_.bind(1, axis);
      remove_level_.bind(2, level);
      run(remove_level_);
    }
    pyramid->take([&](const Pyramid::Cell& cell) {
      insert_cell_.bind(1, axis);
      insert_cell_.bind(2, cell.level);
      insert_cell_.bind(3, cell.cell);
      for (int i = 0; i < kind_group_count; ++i) {
        const std::uint64_t count = cell.counts[static_cast<std::size_t>(i)];
        insert_cell_.bind(4 + i, static_cast<std::int64_t>(count));
      }
      run(insert_cell_);
    });
  }
}

void TraceWriter::keyframe_if_due() {
  const std::uint64_t since = seq_ - last_keyframe_;
  if (since < keyframe_events_min || since * keyframe_bytes_per_event < keyframe_bytes_) return;
  const std::string bytes = model_.encode();
  insert_keyframe_.bind(1, static_cast<std::int64_t>(seq_));
  insert_keyframe_.bind_blob(2, bytes);
  run(insert_keyframe_);
  last_keyframe_ = seq_;
  keyframe_bytes_ = bytes.size();
}

void TraceWriter::add_digest_point(std::uint64_t events, std::uint64_t digest) {
  begin_if_needed();
  const std::string text = digest_text(digest);
  insert_digest_.bind(1, static_cast<std::int64_t>(events));
  insert_digest_.bind(2, static_cast<std::int64_t>(seq_));
  insert_digest_.bind(3, text);
  run(insert_digest_);
}

void TraceWriter::add_decision(const DecisionRecord& decision) {
  begin_if_needed();
  insert_decision_.bind(1, static_cast<std::int64_t>(seq_));
  insert_decision_.bind(2, decision.choice);
  insert_decision_.bind(3, static_cast<std::int64_t>(decision.entity));
  insert_decision_.bind(4, static_cast<std::int64_t>(decision.count));
  insert_decision_.bind(5, static_cast<std::int64_t>(decision.value));
  run(insert_decision_);
}

Result<void> TraceWriter::commit(std::uint64_t dropped) {
  begin_if_needed();
  side_->flush();
  flush_pyramid();
  update_run_.bind(1, static_cast<std::int64_t>(seq_));
  update_run_.bind(2, last_time_);
  update_run_.bind(3, static_cast<std::int64_t>(dropped));
  run(update_run_);
  if (!failure_) failure_ = side_->failure();
  if (failure_) {
    static_cast<void>(database_->execute("ROLLBACK"));
    return *failure_;
  }
  committed_ = seq_;
  return database_->execute("COMMIT");
}

Result<void> TraceWriter::finish(const RunOutcome& outcome, std::uint64_t dropped) {
  auto update = database_->prepare("UPDATE run SET outcome = ?, digest = ?, digest_events = ?");
  if (!update) return update.error();
  begin_if_needed();
  flush_chunk();
  side_->finish(outcome.properties);
  const std::string digest = digest_text(outcome.digest.value_or(0));
  update->bind(1, outcome.words);
  update->bind_null(2);
  if (outcome.digest) update->bind(2, digest);
  update->bind(3, static_cast<std::int64_t>(outcome.digest_events));
  run(*update);
  if (auto committed = commit(dropped); !committed) return committed;
  // One file is left, unless somebody is reading: then its log goes away with the last reader.
  static_cast<void>(database_->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  static_cast<void>(database_->execute("PRAGMA journal_mode = DELETE"));
  return {};
}

}  // namespace glasshouse::tracing
