#include "sim/disk.h"

#include "tests/catch.h"
#include "tests/sim/listener.h"
#include "tests/sim/peer.h"

namespace glasshouse::sim {
namespace {

using runtime::EventKind;
using runtime::StorageDone;
using runtime::StorageOperation;
using runtime::StorageRequest;
using namespace runtime::literals;
using Outcomes = std::vector<std::string>;

// Starts all requests at once and notes the answers.
Behaviour disk_user(Self self, std::vector<StorageRequest> requests, Outcomes* outcomes) {
  for (StorageRequest& request : requests)
    self.storage().start(self.node(), self.pid(), self.make_ref(), std::move(request));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto done = co_await self.receive<StorageDone>();
    std::string shown(done.outcome.text());
    if (done.value > 0) shown += " " + std::to_string(done.value);
    if (!done.bytes.empty()) shown += " " + std::string(done.bytes.view());
    for (const auto& name : done.names)
      shown += " " + name;
    outcomes->push_back(shown);
  }
}

StorageRequest append(std::string path, std::string_view bytes) {
  return {.operation = StorageOperation::append, .path = std::move(path), .bytes = Binary(bytes)};
}
StorageRequest plain(StorageOperation operation, std::string path) {
  return {.operation = operation, .path = std::move(path), .size = 1'000};
}

struct Machine {
  explicit Machine(HostOptions options = {}, WorldOptions world_options = {})
      : world(std::move(world_options)) {
    host = world.add_host("a", options);
    node = world.start_node(host, "n", [](Node&) {});
  }
  Outcomes ask(std::vector<StorageRequest> requests, Duration time = Duration::seconds(1)) {
    outcomes.clear();
    world.node(node)->spawn<disk_user>(std::move(requests), &outcomes);
    world.run_for(time);
    return outcomes;
  }

  Outcomes outcomes;
  World world;
  HostId host{};
  NodeId node{};
};

TEST_CASE("requests to one file are answered in the order they were started", "[disk]") {
  Machine machine;
  REQUIRE(
      machine.ask({append("log", "ab"), append("log", "cd"), plain(StorageOperation::size, "log"),
                   plain(StorageOperation::read, "log"), plain(StorageOperation::sync, "log")}) ==
      Outcomes{"ok", "ok 2", "ok 4", "ok abcd", "ok"});
  REQUIRE(machine.ask({plain(StorageOperation::list, ""),
                       plain(StorageOperation::sync_folder, "")}) == Outcomes{"ok log", "ok"});
}

TEST_CASE("what is not there is enoent, and what is no path is einval", "[disk]") {
  Machine machine;
  REQUIRE(machine.ask({plain(StorageOperation::read, "x")}) == Outcomes{"enoent"});
  REQUIRE(machine.ask({plain(StorageOperation::list, "")}) == Outcomes{"enoent"});
  REQUIRE(machine.ask({plain(StorageOperation::remove, "x")}) == Outcomes{"enoent"});
  REQUIRE(machine.ask({append("../x", "bytes")}) == Outcomes{"einval"});
  REQUIRE(machine.ask({append("", "bytes")}) == Outcomes{"einval"});
}

TEST_CASE("a full disk says enospc and has written what fits", "[disk]") {
  Machine machine({.disk = {.bytes_max = 10}});
  REQUIRE(machine.ask({append("log", "12345678"), append("log", "90ab"), append("log", "c"),
                       plain(StorageOperation::read, "log")}) ==
          Outcomes{"ok", "enospc", "enospc", "ok 1234567890"});
  StorageRequest over{.operation = StorageOperation::write,
                      .path = "log",
                      .offset = 8,
                      .bytes = Binary(std::string_view("xyz"))};
  StorageRequest beyond{.operation = StorageOperation::write,
                        .path = "log",
                        .offset = 20,
                        .bytes = Binary(std::string_view("z"))};
  StorageRequest longer{.operation = StorageOperation::truncate, .path = "log", .size = 11};
  REQUIRE(machine.ask({over, beyond, longer, plain(StorageOperation::read, "log")}) ==
          Outcomes{"enospc", "enospc", "enospc", "ok 12345678xy"});
}

TEST_CASE("a fault fills the disk for as long as it lasts", "[disk][faults]") {
  Machine machine;
  machine.ask({append("log", "abc")});
  REQUIRE(machine.world.faults()
              .begin({.kind = "disk.full", .hosts = {"a"}, .lasts = 2_s, .amount = 2})
              .ok());
  REQUIRE(machine.ask({append("log", "de"), append("log", "f")}) == Outcomes{"ok 3", "enospc"});
  machine.world.run_for(2_s);
  REQUIRE(machine.ask({append("log", "f")}) == Outcomes{"ok 5"});
  REQUIRE(machine.world.faults().counts().front().fired == 1);
}

TEST_CASE("a failing disk says eio, and a failed sync makes nothing durable", "[disk][faults]") {
  Machine machine;
  machine.ask({append("log", "abc"), plain(StorageOperation::sync_folder, "")});
  const auto fault = machine.world.faults().begin({.kind = "disk.eio", .hosts = {"a"}});
  REQUIRE(machine.ask({append("log", "def"), plain(StorageOperation::sync, "log")}) ==
          Outcomes{"eio", "eio"});
  machine.world.faults().end(*fault);
  machine.world.disk(machine.host).set_crash_policy({.lost = {.numerator = 1, .denominator = 1}});
  machine.world.crash_node(machine.node);
  machine.world.restart_node(machine.node);
  REQUIRE(machine.ask({plain(StorageOperation::size, "log")}) == Outcomes{"ok"});
}

TEST_CASE("a slow disk answers later, a stalled one when the stall is over", "[disk][faults]") {
  Machine machine;
  const auto slow = machine.world.faults().begin(
      {.kind = "disk.slow", .hosts = {"a"}, .time = Distribution::constant(5_s)});
  REQUIRE(machine.ask({append("log", "a")}, 4_s).empty());
  machine.world.run_for(2_s);
  REQUIRE(machine.outcomes == Outcomes{"ok"});
  machine.world.faults().end(*slow);
  REQUIRE(machine.world.faults().begin({.kind = "disk.stall", .hosts = {"a"}, .lasts = 8_s}).ok());
  REQUIRE(machine.ask({append("log", "b")}, 7_s).empty());
  machine.world.run_for(2_s);
  REQUIRE(machine.outcomes == Outcomes{"ok 1"});
}

TEST_CASE("bytes whose sync was answered survive a power cut, whatever the seed", "[disk]") {
  const auto seed = GENERATE(range<std::uint64_t>(1, 30));
  Machine machine({}, {.seed = seed});
  machine.ask({append("log", "synced"), plain(StorageOperation::sync, "log"),
               plain(StorageOperation::sync_folder, "")});
  machine.ask({append("log", std::string(5'000, 'x'))});
  machine.world.crash_node(machine.node);
  machine.world.restart_node(machine.node);
  const auto found = machine.ask({plain(StorageOperation::read, "log")});
  REQUIRE(found.front().starts_with("ok synced"));
}

TEST_CASE("nothing is lost when only a program dies", "[disk]") {
  Machine machine;
  machine.ask({append("log", "written")});
  machine.world.crash_node(machine.node, Crash::process_death);
  machine.world.restart_node(machine.node);
  REQUIRE(machine.ask({plain(StorageOperation::read, "log")}) == Outcomes{"ok written"});
}

TEST_CASE("what a power cut did to unsynced bytes is told", "[disk]") {
  Listener listener;
  Machine machine({.disk = {.crash = {.lost = {.numerator = 1, .denominator = 1}}}},
                  {.tracer = &listener});
  machine.ask({append("log", "abc"), plain(StorageOperation::sync_folder, "")});
  machine.world.crash_node(machine.node);
  REQUIRE(listener.count(EventKind::storage) == 2);
  REQUIRE(listener.count(EventKind::storage_fault, "lost") == 1);
}

TEST_CASE("a sync that was not answered before the power cut promises nothing", "[disk]") {
  Machine machine({.disk = {.sync_latency = Distribution::constant(1_s),
                            .crash = {.lost = {.numerator = 1, .denominator = 1}}}});
  machine.ask({append("log", "abc"), plain(StorageOperation::sync_folder, "")}, 2_s);
  machine.ask({plain(StorageOperation::sync, "log")}, 500_ms);
  machine.world.crash_node(machine.node);
  machine.world.restart_node(machine.node);
  REQUIRE(machine.ask({plain(StorageOperation::size, "log")}) == Outcomes{"ok"});
}

TEST_CASE("two nodes of one host do not see each other's files", "[disk]") {
  Machine machine;
  machine.ask({append("log", "mine")});
  machine.node = machine.world.start_node(machine.host, "other", [](Node&) {});
  REQUIRE(machine.ask({plain(StorageOperation::read, "log")}) == Outcomes{"enoent"});
}

}  // namespace
}  // namespace glasshouse::sim
