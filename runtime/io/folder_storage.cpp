#include "runtime/io/folder_storage.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/check.h"
#include "runtime/io/errno_name.h"
#include "runtime/node/node.h"

namespace glasshouse::runtime {

namespace {

constexpr std::size_t path_bytes_max = 1024;

constexpr std::array<std::string_view, 10> operation_names{
    "read", "write",  "append", "sync", "truncate",
    "size", "remove", "rename", "list", "sync_folder"};

std::string parent_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

// 0, or an errno.
int sync_folder_at(const std::string& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return errno;
  const int failure = ::fsync(folder) == 0 ? 0 : errno;
  ::close(folder);
  return failure;
}

// Makes the folder and those above it, each durable at once: it is rare. 0, or an errno.
int make_folders(const std::string& path) {
  struct stat found;
  if (path.empty() || ::stat(path.c_str(), &found) == 0) return 0;
  if (const int failure = make_folders(parent_of(path))) return failure;
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) return errno;
  return sync_folder_at(parent_of(path).empty() ? "/" : parent_of(path));
}

int write_all(int descriptor, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return 0;
}

int read_all(int descriptor, std::uint64_t offset, std::uint64_t size, std::string& bytes) {
  struct stat found;
  if (::fstat(descriptor, &found) != 0) return errno;
  const auto end = static_cast<std::uint64_t>(found.st_size);
  bytes.resize(offset >= end ? 0 : std::min(size, end - offset));
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = ::pread(descriptor, bytes.data() + have, bytes.size() - have,
                                static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return 0;
}

int list_folder(const std::string& path, std::vector<std::string>& names) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error))
    names.push_back(entry->path().filename().string());
  std::sort(names.begin(), names.end());
  return error.value();
}

int size_of_file(const std::string& path, std::uint64_t& size) {
  struct stat found;
  if (::stat(path.c_str(), &found) != 0) return errno;
  size = static_cast<std::uint64_t>(found.st_size);
  return 0;
}

std::string path_in(const std::string& folder, const std::string& path) {
  return path.empty() ? folder : folder + "/" + path;
}

bool is_folder_operation(StorageOperation operation) {
  return operation == StorageOperation::list || operation == StorageOperation::sync_folder;
}

bool is_valid(const StorageRequest& what) {
  const bool own_folder = what.path.empty() && is_folder_operation(what.operation);
  if (!own_folder && !is_storage_path(what.path)) return false;
  if (what.operation == StorageOperation::rename) {
    return is_storage_path(what.to) && what.to != what.path;
  }
  return what.operation != StorageOperation::read || what.size <= storage_read_max;
}

}  // namespace

bool is_storage_path(std::string_view path) {
  if (path.empty() || path.size() > path_bytes_max) return false;
  if (path.find('\0') != std::string_view::npos) return false;
  for (;;) {
    const auto slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

FolderStorage::FolderStorage(std::string root) : root_(std::move(root)) {
  while (root_.size() > 1 && root_.back() == '/')
    root_.pop_back();
  root_ = std::filesystem::absolute(root_).lexically_normal().string();
}

FolderStorage::~FolderStorage() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return jobs_ == 0; });
  for (auto& [path, file] : files_) {
    if (file.descriptor >= 0) ::close(file.descriptor);
  }
}

void FolderStorage::start(Node& node, Pid owner, Ref request, StorageRequest what) {
  if (node.wants(EventKind::storage)) {
    const std::size_t bytes = std::max<std::size_t>(what.bytes.size(), what.size);
    node.emit({.kind = EventKind::storage,
               .name = Atom(operation_names[static_cast<std::size_t>(what.operation)]),
               .subject = node.key_of(owner),
               .message = request.number,
               .argument = static_cast<std::int64_t>(bytes)},
              what.path);
  }
  if (!is_valid(what)) {
    node.deliver<StorageDone>(owner, request, errno_atom(EINVAL));
    return;
  }
  const std::string folder = root_ + "/" + std::string(node.name().text());
  const auto job = std::make_shared<Job>();
  job->node = &node;
  job->owner = owner;
  job->request = request;
  job->file = path_in(folder, what.path);
  if (what.operation == StorageOperation::rename) job->other = path_in(folder, what.to);
  job->what = std::move(what);
  job->queues_ahead = job->other.empty() ? 1 : 2;
  const std::lock_guard lock(mutex_);
  ++jobs_;
  enqueue(job->file, job);
  if (!job->other.empty()) enqueue(job->other, job);
}

// REQUIRES: the mutex is held, here and in the next two.
void FolderStorage::enqueue(const std::string& file, const std::shared_ptr<Job>& job) {
  auto& jobs = files_[file].jobs;
  jobs.push_back(job);
  if (jobs.size() > 1) return;
  if (auto first = advance(file)) offload(std::move(first));
}

// The first job of `file`, if it may run now. A rename may when it is first in both its queues;
// both were joined in one step, so that two renames never wait for each other.
std::shared_ptr<FolderStorage::Job> FolderStorage::advance(const std::string& file) {
  const auto found = files_.find(file);
  if (found->second.jobs.empty()) {
    forget_if_idle(found);
    return nullptr;
  }
  std::shared_ptr<Job> first = found->second.jobs.front();
  if (--first->queues_ahead > 0) return nullptr;
  return first;
}

