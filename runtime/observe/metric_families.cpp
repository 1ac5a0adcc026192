#include "runtime/observe/metric_families.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <utility>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "runtime/node/node.h"
#include "runtime/observe/metrics_kept.h"
#include "runtime/observe/metrics_text.h"
#include "runtime/schedule/executor.h"

namespace glasshouse::runtime {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Label = ClientMetric::Label;

class Families {
 public:
  void add(MetricFamily family, std::string_view node) {
    auto [found, is_new] = families_.try_emplace(family.name);
    MetricFamily& kept = found->second;
    if (!is_new && kept.type != family.type) return;
    for (ClientMetric& series : family.metric) {
      series.label.insert(series.label.begin(), {"node", std::string(node)});
      kept.metric.push_back(std::move(series));
    }
    kept.name = std::move(family.name);
    kept.help = std::move(family.help);
    kept.type = family.type;
  }

  std::vector<MetricFamily> take() {
    std::vector<MetricFamily> all;
    for (auto& [name, family] : families_) {
      std::sort(family.metric.begin(), family.metric.end(),
                [](const auto& left, const auto& right) { return left.label < right.label; });
      all.push_back(std::move(family));
    }
    return all;
  }

 private:
  std::map<std::string, MetricFamily> families_;
};

// What one walk over the processes finds.
struct Sums {
  std::uint64_t spawned = 0;
  std::uint64_t received = 0;
  std::uint64_t waiting = 0;
  std::uint32_t longest = 0;
};

Sums sums_of(Node& node) {
  Sums sums;
  node.processes().for_each_slot([&sums](const Process& process) {
    const std::uint32_t length = process.mail_length();
    sums.spawned += process.serial();
    sums.received += process.mail_arrived.load(std::memory_order_relaxed);
    sums.waiting += length;
    sums.longest = std::max(sums.longest, length);
  });
  return sums;
}

// Of one node.
class Meters {
 public:
  Meters(Families& families, Node& node) : families_(families), node_(node) {}

  void add_all() {
    Metrics::Kept& kept = node_.metrics().kept();
    add_processes(kept);
    add_load(node_.environment().executor.load(node_));
    for (MetricFamily& family : kept.registry.Collect())
      families_.add(std::move(family), node_.name().text());
  }

 private:
  template <class Value>
  void gauge(const char* name, const char* help, Value value, std::vector<Label> labels = {}) {
    ClientMetric series;
    series.label = std::move(labels);
    series.gauge.value = static_cast<double>(value);
    families_.add({name, help, MetricType::Gauge, {std::move(series)}}, node_.name().text());
  }
  void counter(const char* name, const char* help, std::uint64_t value) {
    ClientMetric series;
    series.counter.value = static_cast<double>(value);
    families_.add({name, help, MetricType::Counter, {std::move(series)}}, node_.name().text());
  }

  void add_processes(Metrics::Kept& kept) {
    const Sums sums = sums_of(node_);
    const std::uint64_t alive = node_.process_count();
    gauge("glasshouse_processes", "Processes that live.", alive);
    gauge("glasshouse_processes_max", "Processes that may live.", node_.options().processes_max);
    counter("glasshouse_processes_spawned_total", "Processes spawned.", sums.spawned);
    counter("glasshouse_processes_exited_total", "Processes that exited.",
            kept.count_exited(sums.spawned - std::min(alive, sums.spawned)));
    counter("glasshouse_processes_crashed_total", "Processes that crashed.",
            node_.metrics().crashes());
    counter("glasshouse_restarts_total", "Restarts decided by supervisors.",
            node_.metrics().restarts());
    counter("glasshouse_messages_received_total", "Messages taken into mailboxes.", sums.received);
    gauge("glasshouse_messages_waiting", "Messages in all mailboxes.", sums.waiting);
    gauge("glasshouse_mailbox_length_max", "Messages in the longest mailbox.", sums.longest);
    gauge("glasshouse_timers", "Timers that run.", node_.timers().size());
  }

  void add_load(const ExecutorLoad& load) {
    const char* const name = "glasshouse_run_queue_length";
    const char* const help = "Runnable processes, by worker.";
    for (std::size_t i = 0; i < load.run_queues.size(); ++i)
      gauge(name, help, load.run_queues[i], {{"worker", std::to_string(i)}});
    gauge(name, help, load.shared_queue, {{"worker", "shared"}});
    gauge("glasshouse_workers_held", "Workers held by one process for long.", load.held_workers);
    gauge("glasshouse_workers_aside", "Workers that would be in the way.", load.aside_workers);
    if (load.memory_total == 0) return;
    gauge("glasshouse_memory_resident_bytes", "Memory of this program.", load.memory_resident);
    gauge("glasshouse_memory_available_bytes", "Memory of the machine that is free to be used.",
          load.memory_available);
    gauge("glasshouse_memory_total_bytes", "Memory of the machine.", load.memory_total);
  }

  Families& families_;
  Node& node_;
};

}  // namespace

std::vector<MetricFamily> metric_families(std::span<Node* const> nodes) {
  Families families;
  for (Node* const node : nodes)
    Meters(families, *node).add_all();
  return families.take();
}

std::string metrics_text(std::span<Node* const> nodes) {
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, metric_families(nodes));
  return std::move(text).str();
}

std::string metrics_text(Node& node) {
  Node* const one[] = {&node};
  return metrics_text(one);
}

}  // namespace glasshouse::runtime
