// Finding events. There are two ways: through the lists of the processes or kinds asked for, chunk
// by chunk, or along the table when lists would not save much.

#include <algorithm>
#include <utility>

#include "tracing/posting_lists.h"
#include "tracing/reader_parts.h"

namespace glasshouse::tracing {

namespace {

char lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character + ('a' - 'A'))
                                              : character;
}

std::string lowered(std::string_view text) {
  std::string low(text);
  std::transform(low.begin(), low.end(), low.begin(), lower);
  return low;
}

template <class Number>
std::string in_list(std::string_view column, const std::vector<Number>& numbers) {
  std::string sql(column);
  sql += " IN (";
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i != 0) sql += ',';
    sql += std::to_string(numbers[i]);
  }
  return sql + ')';
}

// A list of a kind saves something if the kind makes up at most this part of the trace.
constexpr std::uint64_t rare_part = 4;

}  // namespace

Result<Condition> Reader::Implementation::condition_of(const EventFilter& filter) {
  Condition condition;
  std::vector<std::uint32_t> wanted;
  for (int i = 0; i < runtime::event_kind_count; ++i) {
    const int number = kind_numbers[static_cast<std::size_t>(i)];
    if (number >= 0 && (filter.kinds >> i & 1)) wanted.push_back(static_cast<unsigned>(number));
  }
  const bool all_kinds = (filter.kinds & runtime::all_event_kinds) == runtime::all_event_kinds;
  if (!all_kinds) condition.where += " AND " + in_list("kind", wanted);
  if (!filter.processes.empty()) {
    const std::string subject = in_list("subject", filter.processes);
    condition.where += filter.as_subject
                           ? " AND " + subject
                           : " AND (" + subject + " OR " + in_list("peer", filter.processes) + ")";
    condition.lists = filter.processes;
    condition.lists_of_processes = true;
  } else if (!all_kinds) {
    auto count =
        database->number("SELECT sum(count) FROM kind_events WHERE " + in_list("kind", wanted));
    if (!count) return count.error();
    if (static_cast<std::uint64_t>(*count) <= run.events / rare_part) condition.lists = wanted;
    condition.impossible = wanted.empty();
  }
  if (filter.node) condition.where += " AND node = " + std::to_string(*filter.node);
  if (!filter.name.empty()) {
    std::vector<std::size_t> ids;
    for (std::size_t id = 1; id < names.size(); ++id) {
      if (names[id] == filter.name) ids.push_back(id);
    }
    condition.where += " AND " + in_list("name", ids);
    condition.impossible |= ids.empty();
  }
  if (!filter.text.empty()) {
    condition.text = lowered(filter.text);
    std::vector<std::size_t> ids;
    for (std::size_t id = 1; id < names.size(); ++id) {
      if (lowered(names[id]).find(condition.text) != std::string::npos) ids.push_back(id);
    }
    std::vector<int> named;
    for (int i = 0; i < runtime::event_kind_count; ++i) {
      const auto kind_name = runtime::event_kind_name(static_cast<EventKind>(i));
      const int number = kind_numbers[static_cast<std::size_t>(i)];
      if (number >= 0 && kind_name.find(condition.text) != std::string_view::npos) {
        named.push_back(number);
      }
    }
    condition.where += " AND (" + in_list("kind", named) + " OR " + in_list("name", ids) +
                       " OR instr(lower(detail), :text) > 0)";
  }
  return condition;
}

Result<EventRange> Reader::Implementation::narrowed(EventRange range, const EventFilter& filter) {
  range.first = std::max<Seq>(range.first, 1);
  range.last = std::min(range.last, run.events);
  if (filter.from) {
    auto seq = seq_at(filter.from->nanoseconds() - 1);
    if (!seq) return seq.error();
    range.first = std::max(range.first, *seq + 1);
  }
  if (filter.before) {
    auto seq = seq_at(filter.before->nanoseconds() - 1);
    if (!seq) return seq.error();
    range.last = std::min(range.last, *seq);
  }
  return range;
}

