#include "sim/world.h"

#include "runtime/process/self.h"
#include "tests/catch.h"
#include "tests/sim/listener.h"

namespace glasshouse::sim {
namespace {

using runtime::Behaviour;
using runtime::EventKind;
using runtime::Self;
using namespace runtime::literals;

struct Ball {
  std::int64_t left = 0;
  Pid from;
};
struct Start {
  Pid other;
};
struct Question {
  using Reply = std::int64_t;
};

Behaviour player(Self self, std::int64_t balls) {
  for (;;) {
    const auto ball = co_await self.receive<Ball>();
    if (ball.left == 0) self.exit(Term(runtime::atoms::normal));
    self.send<Ball>(ball.from, ball.left - 1, self.pid());
    --balls;
  }
}

Behaviour opener(Self self, Pid other, std::int64_t balls) {
  self.send<Ball>(other, balls, self.pid());
  for (;;) {
    const auto ball = co_await self.receive<Ball>();
    if (ball.left == 0) co_return;
    self.send<Ball>(ball.from, ball.left - 1, self.pid());
  }
}

// Several pairs at once, so that there is something to interleave.
void start_pairs(Node& node) {
  for (int i = 0; i < 4; ++i) {
    const Pid other = node.spawn<player>(20);
    node.spawn<opener>(other, 20);
  }
}

std::vector<std::string> lines_of_run(std::uint64_t seed) {
  Listener listener;
  World world({.seed = seed, .tracer = &listener});
  world.start_node(world.add_host("a"), "n@a", start_pairs);
  world.run_for(1_s);
  return listener.lines();
}

TEST_CASE("equal seeds give equal runs, to the last event", "[world]") {
  const auto first = lines_of_run(7);
  REQUIRE(first.size() > 200);
  REQUIRE(first == lines_of_run(7));
}

TEST_CASE("a run in pieces is the same as a run at once", "[world]") {
  Listener listener;
  World world({.seed = 7, .tracer = &listener});
  world.start_node(world.add_host("a"), "n@a", start_pairs);
  for (int i = 0; i < 20; ++i) {
    world.run_for(700_ns);
    static_cast<void>(world.stand_still());
    static_cast<void>(world.step());
  }
  world.run_until(Instant::at(1_s));
  REQUIRE(listener.lines() == lines_of_run(7));
}

TEST_CASE("another seed gives another run", "[world]") {
  REQUIRE(lines_of_run(7) != lines_of_run(8));
}

TEST_CASE("a run reports quiescence when servers only wait for messages", "[world]") {
  World world({});
  world.start_node(world.add_host("a"), "n@a", [](Node& node) { node.spawn<player>(1); });
  REQUIRE(world.run_until(Instant::max()) == RunEnd::quiescent);
  REQUIRE(world.stand_still().idle == 1);
  REQUIRE_FALSE(world.stand_still().is_deadlock());
}

TEST_CASE("time goes on to where a run was told to, even when nothing is due", "[world]") {
  World world({});
  REQUIRE(world.run_for(3_s) == RunEnd::quiescent);
  REQUIRE(world.now() == Instant::at(3_s));
}

Behaviour asker(Self self) {
  const auto start = co_await self.receive<Start>();
  static_cast<void>(co_await self.call_within<Question>(Duration::infinity(), start.other));
}

TEST_CASE("a deadlock report names the ring of those who wait for each other", "[world]") {
  World world({});
  const NodeId node = world.start_node(world.add_host("a"), "n@a", [](Node& started) {
    const Pid one = started.spawn<asker>();
    const Pid two = started.spawn<asker>();
    started.deliver<Start>(one, two);
    started.deliver<Start>(two, one);
  });
  REQUIRE(world.is_up(node));
  REQUIRE(world.run_until(Instant::max()) == RunEnd::deadlock);
  const StandStill still = world.stand_still();
  REQUIRE(still.waiting.size() == 2);
  REQUIRE(still.cycle.size() == 2);
  REQUIRE(still.sentence() ==
          "deadlock: asker <1.100.1> waits for asker <1.101.1> waits for asker <1.100.1>");
}

TEST_CASE("who waits in a call for a server that never answers is named", "[world]") {
  World world({});
  world.start_node(world.add_host("a"), "n@a", [](Node& started) {
    const Pid silent = started.spawn<player>(1);
    started.deliver<Start>(started.spawn<asker>(), silent);
  });
  REQUIRE(world.run_until(Instant::max()) == RunEnd::deadlock);
  REQUIRE(world.stand_still().cycle.empty());
  REQUIRE(world.stand_still().sentence() ==
          "nothing is due any more, but asker <1.101.1> waits in a call for player <1.100.1>");
}

Behaviour restless(Self self) {
  for (;;)
    co_await self.yield();
}

TEST_CASE("a run that never ends is ended at its limit", "[world]") {
  World world({.steps_max = 1'000});
  world.start_node(world.add_host("a"), "n@a", [](Node& node) { node.spawn<restless>(); });
  REQUIRE(world.run_until(Instant::max()) == RunEnd::limit);
  REQUIRE(world.steps() == 1'000);
  REQUIRE(world.now() > Instant());
}

TEST_CASE("planned actions happen in time, and in the order asked for among equals", "[world]") {
  World world({});
  std::string seen;
  world.at(Instant::at(2_s), [&] { seen += "c"; });
  world.at(Instant::at(1_s), [&] { seen += "a"; });
  world.at(Instant::at(1_s), [&] { seen += "b"; });
  world.run_until(Instant::at(1_s));
  REQUIRE(seen == "ab");
  world.run_until(Instant::max());
  REQUIRE(seen == "abc");
}

TEST_CASE("stop ends a run after the step that called it", "[world]") {
  World world({});
  world.at(Instant::at(1_s), [&] { world.stop(); });
  world.at(Instant::at(2_s), [] {});
  REQUIRE(world.run_until(Instant::max()) == RunEnd::stopped);
  REQUIRE(world.now() == Instant::at(1_s));
  REQUIRE(world.pending().actions == 1);
}

Behaviour sleeper(Self self, Duration time) {
  co_await self.sleep(time);
  self.probe(Atom("woke"), self.now().nanoseconds());
}

std::int64_t probed(const Listener& listener) {
  for (const auto& event : listener.events) {
    if (event.kind == EventKind::probe) return event.argument;
  }
  return -1;
}

TEST_CASE("a timer never fires early, however the clock of its host drifts", "[world][clock]") {
  const std::int32_t drift = GENERATE(0, 100, -100, 333'333, -333'333, 1'000'000, -500'000);
  Listener listener;
  World world({.tracer = &listener});
  const HostId host = world.add_host("a", {.clock = {.drift_ppm = drift}});
  world.start_node(host, "n@a", [](Node& node) { node.spawn<sleeper>(1_s); });
  world.run_until(Instant::max());
  REQUIRE(probed(listener) >= (1_s).nanoseconds());
  REQUIRE(probed(listener) < (1_s + 10_us).nanoseconds());
}

TEST_CASE("a clock that begins to drift moves the timers that are planned", "[world][clock]") {
  Listener listener;
  World world({.tracer = &listener});
  const HostId host = world.add_host("a");
  world.start_node(host, "n@a", [](Node& node) { node.spawn<sleeper>(2_s); });
  world.run_until(Instant::at(1_s));
  world.set_clock_drift(host, 1'000'000);  // twice as fast: the other second takes half of one
  world.run_until(Instant::max());
  REQUIRE(probed(listener) >= (2_s).nanoseconds());
  REQUIRE(world.now() < Instant::at(1_s + 501_ms));
  REQUIRE(world.now() >= Instant::at(1_s + 500_ms));
}

TEST_CASE("events carry one time, whatever the clocks of their hosts show", "[world][clock]") {
  Listener listener;
  World world({.tracer = &listener});
  const HostId fast = world.add_host("fast", {.clock = {.drift_ppm = 500'000}});
  world.start_node(fast, "f@fast", [](Node& node) { node.spawn<sleeper>(3_s); });
  world.start_node(world.add_host("true"), "t@true", [](Node& node) { node.spawn<sleeper>(3_s); });
  world.run_until(Instant::max());
  for (std::size_t i = 1; i < listener.events.size(); ++i)
    REQUIRE(listener.events[i - 1].time <= listener.events[i].time);
}

TEST_CASE("a crashed node is gone without a word, and starts again as another life", "[world]") {
  Listener listener;
  World world({.tracer = &listener});
  const NodeId node = world.start_node(world.add_host("a"), "n@a",
                                       [](Node& started) { started.spawn<sleeper>(10_s); });
  world.run_for(1_s);
  const Pid former = world.node(node)->list().front().pid;
  world.crash_node(node);
  REQUIRE_FALSE(world.is_up(node));
  REQUIRE(listener.count(EventKind::node_down, "crashed") == 1);
  REQUIRE(listener.count(EventKind::exit) == 0);
  world.restart_node(node);
  REQUIRE(world.creation(node) == 2);
  REQUIRE_FALSE(world.exit_process(former, Term(runtime::atoms::kill)));
  world.run_until(Instant::max());
  REQUIRE(listener.count(EventKind::probe) == 1);
}

TEST_CASE("a paused node stands still, and does late what was due", "[world]") {
  Listener listener;
  World world({.tracer = &listener});
  const NodeId node = world.start_node(world.add_host("a"), "n@a",
                                       [](Node& started) { started.spawn<sleeper>(1_s); });
  world.run_until(Instant::at(500_ms));
  world.pause_node(node, 5_s);
  world.run_until(Instant::at(5_s));
  REQUIRE(listener.count(EventKind::probe) == 0);
  world.run_until(Instant::max());
  REQUIRE(listener.count(EventKind::probe) == 1);
  REQUIRE(probed(listener) >= (5500_ms).nanoseconds());
}

TEST_CASE("a stopped node is down when its root processes are gone", "[world]") {
  Listener listener;
  World world({.tracer = &listener});
  const NodeId node = world.start_node(world.add_host("a"), "n@a", start_pairs);
  world.stop_node(node);
  world.run_for(1_s);
  REQUIRE_FALSE(world.is_up(node));
  REQUIRE(listener.count(EventKind::node_down, "stopped") == 1);
}

Behaviour stubborn(Self self) {
  self.trap_exit(true);
  static_cast<void>(co_await self.receive<Ball>());
}

TEST_CASE("a node that does not want to stop is down after its grace", "[world]") {
  World world({});
  const NodeId node = world.start_node(world.add_host("a"), "n@a",
                                       [](Node& started) { started.spawn<stubborn>(); });
  world.run_for(1_ms);
  world.stop_node(node, 2_s);
  world.run_for(1_s);
  REQUIRE(world.is_up(node));
  world.run_for(1_s);
  REQUIRE_FALSE(world.is_up(node));
}

TEST_CASE("processes are killed by pid, by registered name and by what they were spawned as",
          "[world]") {
  World world({});
  const NodeId node = world.start_node(world.add_host("a"), "n@a", [](Node& started) {
    started.spawn<player>(1);
    started.spawn<player>(1);
    started.spawn<stubborn>();
  });
  world.run_for(1_s);
  const Term kill(runtime::atoms::kill);
  REQUIRE(world.exit_processes(node, "nobody", kill) == 0);
  REQUIRE(world.exit_processes(node, "player", kill) == 2);
  world.run_for(1_s);
  REQUIRE(world.node(node)->process_count() == 1);
  const Pid last = world.node(node)->list().front().pid;
  REQUIRE(world.exit_process(last, kill));
  world.run_for(1_s);
  REQUIRE(world.node(node)->process_count() == 0);
  REQUIRE_FALSE(world.exit_process(last, kill));
}

}  // namespace
}  // namespace glasshouse::sim
