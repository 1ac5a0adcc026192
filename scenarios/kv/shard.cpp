#include "scenarios/kv/shard.h"

#include <algorithm>
#include <utility>

#include "runtime/io/file.h"
#include "scenarios/kv/commands.h"

namespace glasshouse::scenarios::kv {

using runtime::Atom;
using runtime::Ref;
using runtime::Result;
using runtime::Self;
using runtime::StorageDone;
using runtime::StorageOperation;
using runtime::StorageRequest;
using runtime::Task;
using runtime::Term;
using namespace runtime::literals;
namespace atoms = runtime::atoms;

namespace {

constexpr std::string_view refused_full =
    "ERR the disk is full: nothing was written, and what it would have changed is as before";
constexpr std::string_view read_failed = "TRYAGAIN the disk failed before the answer was durable";

bool is_full(Atom failure) {
  return failure == "enospc"_atom || failure == "edquot"_atom;
}

}  // namespace

KvShard::KvShard(Self self, ShardOptions options) : self_(self), options_(std::move(options)) {}

Task<void> KvShard::init() {
  for (int attempt = 1;; ++attempt) {
    auto recovering = recover(self_, options_.folder, options_.index);
    Result<Recovered> found = co_await recovering;
    if (found) {
      store_ = std::move(found->store);
      answers_ = std::move(found->answers);
      file_.generation = found->generation;
      auto beginning = begin_file(found->old_files);
      const bool begun = co_await beginning;
      if (begun) {
        forget_the_dead_later();
        co_return;
      }
    } else {
      self_.log(Self::Level::warning, "cannot recover: " + found.error().what);
    }
    if (attempt == recovery_attempts_max) self_.exit(Term("recovery_failed"_atom));
    auto pausing = self_.sleep(recovery_pause);
    co_await pausing;
  }
}

// Connections of an earlier life of the node, or that are closed. What they asked again may wait in
// the mailbox, because the shard has its name before it has recovered. Nothing comes from the dead
// any more, so a message to oneself arrives behind all of it.
void KvShard::forget_the_dead_later() {
  std::vector<Pid> dead = answers_.connections_if([this](Pid connection) {
    const runtime::Process* const process = self_.node().find(connection);
    return process == nullptr || process->pid() != connection || !process->is_alive();
  });
  if (!dead.empty()) self_.send<ForgetAnswers>(self_.pid(), std::move(dead));
}

void KvShard::handle(const ForgetAnswers& forget) {
  for (const Pid connection : forget.connections) {
    answers_.forget(connection);
    Answers::lay_down_forgotten(log_, connection);
  }
  commit_if_idle();
}

LogFile KvShard::next_file() const {
  return {.shard = options_.index,
          .generation = file_.generation + 1,
          .begun = static_cast<std::uint64_t>(self_.now().nanoseconds())};
}

std::string KvShard::path_of(const LogFile& file) const {
  return options_.folder + "/" + file.name();
}

// A new file with the whole table, durable, its name included; then the old ones may go.
Task<bool> KvShard::begin_file(std::vector<std::string> old_files) {
  const LogFile file = next_file();
  LogWriter log(file.seed());
  store_.lay_down(log);
  answers_.lay_down(log);
  log.add({.kind = LogRecord::Kind::complete});
  const Binary bytes(log.take());
  auto writing = runtime::write_file(self_, path_of(file), bytes);
  Result<void> written = co_await writing;
  if (written) {
    // The folder itself may be new.
    auto naming = runtime::sync_folder(self_, std::string());
    written = co_await naming;
  }
  if (!written) {
    self_.log(Self::Level::warning, "cannot begin a log: " + written.error().what);
    auto removing = runtime::remove_file(self_, path_of(file));
    static_cast<void>(co_await removing);
    co_return false;
  }
  file_ = file;
  log_ = std::move(log);
  file_check_ = log_.check();
  file_bytes_ = bytes.size();
  rewrite_at_ = file_bytes_ * 4 + options_.rewrite_bytes_least;
  for (const std::string& path : old_files)
    ask({.operation = StorageOperation::remove, .path = path});
  co_return true;
}

void KvShard::handle(ShardRequest request) {
  if (!answers_.empty()) {
    if (auto done = answers_.find(request)) {
      return answer({.request = std::move(request), .results = std::move(*done)});
    }
  }
  Waiting waiting{.request = std::move(request)};
  waiting.results.reserve(waiting.request.steps.size());
  Store::BatchNumber needs = 0;
  const std::size_t log_before = log_.size();
  for (const Step& step : waiting.request.steps)
    waiting.results.push_back(store_.apply(step, gathering_.number, log_, needs));
  waiting.wrote = log_.size() > log_before;
  if (waiting.wrote) Answers::lay_down(log_, waiting.request, waiting.results);
  if (needs == 0 || options_.acknowledge == Acknowledge::before_sync) {
    answer(std::move(waiting));
  } else if (committing_ && needs <= committing_->batch.number) {
    committing_->batch.waiting.push_back(std::move(waiting));
  } else {
    gathering_.waiting.push_back(std::move(waiting));
  }
  commit_if_idle();
}

void KvShard::answer(Waiting waiting) {
  self_.send<ShardReply>(waiting.request.from, options_.index, waiting.request.number,
                         std::move(waiting.results));
}

void KvShard::commit_if_idle() {
  if (committing_ || log_.empty()) return;
  committing_ = Commit{};
  committing_->batch = std::exchange(gathering_, {.number = gathering_.number + 1});
  if (file_bytes_ + log_.size() > rewrite_at_) {
    rewrite();
  } else {
    append();
  }
}

void KvShard::append() {
  Commit& commit = *committing_;
  const Binary bytes(log_.take());
  commit.work = Work::append;
  commit.bytes = bytes.size();
  commit.check = log_.check();
  const std::string path = path_of(file_);
  ask({.operation = StorageOperation::write, .path = path, .offset = file_bytes_, .bytes = bytes});
  ask({.operation = StorageOperation::sync, .path = path});
}

// The batch is in the table already, so the new file holds it, too; its answers are laid down
// again.
void KvShard::rewrite() {
  Commit& commit = *committing_;
  commit.work = Work::rewrite;
  commit.file = next_file();
  log_ = LogWriter(commit.file.seed());
  store_.lay_down(log_);
  forget_the_dead_later();
  answers_.lay_down(log_);
  for (const Waiting& waiting : commit.batch.waiting) {
    if (waiting.wrote) Answers::lay_down(log_, waiting.request, waiting.results);
  }
  log_.add({.kind = LogRecord::Kind::complete});
  const Binary bytes(log_.take());
  commit.bytes = bytes.size();
  commit.check = log_.check();
  const std::string path = path_of(commit.file);
  ask({.operation = StorageOperation::write, .path = path, .bytes = bytes});
  ask({.operation = StorageOperation::sync, .path = path});
  ask({.operation = StorageOperation::sync_folder, .path = options_.folder});
}

// As part of what is being committed, or on its own when nothing is.
void KvShard::ask(StorageRequest what) {
  const Ref ref = self_.make_ref();
  if (committing_) committing_->requests.push_back(ref);
  self_.storage().start(self_.node(), self_.pid(), ref, std::move(what));
}

void KvShard::handle(const StorageDone& done) {
  if (!committing_) return;
  Commit& commit = *committing_;
  const auto found = std::find(commit.requests.begin(), commit.requests.end(), done.request);
  if (found == commit.requests.end()) return;
  commit.requests.erase(found);
  // Removing a new file that was never made.
  const bool is_nothing =
      commit.undoing && commit.work == Work::rewrite && done.outcome == "enoent"_atom;
  const bool is_failure = done.outcome != atoms::ok && !is_nothing;
  if (is_failure && commit.failure == Atom()) commit.failure = done.outcome;
  if (!commit.requests.empty()) return;
  if (commit.undoing) {
    undone();
  } else if (commit.failure == Atom()) {
    succeeded();
  } else {
    failed();
  }
}

void KvShard::succeeded() {
  Commit commit = std::move(*committing_);
  committing_.reset();
  if (commit.work == Work::rewrite) {
    ask({.operation = StorageOperation::remove, .path = path_of(file_)});
    file_ = commit.file;
    file_bytes_ = commit.bytes;
    rewrite_at_ = file_bytes_ * 4 + options_.rewrite_bytes_least;
  } else {
    file_bytes_ += commit.bytes;
  }
  file_check_ = commit.check;
  store_.settle(commit.batch.number);
  for (Waiting& waiting : commit.batch.waiting)
    answer(std::move(waiting));
  commit_if_idle();
}

void KvShard::failed() {
  if (!is_full(committing_->failure)) give_up(committing_->failure);
  undo();
}

// Everything since the last good sync is taken back, also what gathered meanwhile: it was done on
// top of it. Who waits is told when the file is certain to be as it was.
void KvShard::undo() {
  Commit& commit = *committing_;
  store_.roll_back();
  for (Waiting& waiting : gathering_.waiting)
    commit.batch.waiting.push_back(std::move(waiting));
  gathering_.waiting.clear();
  commit.failure = Atom();
  commit.undoing = true;
  log_.go_on_from(file_check_);
  if (commit.work == Work::rewrite) {
    rewrite_at_ = file_bytes_ + options_.rewrite_bytes_least;
    ask({.operation = StorageOperation::remove, .path = path_of(commit.file)});
    ask({.operation = StorageOperation::sync_folder, .path = options_.folder});
  } else {
    ask({.operation = StorageOperation::truncate, .path = path_of(file_), .size = file_bytes_});
    ask({.operation = StorageOperation::sync, .path = path_of(file_)});
  }
}

void KvShard::undone() {
  Commit commit = std::move(*committing_);
  committing_.reset();
  if (commit.failure != Atom()) give_up(commit.failure);
  refuse(commit.batch);
  commit_if_idle();
}

void KvShard::refuse(Batch& batch) {
  for (Waiting& waiting : batch.waiting) {
    const StepResult refusal = error_result(waiting.wrote ? refused_full : read_failed);
    std::fill(waiting.results.begin(), waiting.results.end(), refusal);
    answer(std::move(waiting));
  }
}

// Nobody knows what is on the disk: the next life looks. Who waits asks it again.
void KvShard::give_up(Atom failure) {
  self_.exit(runtime::tuple(Term("storage_failed"_atom), Term(failure)));
}

Term KvShard::describe() const {
  const std::size_t committing = committing_ ? committing_->batch.waiting.size() : 0;
  return runtime::map("keys"_atom, store_.size(), "log_bytes"_atom, file_bytes_, "gathering"_atom,
                      gathering_.waiting.size(), "committing"_atom, committing);
}

}  // namespace glasshouse::scenarios::kv
