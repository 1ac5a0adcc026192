// call_latency: how long a call takes, one at a time, while other processes use up a core.

#include <algorithm>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/behaviour/gen_server.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"

namespace glasshouse::bench {

struct Ask {
  using Reply = std::uint64_t;
  std::uint64_t number = 0;
};

namespace {

using runtime::Duration;

class Answerer {
 public:
  using Accepts = runtime::Messages<Ask>;
  explicit Answerer(Self) {}
  std::uint64_t handle(Ask ask) { return ask.number; }
};

// Never waits: it gives up its worker when its turn is over, and is runnable again at once.
Behaviour burner(Self self, std::uint64_t iterations) {
  std::uint64_t x = 1;
  for (;;) {
    x = work(iterations, x);
    auto turn = self.yield();
    co_await turn;
  }
}

double percentile(const std::vector<std::int64_t>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
  return static_cast<double>(sorted[rank]) / 1000;
}

Behaviour call_latency(Self self, Arguments arguments) {
  const std::uint64_t calls = arguments.number(0);
  const std::uint64_t burners = arguments.number(1);
  const std::uint64_t iterations = arguments.number(2);
  auto starting = runtime::start<Answerer>(self);
  const auto server = co_await starting;
  for (std::uint64_t i = 0; i < burners; ++i)
    self.spawn<burner>(iterations);
  std::vector<std::int64_t> took;
  took.reserve(calls);
  const Time begin = now();
  for (std::uint64_t i = 0; i < calls; ++i) {
    auto pause = self.sleep(Duration::microseconds(100));
    co_await pause;
    const Time asked = now();
    auto call = self.call<Ask>(server.pid, i);
    const std::uint64_t answer = co_await call;
    CHECK(answer == i);
    took.push_back(std::chrono::nanoseconds(now() - asked).count());
  }
  const auto all = now() - begin;
  std::sort(took.begin(), took.end());
  print({.bench = "call_latency",
         .params = Fields().add("calls", calls).add("burners", burners).add("work", iterations),
         .took = all,
         .operations = calls,
         .more = Fields()
                     .add("p50_us", percentile(took, 0.5))
                     .add("p99_us", percentile(took, 0.99))
                     .add("p99.9_us", percentile(took, 0.999))
                     .add("worst_us", percentile(took, 1))});
}

}  // namespace

std::vector<Row> rows_of_latency() {
  return {{"call_latency", "CALLS BURNERS WORK", &spawn_row<call_latency>}};
}

}  // namespace glasshouse::bench
