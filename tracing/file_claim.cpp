#include "tracing/file_claim.h"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracing/database.h"
#include "tracing/schema.h"

namespace glasshouse::tracing {

using runtime::Error;
using runtime::Result;

namespace {

Error busy(const std::string& path) {
  return Error(path +
                   ": another run is being recorded to this trace; wait for its end or name "
                   "another file.",
               "busy");
}

// Every recording keeps the log beside its trace locked.
bool is_being_recorded(const std::string& path) {
  const int log = ::open((path + "-wal").c_str(), O_RDONLY | O_CLOEXEC);
  if (log < 0) return false;
  const bool is_locked = ::flock(log, LOCK_EX | LOCK_NB) != 0;
  ::close(log);
  return is_locked;
}

// May what is there be replaced?
Result<void> check(const std::string& path, const struct stat& about) {
  if (!S_ISREG(about.st_mode)) {
    return Error(path + ": this is " + (S_ISDIR(about.st_mode) ? "a folder" : "no ordinary file") +
                     ", so nothing is recorded there; name another file.",
                 "eexist");
  }
  if (about.st_size != 0) {
    auto there = Database::open(path);
    auto id = there ? (*there)->number("PRAGMA application_id") : Result<std::int64_t>(0);
    if (!id || *id != application_id) {
      return Error(path + ": this file is not a trace, so it is not replaced; name another file.",
                   "eexist");
    }
  }
  if (is_being_recorded(path)) return busy(path);
  return {};
}

}  // namespace

LockedFile::~LockedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<FileClaim> FileClaim::make_way(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int opened =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // Where there is no folder no trace can be made, either: that is said when it is tried.
  if (opened >= 0) static_cast<void>(::flock(opened, LOCK_EX));
  FileClaim claim(path, LockedFile(opened));
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return claim;
  if (auto free = check(path, about); !free) return free.error();
  for (const char* suffix : {"", "-wal", "-shm", "-journal"})
    ::unlink((path + suffix).c_str());
  return claim;
}

Result<void> FileClaim::hold() {
  const int log = ::open((path_ + "-wal").c_str(), O_RDONLY | O_CLOEXEC);
  LockedFile held(log);
  // On a file system without such locks nobody is kept out.
  if (log >= 0 && ::flock(log, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return busy(path_);
  log_ = std::move(held);
  folder_ = LockedFile();
  return {};
}

}  // namespace glasshouse::tracing