// Along the table. False when the limit is reached.
Result<bool> Reader::Implementation::scan(const EventRange& range, const Condition& condition,
                                          std::vector<EventRecord>& found) {
  const bool forward = range.direction == Direction::forward;
  auto rows = database->prepare(std::string("SELECT ") + event_columns +
                                " FROM events WHERE seq BETWEEN ?1 AND ?2 AND " + condition.where +
                                " ORDER BY seq" + (forward ? "" : " DESC"));
  if (!rows) return rows.error();
  rows->bind(1, static_cast<std::int64_t>(range.first));
  rows->bind(2, static_cast<std::int64_t>(range.last));
  if (!condition.text.empty()) rows->bind(3, condition.text);
  while (found.size() < range.limit) {
    auto more = rows->step();
    if (!more) return more.error();
    if (!*more) return true;
    auto event = event_of(*rows);
    if (!event) return event.error();
    found.push_back(std::move(*event));
  }
  return false;
}

Result<std::vector<std::uint64_t>> Reader::Implementation::chunks_of(const Condition& condition) {
  const std::string table = condition.lists_of_processes ? "process_events" : "kind_events";
  const std::string column = condition.lists_of_processes ? "process" : "kind";
  auto rows = database->prepare("SELECT DISTINCT chunk FROM " + table + " WHERE " +
                                in_list(column, condition.lists) + " ORDER BY chunk");
  if (!rows) return rows.error();
  std::vector<std::uint64_t> chunks;
  for (;;) {
    auto more = rows->step();
    if (!more) return more.error();
    if (!*more) return chunks;
    chunks.push_back(static_cast<std::uint64_t>(rows->number(0)));
  }
}

Result<std::vector<Seq>> Reader::Implementation::seqs_in(std::uint64_t chunk,
                                                         const Condition& condition) {
  const std::string table = condition.lists_of_processes ? "process_events" : "kind_events";
  const std::string column = condition.lists_of_processes ? "process" : "kind";
  auto rows = database->prepare("SELECT seqs FROM " + table + " WHERE " +
                                in_list(column, condition.lists) + " AND chunk = ?");
  if (!rows) return rows.error();
  rows->bind(1, static_cast<std::int64_t>(chunk));
  std::vector<Posting> postings;
  for (;;) {
    auto more = rows->step();
    if (!more) return more.error();
    if (!*more) break;
    if (!unpack_postings(chunk, rows->blob(0), postings)) {
      return damaged("a list of events cannot be read");
    }
  }
  std::vector<Seq> seqs;
  seqs.reserve(postings.size());
  for (const Posting& posting : postings)
    seqs.push_back(posting.seq);
  std::sort(seqs.begin(), seqs.end());
  seqs.erase(std::unique(seqs.begin(), seqs.end()), seqs.end());
  return seqs;
}

Result<bool> Reader::Implementation::walk_chunk(std::uint64_t chunk, const EventRange& range,
                                                const Condition& condition, Statement& by_seq,
                                                std::vector<EventRecord>& found) {
  auto seqs = seqs_in(chunk, condition);
  if (!seqs) return seqs.error();
  if (range.direction == Direction::backward) std::reverse(seqs->begin(), seqs->end());
  for (const Seq seq : *seqs) {
    if (seq < range.first || seq > range.last) continue;
    if (found.size() >= range.limit) return false;
    by_seq.bind(1, static_cast<std::int64_t>(seq));
    if (!condition.text.empty()) by_seq.bind(2, condition.text);
    auto there = by_seq.step();
    if (!there) return there.error();
    if (!*there) continue;
    auto event = event_of(by_seq);
    by_seq.reset();
    if (!event) return event.error();
    found.push_back(std::move(*event));
  }
  return true;
}

