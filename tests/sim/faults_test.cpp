#include "sim/faults.h"

#include <functional>
#include <set>

#include "sim/disk.h"
#include "sim/network.h"
#include "tests/catch.h"
#include "tests/sim/listener.h"
#include "tests/sim/peer.h"

namespace glasshouse::sim {
namespace {

using runtime::EventKind;
using runtime::StorageDone;
using runtime::StorageOperation;
using namespace runtime::literals;
using Lines = std::vector<std::string>;

FaultNumber begin(World& world, const FaultSpec& spec) {
  const auto number = world.faults().begin(spec);
  REQUIRE(number.ok());
  return *number;
}

TEST_CASE("bytes wait behind a partition and arrive when it is healed", "[faults][network]") {
  Pair pair;
  pair.connect();
  const FaultNumber split =
      begin(pair.world, {.kind = "part.split", .groups = {{"left"}, {"right"}}});
  pair.client_says("abc");
  pair.client_says("def");
  pair.world.run_for(10_s);
  REQUIRE(pair.server_diary.bytes.empty());
  REQUIRE(pair.world.faults().end(split));
  pair.world.run_for(1_s);
  REQUIRE(pair.server_diary.bytes == "abcdef");
  pair.world.run_for(1_min);
  REQUIRE(pair.client_diary.lines == Lines{"connected"});
}

TEST_CASE("a connection is given up when a partition lasts too long", "[faults][network]") {
  Pair pair;
  pair.connect();
  const FaultNumber split =
      begin(pair.world, {.kind = "part.split", .groups = {{"left"}, {"right"}}});
  pair.client_says("abc");
  pair.world.run_for(20_s);
  REQUIRE(pair.client_diary.lines == Lines{"connected", "closed etimedout"});
  REQUIRE(pair.server_diary.lines == Lines{"accepted"});  // half-open: it has not sent
  pair.world.faults().end(split);
  pair.server_says("still there?");
  pair.world.run_for(1_s);
  REQUIRE(pair.server_diary.lines == Lines{"accepted", "closed econnreset"});
  REQUIRE(pair.server_diary.bytes.empty());
}

TEST_CASE("a one-way partition lets through what goes the other way", "[faults][network]") {
  Pair pair;
  pair.connect();
  begin(pair.world, {.kind = "part.oneway", .hosts = {"right"}, .others = {"left"}});
  pair.client_says("to the left");
  pair.server_says("to the right");
  pair.world.run_for(10_s);
  REQUIRE(pair.server_diary.bytes.empty());
  REQUIRE(pair.client_diary.bytes == "to the right");
}

TEST_CASE("who hears no acknowledgement gives up, though its bytes arrived", "[faults][network]") {
  Pair pair;
  pair.connect();
  begin(pair.world, {.kind = "part.oneway", .hosts = {"right"}, .others = {"left"}});
  pair.server_says("heard");
  pair.world.run_for(20_s);
  REQUIRE(pair.client_diary.bytes == "heard");
  REQUIRE(pair.server_diary.lines == Lines{"accepted", "closed etimedout"});
}

TEST_CASE("an isolated host is cut off from all others, others are not", "[faults][network]") {
  World world({});
  for (const char* name : {"a", "b", "c"})
    world.add_host(name);
  const FaultNumber isolated = begin(world, {.kind = "part.isolate", .hosts = {"a"}});
  REQUIRE(world.network().is_cut(0, 1));
  REQUIRE(world.network().is_cut(2, 0));
  REQUIRE_FALSE(world.network().is_cut(1, 2));
  REQUIRE_FALSE(world.network().is_cut(0, 0));
  world.faults().end(isolated);
  REQUIRE_FALSE(world.network().is_cut(0, 1));
}

TEST_CASE("the cuts of one link are found without those that cut more", "[faults][network]") {
  World world({});
  for (const char* name : {"a", "b", "c"})
    world.add_host(name);
  const FaultNumber both = begin(world, {.kind = "part.cut", .hosts = {"a"}, .others = {"b"}});
  const FaultNumber other = begin(world, {.kind = "part.cut", .hosts = {"a"}, .others = {"c"}});
  const FaultNumber back = begin(world, {.kind = "part.oneway", .hosts = {"b"}, .others = {"a"}});
  const FaultNumber wide = begin(world, {.kind = "part.isolate", .hosts = {"a"}});
  begin(world, {.kind = "net.refuse", .hosts = {"a"}});
  const Faults& faults = world.faults();
  REQUIRE(faults.cuts_between("a", "b") == std::vector<FaultNumber>{both, back});
  REQUIRE(faults.cuts_between("b", "a") == faults.cuts_between("a", "b"));
  REQUIRE(faults.cuts_between("c", "a") == std::vector<FaultNumber>{other});
  REQUIRE(faults.cuts_between("b", "c").empty());
  REQUIRE(faults.cuts_between("a", "nobody").empty());
  world.faults().end(both);
  world.faults().end(back);
  REQUIRE(faults.cuts_between("a", "b").empty());
  REQUIRE(world.network().is_cut(0, 1));  // the host is isolated still
  world.faults().end(wide);
  REQUIRE_FALSE(world.network().is_cut(0, 1));
  REQUIRE(world.network().is_cut(0, 2));
}

TEST_CASE("a way with two cuts is open when both are healed", "[faults][network]") {
  World world({});
  world.add_host("a");
  world.add_host("b");
  const FaultNumber one = begin(world, {.kind = "part.isolate", .hosts = {"a"}});
  begin(world, {.kind = "part.cut", .hosts = {"a"}, .others = {"b"}});
  world.faults().end(one);
  REQUIRE(world.network().is_cut(0, 1));
  world.faults().heal_all();
  REQUIRE_FALSE(world.network().is_cut(0, 1));
}

TEST_CASE("a connection that the middle forgot is reset when somebody sends", "[faults][network]") {
  Pair pair;
  pair.connect();
  begin(pair.world, {.kind = "net.halfopen", .hosts = {"left"}, .others = {"right"}});
  pair.world.run_for(1_min);
  REQUIRE(pair.client_diary.lines == Lines{"connected"});
  pair.client_says("x");
  pair.world.run_for(1_s);
  REQUIRE(pair.client_diary.lines == Lines{"connected", "closed econnreset"});
  REQUIRE(pair.server_diary.lines == Lines{"accepted"});
}

TEST_CASE("a reset hits all connections between two hosts at once", "[faults][network]") {
  Pair pair;
  pair.connect();
  begin(pair.world, {.kind = "net.reset", .hosts = {"left"}, .others = {"right"}});
  pair.world.run_for(1_s);
  REQUIRE(pair.client_diary.lines == Lines{"connected", "closed econnreset"});
  REQUIRE(pair.server_diary.lines == Lines{"accepted", "closed econnreset"});
  REQUIRE(pair.world.faults().active() == 0);
  REQUIRE(pair.world.faults().counts().front().fired == 1);
}

TEST_CASE("latency is added while the fault lasts", "[faults][network]") {
  WorldOptions options;
  options.network.link.latency = Distribution::constant(1_ms);
  Pair pair(options);
  pair.connect();
  begin(pair.world, {.kind = "net.latency", .lasts = 1_s, .time = Distribution::constant(500_ms)});
  pair.client_says("slow");
  pair.world.run_for(400_ms);
  REQUIRE(pair.server_diary.bytes.empty());
  pair.world.run_for(1_s);
  REQUIRE(pair.server_diary.bytes == "slow");
  pair.client_says("quick");
  pair.world.run_for(2_ms);
  REQUIRE(pair.server_diary.bytes == "slowquick");
}

TEST_CASE("a host can refuse connections, or not answer them", "[faults][network]") {
  const bool hangs = GENERATE(false, true);
  Pair pair;
  begin(pair.world, {.kind = hangs ? "net.hang" : "net.refuse", .hosts = {"left"}});
  pair.world.run_for(1_min);
  REQUIRE(pair.client_diary.lines == Lines{hangs ? "closed etimedout" : "closed econnrefused"});
}

TEST_CASE("a crashed node starts again when its fault ends", "[faults]") {
  const std::string kind = GENERATE("node.crash", "node.kill");
  Pair pair;
  begin(pair.world, {.kind = kind, .node = "server", .lasts = 2_s});
  REQUIRE_FALSE(pair.world.is_up(pair.server));
  pair.world.run_for(1_s);
  REQUIRE_FALSE(pair.world.is_up(pair.server));
  pair.world.run_for(1_s);
  REQUIRE(pair.world.is_up(pair.server));
  REQUIRE(pair.world.creation(pair.server) == 2);
}

TEST_CASE("every fault is told with its begin, its parameters and its end", "[faults]") {
  Listener listener;
  World world({.tracer = &listener});
  world.add_host("a");
  world.add_host("b");
  begin(world, {.kind = "clock.jump", .hosts = {"a"}, .by = 5_s});
  begin(world, {.kind = "part.isolate", .hosts = {"b"}, .lasts = 3_s});
  world.run_until(Instant::max());
  REQUIRE(listener.count(EventKind::fault_begin) == 2);
  REQUIRE(listener.count(EventKind::fault_end) == 2);
  REQUIRE(listener.texts.front() == "#{by => '5 s',hosts => [a]}");
  REQUIRE(listener.events.back().time == Instant::at(3_s));
  REQUIRE(listener.events.back().message == 2);
}

TEST_CASE("a clock jumps for good, and is skewed as long as its fault lasts", "[faults][clock]") {
  World world({});
  const HostId host = world.add_host("a");
  begin(world, {.kind = "clock.jump", .hosts = {"a"}, .by = -2_s});
  begin(world, {.kind = "clock.skew", .hosts = {"a"}, .lasts = 1_s, .by = 10_s});
  REQUIRE(world.clock(host).wall() == world_epoch + 8_s);
  REQUIRE(world.clock(host).now() == Instant());
  world.run_for(2_s);
  REQUIRE(world.clock(host).wall() == world_epoch);
}

Behaviour ticker(Self self, int* ticks) {
  self.register_name(Atom("ticker"));
  for (;;) {
    co_await self.sleep(Duration::milliseconds(100));
    ++*ticks;
  }
}

struct Ticking {
  Ticking() {
    const HostId host = world.add_host("a");
    node = world.start_node(host, "n", [this](Node& started) { started.spawn<ticker>(&ticks); });
  }
  int ticks = 0;
  World world{WorldOptions()};
  NodeId node{};
};

TEST_CASE("a process is killed by what it is called", "[faults]") {
  Ticking ticking;
  ticking.world.run_for(1_s + 50_ms);
  begin(ticking.world, {.kind = "proc.kill", .node = "n", .process = "ticker"});
  ticking.world.run_for(1_s);
  REQUIRE(ticking.ticks == 10);
  REQUIRE(ticking.world.node(ticking.node)->process_count() == 0);
}

TEST_CASE("a paused node goes on when its fault ends", "[faults]") {
  Ticking ticking;
  begin(ticking.world, {.kind = "node.pause", .node = "n", .lasts = 1_s});
  ticking.world.run_for(1_s);
  REQUIRE(ticking.ticks == 0);
  ticking.world.run_for(1_s);
  REQUIRE(ticking.ticks >= 9);
}

TEST_CASE("a clock drifts while its fault lasts", "[faults][clock]") {
  Ticking ticking;
  begin(ticking.world, {.kind = "clock.drift", .hosts = {"a"}, .lasts = 1_s, .amount = 1'000'000});
  ticking.world.run_for(1_s + 10_ms);
  REQUIRE(ticking.ticks >= 19);
  REQUIRE(ticking.world.clock(HostId{0}).now() >= Instant::at(2_s));
  const int before = ticking.ticks;
  ticking.world.run_for(1_s);
  REQUIRE(ticking.ticks - before <= 10);
}

// Two faults of one kind: one of a second, and half a second later another, of two seconds. What
// holds is asked in the second one's time, and when both are over.
void overlap(World& world, FaultSpec spec, const std::function<void(bool is_on)>& expect) {
  spec.lasts = 1_s;
  begin(world, spec);
  world.run_for(500_ms);
  spec.lasts = 2_s;
  begin(world, spec);
  world.run_for(1_s);
  expect(true);
  world.run_for(2_s);
  expect(false);
}

Behaviour appender(Self self, bool* is_full) {
  self.storage().start(
      self.node(), self.pid(), self.make_ref(),
      {.operation = StorageOperation::append, .path = "log", .bytes = Binary("x")});
  const auto done = co_await self.receive<StorageDone>();
  *is_full = done.outcome == "enospc"_atom;
}

TEST_CASE("a host lets nobody in until the last fault that says so ends", "[faults][network]") {
  const std::string kind = GENERATE("net.refuse", "net.hang");
  Pair pair;
  pair.connect();
  overlap(pair.world, {.kind = kind, .hosts = {"left"}}, [&](bool is_on) {
    pair.world.node(pair.client)->spawn<peer>(&pair.client_diary, PeerPlan{.to = "left"});
    pair.client_diary.lines.clear();
    pair.world.run_for(100_ms);
    REQUIRE(pair.client_diary.has("connected") != is_on);
  });
}

TEST_CASE("a node is paused until the last fault that pauses it ends", "[faults]") {
  Ticking ticking;
  overlap(ticking.world, {.kind = "node.pause", .node = "n"}, [&](bool is_on) {
    const int before = ticking.ticks;
    ticking.world.run_for(200_ms);
    REQUIRE((ticking.ticks == before) == is_on);
  });
}

TEST_CASE("a disk is full until the last fault that fills it ends", "[faults][disk]") {
  Ticking ticking;
  overlap(ticking.world, {.kind = "disk.full", .hosts = {"a"}}, [&](bool is_on) {
    bool is_full = !is_on;
    ticking.world.node(ticking.node)->spawn<appender>(&is_full);
    ticking.world.run_for(100_ms);
    REQUIRE(is_full == is_on);
  });
}

TEST_CASE("a disk tears until the last fault that tears ends, and no longer", "[faults][disk]") {
  Ticking ticking;
  const Ratio usual = ticking.world.disk(HostId{0}).crash_policy().torn;
  const Ratio chance{.numerator = 1, .denominator = 7};
  overlap(ticking.world, {.kind = "disk.torn", .hosts = {"a"}, .chance = chance}, [&](bool is_on) {
    REQUIRE(ticking.world.disk(HostId{0}).crash_policy().torn == (is_on ? chance : usual));
  });
}

TEST_CASE("clock drifts add up as far as a clock can go", "[faults][clock]") {
  Ticking ticking;
  const auto ppm = [&] { return ticking.world.clock(HostId{0}).drift_ppm(); };
  const auto drift = [&](std::int64_t amount) {
    return begin(ticking.world, {.kind = "clock.drift", .hosts = {"a"}, .amount = amount});
  };
  const FaultNumber first = drift(900'000);
  const FaultNumber second = drift(-500'000);
  REQUIRE(ppm() == 400'000);
  const FaultNumber third = drift(700'000);
  REQUIRE(ppm() == 1'000'000);
  ticking.world.faults().end(second);
  REQUIRE(ppm() == 1'000'000);
  ticking.world.faults().end(first);
  REQUIRE(ppm() == 700'000);
  ticking.world.faults().end(third);
  REQUIRE(ppm() == 0);
}

TEST_CASE("a link is slowed down while its fault lasts", "[faults][network]") {
  Pair pair;
  pair.connect();
  begin(pair.world, {.kind = "net.bandwidth", .lasts = 5_s, .amount = 10'000});
  pair.client_says(std::string(100'000, 'x'));
  pair.world.run_for(4_s);
  REQUIRE(pair.server_diary.bytes.size() <= 40'000);
  pair.world.run_for(10_s);
  REQUIRE(pair.server_diary.bytes.size() == 100'000);
}

TEST_CASE("what makes no sense is refused with one sentence", "[faults]") {
  World world({});
  world.add_host("a");
  world.start_node(HostId{0}, "n", [](Node&) {});
  const auto sentence = [&](const FaultSpec& spec) {
    return world.faults().begin(spec).error().what;
  };
  REQUIRE(sentence({.kind = "net.magic"}) == "there is no fault 'net.magic'");
  REQUIRE(sentence({.kind = "part.isolate", .hosts = {"x"}}) == "there is no host 'x'");
  REQUIRE(sentence({.kind = "part.isolate"}) == "fault part.isolate needs 'hosts'");
  REQUIRE(sentence({.kind = "node.crash", .node = "x"}) == "there is no node 'x'");
  REQUIRE(sentence({.kind = "net.latency"}) == "fault net.latency needs 'time'");
  REQUIRE(sentence({.kind = "proc.kill", .node = "n", .process = "p"}) ==
          "there is no process 'p' on n");
  REQUIRE(world.faults().active() == 0);
}

TEST_CASE("the kinds of faults are listed once each, by name", "[faults]") {
  const auto kinds = fault_kinds();
  for (std::size_t i = 1; i < kinds.size(); ++i)
    REQUIRE(kinds[i - 1].name < kinds[i].name);
  REQUIRE(find_fault_kind("disk.eio")->name == "disk.eio");
  REQUIRE(find_fault_kind("disk") == nullptr);
}

// -- taking one fault away ----------------------------------------------------------------------

// Every draw of the world, with its address.
class Recorded final : public runtime::Decisions {
 public:
  explicit Recorded(std::uint64_t seed) : seeded_(seed) {}
  std::uint64_t draw(Choice choice, std::uint64_t entity) override {
    const std::uint64_t n = seeded_.drawn(choice, entity);
    const std::uint64_t value = seeded_.draw(choice, entity);
    draws.insert({{choice, entity, n}, value});
    return value;
  }
  std::map<ChoiceAddress, std::uint64_t> draws;

 private:
  SeededDecisions seeded_;
};

std::map<ChoiceAddress, std::uint64_t> draws_with(const std::vector<FaultSpec>& faults) {
  Recorded recorded(3);
  WorldOptions options;
  options.decisions = &recorded;
  Pair pair(options, {.echoes = true});
  pair.connect();
  for (const FaultSpec& fault : faults)
    begin(pair.world, fault);
  for (int i = 0; i < 50; ++i) {
    pair.client_says("ping");
    pair.world.run_for(100_ms);
  }
  pair.world.run_for(1_min);
  REQUIRE(pair.client_diary.bytes.size() == 200);
  return recorded.draws;
}

TEST_CASE("taking one fault away shifts no draw of anything else", "[faults][decisions]") {
  const FaultSpec stalls{.kind = "net.stall",
                         .hosts = {"left"},
                         .lasts = 3_s,
                         .time = Distribution::uniform(1_ms, 50_ms),
                         .chance = {.numerator = 1, .denominator = 5}};
  const FaultSpec slow{.kind = "net.latency",
                       .hosts = {"left"},
                       .lasts = 4_s,
                       .time = Distribution::uniform(1_ms, 5_ms)};
  const FaultSpec cut{.kind = "part.split", .groups = {{"left"}, {"right"}}, .lasts = 2_s};
  const auto all = draws_with({stalls, slow, cut});
  for (const auto& some : {std::vector{slow, cut}, {stalls, cut}, {stalls, slow}, {slow}, {}}) {
    std::size_t shared = 0;
    for (const auto& [address, value] : draws_with(some)) {
      const auto same = all.find(address);
      if (same == all.end()) continue;
      ++shared;
      REQUIRE(same->second == value);
    }
    REQUIRE(shared > 100);
  }
}

TEST_CASE("a fault that is not on draws nothing", "[faults][decisions]") {
  for (const auto& [address, value] : draws_with({})) {
    static_cast<void>(value);
    REQUIRE(address.choice != Choice::fault);
    REQUIRE(address.choice != Choice::stall);
    REQUIRE(address.choice != Choice::reset);
    REQUIRE(address.choice != Choice::split);
  }
}

TEST_CASE("two runs with equal faults are equal, to the last event", "[faults][world]") {
  const auto lines = [] {
    Listener listener;
    WorldOptions options;
    options.seed = 11;
    options.tracer = &listener;
    Pair pair(options, {.echoes = true});
    pair.connect();
    begin(pair.world, {.kind = "net.stall",
                       .time = Distribution::exponential(1_ms, 20_ms),
                       .chance = {.numerator = 1, .denominator = 3}});
    begin(pair.world, {.kind = "node.crash", .node = "server", .lasts = 1_s});
    for (int i = 0; i < 20; ++i) {
      pair.client_says("ping");
      pair.world.run_for(100_ms);
    }
    pair.world.faults().heal_all();
    pair.world.run_for(1_min);
    return listener.lines();
  };
  const auto first = lines();
  REQUIRE(first.size() > 100);
  REQUIRE(first == lines());
}

}  // namespace
}  // namespace glasshouse::sim
