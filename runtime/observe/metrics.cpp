#include "runtime/observe/metrics.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string_view>

#include <prometheus/check_names.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include "runtime/observe/metrics_kept.h"
#include "runtime/process/process.h"

namespace glasshouse::runtime {

namespace {

using prometheus::MetricType;
using Labels = std::map<std::string, std::string>;

std::string_view kind_name(MetricType kind) {
  switch (kind) {
    case MetricType::Counter:
      return "a counter";
    case MetricType::Gauge:
      return "a gauge";
    default:
      return "a histogram";
  }
}

std::optional<Error> wrong_name(const std::string& name) {
  if (!prometheus::CheckMetricName(name)) {
    return Error("\"" + name +
                     "\" is no name of a metric: letters, digits, _ and : make one, neither a "
                     "digit nor __ begins it",
                 "invalid_name");
  }
  if (name.starts_with("glasshouse_")) {
    return Error("\"" + name + "\" is no name of a metric: glasshouse_ is the node's own",
                 "invalid_name");
  }
  return std::nullopt;
}

std::optional<Error> wrong_labels(const MetricSpec& spec) {
  const std::string of = "of metric " + spec.name;
  std::set<std::string> seen;
  for (const auto& [name, value] : spec.labels) {
    if (!prometheus::CheckLabelName(name)) {
      return Error("\"" + name + "\" is no name of a label " + of +
                       ": letters, digits and _ make one, neither a digit nor __ begins it",
                   "invalid_label");
    }
    if (name == "node" || name == "le") {
      return Error("label " + name + " " + of + " is set by the node itself", "invalid_label");
    }
    if (!seen.insert(name).second) {
      return Error("label " + name + " " + of + " is given twice", "invalid_label");
    }
  }
  return std::nullopt;
}

std::optional<Error> wrong_bounds(const std::string& name, const std::vector<double>& bounds) {
  const bool ascend = std::is_sorted(bounds.begin(), bounds.end(), std::less_equal<>());
  const bool finite =
      std::all_of(bounds.begin(), bounds.end(), [](double b) { return std::isfinite(b); });
  if (!bounds.empty() && bounds.size() <= histogram_bounds_max && ascend && finite) {
    return std::nullopt;
  }
  return Error("the bounds of histogram " + name + " must be 1 to " +
                   std::to_string(histogram_bounds_max) + " numbers, each above the one before",
               "invalid_bounds");
}

// The one of this name and these labels: `make` makes it, or finds it.
template <class Series, class Make>
Result<Series*> find_or_make(Metrics::Kept& kept, const MetricSpec& spec, MetricType kind,
                             const std::vector<double>& bounds, Make make) {
  if (auto wrong = wrong_name(spec.name)) return *wrong;
  if (auto wrong = wrong_labels(spec)) return *wrong;
  const std::scoped_lock lock(kept.mutex);
  const auto known = kept.names.find(spec.name);
  if (known != kept.names.end() && known->second.kind != kind) {
    return Error("metric " + spec.name + " is " + std::string(kind_name(known->second.kind)) +
                     ", not " + std::string(kind_name(kind)),
                 "other_kind");
  }
  if (known != kept.names.end() && known->second.bounds != bounds) {
    return Error("histogram " + spec.name + " has other bounds", "other_bounds");
  }
  const Labels labels(spec.labels.begin(), spec.labels.end());
  const bool is_there = known != kept.names.end() && known->second.series.contains(labels);
  if (!is_there && kept.series_count == metric_series_max) {
    return Error("metric " + spec.name + " would be one too many: a node has at most " +
                     std::to_string(metric_series_max),
                 "system_limit");
  }
  auto& name = kept.names[spec.name];
  name.kind = kind;
  name.bounds = bounds;
  if (name.series.insert(labels).second) ++kept.series_count;
  return &make(labels);
}

}  // namespace

Metrics::Metrics() : kept_(std::make_unique<Kept>()) {}
Metrics::~Metrics() = default;

Result<Metrics::Counter> Metrics::counter(const MetricSpec& spec) {
  const auto found = find_or_make<prometheus::Counter>(
      *kept_, spec, MetricType::Counter, {}, [&](const Labels& labels) -> prometheus::Counter& {
        return prometheus::BuildCounter()
            .Name(spec.name)
            .Help(spec.help)
            .Register(kept_->registry)
            .Add(labels);
      });
  if (!found) return found.error();
  return Counter(**found);
}

Result<Metrics::Gauge> Metrics::gauge(const MetricSpec& spec) {
  const auto found = find_or_make<prometheus::Gauge>(
      *kept_, spec, MetricType::Gauge, {}, [&](const Labels& labels) -> prometheus::Gauge& {
        return prometheus::BuildGauge()
            .Name(spec.name)
            .Help(spec.help)
            .Register(kept_->registry)
            .Add(labels);
      });
  if (!found) return found.error();
  return Gauge(**found);
}

Result<Metrics::Histogram> Metrics::histogram(const MetricSpec& spec,
                                              const std::vector<double>& bounds) {
  if (auto wrong = wrong_bounds(spec.name, bounds)) return *wrong;
  const auto found =
      find_or_make<prometheus::Histogram>(*kept_, spec, MetricType::Histogram, bounds,
                                          [&](const Labels& labels) -> prometheus::Histogram& {
                                            return prometheus::BuildHistogram()
                                                .Name(spec.name)
                                                .Help(spec.help)
                                                .Register(kept_->registry)
                                                .Add(labels, bounds);
                                          });
  if (!found) return found.error();
  return Histogram(**found);
}

void Metrics::Counter::increment(double by) const {
  if (!(by >= 0)) throw ExitException(Term(atoms::badarg));
  counter_->Increment(by);
}
double Metrics::Counter::value() const {
  return counter_->Value();
}

void Metrics::Gauge::set(double value) const {
  gauge_->Set(value);
}
void Metrics::Gauge::add(double difference) const {
  gauge_->Increment(difference);
}
double Metrics::Gauge::value() const {
  return gauge_->Value();
}

void Metrics::Histogram::observe(double value) const {
  histogram_->Observe(value);
}

}  // namespace glasshouse::runtime
