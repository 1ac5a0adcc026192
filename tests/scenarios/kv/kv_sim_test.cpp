// The key-value store under virtual time, with everything that can go wrong.

#include <memory>
#include <string>
#include <vector>

#include "runtime/observe/tracer.h"
#include "scenarios/kv/history.h"
#include "scenarios/kv/kv.h"
#include "sim/world.h"
#include "tests/catch.h"

namespace glasshouse::scenarios::kv {

namespace {

using runtime::Duration;
using runtime::Instant;
using runtime::Node;
using runtime::Ratio;
using runtime::Term;
using sim::FaultSpec;
using namespace runtime::literals;

struct Setting {
  std::uint64_t seed = 1;
  std::uint32_t clients = 3;
  std::uint32_t operations = 60;
  Acknowledge acknowledge = Acknowledge::after_sync;
  runtime::Tracer* tracer = nullptr;
};

// One server and some clients, each on a host of its own.
class KvWorld {
 public:
  explicit KvWorld(const Setting& setting)
      : world({.seed = setting.seed, .network = {}, .tracer = setting.tracer}) {
    const auto server_host = world.add_host("server");
    server = world.start_node(server_host, "kv@server", [setting](Node& node) {
      start(node, {.host = "server",
                   .port = 6379,
                   .shards = 2,
                   .acknowledge = setting.acknowledge,
                   .on_listening = {}});
    });
    for (std::uint32_t number = 1; number <= setting.clients; ++number) {
      const std::string name = "client" + std::to_string(number);
      const auto host = world.add_host(name);
      world.start_node(host, name + "@" + name, [this, number, setting](Node& node) {
        start_client(node,
                     {.number = number,
                      .host = "server",
                      .port = 6379,
                      .operations = setting.operations,
                      .keys = 3},
                     history);
      });
    }
  }

  sim::RunEnd run_to_end(Duration limit = Duration::seconds(300)) {
    return world.run_while([this] { return history.clients().empty() || !history.all_finished(); },
                           Instant::at(limit));
  }

  History history;
  sim::World world;
  sim::NodeId server;
};

// Everything at once for five seconds, then peace.
void trouble(KvWorld& kv) {
  sim::Faults& faults = kv.world.faults();
  const auto at = [&](std::int64_t milliseconds, FaultSpec spec) {
    kv.world.at(Instant::at(Duration::milliseconds(milliseconds)), [&faults, spec] {
      const auto begun = faults.begin(spec);
      // There may be nobody to kill just then.
      INFO(spec.kind << ": " << (begun ? "" : begun.error().what));
      REQUIRE((begun.ok() || spec.kind == "proc.kill"));
    });
  };
  for (std::int64_t time = 40; time < 5000; time += 170)
    at(time, {.kind = "proc.kill", .node = "kv@server", .process = "kv_shard"});
  for (std::int64_t time = 300; time < 5000; time += 610)
    at(time, {.kind = "proc.kill", .node = "kv@server", .process = "kv_connection"});
  at(900, {.kind = "proc.kill", .node = "kv@server", .process = "kv_acceptor"});
  at(700, {.kind = "node.crash", .node = "kv@server", .lasts = Duration::milliseconds(400)});
  at(2100, {.kind = "part.cut",
            .hosts = {"client1"},
            .others = {"server"},
            .lasts = Duration::milliseconds(900)});
  at(3000, {.kind = "node.crash", .node = "kv@server", .lasts = Duration::milliseconds(100)});
  at(3500, {.kind = "net.stall",
            .lasts = Duration::milliseconds(1000),
            .time = sim::Distribution::constant(Duration::milliseconds(700)),
            .chance = {.numerator = 1, .denominator = 10}});
  at(4300, {.kind = "node.kill", .node = "kv@server", .lasts = Duration::milliseconds(50)});
  kv.world.at(Instant::at(Duration::seconds(5)), [&faults] { faults.heal_all(); });
}

std::string joined(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences)
    text += sentence + "\n";
  return text;
}

}  // namespace

