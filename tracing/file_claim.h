#pragma once
// The file of a trace while it is recorded: nothing else is overwritten for it, and one run at a
// time is recorded to it. Private to tracing.
//
// Threads: one at a time.

#include <string>
#include <utility>

#include "runtime/base/result.h"

namespace glasshouse::tracing {

// An open file that is locked, until it is closed or this program ends, however it ends.
class LockedFile {
 public:
  explicit LockedFile(int descriptor = -1) : descriptor_(descriptor) {}
  LockedFile(LockedFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  LockedFile& operator=(LockedFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~LockedFile();

 private:
  int descriptor_;
};

class FileClaim {
 public:
  // Makes way for a new trace at `path`: a trace of that name is removed; a file that is something
  // else, and a trace that is being recorded, are left alone. No other run can do the same in this
  // folder before `hold`. Errors: eexist, busy.
  static runtime::Result<FileClaim> make_way(const std::string& path);
  // The new trace is there, with its log beside it. Errors: busy.
  runtime::Result<void> hold();

 private:
  FileClaim(std::string path, LockedFile folder)
      : path_(std::move(path)), folder_(std::move(folder)) {}

  std::string path_;
  LockedFile folder_;  // between make_way and hold
  LockedFile log_;     // afterwards: SQLite's own locks are on other files and of another kind
};

}  // namespace glasshouse::tracing