void FolderStorage::forget_if_idle(Files::iterator file) {
  if (file->second.descriptor < 0) files_.erase(file);
}

void FolderStorage::offload(std::shared_ptr<Job> job) {
  Node& node = *job->node;
  node.environment().executor.offload(node, [this, first = std::move(job)] { run(first); });
}

void FolderStorage::run(std::shared_ptr<Job> job) {
  const Node* const node = job->node;  // the executor keeps it alive for us, and no other
  for (std::size_t in_a_row = 0; job != nullptr; ++in_a_row) {
    const bool is_enough = in_a_row == folder_jobs_in_a_row || job->node != node;
    if (is_enough) return offload(std::move(job));
    StorageDone done = perform(*job);
    job->node->deliver<StorageDone>(job->owner, std::move(done));
    job = finish(*job);
  }
}

// Returns what may run next on the same file.
std::shared_ptr<FolderStorage::Job> FolderStorage::finish(Job& job) {
  const std::lock_guard lock(mutex_);
  if (--jobs_ == 0) idle_.notify_all();
  // Both queues hold this job; it must live until both are served.
  const std::shared_ptr<Job> keep = files_.at(job.file).jobs.front();
  if (!job.other.empty()) {
    files_.at(job.other).jobs.pop_front();
    if (auto next = advance(job.other)) offload(std::move(next));
  }
  files_.at(job.file).jobs.pop_front();
  return advance(job.file);
}

StorageDone FolderStorage::perform(Job& job) {
  StorageDone done{.request = job.request};
  const StorageRequest& what = job.what;
  using enum StorageOperation;
  const bool creates =
      what.operation == write || what.operation == append || what.operation == truncate;
  int failure = 0;
  int file = -1;
  if (creates || what.operation == read || what.operation == sync) {
    file = descriptor_of(job, creates, failure);
  }
  if (failure == 0) {
    switch (what.operation) {
      case read: {
        std::string bytes;
        failure = read_all(file, what.offset, what.size, bytes);
        done.bytes = Binary(bytes);
        break;
      }
      case write:
        failure = write_all(file, what.bytes.view(), what.offset);
        break;
      case append:
        failure = size_of_file(job.file, done.value);
        if (failure == 0) failure = write_all(file, what.bytes.view(), done.value);
        break;
      case sync:
        failure = ::fdatasync(file) == 0 ? 0 : errno;
        break;
      case truncate:
        failure = ::ftruncate(file, static_cast<off_t>(what.size)) == 0 ? 0 : errno;
        break;
      case size:
        failure = size_of_file(job.file, done.value);
        break;
      case remove:
        close_descriptor(job.file);
        failure = ::unlink(job.file.c_str()) == 0 ? 0 : errno;
        break;
      case rename:
        close_descriptor(job.file);
        close_descriptor(job.other);
        failure = ::rename(job.file.c_str(), job.other.c_str()) == 0 ? 0 : errno;
        break;
      case list:
        failure = list_folder(job.file, done.names);
        break;
      case sync_folder:
        failure = sync_folder_at(job.file);
        break;
    }
  }
  done.outcome = errno_atom(failure);
  return done;
}

// The file of a job is its alone while it runs; only the cache is shared.
int FolderStorage::descriptor_of(const Job& job, bool create, int& failure) {
  {
    const std::lock_guard lock(mutex_);
    File& file = files_.at(job.file);
    file.last_used = ++uses_;
    if (file.descriptor >= 0) return file.descriptor;
  }
  int flags = O_RDWR | O_CLOEXEC;
  if (create) {
    flags |= O_CREAT;
    failure = make_folders(parent_of(job.file));
    if (failure != 0) return -1;
  }
  const int descriptor = ::open(job.file.c_str(), flags, 0666);
  if (descriptor < 0) {
    failure = errno;
    return -1;
  }
  const std::lock_guard lock(mutex_);
  files_.at(job.file).descriptor = descriptor;
  if (++open_files_ > folder_open_files_max) evict();
  return descriptor;
}

void FolderStorage::close_descriptor(const std::string& path) {
  const std::lock_guard lock(mutex_);
  File& file = files_.at(path);
  if (file.descriptor < 0) return;
  ::close(std::exchange(file.descriptor, -1));
  --open_files_;
}

// Closes the file that has been idle longest. REQUIRES: the mutex is held.
void FolderStorage::evict() {
  auto oldest = files_.end();
  for (auto file = files_.begin(); file != files_.end(); ++file) {
    if (file->second.descriptor < 0 || !file->second.jobs.empty()) continue;
    if (oldest == files_.end() || file->second.last_used < oldest->second.last_used) oldest = file;
  }
  if (oldest == files_.end()) return;  // all are at work; they are bounded by the dirty pool
  ::close(oldest->second.descriptor);
  --open_files_;
  files_.erase(oldest);
}

}  // namespace glasshouse::runtime
