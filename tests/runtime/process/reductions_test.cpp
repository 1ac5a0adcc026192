// What a process has used of its worker is told with its waits and its exit, alike in both worlds.

#include <algorithm>
#include <future>
#include <mutex>
#include <vector>

#include "runtime/schedule/system.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

struct Go {};

Behaviour ignores(Self self) {
  for (;;)
    co_await self.receive<Go>();
}

// Sends so many, waits once, sends as many again. The wait is long, so that on a busy machine it is
// not over before it is looked at: then it would be none, and would not be told.
Behaviour sends(Self self, Pid to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i)
    self.send<Go>(to);
  co_await self.sleep(250_ms);
  for (std::int64_t i = 0; i < count; ++i)
    self.send<Go>(to);
}

class Uses final : public Tracer {
 public:
  explicit Uses(std::uint64_t kinds) { want_kinds(kinds); }
  using Tracer::emit;
  void emit(const Event& event, std::string_view) override {
    if (event.kind == EventKind::node_down) return;
    const std::lock_guard lock(mutex_);
    if (event.kind == EventKind::wait) waits_.push_back({event.subject, event.argument});
    if (event.kind == EventKind::exit &&
        (event.name == "sends"_atom || event.name == "works"_atom)) {
      exited_ = event.subject;
      at_exit_.set_value(event.message);
    }
  }
  std::uint64_t new_message_id() override { return 0; }

  std::uint64_t at_exit() { return at_exit_.get_future().get(); }
  // Of the process that exited.
  std::vector<std::int64_t> at_waits() {
    const std::lock_guard lock(mutex_);
    std::vector<std::int64_t> used;
    for (const auto& [subject, reductions] : waits_) {
      if (subject == exited_) used.push_back(reductions);
    }
    return used;
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<ProcessKey, std::int64_t>> waits_;
  ProcessKey exited_;
  std::promise<std::uint64_t> at_exit_;
};

constexpr std::uint64_t of_waits_and_exits = kind_bit(EventKind::wait) | kind_bit(EventKind::exit);

void boot(Node& node, std::int64_t count) {
  const Pid to = node.spawn<ignores>();
  node.spawn<sends>(to, count);
}

struct Used {
  std::vector<std::int64_t> at_waits;
  std::uint64_t at_exit = 0;
};

Used simulated(std::int64_t count) {
  Uses uses(of_waits_and_exits);
  sim::World world({.tracer = &uses});
  world.start_node(world.add_host("h"), "a@h", [&](Node& node) { boot(node, count); });
  world.run_until(Instant::max());
  const std::uint64_t at_exit = uses.at_exit();
  return {.at_waits = uses.at_waits(), .at_exit = at_exit};
}

Used on_many_cores(std::int64_t count) {
  Uses uses(of_waits_and_exits);
  MulticoreWorld world({.executor = {.workers = 2}, .network = {}, .folder = "."}, uses);
  Node node(world.environment(), {.name = "a@h"_atom});
  boot(node, count);
  const std::uint64_t at_exit = uses.at_exit();
  return {.at_waits = uses.at_waits(), .at_exit = at_exit};
}

}  // namespace

TEST_CASE("a wait and the exit tell the reductions used so far", "[reductions]") {
  const Used used = simulated(10);
  REQUIRE(used.at_waits.size() == 1);
  REQUIRE(used.at_waits[0] >= 10);
  REQUIRE(used.at_exit >= static_cast<std::uint64_t>(used.at_waits[0]) + 10);
  const Used more = simulated(1'000);
  REQUIRE(more.at_waits[0] == used.at_waits[0] + 990);
  REQUIRE(more.at_exit == used.at_exit + 2 * 990);
}

TEST_CASE("many cores and the simulator count the same reductions", "[reductions]") {
  for (const std::int64_t count : {0, 1, 3'000}) {
    const Used here = simulated(count);
    const Used there = on_many_cores(count);
    REQUIRE(here.at_waits == there.at_waits);
    REQUIRE(here.at_exit == there.at_exit);
  }
}

// -- giving way -----------------------------------------------------------------------------------

namespace {

Behaviour works(Self self, std::uint32_t much) {
  self.bump_reductions(much);
  co_await self.yield_if_due();
}

// Notes each step; each takes two reductions.
Behaviour loops(Self self, std::vector<Pid>* steps) {
  for (int i = 0; i < 1'000; ++i) {
    steps->push_back(self.pid());
    self.send<Go>(Pid());
    co_await self.yield_if_due();
  }
}

}  // namespace

TEST_CASE("work that is counted by hand counts", "[reductions]") {
  const auto used = [](std::uint32_t much) {
    Uses uses(kind_bit(EventKind::exit));
    sim::World world({.tracer = &uses});
    world.start_node(world.add_host("h"), "a@h", [&](Node& node) { node.spawn<works>(much); });
    world.run_until(Instant::max());
    return uses.at_exit();
  };
  REQUIRE(used(1'000) == used(0) + 1'000);
  REQUIRE(used(700'000) == used(0) + 700'000);  // far beyond its share
  REQUIRE(used(2'000'000) == used(1'000'000));
}

TEST_CASE("who yields if it is due has a whole turn and not more", "[reductions]") {
  std::vector<Pid> steps;
  sim::World world({.reductions_least = 100, .reductions_most = 100});
  world.start_node(world.add_host("h"), "a@h", [&](Node& node) {
    node.spawn<loops>(&steps);
    node.spawn<loops>(&steps);
  });
  world.run_until(Instant::max());
  REQUIRE(steps.size() == 2'000);
  std::vector<std::size_t> stretches{0};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i > 0 && steps[i] != steps[i - 1]) stretches.push_back(0);
    ++stretches.back();
  }
  // Whoever is chosen again goes on, so a stretch is one or more turns.
  for (const std::size_t stretch : stretches)
    REQUIRE(stretch % 50 == 0);
  REQUIRE(*std::min_element(stretches.begin(), stretches.end()) == 50);
}

}  // namespace glasshouse::tests
