#pragma once
// Opens a trace file and answers questions about it. The file may still be being recorded, by this
// program or another one: `refresh` takes in what has been committed since.
//
// Threads: one at a time; a worker thread opens a Reader of its own. Only `interrupt` may be called
// by another thread. Every question may fail, because a file may be damaged anywhere: the error is
// one sentence for people. Its code is "enoent" (no such file), "foreign" (no trace of ours),
// "newer" (of a later version), "damaged" or "interrupted".
//
// Cost: questions about one event or process take microseconds, questions about a moment
// milliseconds (a keyframe and what follows it), a filter on text reads all events in its range.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "tracing/answers.h"

namespace glasshouse::tracing {

using runtime::Result;

class Digest;

enum class Direction : std::uint8_t { forward, backward };

struct EventRange {
  Seq first = 1;
  Seq last = ~Seq{0};  // included; what is beyond the end is left out
  std::size_t limit = 1'000;
  Direction direction = Direction::forward;  // from which end the limit counts
};

class Reader {
 public:
  static Result<Reader> open(const std::string& path);
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  // -- the run ----------------------------------------------------------------------------------

  const RunInfo& run() const;
  // Takes in what was committed since; true if there is something new.
  Result<bool> refresh();
  // Reads every page, as slowly as that is, and says what is wrong with the file.
  Result<void> check_integrity();
  // Any thread: the question that is being answered ends with the error "interrupted".
  void interrupt();

  // -- events -----------------------------------------------------------------------------------

  // In the order of the trace, in both directions.
  Result<std::vector<EventRecord>> events(const EventRange& range, const EventFilter& filter = {});
  Result<std::optional<EventRecord>> event(Seq seq);
  Result<std::uint64_t> count(const EventFilter& filter);
  // The nearest that passes the filter after or before `seq`.
  Result<std::optional<EventRecord>> next(Seq seq, const EventFilter& filter = {});
  Result<std::optional<EventRecord>> previous(Seq seq, const EventFilter& filter = {});

  // The last event at or before `time`; 0 if there is none. Inverse: the time of an event.
  Result<Seq> seq_at(Instant time);
  Result<Instant> time_of(Seq seq);

  // What led to the event: of a receive its send, of an exit the signal or the crash, of a restart
  // the exit, of what a process does first its spawn; otherwise what the process did before.
  Result<std::optional<EventRecord>> cause(Seq seq);
  // What came of it: of a send its receive, of a spawn what the child did first, of an exit the
  // signals it sent, and so on; the first of these.
  Result<std::optional<EventRecord>> effect(Seq seq);

  // -- the world at a moment --------------------------------------------------------------------

  // In the order they were spawned.
  Result<std::vector<ProcessRow>> processes(Seq at, bool with_exited = false);
  // `number` must have been spawned by then; an error otherwise.
  Result<ProcessDetails> process(ProcessNumber number, Seq at);
  Result<Mailbox> mailbox(ProcessNumber number, Seq at, std::size_t limit = 1'000);
  // Supervisors that were alive, in the order they were spawned.
  Result<std::vector<SupervisorInfo>> supervisors(Seq at);

  // By pid ("<1.107.0>"), else by registered name, else by what they were spawned as; oldest first.
  Result<std::vector<ProcessNumber>> find_processes(std::string_view text);
  Result<ProcessName> name_of(ProcessNumber number);

  // -- the whole run ----------------------------------------------------------------------------

  Result<std::vector<CrashReport>> crashes();
  Result<std::vector<RestartRecord>> restarts(ProcessNumber supervisor);
  Result<std::vector<FaultBand>> faults();
  Result<std::vector<StreamInfo>> streams();
  Result<std::vector<DigestPoint>> digests();
  // Adds the events from `first` to `last` as they stand in the file.
  Result<void> digest_events(Seq first, Seq last, Digest& digest);
  Result<std::vector<DecisionRecord>> decisions();

  // Counts in at most `columns` cells, for a minimap: exact, however far away.
  Result<Overview> overview(Axis axis, std::int64_t from, std::int64_t until, std::size_t columns);
  // Crashes, restarts, faults, violations, nodes up and down, what a person did.
  Result<std::vector<Mark>> marks();

 private:
  struct Implementation;
  explicit Reader(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace glasshouse::tracing
