// Rare moments of the workers: what is provoked here are windows of some nanoseconds.

#include <atomic>
#include <chrono>
#include <thread>

#include "runtime/schedule/crew.h"
#include "tests/stress/many_cores.h"

namespace glasshouse::stress {

namespace {

using namespace std::chrono_literals;
using runtime::Node;
using Clock = std::chrono::steady_clock;

constexpr int rounds = GLASSHOUSE_SANITIZED ? 2'000 : 20'000;

runtime::NodeOptions another() {
  return {.name = "another@localhost"_atom, .trace_index = 2};
}

void busy_for(std::chrono::nanoseconds time) {
  const auto end = Clock::now() + time;
  while (Clock::now() < end) {
  }
}

template <class Condition>
bool comes_true(Condition condition) {
  const auto end = Clock::now() + 10s;
  while (!condition()) {
    if (Clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

struct Ball {
  Pid from;
};

Behaviour wall(Self self) {
  for (;;) {
    const Ball ball = co_await self.receive<Ball>();
    self.send<Ball>(ball.from, self.pid());
  }
}

Behaviour plays(Self self, int balls) {
  const Pid other = self.spawn<&wall>();
  for (int i = 0; i < balls; ++i) {
    self.send<Ball>(other, self.pid());
    co_await self.receive<Ball>();
  }
}

struct Go {};

// Where a process and the test wait for each other, holding its worker.
struct Gate {
  std::atomic<int> held{0};
  std::atomic<int> opened{0};
};

Behaviour holds_its_worker(Self self, Gate* gate) {
  self.priority(runtime::Priority::max);
  gate->held.store(0);
  for (int round = 1;; ++round) {
    co_await self.receive<Go>();
    gate->held.store(round);
    while (gate->opened.load() < round)
      std::this_thread::yield();
  }
}

Behaviour uses_up_its_reductions(Self self) {
  for (;;) {
    auto pausing = self.yield();
    co_await pausing;
  }
}

}  // namespace

// Who was woken last waits in `next`, where an ending node looks for processes of its own.
TEST_CASE("nobody is forgotten while another node ends", "[multicore]") {
  ManyCores cores(1);
  std::future<Term> end = cores.start<&plays>(10 * rounds);
  for (int i = 0; i < rounds && end.wait_for(0s) != std::future_status::ready; ++i)
    Node(cores.world.environment(), another());
  REQUIRE(end.wait_for(20s) == std::future_status::ready);
}

// A worker that has just looked about for the last time is on its way to sleep.
TEST_CASE("help that is asked for comes, whenever that is", "[multicore]") {
  runtime::MulticoreOptions options;
  options.workers = 1;
  runtime::Crew crew(options);
  crew.start();
  bool came = true;
  for (int i = 0; i < rounds && came; ++i) {
    busy_for(i % 500 * 100ns);
    crew.ask_for_help();
    came = comes_true([&] { return !crew.help_wanted.load(std::memory_order_relaxed); });
  }
  crew.stop();
  REQUIRE(came);
}

// A process that used up its reductions goes on at once, unless one of a higher priority comes.
TEST_CASE("nobody runs in a node that ended while an urgent process ran", "[multicore]") {
  runtime::MulticoreWorldOptions options = with_workers(1);
  options.executor.reductions = 1;
  ManyCores cores(options);
  Gate gate;
  const Pid urgent = cores.node.spawn<&holds_its_worker>(&gate);
  for (int round = 1; round <= rounds / 10; ++round) {
    {
      Node other(cores.world.environment(), another());
      other.spawn<&uses_up_its_reductions>();
      busy_for(round % 100 * 1us);
      REQUIRE(cores.node.deliver<Go>(urgent));
      REQUIRE(comes_true([&] { return gate.held.load() == round; }));
    }
    gate.opened.store(round);
  }
  cores.expect_normal_exit<&plays>(1);
}

}  // namespace glasshouse::stress
