#pragma once
// Tells the metrics of nodes over HTTP, as Prometheus asks for them: GET /metrics. For nodes on
// many cores; a simulated world has metrics_text.h.
//
//   auto endpoint = MetricsEndpoint::open({.port = 9464});
//   if (!endpoint) ...                           // one sentence: the port is in use
//   (*endpoint)->add(node);
//
// It has threads of its own, which read what the nodes keep; no process is asked or stopped.
//
// Threads: any. Ends before its nodes, or they are removed from it before.

#include <cstdint>
#include <memory>
#include <string>

#include "runtime/base/result.h"

namespace glasshouse::runtime {

class Node;

struct MetricsEndpointOptions {
  std::string address = "127.0.0.1";  // who is not on this machine hears nothing
  std::uint16_t port = 0;             // 0: any free one
};

class MetricsEndpoint {
 public:
  // Errors: eaddrinuse, with a sentence that names the address.
  static Result<std::unique_ptr<MetricsEndpoint>> open(const MetricsEndpointOptions& options);

  MetricsEndpoint(const MetricsEndpoint&) = delete;
  MetricsEndpoint& operator=(const MetricsEndpoint&) = delete;
  // Waits for who is just being told.
  ~MetricsEndpoint();

  // Several nodes of one program are told together, each under its label `node`.
  void add(Node& node);
  // When it returns, nobody reads the node any more.
  void remove(Node& node);

  std::uint16_t port() const;
  std::string url() const;  // http://127.0.0.1:9464/metrics

 private:
  struct Parts;
  explicit MetricsEndpoint(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace glasshouse::runtime