TEST_CASE("clients of a healthy store are all served", "[kv][sim]") {
  KvWorld kv({.seed = 1});
  REQUIRE(kv.run_to_end() == sim::RunEnd::reached);
  REQUIRE(kv.history.all_finished());
  REQUIRE(joined(check(kv.history.operations())) == "");
  REQUIRE(kv.history.count(Outcome::unknown) == 0);
  REQUIRE(kv.history.count(Outcome::failed) == 0);
}

TEST_CASE("no acknowledged write is lost under kills, crashes and partitions", "[kv][sim]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    KvWorld kv({.seed = seed, .operations = 300});
    trouble(kv);
    const auto end = kv.run_to_end();
    INFO("seed " << seed << ": " << run_end_name(end));
    REQUIRE(joined(check(kv.history.operations())) == "");
    REQUIRE(joined(unserved(kv.history, Instant::at(Duration::seconds(5)))) == "");
    REQUIRE(kv.history.all_finished());
    REQUIRE(kv.history.count(Outcome::unknown) > 0);
    for (const sim::FaultCount& count : kv.world.faults().counts())
      UNSCOPED_INFO(count.kind << " " << count.begun << " " << count.fired);
  }
}

TEST_CASE("a shard that crashes does what it was asked once, and nobody notices", "[kv][sim]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    KvWorld kv({.seed = seed, .operations = 200});
    for (std::int64_t time = 30; time < 1500; time += 37) {
      kv.world.at(Instant::at(Duration::milliseconds(time)), [&kv] {
        kv.world.exit_processes(kv.server, "kv_shard", Term("killed_by_test"_atom));
      });
    }
    kv.run_to_end();
    INFO("seed " << seed);
    REQUIRE(joined(check(kv.history.operations())) == "");
    REQUIRE(kv.history.all_finished());
    REQUIRE(kv.history.count(Outcome::ok) == kv.history.operations().size());
  }
}

TEST_CASE("acknowledging before the sync is caught", "[kv][sim]") {
  std::size_t caught = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    KvWorld kv({.seed = seed, .operations = 300, .acknowledge = Acknowledge::before_sync});
    trouble(kv);
    kv.run_to_end();
    if (!check(kv.history.operations()).empty()) ++caught;
  }
  INFO(caught << " of 20 seeds");
  REQUIRE(caught > 0);
}

TEST_CASE("a disk that is full refuses writes and loses none", "[kv][sim]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    KvWorld kv({.seed = seed, .operations = 400});
    const auto full = [&kv](std::int64_t bytes, std::int64_t begin, std::int64_t lasts) {
      kv.world.at(Instant::at(Duration::milliseconds(begin)), [&kv, bytes, lasts] {
        REQUIRE(kv.world.faults()
                    .begin({.kind = "disk.full",
                            .hosts = {"server"},
                            .lasts = Duration::milliseconds(lasts),
                            .amount = bytes})
                    .ok());
      });
    };
    full(400, 200, 700);
    full(1, 1500, 300);
    kv.world.at(Instant::at(Duration::milliseconds(1600)), [&kv] {
      kv.world.exit_processes(kv.server, "kv_shard", Term("killed_by_test"_atom));
    });
    kv.world.at(Instant::at(Duration::milliseconds(2500)), [&kv] {
      kv.world.crash_node(kv.server);
      kv.world.restart_node(kv.server);
    });
    kv.run_to_end();
    INFO("seed " << seed);
    REQUIRE(joined(check(kv.history.operations())) == "");
    REQUIRE(kv.history.all_finished());
    REQUIRE(kv.history.count(Outcome::failed) > 0);
  }
}

TEST_CASE("a disk that fails now and then loses no acknowledged write", "[kv][sim]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    KvWorld kv({.seed = seed, .operations = 300});
    REQUIRE(kv.world.faults()
                .begin({.kind = "disk.eio",
                        .hosts = {"server"},
                        .lasts = Duration::seconds(3),
                        .chance = {.numerator = 1, .denominator = 50}})
                .ok());
    kv.world.at(Instant::at(Duration::seconds(4)), [&kv] {
      kv.world.crash_node(kv.server);
      kv.world.restart_node(kv.server);
    });
    kv.run_to_end();
    INFO("seed " << seed);
    REQUIRE(joined(check(kv.history.operations())) == "");
    REQUIRE(kv.history.all_finished());
  }
}

}  // namespace glasshouse::scenarios::kv
