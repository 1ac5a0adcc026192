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

}  // namespace glasshouse::scenarios::kv
