#pragma once
// Tables on the node's disk, with transactions over several rows of several tables. What was
// acknowledged survives the death of the process, the program and the machine, whatever a disk does
// to what was not synced. The place of OTP's Mnesia (disc_copies) and DETS.
//
//   start_link_as<DiskTables>(self, "bank"_atom, DiskTablesOptions{.path = "data/bank"});
//   ...
//   auto paying = transaction(self, "bank"_atom, [=](DiskTransaction& t) { ... });
//   const Result<void> paid = co_await paying;      // the error says why; `paid` is durable
//
// The process runs SQLite on images of its files (disk_vfs.h). Transactions that wait while the
// disk is busy are done one after the other as parts of one commit, whose bytes go to the end of
// the log; all are answered when the sync of it is:
//
//   requests ──▶ waiting_ ──(disk idle)──▶ committing_ ──(write and sync answered)──▶ replies
//
// Files: <path>.<generation>.db, a SQLite database, and <path>.<generation>.wal, its write-ahead
// log. A life of the process writes only to a generation that it began itself: a whole database,
// synced before it gets its name, and an empty log. So nothing depends on what an earlier life left
// unsynced (architecture.md, "Tables"). The same happens when the log has outgrown the database.
//
// A full disk undoes the commit and refuses it (enospc); any other failure of the disk leaves
// unknown what is on it, and the process exits with {disk_tables, <<"why">>} for its supervisor.
//
// Bounds: the database has bytes_max, 1 GiB, at most. A transaction that would make it larger is
// undone and refused ("full"); those beside it, and all that is there, stay as they are, and what
// is erased makes room. 65,536 transactions may wait ("overload"); what comes while a generation is
// begun is in the mailbox, and counted after that. One process a path: two would not see each
// other.
//
// Memory: the database and its log, which has a quarter of bytes_max, log_bytes_least and what one
// commit writes; the pages that a commit changes, until it is done. While a generation is begun the
// database is there three times, and the log twice.
//
// Bodies of transactions run on a scheduler, as every handler does; recovery, which looks at every
// page, does not.

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/behaviour/gen_server.h"
#include "runtime/io/storage.h"
#include "runtime/table/disk_transaction.h"

namespace glasshouse::runtime {

struct DiskTablesOptions {
  std::string path;  // in the node's folder; its folders are made
  std::uint64_t bytes_max = disk_database_bytes_max;
  // The log may grow by this, and by four times the database or a quarter of bytes_max if that is
  // less, before a new generation is begun.
  std::uint64_t log_bytes_least = 16 << 20;
};

inline constexpr std::size_t disk_transactions_waiting_max = 65'536;
inline constexpr std::size_t disk_transactions_at_once_max = 1'024;  // in one commit

// The body of a transaction and where its result goes. Its caller looks at the result after the
// answer, the process of the tables at no time after it.
class DiskWork {
 public:
  virtual ~DiskWork() = default;
  virtual void run(DiskTransaction& transaction) = 0;
};

struct DiskOutcome {
  Atom outcome;  // ok, aborted, enospc, full, overload
  Term reason;   // of aborted
};
struct RunTransaction {
  using Reply = DiskOutcome;
  std::shared_ptr<DiskWork> work;
};
template <>
inline constexpr bool sendable_by_choice<RunTransaction> = true;

struct BeginGeneration {};

class DiskTables {
 public:
  using Accepts = Messages<RunTransaction, StorageDone, BeginGeneration>;

  DiskTables(Self self, DiskTablesOptions options);

  // Recovers; the starter waits. A disk that fails is asked again for a while.
  Task<void> init();
  void handle(Request<RunTransaction> request);
  void handle(const StorageDone& done);
  Task<void> handle(BeginGeneration);
  Term describe() const;

 private:
  struct Waiting {
    Request<RunTransaction> request;
    DiskOutcome outcome{};
  };
  struct Commit {
    std::vector<Waiting> waiting{};
    Ref write{};
    Ref sync{};
    int answers = 0;       // of the two
    Atom write_outcome{};  // ok, or why not
    Atom sync_outcome{};
    std::size_t log_end = 0;
  };

  std::string file_name(std::uint64_t generation, std::string_view suffix) const;
  Task<Result<std::string>> load();
  Task<Result<void>> begin_generation(std::string database);
  Task<void> keep_only(std::uint64_t generation);
  void remove_files(std::vector<std::string> paths);
  void commit_if_idle();
  bool commit_all(std::span<Waiting> batch);
  void run(Waiting& waiting);
  void bring_to_disk(std::vector<Waiting> waiting);
  void settle();
  void reply_all(std::vector<Waiting>& waiting);
  [[noreturn]] void give_up(const std::string& why) const;

  Self self_;
  DiskTablesOptions options_;
  std::unique_ptr<DiskDatabase> database_;
  std::uint64_t generation_ = 0;       // 0: none is ours yet
  std::uint64_t last_generation_ = 0;  // the highest number that any file has
  std::vector<std::string> old_files_;
  std::size_t log_durable_ = 0;
  std::uint64_t rewrite_at_ = 0;  // size of the log that makes a new generation worth its cost
  bool beginning_ = false;
  std::vector<Waiting> waiting_;
  std::optional<Commit> committing_;
};

namespace detail {

template <class Body>
class DiskWorkOf final : public DiskWork {
 public:
  using Value = std::invoke_result_t<Body, DiskTransaction&>;
  using Kept = std::conditional_t<std::is_void_v<Value>, Unit, Value>;
  explicit DiskWorkOf(Body body) : body_(std::move(body)) {}
  void run(DiskTransaction& transaction) override {
    if constexpr (std::is_void_v<Value>) {
      body_(transaction);
    } else {
      value.emplace(body_(transaction));
    }
  }
  std::optional<Kept> value;

 private:
  Body body_;
};

// Ok, or one sentence; codes: aborted, enospc, full, overload, or `unknown` when the process of the
// tables went before it answered, and the transaction may have happened or not.
Result<void> result_of(const CallResult<RunTransaction>& answer);

template <class Value>
Task<Result<Value>> run_transaction(
    Self self, To to, Duration timeout, std::shared_ptr<DiskWork> work,
    std::optional<std::conditional_t<std::is_void_v<Value>, Unit, Value>>* value) {
  auto asking = self.try_call<RunTransaction>(timeout, to, work);
  const CallResult<RunTransaction> answer = co_await asking;
  const Result<void> result = result_of(answer);
  if constexpr (std::is_void_v<Value>) {
    co_return result;
  } else {
    if (!result) co_return Result<Value>(result.error());
    co_return Result<Value>(std::move(**value));
  }
}

}  // namespace detail

// Runs `body` in the process of the tables: Task<Result<R>>, where R is what the body returns. Name
// the task before it is awaited. After the time-out the transaction may still happen (`unknown`).
// `body` may run a second time, after what it did was undone: if a transaction beside it does not
// fit. OTP: mnesia:transaction/1, where the Fun may run many times.
template <std::invocable<DiskTransaction&> Body>
auto transaction(Self self, To tables, Body body, Duration timeout = call_timeout) {
  using Work = detail::DiskWorkOf<Body>;
  auto work = std::make_shared<Work>(std::move(body));
  auto* const value = &work->value;
  return detail::run_transaction<typename Work::Value>(self, tables, timeout, std::move(work),
                                                       value);
}

}  // namespace glasshouse::runtime
