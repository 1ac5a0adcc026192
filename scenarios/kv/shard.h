#pragma once
// One shard: a table in memory and a write-ahead log on the node's storage.
//
// Requests are done in the order they come and change the table at once, but nobody is told before
// the log is durable up to what they saw or wrote. Changes gather in a batch while an earlier batch
// is being synced ("group commit"); then they are written and synced together:
//
//   requests ──▶ gathering_ ──(disk free)──▶ committing_ ──(sync answered ok)──▶ replies
//
// A full disk: the batch is taken back, the log cut to what was good, the writes refused. Any other
// failure of the disk leaves unknown what is on it: the shard crashes and its next life recovers.
// With each write its answer is logged, so that connections can ask the next life again for what
// they were not answered, and nothing is done twice (answers.h).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/behaviour/gen_server.h"
#include "runtime/io/storage.h"
#include "scenarios/kv/kv.h"
#include "scenarios/kv/log_files.h"
#include "scenarios/kv/messages.h"
#include "scenarios/kv/store.h"

namespace glasshouse::scenarios::kv {

struct ShardOptions {
  std::uint32_t index = 0;
  std::string folder = {};
  Acknowledge acknowledge = Acknowledge::after_sync;
  std::uint64_t rewrite_bytes_least = 16 << 20;  // log growth that makes a new file worth its cost
};

// How often a shard tries to recover from a disk that fails, and how long it waits in between.
inline constexpr int recovery_attempts_max = 50;
inline constexpr runtime::Duration recovery_pause = runtime::Duration::milliseconds(100);

// To itself: those connections ask nothing more.
struct ForgetAnswers {
  std::vector<Pid> connections{};
};

class KvShard {
 public:
  using Accepts = runtime::Messages<ShardRequest, runtime::StorageDone, ForgetAnswers>;

  KvShard(runtime::Self self, ShardOptions options);

  // Recovers. The starter waits for it.
  runtime::Task<void> init();
  void handle(ShardRequest request);
  void handle(const runtime::StorageDone& done);
  void handle(const ForgetAnswers& forget);
  runtime::Term describe() const;

 private:
  struct Waiting {
    ShardRequest request;
    std::vector<StepResult> results{};
    bool wrote = false;
  };
  struct Batch {
    Store::BatchNumber number = 0;
    std::vector<Waiting> waiting{};
  };
  // What the disk is doing with committing_.
  enum class Work : std::uint8_t {
    append,   // its records, to the file at hand
    rewrite,  // a new file with the whole table
  };
  struct Commit {
    Batch batch{};
    Work work = Work::append;
    bool undoing = false;                  // it failed and is being taken back
    std::vector<runtime::Ref> requests{};  // not answered yet
    runtime::Atom failure{};               // of the first that failed; undefined: none
    LogFile file{};                        // of a rewrite
    std::uint64_t bytes = 0;
    std::uint32_t check = 0;  // at the end of its bytes
  };

  runtime::Task<bool> begin_file(std::vector<std::string> old_files);
  LogFile next_file() const;
  std::string path_of(const LogFile& file) const;

  void commit_if_idle();
  void append();
  void rewrite();
  void ask(runtime::StorageRequest what);
  void succeeded();
  void failed();
  void undo();
  void undone();
  void refuse(Batch& batch);
  [[noreturn]] void give_up(runtime::Atom failure);
  void answer(Waiting waiting);
  void forget_the_dead_later();

  runtime::Self self_;
  ShardOptions options_;
  Store store_;
  Answers answers_;  // of an earlier life
  LogFile file_;
  LogWriter log_{0};
  std::uint64_t file_bytes_ = 0;  // durable
  std::uint32_t file_check_ = 0;  // at that place
  std::uint64_t rewrite_at_ = 0;  // size of the file that makes a new one worth its cost
  Batch gathering_{.number = 1};
  std::optional<Commit> committing_;
};

}  // namespace glasshouse::scenarios::kv
