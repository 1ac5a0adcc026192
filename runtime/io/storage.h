#pragma once
// The disk seam: durable bytes. A folder, or a simulated disk that forgets unsynced writes, tears
// them and fills up.
//
// Requests are started and answered later by a message StorageDone to the process that asked.
// Requests of one process to one file are done in the order started; nothing is promised between
// files. Written bytes survive a crash only if a later sync of that file answered ok; a rename, a
// removal or a creation only if a later sync_folder answered ok.

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/process/pid.h"
#include "runtime/process/ref.h"
#include "runtime/term/atom.h"
#include "runtime/term/binary.h"

namespace glasshouse::runtime {

class Node;

enum class StorageOperation : std::uint8_t {
  read,         // offset, size -> bytes (shorter at the end of the file)
  write,        // offset, bytes
  append,       // bytes -> offset where they begin
  sync,         // until here everything written to the file is durable
  truncate,     // size
  size,         // -> size (enoent if there is none)
  remove,       //
  rename,       // to
  list,         // path is a folder -> names, sorted
  sync_folder,  // path is a folder
};

// Files are named by a path relative to the node's own folder: no "..", no leading '/'. write,
// append and truncate create a file that is not there, and its folders.
struct StorageRequest {
  StorageOperation operation = StorageOperation::read;
  std::string path{};
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  Binary bytes{};
  std::string to{};
};

struct StorageDone {
  Ref request;
  Atom outcome{};  // ok, enoent, eio, enospc, einval, or another errno name in lower case
  std::uint64_t value = 0;
  Binary bytes{};
  std::vector<std::string> names{};
};

inline constexpr std::uint64_t storage_read_max = 64 << 20;  // bytes in one request

class Storage {
 public:
  virtual ~Storage() = default;
  // Any thread. Always answered once, unless `owner` or its node is gone by then.
  virtual void start(Node& node, Pid owner, Ref request, StorageRequest what) = 0;
};

}  // namespace glasshouse::runtime
