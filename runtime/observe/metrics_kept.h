#pragma once
// What the processes of a node keep in its Metrics. Private to runtime/observe.
//
// Threads: the registry is safe for any; the rest is guarded by `mutex`.

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <prometheus/metric_type.h>
#include <prometheus/registry.h>

#include "runtime/observe/metrics.h"

namespace glasshouse::runtime {

struct Metrics::Kept {
  struct Name {
    prometheus::MetricType kind = prometheus::MetricType::Counter;
    std::vector<double> bounds;                           // of a histogram
    std::set<std::map<std::string, std::string>> series;  // their labels
  };

  // What was told of exits never goes back, though it is a difference of two numbers that change
  // while they are read.
  std::uint64_t count_exited(std::uint64_t seen) {
    const std::scoped_lock lock(mutex);
    return exited = std::max(exited, seen);
  }

  prometheus::Registry registry;
  std::mutex mutex;
  std::map<std::string, Name> names;
  std::size_t series_count = 0;
  std::uint64_t exited = 0;
};

}  // namespace glasshouse::runtime
