#pragma once
// Metrics of a node: counters, gauges and histograms that its processes keep, beside what the node
// counts of itself. Prometheus reads them over HTTP (metrics_endpoint.h), or anybody as text, in
// both worlds (metrics_text.h).
//
//   class Shop {
//     explicit Shop(Self self)
//         : sold_(self.node().metrics().counter({.name = "shop_sold_total", .help = "Sold."})) {}
//     void handle(Sell) { sold_->increment(); }
//     Result<Metrics::Counter> sold_;
//   };
//
// Asking again for what is there gives the same one, so that a restarted process goes on counting;
// a name is checked each time, so ask once and keep the answer.
// What belongs together has one name and different labels. Nothing is ever taken away.
//
// Threads: any. A handle is a pointer, valid as long as the node; an increment is one atomic
// addition, an observation takes a lock of its histogram.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/result.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace glasshouse::runtime {

inline constexpr std::size_t metric_series_max = 10'000;  // of a node: names times labels
inline constexpr std::size_t histogram_bounds_max = 100;

struct MetricSpec {
  std::string name;  // [a-zA-Z_:][a-zA-Z0-9_:]*, not beginning with __ or glasshouse_
  std::string help = {};
  // Names [a-zA-Z_][a-zA-Z0-9_]*, each once; not node, le, or beginning with __.
  std::vector<std::pair<std::string, std::string>> labels = {};
};

class Metrics {
 public:
  // Only grows.
  class Counter {
   public:
    void increment() const { increment(1); }
    // Less than 0, or no number, throws badarg.
    void increment(double by) const;
    double value() const;

   private:
    friend class Metrics;
    explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
    prometheus::Counter* counter_;
  };

  // Goes up and down.
  class Gauge {
   public:
    void set(double value) const;
    void add(double difference) const;
    double value() const;

   private:
    friend class Metrics;
    explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
    prometheus::Gauge* gauge_;
  };

  // Counts values by the least bound that they do not pass.
  class Histogram {
   public:
    void observe(double value) const;

   private:
    friend class Metrics;
    explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
    prometheus::Histogram* histogram_;
  };

  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics();

  // The error is one sentence with the name in it. Codes: invalid_name, invalid_label, other_kind
  // (that name is another kind of metric here), other_bounds, system_limit (metric_series_max).
  Result<Counter> counter(const MetricSpec& spec);
  Result<Gauge> gauge(const MetricSpec& spec);
  // `bounds` ascend; invalid_bounds otherwise, or if there are none or too many.
  Result<Histogram> histogram(const MetricSpec& spec, const std::vector<double>& bounds);

  // -- for the node -----------------------------------------------------------------------------

  void count_crash() { crashes_.fetch_add(1, std::memory_order_relaxed); }
  void count_restart() { restarts_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t crashes() const { return crashes_.load(std::memory_order_relaxed); }
  std::uint64_t restarts() const { return restarts_.load(std::memory_order_relaxed); }

  // What the processes keep: for metric_families.cpp.
  struct Kept;
  Kept& kept() const { return *kept_; }

 private:
  std::atomic<std::uint64_t> crashes_{0};
  std::atomic<std::uint64_t> restarts_{0};
  std::unique_ptr<Kept> kept_;
};

}  // namespace glasshouse::runtime
