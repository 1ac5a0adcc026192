#pragma once
// What a shard must still know of requests that an earlier life of it has done: their answers.
//
// With every request that changes something, its answer goes into the log. A connection whose shard
// crashed asks again what was not answered; the next life of the shard then answers from here what
// it finds to be done, and does the rest: every request is done once.
//
// Plain values; belongs to its shard.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/kv/messages.h"
#include "scenarios/kv/wal.h"

namespace glasshouse::scenarios::kv {

class Answers {
 public:
  // Lays the answer to `request` into the log. Of what it read it keeps only that it read.
  static void lay_down(LogWriter& log, const ShardRequest& request,
                       const std::vector<StepResult>& results);

  // Lays down that nothing is to be known of `connection` any more.
  static void lay_down_forgotten(LogWriter& log, Pid connection);

  // From a log. What that connection was known to have been answered is forgotten.
  void restore(const LogRecord& record, runtime::Atom node);
  // Those for whom `is_gone`.
  template <class IsGone>
  std::vector<Pid> connections_if(IsGone is_gone) const {
    std::vector<Pid> gone;
    for (const auto& [connection, answers] : by_connection_) {
      if (is_gone(connection)) gone.push_back(connection);
    }
    return gone;
  }
  void forget(Pid connection) { by_connection_.erase(connection); }
  void lay_down(LogWriter& log) const;

  // The answer, if the request was done. A request that only reads, and came before one that was
  // done, cannot be answered any more: what it would see is gone.
  std::optional<std::vector<StepResult>> find(const ShardRequest& request);

  bool empty() const { return by_connection_.empty(); }

 private:
  using ByNumber = std::map<std::uint64_t, std::vector<StepResult>>;
  std::map<Pid, ByNumber> by_connection_;
};

}  // namespace glasshouse::scenarios::kv
