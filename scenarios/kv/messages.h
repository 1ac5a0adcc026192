#pragma once
// What connections and shards say to each other.

#include <cstdint>
#include <vector>

#include "runtime/process/pid.h"
#include "runtime/term/binary.h"

namespace glasshouse::scenarios::kv {

using runtime::Binary;
using runtime::Pid;

enum class Verb : std::uint8_t {
  get,
  set,
  set_if_absent,   // SET NX
  set_if_present,  // SET XX
  incr,
  del,
  count,  // no key: how many there are in this shard
};

constexpr bool is_write(Verb verb) {
  return verb != Verb::get && verb != Verb::count;
}

struct Step {
  Verb verb = Verb::get;
  Binary key{};
  Binary value{};
};

// To a shard: some steps, done in this order and answered in one ShardReply once nothing of the
// answer can be taken back by a crash.
struct ShardRequest {
  Pid from;
  std::uint64_t number = 0;          // of this request among those of `from`; they only grow
  std::uint64_t answered_below = 0;  // of those before it, these are answered
  std::vector<Step> steps{};
};

struct StepResult {
  enum class Said : std::uint8_t { ok, nil, bytes, integer, error };
  Said said = Said::nil;
  Binary bytes{};  // of an error: its message
  std::int64_t number = 0;
};

// One result for each step.
struct ShardReply {
  std::uint32_t shard = 0;
  std::uint64_t number = 0;
  std::vector<StepResult> results{};
};

}  // namespace glasshouse::scenarios::kv
