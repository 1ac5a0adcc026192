#include "runtime/observe/metrics_endpoint.h"

#include <exception>
#include <mutex>
#include <utility>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>

#include "runtime/observe/metric_families.h"

namespace glasshouse::runtime {

namespace {

constexpr std::size_t threads = 1;  // who asks while another one is told waits

// The nodes, as the library asks for them.
class Nodes final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override {
    const std::scoped_lock lock(mutex_);
    return metric_families(nodes_);
  }
  void add(Node& node) {
    const std::scoped_lock lock(mutex_);
    nodes_.push_back(&node);
  }
  void remove(Node& node) {
    const std::scoped_lock lock(mutex_);
    std::erase(nodes_, &node);
  }

 private:
  mutable std::mutex mutex_;  // guards nodes_; held while they are read
  std::vector<Node*> nodes_;
};

}  // namespace

struct MetricsEndpoint::Parts {
  Parts(const MetricsEndpointOptions& wanted, const std::string& where)
      : address(wanted.address), exposer(where, threads) {
    exposer.RegisterCollectable(nodes);
  }

  std::string address;
  std::shared_ptr<Nodes> nodes = std::make_shared<Nodes>();
  prometheus::Exposer exposer;  // last: its threads read the rest
};

MetricsEndpoint::MetricsEndpoint(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
MetricsEndpoint::~MetricsEndpoint() = default;

Result<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::open(
    const MetricsEndpointOptions& options) {
  const std::string where = options.address + ":" + std::to_string(options.port);
  try {
    auto parts = std::make_unique<Parts>(options, where);
    return std::unique_ptr<MetricsEndpoint>(new MetricsEndpoint(std::move(parts)));
  } catch (const std::exception&) {
    // The library says only that it has failed.
    return Error("metrics cannot be told at " + where +
                     ": the port is in use, or the address is not of this machine",
                 "eaddrinuse");
  }
}

void MetricsEndpoint::add(Node& node) {
  parts_->nodes->add(node);
}

void MetricsEndpoint::remove(Node& node) {
  parts_->nodes->remove(node);
}

std::uint16_t MetricsEndpoint::port() const {
  return static_cast<std::uint16_t>(parts_->exposer.GetListeningPorts().front());
}

std::string MetricsEndpoint::url() const {
  return "http://" + parts_->address + ":" + std::to_string(port()) + "/metrics";
}

}  // namespace glasshouse::runtime
