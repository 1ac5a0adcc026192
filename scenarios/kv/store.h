#pragma once
// The table of one shard, with enough memory of the past to take back what did not become durable.
// Plain values; belongs to its shard.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "scenarios/kv/messages.h"
#include "scenarios/kv/wal.h"

namespace glasshouse::scenarios::kv {

// Changes that become durable together. Batches are numbered from 1 in their order.
class Store {
 public:
  using BatchNumber = std::uint64_t;

  // Does one step as part of `batch` and lays what changed into `log`. `needs` becomes the batch
  // that must be durable before the result may be told, if that is later than what it was: 0 for
  // what is durable already.
  StepResult apply(const Step& step, BatchNumber batch, LogWriter& log, BatchNumber& needs);

  // `batch` is durable: what it changed may be told.
  void settle(BatchNumber batch);
  // Takes back everything that is not settled. The latest changes first.
  void roll_back();

  // From a log: durable from the start.
  void restore(const LogRecord& record);
  // The whole table as records, sorted by key. Whoever begins a file closes it by `complete`.
  void lay_down(LogWriter& log) const;

  std::size_t size() const { return table_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Change {
    BatchNumber batch = 0;
    Binary key;
    Binary old;
    bool was_there = false;
  };
  using Table = std::unordered_map<Binary, Binary>;  // unordered: sorted before it is seen

  StepResult count_up(const Step& step, BatchNumber batch, LogWriter& log);
  StepResult remove(const Step& step, BatchNumber batch, LogWriter& log);
  void put(const Binary& key, const Binary& value, BatchNumber batch, LogWriter& log);
  void note(const Binary& key, BatchNumber batch);
  void set(const Binary& key, Binary value);
  void erase(const Binary& key);
  BatchNumber unsettled(const Binary& key) const;

  Table table_;                  // never iterated where order shows
  std::size_t bytes_ = 0;        // of keys and values
  std::vector<Change> changes_;  // not settled, in their order
  // unordered: never iterated
  std::unordered_map<Binary, BatchNumber> unsettled_;  // by key: the latest batch that changed it
};

}  // namespace glasshouse::scenarios::kv
