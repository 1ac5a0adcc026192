#include "tracing/reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "tracing/digest.h"
#include "tracing/reader_parts.h"

namespace glasshouse::tracing {

namespace {

constexpr std::uint64_t page_size = 1'024;  // processes that are loaded together

std::uint64_t unsigned_number(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::optional<EventKind> kind_named(std::string_view name) {
  for (int i = 0; i < runtime::event_kind_count; ++i) {
    const auto kind = static_cast<EventKind>(i);
    if (runtime::event_kind_name(kind) == name) return kind;
  }
  return std::nullopt;
}

std::uint64_t kinds_in(std::string_view text) {
  if (text == "all") return runtime::all_event_kinds;
  std::uint64_t mask = 0;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (const auto kind = kind_named(text.substr(0, space))) mask |= runtime::kind_bit(*kind);
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return mask;
}

runtime::Detail detail_named(std::string_view name) {
  if (name == "text") return runtime::Detail::text;
  return name == "digest" ? runtime::Detail::digest : runtime::Detail::none;
}

// SQLite heads its findings with a line of its own; the finding is the line after it.
std::string finding(std::string_view report) {
  if (report.starts_with("***")) report.remove_prefix(std::min(report.find('\n'), report.size()));
  while (report.starts_with('\n'))
    report.remove_prefix(1);
  return std::string(report.substr(0, report.find('\n')));
}

Instant instant(std::int64_t nanoseconds) {
  return Instant::at(Duration::nanoseconds(nanoseconds));
}

}  // namespace

Reader::Reader(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

Result<Reader> Reader::open(const std::string& path) {
  auto database = Database::open(path);
  if (!database) return database.error();
  auto all = std::make_unique<Implementation>();
  all->database = std::move(*database);
  all->run.file = path;
  if (auto checked = all->check_identity(); !checked) return checked.error();
  const std::pair<Statement*, std::string> statements[] = {
      {&all->event_by_seq, std::string("SELECT ") + event_columns + " FROM events WHERE seq = ?"},
      {&all->time_by_seq, "SELECT time FROM events WHERE seq = ?"},
      {&all->facts_of_page,
       "SELECT number, key, pid, behaviour, name, reason, parent, spawned, exited "
       "FROM processes WHERE number BETWEEN ? AND ?"},
  };
  for (const auto& [statement, sql] : statements) {
    auto prepared = all->database->prepare(sql);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  if (auto loaded = all->load_kinds(); !loaded) return loaded.error();
  if (auto loaded = all->load_run(); !loaded) return loaded.error();
  return Reader(std::move(all));
}

Result<void> Reader::Implementation::check_identity() {
  auto id = database->number("PRAGMA application_id");
  if (!id) return id.error();
  if (*id != application_id) {
    return Error(run.file + ": this is a database of another program, not a Glasshouse trace.",
                 "foreign");
  }
  auto version = database->number("PRAGMA user_version");
  if (!version) return version.error();
  if (*version > schema_version) {
    return Error(run.file + ": this trace has format " + std::to_string(*version) +
                     ", and this program reads formats up to " + std::to_string(schema_version) +
                     "; open it with the newer Glasshouse that recorded it.",
                 "newer");
  }
  if (*version < 1) return damaged("it does not say its format");
  return database->execute("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;");
}

Error Reader::Implementation::damaged(std::string_view what) const {
  return Error(run.file + ": the trace is damaged: " + std::string(what) + ".", "damaged");
}

const RunInfo& Reader::run() const {
  return implementation_->run;
}
void Reader::interrupt() {
  implementation_->database->interrupt();
}

Result<bool> Reader::refresh() {
  auto& all = *implementation_;
  const RunInfo before = all.run;
  all.pages.clear();
  if (auto loaded = all.load_run(); !loaded) return loaded.error();
  return all.run.events != before.events || all.run.cut != before.cut;
}

Result<void> Reader::check_integrity() {
  auto& all = *implementation_;
  auto check = all.database->prepare("PRAGMA integrity_check(1)");
  if (!check) return check.error();
  auto row = check->step();
  if (!row) return row.error();
  if (!*row || check->text(0) != "ok") return all.damaged(finding(check->text(0)));
  auto count = all.database->number("SELECT count(*) FROM events");
  if (!count) return count.error();
  auto last = all.database->number("SELECT max(seq) FROM events");
  if (!last) return last.error();
  if (*count != *last) {
    return all.damaged(std::to_string(*last - *count) + " of its events are missing");
  }
  return {};
}

// -- loading --------------------------------------------------------------------------------------

Result<void> Reader::Implementation::load_run() {
  if (auto loaded = load_counts(); !loaded) return loaded;
  auto row = database->prepare(
      "SELECT scenario, scenario_text, seed, world, build, started_ns, kinds, detail, lossless, "
      "outcome, dropped, digest, digest_events FROM run");
  if (!row) return row.error();
  auto there = row->step();
  if (!there) return there.error();
  if (!*there) return damaged("it does not say what was run");
  run.scenario = row->text(0);
  run.scenario_text = row->text(1);
  run.seed = unsigned_number(row->text(2));
  run.world = row->text(3) == "multicore" ? WorldKind::multicore : WorldKind::sim;
  run.build = row->text(4);
  run.started = instant(row->number(5));
  run.kinds = kinds_in(row->text(6));
  run.detail = detail_named(row->text(7));
  run.lossless = row->number(8) != 0;
  run.cut = row->is_null(9);
  run.outcome = row->text(9);
  run.dropped = static_cast<std::uint64_t>(row->number(10));
  run.digest = parse_digest(row->text(11));
  run.digest_events = static_cast<std::uint64_t>(row->number(12));
  run.parameters.clear();
  auto parameters = database->prepare("SELECT name, value FROM parameters ORDER BY name");
  if (!parameters) return parameters.error();
  for (;;) {
    auto more = parameters->step();
    if (!more) return more.error();
    if (!*more) break;
    run.parameters.push_back({std::string(parameters->text(0)), std::string(parameters->text(1))});
  }
  if (auto loaded = load_names(); !loaded) return loaded;
  if (auto loaded = load_nodes(); !loaded) return loaded;
  return load_properties();
}

// Every row takes a byte at least, so the size of the file bounds every honest number.
Result<void> Reader::Implementation::load_counts() {
  auto pages_there = database->number("PRAGMA page_count");
  if (!pages_there) return pages_there.error();
  auto bytes_a_page = database->number("PRAGMA page_size");
  if (!bytes_a_page) return bytes_a_page.error();
  const std::int64_t bytes = *pages_there * *bytes_a_page;
  const std::pair<const char*, const char*> counts[] = {
      {"SELECT max(seq) FROM events", "an event has an impossible number"},
      {"SELECT max(number) FROM processes", "a process has an impossible number"},
      {"SELECT max(id) FROM names", "a name has an impossible number"},
  };
  std::int64_t found[3] = {};
  for (std::size_t i = 0; i < std::size(counts); ++i) {
    auto number = database->number(counts[i].first);
    if (!number) return number.error();
    if (*number < 0 || *number > bytes) return damaged(counts[i].second);
    found[i] = *number;
  }
  run.events = static_cast<Seq>(found[0]);
  run.processes = processes_max = static_cast<ProcessNumber>(found[1]);
  names_max = static_cast<NameId>(found[2]);
  auto end = time_of(run.events);
  if (!end) return end.error();
  run.end = instant(*end);
  return {};
}

Result<void> Reader::Implementation::load_kinds() {
  kind_numbers.fill(-1);
  auto rows = database->prepare("SELECT kind, name FROM kinds ORDER BY kind");
  if (!rows) return rows.error();
  for (;;) {
    auto more = rows->step();
    if (!more) return more.error();
    if (!*more) return {};
    const std::int64_t number = rows->number(0);
    const auto kind = kind_named(rows->text(1));
    if (number < 0 || number > 255 || !kind) continue;
    const auto index = static_cast<std::size_t>(number);
    if (kinds.size() <= index) kinds.resize(index + 1, EventKind::log);
    kinds[index] = *kind;
    kind_numbers[static_cast<std::size_t>(*kind)] = static_cast<int>(number);
  }
}

Result<void> Reader::Implementation::load_names() {
  auto rows = database->prepare("SELECT id, text FROM names WHERE id >= ? ORDER BY id");
  if (!rows) return rows.error();
  rows->bind(1, static_cast<std::int64_t>(names.size()));
  for (;;) {
    auto more = rows->step();
    if (!more) return more.error();
    if (!*more) return {};
    const std::int64_t id = rows->number(0);
    if (id < 0 || id > names_max) continue;
    if (names.size() <= static_cast<std::size_t>(id)) {
      names.resize(static_cast<std::size_t>(id) + 1);
    }
    names[static_cast<std::size_t>(id)] = rows->text(1);
  }
}

Result<void> Reader::Implementation::load_nodes() {
  run.nodes.clear();
  auto rows =
      database->prepare("SELECT node, name, creation, up, down, starts FROM nodes ORDER BY node");
  if (!rows) return rows.error();
  for (;;) {
    auto more = rows->step();
    if (!more) return more.error();
    if (!*more) return {};
    NodeInfo node;
    node.index = static_cast<std::uint16_t>(rows->number(0));
    node.name = rows->text(1);
    node.creation = static_cast<std::uint64_t>(rows->number(2));
    node.up = static_cast<Seq>(rows->number(3));
    node.down = static_cast<Seq>(rows->number(4));
    node.starts = static_cast<std::uint32_t>(rows->number(5));
    run.nodes.push_back(std::move(node));
  }
}

Result<void> Reader::Implementation::load_properties() {
  run.properties.clear();
  auto rows =
      database->prepare("SELECT name, kind, verdict, violated, why FROM properties ORDER BY name");
  if (!rows) return rows.error();
  for (;;) {
    auto more = rows->step();
    if (!more) return more.error();
    if (!*more) return {};
    PropertyInfo property;
    property.name = rows->text(0);
    property.kind = rows->text(1);
    property.verdict = rows->text(2);
    property.violated = static_cast<Seq>(rows->number(3));
    property.why = rows->text(4);
    run.properties.push_back(std::move(property));
  }
}

// -- small parts ----------------------------------------------------------------------------------

std::string Reader::Implementation::name_text(std::int64_t id) const {
  const auto index = static_cast<std::size_t>(id);
  return index < names.size() ? names[index] : std::string();
}

ProcessNumber Reader::Implementation::process_number(std::int64_t number) const {
  return number > 0 && number <= processes_max ? static_cast<ProcessNumber>(number) : 0;
}

Result<const ProcessFacts*> Reader::Implementation::facts(ProcessNumber number) {
  static const ProcessFacts nobody;
  if (number == 0 || number > processes_max) return &nobody;
  const std::size_t page = number / page_size;
  if (pages.size() <= page) pages.resize(page + 1);
  if (!pages[page]) {
    auto loaded = std::make_unique<std::vector<ProcessFacts>>(page_size);
    Statement& rows = facts_of_page;
    rows.bind(1, static_cast<std::int64_t>(page * page_size));
    rows.bind(2, static_cast<std::int64_t>((page + 1) * page_size - 1));
    for (;;) {
      auto more = rows.step();
      if (!more) return more.error();
      if (!*more) break;
      ProcessFacts& one = (*loaded)[static_cast<std::uint64_t>(rows.number(0)) % page_size];
      one.key.value = static_cast<std::uint64_t>(rows.number(1));
      one.pid = rows.text(2);
      one.behaviour = rows.text(3);
      one.name = rows.text(4);
      one.reason = rows.text(5);
      one.parent = process_number(rows.number(6));
      one.spawned = static_cast<Seq>(rows.number(7));
      one.exited = static_cast<Seq>(rows.number(8));
    }
    pages[page] = std::move(loaded);
  }
  return &(*pages[page])[number % page_size];
}

Result<ProcessName> Reader::Implementation::process_name(ProcessNumber number) {
  ProcessName name;
  if (number == 0) return name;
  auto known = facts(number);
  if (!known) return known.error();
  name.number = number;
  name.key = (*known)->key;
  name.pid = (*known)->pid;
  name.label = (*known)->name.empty() ? (*known)->behaviour : (*known)->name;
  return name;
}

NumberedEvent Reader::Implementation::numbered_of(const Statement& row) const {
  NumberedEvent event;
  event.seq = static_cast<Seq>(row.number(0));
  event.time = row.number(1);
  const auto kind = static_cast<std::uint64_t>(row.number(2));
  event.kind = kind < kinds.size() ? kinds[kind] : EventKind::log;
  event.node = static_cast<std::uint16_t>(row.number(3));
  event.subject = process_number(row.number(4));
  event.peer = process_number(row.number(5));
  event.name = static_cast<NameId>(row.number(6));
  event.message = static_cast<std::uint64_t>(row.number(7));
  event.argument = row.number(8);
  return event;
}

Result<EventRecord> Reader::Implementation::event_of(const Statement& row) {
  const NumberedEvent numbered = numbered_of(row);
  EventRecord event;
  event.seq = numbered.seq;
  event.time = instant(numbered.time);
  event.kind = numbered.kind;
  event.node = numbered.node;
  event.name = name_text(numbered.name);
  event.message = numbered.message;
  event.argument = numbered.argument;
  event.cause = static_cast<Seq>(row.number(9));
  event.detail = row.text(10);
  auto subject = process_name(numbered.subject);
  if (!subject) return subject.error();
  event.subject = std::move(*subject);
  auto peer = process_name(numbered.peer);
  if (!peer) return peer.error();
  event.peer = std::move(*peer);
  return event;
}

Result<std::optional<EventRecord>> Reader::Implementation::event(Seq seq) {
  if (seq == 0 || seq > run.events) return std::optional<EventRecord>();
  event_by_seq.bind(1, static_cast<std::int64_t>(seq));
  auto there = event_by_seq.step();
  if (!there) return there.error();
  if (!*there) return damaged("event " + std::to_string(seq) + " is missing");
  auto found = event_of(event_by_seq);
  event_by_seq.reset();
  if (!found) return found.error();
  return std::optional(std::move(*found));
}

Result<std::string> Reader::Implementation::detail_of(Seq seq) {
  auto found = event(seq);
  if (!found) return found.error();
  return *found ? std::move((*found)->detail) : std::string();
}

Result<std::int64_t> Reader::Implementation::time_of(Seq seq) {
  if (seq == 0) return std::int64_t{0};
  time_by_seq.bind(1, static_cast<std::int64_t>(std::min(seq, run.events)));
  auto there = time_by_seq.step();
  if (!there) return there.error();
  if (!*there) return damaged("event " + std::to_string(seq) + " is missing");
  const std::int64_t time = time_by_seq.number(0);
  time_by_seq.reset();
  return time;
}

Result<Seq> Reader::Implementation::seq_at(std::int64_t time) {
  Seq low = 0;  // this one is not later; the event after `high` is
  Seq high = run.events;
  while (low < high) {
    const Seq middle = low + (high - low + 1) / 2;
    auto then = time_of(middle);
    if (!then) return then.error();
    if (*then <= time) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

Result<Seq> Reader::seq_at(Instant time) {
  return implementation_->seq_at(time.nanoseconds());
}

Result<Instant> Reader::time_of(Seq seq) {
  auto time = implementation_->time_of(seq);
  if (!time) return time.error();
  return instant(*time);
}

Result<std::optional<EventRecord>> Reader::event(Seq seq) {
  return implementation_->event(seq);
}

Result<ProcessName> Reader::name_of(ProcessNumber number) {
  return implementation_->process_name(number);
}

}  // namespace glasshouse::tracing
