#pragma once
// Files for processes: storage requests that are awaited. The same in both worlds; what a path may
// be, and what survives a crash, is said in storage.h.
//
//   auto writing = write_file(self, "state", bytes);
//   const Result<void> written = co_await writing;
//
// Errors carry the errno name as code: enoent, enospc, eio.

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/io/storage.h"
#include "runtime/process/self.h"

namespace glasshouse::runtime {

// Any request, as it is answered. The others are made of this one.
Task<StorageDone> do_storage(Self self, StorageRequest what);

// The whole file, however large.
Task<Result<Binary>> read_file(Self self, std::string path);
// The file then holds these bytes and no others, durably, its name included. Not atomic: a crash
// meanwhile leaves any part of it.
Task<Result<void>> write_file(Self self, std::string path, Binary bytes);
// Adds to the end, not yet durably; returns where the bytes begin.
Task<Result<std::uint64_t>> append_to_file(Self self, std::string path, Binary bytes);
Task<Result<void>> sync_file(Self self, std::string path);
Task<Result<void>> sync_folder(Self self, std::string path);
Task<Result<void>> remove_file(Self self, std::string path);
Task<Result<void>> rename_file(Self self, std::string from, std::string to);
// Sorted names; a folder that is not there is enoent.
Task<Result<std::vector<std::string>>> list_folder(Self self, std::string path);

}  // namespace glasshouse::runtime
