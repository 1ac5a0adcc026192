#pragma once
// Durable bytes in a folder of the operating system. A node's files lie in <root>/<name of the
// node>. Blocking calls run in the executor's dirty pool; requests to one file are done in the
// order started, whoever starts them, and a rename is in the order of both its files.
//
// Threads: any. Lives longer than every node that uses it. Destroying it waits for what runs.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/io/storage.h"

namespace glasshouse::runtime {

inline constexpr std::size_t folder_open_files_max = 128;  // kept open between requests
inline constexpr std::size_t folder_jobs_in_a_row = 64;    // of one file, then others go first

class FolderStorage final : public Storage {
 public:
  explicit FolderStorage(std::string root);
  FolderStorage(const FolderStorage&) = delete;
  FolderStorage& operator=(const FolderStorage&) = delete;
  ~FolderStorage() override;

  void start(Node& node, Pid owner, Ref request, StorageRequest what) override;

 private:
  struct Job {
    Node* node = nullptr;
    Pid owner;
    Ref request;
    StorageRequest what;
    std::string file;      // full paths: the keys of files_
    std::string other;     // of a rename, else empty
    int queues_ahead = 1;  // in which it is not yet first
  };
  struct File {
    std::deque<std::shared_ptr<Job>> jobs;  // the first one runs, or waits in its other queue
    int descriptor = -1;
    std::uint64_t last_used = 0;
  };
  using Files = std::map<std::string, File>;

  void enqueue(const std::string& file, const std::shared_ptr<Job>& job);
  std::shared_ptr<Job> advance(const std::string& file);
  void offload(std::shared_ptr<Job> job);
  void run(std::shared_ptr<Job> job);
  std::shared_ptr<Job> finish(Job& job);
  void forget_if_idle(Files::iterator file);

  StorageDone perform(Job& job);
  int descriptor_of(const Job& job, bool create, int& failure);
  void close_descriptor(const std::string& file);
  void evict();

  std::string root_;
  std::mutex mutex_;  // guards all below
  std::condition_variable idle_;
  Files files_;
  std::size_t open_files_ = 0;
  std::size_t jobs_ = 0;  // started, not finished
  std::uint64_t uses_ = 0;
};

// True for what may be a path of a StorageRequest: relative, no empty part, no "." and no "..".
bool is_storage_path(std::string_view path);

}  // namespace glasshouse::runtime
