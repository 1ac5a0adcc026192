// Questions about the whole run, answered from the small tables and the pyramid.

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "tracing/digest.h"
#include "tracing/reader_parts.h"

namespace glasshouse::tracing {

namespace {

Instant instant(std::int64_t nanoseconds) {
  return Instant::at(Duration::nanoseconds(nanoseconds));
}

// Calls `row` for each row of a query without parameters; stops at its first error.
template <class Row>
Result<void> each_row(Database& database, const std::string& sql, const Row& row) {
  auto rows = database.prepare(sql);
  if (!rows) return rows.error();
  for (;;) {
    auto more = rows->step();
    if (!more) return more.error();
    if (!*more) return {};
    Result<void> done = row(*rows);
    if (!done) return done;
  }
}

}  // namespace

Result<std::vector<ProcessNumber>> Reader::find_processes(std::string_view text) {
  auto& all = *implementation_;
  std::string pid(text);
  if (!text.empty() && text.front() != '<') pid = '<' + pid + '>';
  const std::pair<const char*, std::string> ways[] = {
      {"SELECT number FROM processes WHERE pid = ? ORDER BY number", pid},
      {"SELECT number FROM processes WHERE name = ? ORDER BY number", std::string(text)},
      {"SELECT number FROM processes WHERE behaviour = ? ORDER BY number", std::string(text)},
  };
  std::vector<ProcessNumber> found;
  for (const auto& [sql, wanted] : ways) {
    auto rows = all.database->prepare(sql);
    if (!rows) return rows.error();
    rows->bind(1, wanted);
    for (;;) {
      auto more = rows->step();
      if (!more) return more.error();
      if (!*more) break;
      found.push_back(all.process_number(rows->number(0)));
    }
    if (!found.empty()) break;
  }
  return found;
}

Result<std::vector<CrashReport>> Reader::crashes() {
  auto& all = *implementation_;
  std::map<ProcessNumber, Seq> decisions;
  auto condition = all.condition_of({.kinds = runtime::kind_bit(EventKind::restart)});
  if (!condition) return condition.error();
  auto restarts = all.events({.last = all.run.events, .limit = ~std::size_t{0}}, *condition);
  if (!restarts) return restarts.error();
  for (const EventRecord& restart : *restarts) {
    decisions.emplace(restart.peer.number, restart.seq);
  }
  std::vector<CrashReport> crashes;
  auto read =
      each_row(*all.database,
               "SELECT c.seq, e.time, c.process, c.report FROM crashes AS c JOIN events AS e "
               "ON e.seq = c.seq ORDER BY c.seq",
               [&](const Statement& row) -> Result<void> {
                 CrashReport crash;
                 crash.seq = static_cast<Seq>(row.number(0));
                 crash.time = instant(row.number(1));
                 const ProcessNumber number = all.process_number(row.number(2));
                 auto name = all.process_name(number);
                 if (!name) return name.error();
                 crash.process = std::move(*name);
                 auto facts = all.facts(number);
                 if (!facts) return facts.error();
                 crash.reason = (*facts)->reason;
                 crash.report = row.text(3);
                 const auto decision = decisions.find(number);
                 if (decision != decisions.end()) crash.restart = decision->second;
                 crashes.push_back(std::move(crash));
                 return {};
               });
  if (!read) return read.error();
  return crashes;
}

Result<std::vector<RestartRecord>> Reader::restarts(ProcessNumber supervisor) {
  const auto kinds = runtime::kind_bit(EventKind::restart) | runtime::kind_bit(EventKind::child);
  auto found = events({.limit = ~std::size_t{0}},
                      {.kinds = kinds, .processes = {supervisor}, .as_subject = true});
  if (!found) return found.error();
  std::map<ProcessNumber, std::string> ids;
  std::vector<RestartRecord> records;
  for (EventRecord& event : *found) {
    if (event.kind == EventKind::child) {
      ids[event.peer.number] = event.name;
      continue;
    }
    RestartRecord record;
    record.seq = event.seq;
    record.time = event.time;
    record.child_id = ids[event.peer.number];
    record.child = std::move(event.peer);
    record.decision = std::move(event.name);
    record.used = static_cast<std::uint32_t>(std::max<std::int64_t>(0, event.argument));
    record.why = std::move(event.detail);
    records.push_back(std::move(record));
  }
  return records;
}

Result<std::vector<FaultBand>> Reader::faults() {
  auto& all = *implementation_;
  std::vector<FaultBand> bands;
  auto read = each_row(*all.database,
                       "SELECT number, kind, parameters, begin, until FROM faults ORDER BY begin",
                       [&](const Statement& row) -> Result<void> {
                         FaultBand band;
                         band.number = static_cast<std::uint64_t>(row.number(0));
                         band.kind = row.text(1);
                         band.parameters = row.text(2);
                         band.begin = static_cast<Seq>(row.number(3));
                         band.end = static_cast<Seq>(row.number(4));
                         auto from = all.time_of(band.begin);
                         if (!from) return from.error();
                         band.from = instant(*from);
                         auto until = all.time_of(band.end == 0 ? all.run.events : band.end);
                         if (!until) return until.error();
                         band.until = instant(*until);
                         bands.push_back(std::move(band));
                         return {};
                       });
  if (!read) return read.error();
  return bands;
}

Result<std::vector<StreamInfo>> Reader::streams() {
  auto& all = *implementation_;
  std::vector<StreamInfo> streams;
  auto read =
      each_row(*all.database,
               "SELECT number, opened_as, owner, peer, opened, closed, close_reason, bytes_sent, "
               "bytes_arrived, faults FROM streams ORDER BY number",
               [&](const Statement& row) -> Result<void> {
                 StreamInfo stream;
                 stream.number = static_cast<std::uint64_t>(row.number(0));
                 stream.opened_as = row.text(1);
                 auto owner = all.process_name(all.process_number(row.number(2)));
                 if (!owner) return owner.error();
                 stream.owner = std::move(*owner);
                 stream.peer = row.text(3);
                 stream.opened = static_cast<Seq>(row.number(4));
                 stream.closed = static_cast<Seq>(row.number(5));
                 stream.close_reason = row.text(6);
                 stream.bytes_sent = static_cast<std::uint64_t>(row.number(7));
                 stream.bytes_arrived = static_cast<std::uint64_t>(row.number(8));
                 stream.faults = static_cast<std::uint64_t>(row.number(9));
                 streams.push_back(std::move(stream));
                 return {};
               });
  if (!read) return read.error();
  return streams;
}

Result<std::vector<DigestPoint>> Reader::digests() {
  auto& all = *implementation_;
  std::vector<DigestPoint> points;
  auto read = each_row(*all.database, "SELECT events, seq, digest FROM digests ORDER BY events",
                       [&](const Statement& row) -> Result<void> {
                         const auto digest = parse_digest(row.text(2));
                         if (!digest) return all.damaged("a digest cannot be read");
                         points.push_back({static_cast<std::uint64_t>(row.number(0)),
                                           static_cast<Seq>(row.number(1)), *digest});
                         return {};
                       });
  if (!read) return read.error();
  return points;
}

Result<void> Reader::digest_events(Seq first, Seq last, Digest& digest) {
  auto& all = *implementation_;
  for (std::size_t id = all.atoms.size(); id < all.names.size(); ++id) {
    const std::string& name = all.names[id];
    const bool fits = !name.empty() && name.size() <= runtime::Atom::text_bytes_max;
    all.atoms.push_back(fits ? runtime::Atom(name) : runtime::Atom());
  }
  return each_row(*all.database,
                  std::string("SELECT ") + event_columns + " FROM events WHERE seq BETWEEN " +
                      std::to_string(first) + " AND " +
                      std::to_string(std::min(last, all.run.events)) + " ORDER BY seq",
                  [&](const Statement& row) -> Result<void> {
                    const NumberedEvent numbered = all.numbered_of(row);
                    auto subject = all.facts(numbered.subject);
                    if (!subject) return subject.error();
                    const ProcessKey subject_key = (*subject)->key;
                    auto peer = all.facts(numbered.peer);
                    if (!peer) return peer.error();
                    runtime::Event event;
                    event.kind = numbered.kind;
                    event.node = numbered.node;
                    if (numbered.name < all.atoms.size()) event.name = all.atoms[numbered.name];
                    event.time = instant(numbered.time);
                    event.subject = subject_key;
                    event.peer = (*peer)->key;
                    event.message = numbered.message;
                    event.argument = numbered.argument;
                    digest.add(event, row.text(10));
                    return {};
                  });
}

Result<std::vector<DecisionRecord>> Reader::decisions() {
  auto& all = *implementation_;
  std::vector<DecisionRecord> decisions;
  auto read = each_row(
      *all.database, "SELECT seq, choice, entity, count, value FROM decisions ORDER BY position",
      [&](const Statement& row) -> Result<void> {
        decisions.push_back({static_cast<Seq>(row.number(0)), std::string(row.text(1)),
                             static_cast<std::uint64_t>(row.number(2)),
                             static_cast<std::uint64_t>(row.number(3)),
                             static_cast<std::uint64_t>(row.number(4))});
        return {};
      });
  if (!read) return read.error();
  return decisions;
}

Result<std::vector<Mark>> Reader::marks() {
  auto& all = *implementation_;
  std::vector<Mark> marks;
  auto read = each_row(*all.database,
                       std::string("SELECT ") +
                           "e.seq, time, kind, node, subject, peer, name, message, argument "
                           "FROM marks AS m JOIN events AS e ON e.seq = m.seq ORDER BY e.seq",
                       [&](const Statement& row) -> Result<void> {
                         const NumberedEvent event = all.numbered_of(row);
                         marks.push_back({event.seq, instant(event.time), event.kind, event.node,
                                          event.subject, all.name_text(event.name)});
                         return {};
                       });
  if (!read) return read.error();
  return marks;
}

// -- pyramid --------------------------------------------------------------------------------------

namespace {

// Adds a cell of the file to the last cell of the overview if that covers it, else begins one.
Overview::Cell& cell_at(Overview& overview, std::int64_t position) {
  const std::int64_t begin = position & ~(overview.width - 1);
  if (overview.cells.empty() || overview.cells.back().begin != begin) {
    overview.cells.push_back({.begin = begin});
  }
  return overview.cells.back();
}

}  // namespace

// From the events themselves, where they are few or lie closer than the finest cells.
Result<void> Reader::Implementation::count_events(Overview& overview, std::int64_t from,
                                                  std::int64_t until) {
  Seq first = static_cast<Seq>(std::max<std::int64_t>(from, 1));
  Seq last = static_cast<Seq>(std::max<std::int64_t>(until, 1)) - 1;
  const bool by_time = overview.axis == Axis::time;
  if (by_time) {
    auto before = seq_at(from - 1);
    if (!before) return before.error();
    auto end = seq_at(until - 1);
    if (!end) return end.error();
    first = *before + 1;
    last = *end;
  }
  return each_row(*database,
                  std::string("SELECT ") + (by_time ? "time" : "seq") +
                      ", kind FROM events WHERE seq BETWEEN " + std::to_string(first) + " AND " +
                      std::to_string(last) + " ORDER BY seq",
                  [&](const Statement& row) -> Result<void> {
                    const auto number = static_cast<std::uint64_t>(row.number(1));
                    const EventKind kind = number < kinds.size() ? kinds[number] : EventKind::log;
                    Overview::Cell& cell = cell_at(overview, row.number(0));
                    ++cell.total;
                    ++cell.groups[static_cast<int>(group_of(kind))];
                    return {};
                  });
}

Result<void> Reader::Implementation::count_cells(Overview& overview, int level, std::int64_t from,
                                                 std::int64_t until) {
  const bool by_time = overview.axis == Axis::time;
  const int shift = (by_time ? time_shift_finest : event_shift_finest) + level * level_shift;
  return each_row(
      *database,
      "SELECT cell, process, message, signal, timer, scheduling, state, io, notable FROM pyramid "
      "WHERE axis = '" +
          std::string(by_time ? "time" : "events") + "' AND level = " + std::to_string(level) +
          " AND cell >= " + std::to_string(from >> shift) + " AND cell < " +
          std::to_string(until >> shift) + " ORDER BY cell",
      [&](const Statement& row) -> Result<void> {
        Overview::Cell& cell = cell_at(overview, row.number(0) << shift);
        for (int i = 0; i < kind_group_count; ++i) {
          const auto count = static_cast<std::uint32_t>(row.number(1 + i));
          cell.groups[i] += count;
          cell.total += count;
        }
        return {};
      });
}

Result<Overview> Reader::overview(Axis axis, std::int64_t from, std::int64_t until,
                                  std::size_t columns) {
  auto& all = *implementation_;
  constexpr std::int64_t position_max = std::int64_t{1} << 61;
  from = std::clamp<std::int64_t>(from, 0, position_max);
  until = std::clamp<std::int64_t>(until, from + 1, position_max + 1);
  const auto span = static_cast<std::uint64_t>(until - from);
  const auto cells_max = static_cast<std::uint64_t>(std::clamp<std::size_t>(columns, 3, 100'000));
  // The narrowest power of two of which so many cells cover the span, wherever it begins.
  int shift = 0;
  while ((span >> shift) + 2 > cells_max)
    ++shift;
  Overview overview;
  overview.axis = axis;
  overview.width = std::int64_t{1} << shift;
  from &= ~(overview.width - 1);
  until = (until + overview.width - 1) & ~(overview.width - 1);

  const bool by_time = axis == Axis::time;
  auto kept = all.database->number(
      std::string("SELECT coalesce(min(level), 99) FROM pyramid WHERE axis = '") +
      (by_time ? "time'" : "events'"));
  if (!kept) return kept.error();
  const int finest = by_time ? time_shift_finest : event_shift_finest;
  const int level =
      std::min((shift - finest) / level_shift, (by_time ? time_levels : event_levels) - 1);
  auto counted = shift < finest || level < *kept ? all.count_events(overview, from, until)
                                                 : all.count_cells(overview, level, from, until);
  if (!counted) return counted.error();
  return overview;
}

}  // namespace glasshouse::tracing
