#include "runtime/schedule/shutdown.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <vector>

#include "runtime/node/node.h"
#include "runtime/process/self.h"

namespace glasshouse::runtime {

namespace {

constexpr Duration patience_max = Duration::hours(std::int64_t{24} * 365);

// Shared: who waits outside may have lost patience, and this process goes on.
using Ended = std::shared_ptr<std::promise<void>>;

Behaviour stop_all(Self self, std::vector<Pid> roots, Ended ended) {
  for (const Pid root : roots) {
    self.monitor(root);
    // From outside, as they were spawned: to a server this is its parent's word.
    self.node().exit(root, Term(atoms::shutdown));
    auto next = self.receive<Down>();
    static_cast<void>(co_await next);
  }
  ended->set_value();
}

}  // namespace

bool shut_down(Node& node, Duration within) {
  std::vector<Pid> roots;
  for (const ProcessInfo& process : node.list()) {
    if (process.parent.is_null()) roots.push_back(process.pid);
  }
  std::sort(roots.rbegin(), roots.rend());
  const Ended ended = std::make_shared<std::promise<void>>();
  std::future<void> end = ended->get_future();
  node.spawn<stop_all>(std::move(roots), ended);
  // What is added to the time it is now must not be too much.
  const std::chrono::nanoseconds patience(std::min(within, patience_max).nanoseconds());
  return end.wait_for(patience) == std::future_status::ready;
}

}  // namespace glasshouse::runtime
