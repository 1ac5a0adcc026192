#pragma once
// The inside of a Reader, shared by the sources reader*.cpp. Nobody else includes it.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tracing/database.h"
#include "tracing/reader.h"
#include "tracing/schema.h"
#include "tracing/world_model.h"

namespace glasshouse::tracing {

// The columns of an event in the order in which `event_of` and `numbered_of` expect them.
inline constexpr const char* event_columns =
    "seq, time, kind, node, subject, peer, name, message, argument, cause, detail";

// Who a process is; a row of the table `processes`.
struct ProcessFacts {
  ProcessKey key;
  std::string pid;
  std::string behaviour;
  std::string name;
  std::string reason;
  ProcessNumber parent = 0;
  Seq spawned = 0;
  Seq exited = 0;
};

// A filter as it is asked of SQLite.
struct Condition {
  std::string where = "1";           // over the columns of `events`
  std::string text;                  // the parameter :text, if `where` has it
  std::vector<std::uint32_t> lists;  // only events in one of these lists
  bool lists_of_processes = false;   // ... of processes; otherwise of kinds
  bool impossible = false;           // no event can pass
};

struct Reader::Implementation {
  std::unique_ptr<Database> database;
  RunInfo run;
  std::vector<std::string> names;      // by id
  std::vector<runtime::Atom> atoms;    // of the names, as far as they were needed
  std::vector<EventKind> kinds;        // by the kind's number in the file
  std::array<int, 64> kind_numbers{};  // and back; -1: the file does not know the kind
  NameId names_max = 0;                // bounds that hold even in a damaged file
  ProcessNumber processes_max = 0;

  std::vector<std::unique_ptr<std::vector<ProcessFacts>>> pages;
  std::unordered_map<Seq, std::string> labels;  // unordered: never iterated
  std::optional<WorldModel> model;
  Statement event_by_seq;
  Statement time_by_seq;
  Statement facts_of_page;

  // reader.cpp
  Result<void> check_identity();
  Result<void> load_run();
  Result<void> load_counts();
  Result<void> load_kinds();
  Result<void> load_names();
  Result<void> load_nodes();
  Result<void> load_properties();
  Error damaged(std::string_view what) const;
  std::string name_text(std::int64_t id) const;
  Result<const ProcessFacts*> facts(ProcessNumber number);
  Result<ProcessName> process_name(ProcessNumber number);
  Result<EventRecord> event_of(const Statement& row);
  NumberedEvent numbered_of(const Statement& row) const;
  ProcessNumber process_number(std::int64_t number) const;
  Result<std::string> detail_of(Seq seq);
  Result<std::optional<EventRecord>> event(Seq seq);
  Result<std::int64_t> time_of(Seq seq);
  Result<Seq> seq_at(std::int64_t time);

  // reader_events.cpp
  Result<Condition> condition_of(const EventFilter& filter);
  Result<EventRange> narrowed(EventRange range, const EventFilter& filter);
  Result<std::vector<EventRecord>> events(const EventRange& range, const Condition& condition);
  Result<bool> scan(const EventRange& range, const Condition& condition,
                    std::vector<EventRecord>& found);
  Result<bool> walk_chunk(std::uint64_t chunk, const EventRange& range, const Condition& condition,
                          Statement& by_seq, std::vector<EventRecord>& found);
  Result<std::vector<std::uint64_t>> chunks_of(const Condition& condition);
  Result<std::vector<Seq>> seqs_in(std::uint64_t chunk, const Condition& condition);
  Result<std::optional<EventRecord>> first_of(const EventRange& range, const EventFilter& filter,
                                              const std::string& extra = {});

  // reader_moments.cpp
  Result<WorldModel*> world_at(Seq at);
  Result<void> advance(WorldModel& world, Seq at);
  Result<ProcessRow> row_of(const WorldModel::Process& process);
  Result<ProcessRow> exited_row(ProcessNumber number, const ProcessFacts& facts);
  Result<void> describe_alive(const WorldModel::Process& process, ProcessDetails& details);
  Result<void> describe_exited(ProcessNumber number, const ProcessFacts& facts, Seq at,
                               ProcessDetails& details);
  Result<std::vector<ProcessName>> ancestors_of(ProcessNumber number);
  Result<std::vector<ProcessName>> names_of(const std::vector<ProcessNumber>& numbers);
  Result<SupervisorInfo> supervisor_of(const WorldModel& world, const WorldModel::Process& process,
                                       Seq at);

  // reader_tables.cpp
  Result<void> count_cells(Overview& overview, int level, std::int64_t from, std::int64_t until);
  Result<void> count_events(Overview& overview, std::int64_t from, std::int64_t until);
};

}  // namespace glasshouse::tracing
