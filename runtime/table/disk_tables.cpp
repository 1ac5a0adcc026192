#include "runtime/table/disk_tables.h"

#include <algorithm>
#include <charconv>

#include "runtime/io/file.h"
#include "runtime/term/print.h"

namespace glasshouse::runtime {

using namespace literals;

namespace {

constexpr int recovery_attempts_max = 50;
constexpr Duration recovery_pause = Duration::milliseconds(100);
constexpr std::size_t digits = 16;

bool is_full(Atom outcome) {
  return outcome == "enospc"_atom || outcome == "edquot"_atom;
}

std::pair<std::string, std::string> folder_and_name(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

struct FoundFile {
  std::uint64_t generation = 0;
  std::string suffix;  // db, wal, new
};

// <name>.<generation, 16 hex digits>.<suffix>
std::optional<FoundFile> parse_name(std::string_view file, std::string_view name) {
  if (file.size() < name.size() + digits + 3 || !file.starts_with(name)) return std::nullopt;
  file.remove_prefix(name.size());
  if (file.front() != '.' || file[digits + 1] != '.') return std::nullopt;
  FoundFile found;
  const char* const end = file.data() + 1 + digits;
  const auto read = std::from_chars(file.data() + 1, end, found.generation, 16);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  found.suffix = std::string(file.substr(digits + 2));
  const bool is_ours = found.suffix == "db" || found.suffix == "wal" || found.suffix == "new";
  return is_ours ? std::optional(found) : std::nullopt;
}

// Empty if it is not there: its name was lost with a power cut before anything was acknowledged.
Task<Result<std::string>> read_if_there(Self self, std::string path) {
  auto reading = read_file(self, std::move(path));
  const Result<Binary> bytes = co_await reading;
  if (bytes) co_return Result<std::string>(std::string(bytes->view()));
  if (bytes.error().code == "enoent") co_return Result<std::string>(std::string());
  co_return Result<std::string>(bytes.error());
}

// It looks at every page: not on a scheduler.
Task<Result<std::string>> recover_aside(Self self, std::string database, std::string log,
                                        std::uint64_t bytes_max) {
  auto job = [database = std::move(database), log = std::move(log), bytes_max]() mutable {
    return DiskDatabase::recover(std::move(database), std::move(log), bytes_max);
  };
  auto recovering = self.blocking(std::move(job));
  Result<std::string> recovered = co_await recovering;
  co_return recovered;
}

}  // namespace

DiskTables::DiskTables(Self self, DiskTablesOptions options)
    : self_(self), options_(std::move(options)) {}

std::string DiskTables::file_name(std::uint64_t generation, std::string_view suffix) const {
  std::string hex(digits, '0');
  for (std::size_t i = digits; i-- > 0; generation >>= 4)
    hex[i] = "0123456789abcdef"[generation & 15];
  return options_.path + "." + hex + "." + std::string(suffix);
}

void DiskTables::give_up(const std::string& why) const {
  self_.exit(tuple(Term("disk_tables"_atom), binary(why)));
}

// -- recovery -----------------------------------------------------------------------------------

Task<void> DiskTables::init() {
  for (int attempt = 1;; ++attempt) {
    auto loading = load();
    Result<std::string> database = co_await loading;
    if (!database && database.error().code == "corrupt") give_up(database.error().what);
    std::string why;
    if (database) {
      auto beginning = begin_generation(std::move(database).value());
      const Result<void> begun = co_await beginning;
      if (begun) co_return;
      why = begun.error().what;
    } else {
      why = database.error().what;
    }
    self_.log(Self::Level::warning, "cannot recover: " + why);
    if (attempt == recovery_attempts_max) give_up("cannot recover: " + why);
    auto pausing = self_.sleep(recovery_pause);
    co_await pausing;
  }
}

// The newest generation that has its name, and its log, as one database. All files of ours that are
// there become old.
Task<Result<std::string>> DiskTables::load() {
  const auto parts = folder_and_name(options_.path);
  const std::string& folder = parts.first;
  auto listing = list_folder(self_, folder);
  const Result<std::vector<std::string>> names = co_await listing;
  if (!names && names.error().code != "enoent") co_return Result<std::string>(names.error());
  old_files_.clear();
  std::uint64_t newest = 0;
  if (names) {
    for (const std::string& file : *names) {
      const auto found = parse_name(file, parts.second);
      if (!found) continue;
      old_files_.push_back(folder.empty() ? file : folder + "/" + file);
      last_generation_ = std::max(last_generation_, found->generation);
      if (found->suffix == "db") newest = std::max(newest, found->generation);
    }
  }
  if (newest == 0) co_return DiskDatabase::recover({}, {}, options_.bytes_max);
  auto reading = read_if_there(self_, file_name(newest, "db"));
  Result<std::string> database = co_await reading;
  if (!database) co_return database;
  auto reading_log = read_if_there(self_, file_name(newest, "wal"));
  Result<std::string> log = co_await reading_log;
  if (!log) co_return log;
  auto recovering = recover_aside(self_, std::move(*database), std::move(*log), options_.bytes_max);
  Result<std::string> recovered = co_await recovering;
  if (recovered) {
    auto removing = keep_only(newest);
    co_await removing;
  }
  co_return recovered;
}

// What other generations have left may be what fills the disk. The name of this one is durable
// before they go, or a power cut could leave none.
Task<void> DiskTables::keep_only(std::uint64_t generation) {
  std::vector<std::string> kept = {file_name(generation, "db"), file_name(generation, "wal")};
  std::vector<std::string> others;
  for (const std::string& path : old_files_) {
    if (std::find(kept.begin(), kept.end(), path) == kept.end()) others.push_back(path);
  }
  if (others.empty()) co_return;
  auto syncing = sync_folder(self_, folder_and_name(options_.path).first);
  const Result<void> synced = co_await syncing;
  if (!synced) co_return;
  remove_files(std::move(others));
  old_files_ = std::move(kept);
}

// In this order: the log is empty and durable before anything is written to it, the database is
// whole before it has its name, and the name is durable before anything is acknowledged.
Task<Result<void>> DiskTables::begin_generation(std::string database) {
  const std::uint64_t next = ++last_generation_;
  const std::uint64_t salts = self_.random();
  const std::string unnamed = file_name(next, "new");
  const std::string log = file_name(next, "wal");
  const std::string folder = folder_and_name(options_.path).first;
  auto writing_log = write_file(self_, log, Binary(empty_log(salts)));
  Result<void> done = co_await writing_log;
  if (done) {
    auto writing = write_file(self_, unnamed, Binary(database));
    done = co_await writing;
  }
  if (!done) {
    // Neither has a name that counts, and what was written of them may be what fills the disk.
    remove_files({unnamed, log});
    co_return done;
  }
  old_files_.push_back(unnamed);  // until it has its name
  auto naming = rename_file(self_, unnamed, file_name(next, "db"));
  done = co_await naming;
  if (done) {
    auto syncing = sync_folder(self_, folder);
    done = co_await syncing;
  }
  if (done && !folder.empty()) {  // the folder itself may be new
    auto syncing = sync_folder(self_, folder_and_name(folder).first);
    done = co_await syncing;
  }
  // It may have its name by now and be taken for the newest: nobody may go on with an older one.
  if (!done) co_return Result<void>(Error(done.error().what, "unknown"));
  generation_ = next;
  database_.reset();
  rewrite_at_ = std::min<std::uint64_t>(4 * database.size(), options_.bytes_max / 4) +
                options_.log_bytes_least;
  database_ = std::make_unique<DiskDatabase>(std::move(database), salts, options_.bytes_max);
  log_durable_ = log_header_bytes;
  remove_files(std::move(old_files_));
  old_files_ = {file_name(next, "db"), log};
  co_return done;
}

// Nobody waits for it: what stays is removed by the next life.
void DiskTables::remove_files(std::vector<std::string> paths) {
  for (std::string& path : paths) {
    StorageRequest remove{.operation = StorageOperation::remove, .path = std::move(path)};
    self_.storage().start(self_.node(), self_.pid(), self_.make_ref(), std::move(remove));
  }
}

// -- transactions -------------------------------------------------------------------------------

void DiskTables::handle(Request<RunTransaction> request) {
  if (waiting_.size() >= disk_transactions_waiting_max) {
    return self_.reply(request, "overload"_atom, Term());
  }
  waiting_.push_back({.request = std::move(request)});
  commit_if_idle();
}

void DiskTables::commit_if_idle() {
  while (!committing_ && !beginning_ && !waiting_.empty()) {
    const auto count =
        static_cast<std::ptrdiff_t>(std::min(waiting_.size(), disk_transactions_at_once_max));
    std::vector<Waiting> batch(std::make_move_iterator(waiting_.begin()),
                               std::make_move_iterator(waiting_.begin() + count));
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    if (!commit_all(batch)) {
      // Somebody asks for more than there is room for, and nobody else is to fail for that.
      for (Waiting& each : batch) {
        if (!commit_all({&each, 1})) each.outcome = {"full"_atom, Term()};
      }
    }
    bring_to_disk(std::move(batch));
  }
}

// False: the tables have not the room, and nothing of it has happened. SQLite may have undone all
// parts by itself.
bool DiskTables::commit_all(std::span<Waiting> batch) {
  try {
    database_->begin();
    for (Waiting& each : batch)
      run(each);
    database_->commit();
    return true;
  } catch (const DiskFailure& failure) {
    if (failure.error.code != "full") give_up(failure.error.what);
    database_->roll_back();
    return false;
  }
}

// An exception of the body is its abort; one of the database goes on.
void DiskTables::run(Waiting& waiting) {
  database_->begin_part();
  std::exception_ptr thrown;
  try {
    DiskTransaction transaction(*database_);
    waiting.request.value.work->run(transaction);
    database_->end_part();
    waiting.outcome = {atoms::ok, Term()};
  } catch (const DiskFailure&) {
    throw;
  } catch (...) {
    thrown = std::current_exception();
  }
  if (!thrown) return;
  database_->undo_part();
  waiting.outcome = {"aborted"_atom, exit_reason_of(thrown)};
}

// All that is new in the log is one write, however many transactions made it.
void DiskTables::bring_to_disk(std::vector<Waiting> waiting) {
  const std::string& log = database_->log();
  const bool is_first = log_durable_ == log_header_bytes;
  if (log.size() <= log_durable_ + (is_first ? 1 : 0)) return reply_all(waiting);
  const std::size_t from = is_first ? 0 : log_durable_;
  const std::string path = file_name(generation_, "wal");
  Commit commit{.waiting = std::move(waiting), .log_end = log.size()};
  commit.write = self_.make_ref();
  StorageRequest write{.operation = StorageOperation::write,
                       .path = path,
                       .offset = from,
                       .bytes = Binary(std::string_view(log).substr(from))};
  self_.storage().start(self_.node(), self_.pid(), commit.write, std::move(write));
  commit.sync = self_.make_ref();
  StorageRequest sync{.operation = StorageOperation::sync, .path = path};
  self_.storage().start(self_.node(), self_.pid(), commit.sync, std::move(sync));
  committing_ = std::move(commit);
}

void DiskTables::handle(const StorageDone& done) {
  if (!committing_) return;  // an old file is gone
  if (done.request == committing_->write) committing_->write_outcome = done.outcome;
  if (done.request == committing_->sync) committing_->sync_outcome = done.outcome;
  if (done.request != committing_->write && done.request != committing_->sync) return;
  if (++committing_->answers < 2) return;
  settle();
  commit_if_idle();
}

// After a write that found no room the log on the disk may hold a part of the commit, never its
// last frame; the next commit writes over it.
void DiskTables::settle() {
  Commit commit = std::move(*committing_);
  committing_.reset();
  const Atom failure =
      commit.sync_outcome != atoms::ok ? commit.sync_outcome : commit.write_outcome;
  const bool has_failed = failure != atoms::ok;
  if (has_failed && !(commit.sync_outcome == atoms::ok && is_full(failure))) {
    give_up("the disk failed: " + std::string(failure.text()));
  }
  if (has_failed) {
    for (Waiting& each : commit.waiting) {
      if (each.outcome.outcome == atoms::ok) each.outcome.outcome = "enospc"_atom;
    }
    try {
      database_->cut_log(log_durable_);
    } catch (const DiskFailure& undoing) {
      give_up(undoing.error.what);
    }
  } else {
    log_durable_ = commit.log_end;
  }
  reply_all(commit.waiting);
  if (log_durable_ < rewrite_at_) return;
  beginning_ = true;
  self_.send<BeginGeneration>(self_.pid());
}

void DiskTables::reply_all(std::vector<Waiting>& waiting) {
  for (const Waiting& each : waiting)
    self_.reply(each.request, each.outcome.outcome, each.outcome.reason);
}

// Without room for another generation this one goes on.
Task<void> DiskTables::handle(BeginGeneration) {
  auto recovering =
      recover_aside(self_, database_->database(), database_->log(), options_.bytes_max);
  Result<std::string> database = co_await recovering;
  if (!database) give_up(database.error().what);
  auto beginning = begin_generation(std::move(database).value());
  const Result<void> begun = co_await beginning;
  if (!begun) {
    if (!is_full(Atom(begun.error().code))) give_up(begun.error().what);
    rewrite_at_ += options_.log_bytes_least;
  }
  beginning_ = false;
  commit_if_idle();
}

Term DiskTables::describe() const {
  const std::size_t database = database_ ? database_->database().size() : 0;
  return map(Term("generation"_atom), Term(generation_), Term("database_bytes"_atom),
             Term(database), Term("log_bytes"_atom), Term(log_durable_), Term("waiting"_atom),
             Term(waiting_.size()));
}

namespace detail {

Result<void> result_of(const CallResult<RunTransaction>& answer) {
  if (!answer) {
    return Error(
        "the disk tables did not answer, and whether the transaction happened is unknown: " +
            to_string(answer.failure),
        "unknown");
  }
  const DiskOutcome& done = *answer.value;
  if (done.outcome == atoms::ok) return {};
  const std::string code(done.outcome.text());
  if (done.outcome == "aborted"_atom) {
    return Error("the transaction was aborted: " + to_string(done.reason), code);
  }
  if (done.outcome == "full"_atom) {
    return Error("the tables have no room for it within their bytes_max: it was undone", code);
  }
  if (done.outcome == "overload"_atom) return Error("too many transactions wait", code);
  return Error("the disk is full: the transaction was undone", code);
}

}  // namespace detail

}  // namespace glasshouse::runtime
