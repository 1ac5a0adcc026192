#pragma once
// The files of a shard's log: how they are called, and how a shard finds its table again.
//
// A shard that starts never writes to a file that an earlier one wrote to, because requests of that
// one may still be on their way to the disk: it begins a new file with all it recovered. Names sort
// by age: a higher generation is newer, and of one generation the one begun later.
//
//   <folder>/shard-<index>-<generation>-<time it was begun>.log      (both 16 hex digits)

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/process/self.h"
#include "scenarios/kv/answers.h"
#include "scenarios/kv/store.h"

namespace glasshouse::scenarios::kv {

struct LogFile {
  std::uint32_t shard = 0;
  std::uint64_t generation = 0;
  std::uint64_t begun = 0;  // nanoseconds of the node's monotonic clock

  std::string name() const;
  // What LogWriter and read_log are made with: no two files have the same.
  std::uint64_t seed() const;
  // Nothing: not a log of this shard.
  static std::optional<LogFile> parse(std::string_view name, std::uint32_t shard);
  friend auto operator<=>(const LogFile&, const LogFile&) = default;
};

struct Recovered {
  Store store{};
  Answers answers{};
  std::uint64_t generation = 0;          // the highest there is; 0: none
  std::vector<std::string> old_files{};  // paths; not needed once a newer file is durable
};

// The table as it was last acknowledged, from the newest file that is complete. Fails when the disk
// does: then nothing may be taken for lost.
runtime::Task<runtime::Result<Recovered>> recover(runtime::Self self, std::string folder,
                                                  std::uint32_t shard);

}  // namespace glasshouse::scenarios::kv
