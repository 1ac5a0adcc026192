// What a connection asks the next life of a shard again is done once, even if the connection does
// not live to hear it.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/kv/kv.h"
#include "scenarios/kv/log_files.h"
#include "scenarios/kv/messages.h"
#include "scenarios/run/run.h"
#include "sim/world.h"
#include "tests/catch.h"

namespace glasshouse::scenarios::kv {

namespace {

using runtime::Behaviour;
using runtime::Duration;
using runtime::Node;
using runtime::Self;
using runtime::Term;

// A connection that waits for answers for ever.
Behaviour connection(Self self) {
  for (;;)
    co_await self.receive<ShardReply>();
}

Behaviour reader(Self self, std::string* read) {
  std::vector<Step> steps{{.verb = Verb::get, .key = Binary("n")}};
  self.send<ShardRequest>(shard_name(0), self.pid(), 1U, 1U, std::move(steps));
  const ShardReply reply = co_await self.receive<ShardReply>();
  *read = std::string(reply.results.front().bytes.view());
}

Behaviour ask(Self self, ShardRequest request) {
  self.send<ShardRequest>(shard_name(0), std::move(request));
  co_return;
}

ShardRequest increment(Pid from) {
  return {.from = from, .number = 1, .steps = {{.verb = Verb::incr, .key = Binary("n")}}};
}

// So much that the log is laid down anew.
ShardRequest bulk(Pid from) {
  const Binary value(std::string(4'000, 'x'));
  return {.from = from,
          .number = 1,
          .steps = {{.verb = Verb::set, .key = Binary("b"), .value = value}}};
}

// One shard, and no clients.
struct OneShard {
  OneShard() {
    node = world.start_node(world.add_host("server"), "kv@server", [](Node& of) {
      start(of, {.host = "server",
                 .port = 6379,
                 .shards = 1,
                 .rewrite_bytes_least = 100,
                 .on_listening = {}});
    });
    world.run_for(Duration::seconds(1));
  }
  Pid connect() { return world.node(node)->spawn<connection>(); }
  void send(ShardRequest request) { world.node(node)->spawn<ask>(std::move(request)); }
  // Until its next life takes requests. It has not recovered then: that needs the disk.
  void crash_shard() {
    const auto before = shard();
    world.exit_processes(node, "kv_shard_0", Term(runtime::atoms::kill));
    world.run_while([&] { return !shard() || shard() == before; },
                    world.now() + Duration::seconds(1));
  }
  std::optional<Pid> shard() { return world.node(node)->registry().find(shard_name(0)); }
  std::string read() {
    std::string value;
    world.node(node)->spawn<reader>(&value);
    world.run_for(Duration::seconds(1));
    return value;
  }

  sim::World world{sim::WorldOptions{}};
  sim::NodeId node{};
};

constexpr const char* two_bad_disks = R"lua(
scenario "two bad disks"
local store = node { name = "store", start = "kv", shards = 2 }
workload { name = "client", start = "kv_client", count = 2, server = store, operations = 60,
           pause = "5ms" }
at("201ms", fault.bad_disk, { host = store, chance = "3%", lasts = "691ms" })
at("471ms", fault.bad_disk, { host = store, chance = "1", lasts = "396ms" })
always("safe", { every = "200ms" }, kv.no_acknowledged_write_is_lost)
run_for "3s"
)lua";

// What a full disk keeps of a batch may end behind a change and before its answer. Then the shard
// must die, by a kill or of a disk that fails.
constexpr std::string_view full_disk = R"lua(
scenario "half a batch"
local store = node { name = "store", start = "kv", shards = 1 }
workload { name = "client", start = "kv_client", count = 4, server = store, operations = 400,
           pause = "2ms" }
every("110ms", { to = "2s" }, function()
  fault.full_disk { host = store, bytes = between(1, 400), lasts = "40ms" }
end)
always("safe", { every = "200ms" }, kv.no_acknowledged_write_is_lost)
run_for "4s"
)lua";

constexpr std::string_view kills = R"lua(
every("43ms", { to = "2s" }, function() fault.kill { node = store, process = "kv_shard_0" } end)
)lua";
constexpr std::string_view bad_disk = R"lua(
fault.bad_disk { host = store, chance = "1/20", lasts = "2s" }
)lua";

void expect_good(std::string scenario, std::uint64_t seed) {
  RunOptions options;
  options.file = "once.lua";
  options.text = std::move(scenario);
  options.seed = seed;
  auto run = Run::create(std::move(options));
  REQUIRE(run.ok());
  (*run)->run_to_end();
  const auto report = (*run)->finish();
  CAPTURE(seed);
  REQUIRE(report.ok());
  REQUIRE(report->good);
}

Behaviour counts_answers(Self self, int* connections) {
  auto recovering = recover(self, "kv", 0);
  const auto found = co_await recovering;
  if (!found) co_return;
  *connections = static_cast<int>(found->answers.connections_if([](Pid) { return true; }).size());
}

}  // namespace

TEST_CASE("a write asked again is done once, though who asked ends while the shard recovers",
          "[kv][sim]") {
  const bool while_it_rewrites = GENERATE(false, true);
  CAPTURE(while_it_rewrites);
  OneShard store;
  const Pid asking = store.connect();
  store.send(increment(asking));
  store.world.run_for(Duration::seconds(1));
  store.crash_shard();
  if (while_it_rewrites) store.send(bulk(store.connect()));
  store.send(increment(asking));
  store.world.run_for(Duration::microseconds(10));
  store.world.exit_processes(store.node, "connection", Term(runtime::atoms::kill));
  store.world.run_for(Duration::seconds(1));
  REQUIRE(store.read() == "1");
  store.crash_shard();
  REQUIRE(store.read() == "1");
}

TEST_CASE("no write is done twice while shards recover from a disk that fails", "[kv][sim]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed)
    expect_good(two_bad_disks, seed);
}

TEST_CASE("no write is done twice of which a full disk kept a half", "[kv][sim]") {
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    expect_good(std::string(full_disk).append(kills), seed);
    expect_good(std::string(full_disk).append(bad_disk), seed);
  }
}

TEST_CASE("what connections that are gone were answered leaves the log", "[kv][sim]") {
  OneShard store;
  for (int i = 0; i < 20; ++i)
    store.send(increment(store.connect()));
  store.world.run_for(Duration::seconds(1));
  int connections = -1;
  store.world.node(store.node)->spawn<counts_answers>(&connections);
  store.world.run_for(Duration::seconds(1));
  REQUIRE(connections > 10);
  store.world.exit_processes(store.node, "connection", Term(runtime::atoms::kill));
  store.crash_shard();
  store.world.run_for(Duration::seconds(1));
  store.world.node(store.node)->spawn<counts_answers>(&connections);
  store.world.run_for(Duration::seconds(1));
  REQUIRE(connections == 0);
  REQUIRE(store.read() == "20");
}

}  // namespace glasshouse::scenarios::kv
