#pragma once
// One node in a simulated world, for tests of processes: spawn bodies, run until nothing is due,
// look at what they noted down.

#include <string>
#include <vector>

#include "runtime/behaviour/supervisor.h"
#include "runtime/process/self.h"
#include "runtime/term/print.h"
#include "sim/world.h"

namespace glasshouse::tests {

using namespace runtime;

// What the bodies of a test say, in order. Outlives the world.
using Notes = std::vector<std::string>;

inline std::string text(const Term& term) {
  return to_string(term);
}

class OneNode {
 public:
  explicit OneNode(std::uint64_t seed = 1) : world_(options(seed)) {
    const sim::HostId host = world_.add_host("h");
    id_ = world_.start_node(host, "a@h", [](Node&) {});
  }

  sim::World& world() { return world_; }
  Node& node() { return *world_.node(id_); }

  template <auto Body, class... Args>
  Pid spawn(Args&&... args) {
    return node().spawn<Body>(std::forward<Args>(args)...);
  }
  // Until nothing is due any more.
  void run() { world_.run_until(Instant::max()); }

 private:
  static sim::WorldOptions options(std::uint64_t seed) {
    sim::WorldOptions options;
    options.seed = seed;
    return options;
  }

  sim::World world_;
  sim::NodeId id_{};
};

}  // namespace glasshouse::tests
