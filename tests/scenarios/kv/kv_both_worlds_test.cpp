// One binary in both worlds: the same functions, compiled once, start the same actors in the
// simulator and on many cores.

#include <filesystem>
#include <future>
#include <string>
#include <vector>

#include "runtime/node/node.h"
#include "runtime/process/self.h"
#include "runtime/schedule/system.h"
#include "scenarios/kv/history.h"
#include "scenarios/kv/kv.h"
#include "sim/world.h"
#include "tests/catch.h"

namespace glasshouse::scenarios::kv {

namespace {

using runtime::Behaviour;
using runtime::Duration;
using runtime::Instant;
using runtime::Node;
using runtime::Pid;
using runtime::Self;
using namespace runtime::literals;

constexpr std::uint32_t clients = 3;

Options store_at(std::string host, std::uint16_t port) {
  Options options;
  options.host = std::move(host);
  options.port = port;
  options.shards = 2;
  return options;
}

ClientOptions client_of(std::uint32_t number, std::string host, std::uint16_t port) {
  return {.number = number,
          .host = std::move(host),
          .port = port,
          .operations = 100,
          .keys = 3,
          .timeout = Duration::seconds(10),
          .pause = Duration::microseconds(200)};
}

void run_simulated(History& history) {
  sim::World world({.seed = 1, .network = {}});
  world.start_node(world.add_host("store"), "store@store",
                   [](Node& node) { start(node, store_at("store", 6379)); });
  world.start_node(world.add_host("clients"), "clients@clients", [&](Node& node) {
    for (std::uint32_t number = 1; number <= clients; ++number)
      start_client(node, client_of(number, "store", 6379), history);
  });
  world.run_while([&] { return history.clients().empty() || !history.all_finished(); },
                  Instant::at(Duration::seconds(60)));
}

// Kept when all of them are gone.
Behaviour wait_for_end(Self self, std::vector<Pid> pids, std::promise<void>* end) {
  for (const Pid pid : pids) {
    self.monitor(pid);
    auto next = self.receive<runtime::Down>();
    static_cast<void>(co_await next);
  }
  end->set_value();
}

void run_on_many_cores(History& history) {
  std::string folder = (std::filesystem::temp_directory_path() / "glasshouse-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  {
    runtime::NullTracer tracer;
    runtime::MulticoreWorld world({.executor = {}, .network = {}, .folder = folder}, tracer);
    Node node(world.environment(), {.name = "store@localhost"_atom});
    std::promise<std::uint16_t> listening;
    Options options = store_at("127.0.0.1", 0);
    options.on_listening = [&](std::uint16_t port) { listening.set_value(port); };
    start(node, options);
    const std::uint16_t port = listening.get_future().get();
    std::vector<Pid> pids;
    for (std::uint32_t number = 1; number <= clients; ++number)
      pids.push_back(start_client(node, client_of(number, "127.0.0.1", port), history));
    std::promise<void> end;
    node.spawn<wait_for_end>(pids, &end);
    end.get_future().wait();
  }
  std::filesystem::remove_all(folder);
}

}  // namespace

TEST_CASE("the same store and clients run simulated and on many cores", "[kv][threads]") {
  for (const auto run : {run_simulated, run_on_many_cores}) {
    History history;
    run(history);
    REQUIRE(history.all_finished());
    REQUIRE(history.clients().size() == clients);
    REQUIRE(check(history.operations()).empty());
    REQUIRE(history.count(Outcome::ok) == history.operations().size());
  }
}

}  // namespace glasshouse::scenarios::kv