// What is filed in lists comes chunk by chunk; the last, unfinished chunk of a recording that goes
// on or was cut is not filed yet and is scanned.
Result<std::vector<EventRecord>> Reader::Implementation::events(const EventRange& range,
                                                                const Condition& condition) {
  std::vector<EventRecord> found;
  if (condition.impossible || range.first > range.last || range.limit == 0) return found;
  if (condition.lists.empty()) {
    auto scanned = scan(range, condition, found);
    if (!scanned) return scanned.error();
    return found;
  }
  const Seq filed = run.cut ? run.events / chunk_events * chunk_events : run.events;
  EventRange tail = range;
  tail.first = std::max(range.first, filed + 1);
  const bool forward = range.direction == Direction::forward;
  if (!forward && tail.first <= tail.last) {
    auto scanned = scan(tail, condition, found);
    if (!scanned) return scanned.error();
  }
  auto chunks = chunks_of(condition);
  if (!chunks) return chunks.error();
  if (!forward) std::reverse(chunks->begin(), chunks->end());
  auto by_seq = database->prepare(std::string("SELECT ") + event_columns +
                                  " FROM events WHERE seq = ?1 AND " + condition.where);
  if (!by_seq) return by_seq.error();
  for (const std::uint64_t chunk : *chunks) {
    if (found.size() >= range.limit) return found;
    if (chunk < chunk_of(range.first) || chunk > chunk_of(range.last)) continue;
    auto walked = walk_chunk(chunk, range, condition, *by_seq, found);
    if (!walked) return walked.error();
  }
  if (forward && tail.first <= tail.last) {
    auto scanned = scan(tail, condition, found);
    if (!scanned) return scanned.error();
  }
  return found;
}

Result<std::optional<EventRecord>> Reader::Implementation::first_of(const EventRange& range,
                                                                    const EventFilter& filter,
                                                                    const std::string& extra) {
  auto condition = condition_of(filter);
  if (!condition) return condition.error();
  condition->where += extra;
  auto narrow = narrowed(range, filter);
  if (!narrow) return narrow.error();
  narrow->limit = 1;
  auto found = events(*narrow, *condition);
  if (!found) return found.error();
  if (found->empty()) return std::optional<EventRecord>();
  return std::optional(std::move(found->front()));
}

// -- questions ------------------------------------------------------------------------------------

Result<std::vector<EventRecord>> Reader::events(const EventRange& range,
                                                const EventFilter& filter) {
  auto& all = *implementation_;
  auto condition = all.condition_of(filter);
  if (!condition) return condition.error();
  auto narrow = all.narrowed(range, filter);
  if (!narrow) return narrow.error();
  auto found = all.events(*narrow, *condition);
  if (!found) return found.error();
  if (range.direction == Direction::backward) std::reverse(found->begin(), found->end());
  return found;
}

Result<std::uint64_t> Reader::count(const EventFilter& filter) {
  auto& all = *implementation_;
  auto condition = all.condition_of(filter);
  if (!condition) return condition.error();
  auto range = all.narrowed(EventRange{}, filter);
  if (!range) return range.error();
  if (condition->impossible || range->first > range->last) return std::uint64_t{0};
  if (!condition->lists.empty()) {
    range->limit = ~std::size_t{0};
    auto found = all.events(*range, *condition);
    if (!found) return found.error();
    return found->size();
  }
  auto rows = all.database->prepare("SELECT count(*) FROM events WHERE seq BETWEEN ?1 AND ?2 AND " +
                                    condition->where);
  if (!rows) return rows.error();
  rows->bind(1, static_cast<std::int64_t>(range->first));
  rows->bind(2, static_cast<std::int64_t>(range->last));
  if (!condition->text.empty()) rows->bind(3, condition->text);
  auto there = rows->step();
  if (!there) return there.error();
  return static_cast<std::uint64_t>(rows->number(0));
}

Result<std::optional<EventRecord>> Reader::next(Seq seq, const EventFilter& filter) {
  return implementation_->first_of({.first = seq + 1}, filter);
}

Result<std::optional<EventRecord>> Reader::previous(Seq seq, const EventFilter& filter) {
  if (seq <= 1) return std::optional<EventRecord>();
  return implementation_->first_of({.last = seq - 1, .direction = Direction::backward}, filter);
}

}  // namespace glasshouse::tracing
