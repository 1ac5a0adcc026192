#include "scenarios/kv_applications.h"

#include <map>
#include <string>

#include "runtime/node/node.h"
#include "scenarios/kv/history.h"
#include "scenarios/kv/kv.h"

namespace glasshouse::scenarios {

using runtime::Instant;

namespace {

constexpr std::int64_t port_max = 65'535;
constexpr std::int64_t operations_max = 1'000'000;

Option whole(std::string name, std::int64_t by_default, std::string doc, std::int64_t least,
             std::int64_t most) {
  return {.name = std::move(name),
          .by_default = by_default,
          .doc = std::move(doc),
          .least = least,
          .most = most};
}

// Clients are numbered in the order in which their nodes first start; one that starts again keeps
// its number, and with it its keys.
struct ClientNumbers {
  std::map<std::string, std::uint32_t> of_node;
};

kv::History& history(Shared& shared) {
  return shared.get<kv::History>("kv.history");
}

Result<runtime::Pid> start_store(const Start& start) {
  const Options& options = start.options;
  const bool early = options.flag("acknowledge_before_sync");
  kv::Options store;
  store.host = start.host;
  store.port = static_cast<std::uint16_t>(options.number("port"));
  store.shards = static_cast<std::uint32_t>(options.number("shards"));
  store.acknowledge = early ? kv::Acknowledge::before_sync : kv::Acknowledge::after_sync;
  store.connections_max = static_cast<std::uint32_t>(options.number("connections_max"));
  store.pipeline_max = static_cast<std::uint32_t>(options.number("pipeline_max"));
  store.folder = options.text("folder");
  store.on_listening = [announce = start.announce, host = start.host](std::uint16_t port) {
    if (announce) announce("kv listens on " + host + ":" + std::to_string(port));
  };
  return kv::start(start.node, store);
}

Result<runtime::Pid> start_client(const Start& start) {
  const Options& options = start.options;
  auto& numbers = start.shared.get<ClientNumbers>("kv.clients").of_node;
  const std::string node(start.node.name().text());
  const auto next = static_cast<std::uint32_t>(numbers.size()) + 1;
  kv::ClientOptions client;
  client.number = numbers.emplace(node, next).first->second;
  client.host = options.text("server");
  client.port = static_cast<std::uint16_t>(options.number("port"));
  client.operations = static_cast<std::uint32_t>(options.number("operations"));
  client.keys = static_cast<std::uint32_t>(options.number("keys"));
  client.value_bytes = static_cast<std::uint32_t>(options.number("value_bytes"));
  client.timeout = options.duration("timeout");
  client.pause = options.duration("pause");
  client.backoff = options.duration("backoff");
  return kv::start_client(start.node, client, history(start.shared));
}

// The first of the sentences, and how many there are.
Answer nothing_wrong(const std::vector<std::string>& wrong) {
  if (wrong.empty()) return {};
  std::string why = wrong.front();
  if (wrong.size() > 1) why += " (and " + std::to_string(wrong.size() - 1) + " more)";
  return {false, std::move(why)};
}

std::vector<Question> questions() {
  std::vector<Question> result;
  result.push_back({.name = "no_acknowledged_write_is_lost",
                    .doc = "whether every read can be explained by what was acknowledged before",
                    .options = {},
                    .ask = [](Shared& shared, const Options&) {
                      return nothing_wrong(kv::check(history(shared).operations()));
                    }});
  result.push_back({.name = "every_client_is_served",
                    .doc = "whether every client has finished, or was answered since",
                    .options = {{.name = "since",
                                 .by_default = Duration::zero(),
                                 .doc = "when the faults ended"}},
                    .ask = [](Shared& shared, const Options& options) {
                      const Instant since = Instant::at(options.duration("since"));
                      return nothing_wrong(kv::unserved(history(shared), since));
                    }});
  result.push_back({.name = "all_clients_finished",
                    .doc = "whether every client did all it had to do",
                    .options = {},
                    .ask = [](Shared& shared, const Options&) -> Answer {
                      return {history(shared).all_finished(), {}};
                    }});
  result.push_back({.name = "acknowledged",
                    .doc = "how many operations were answered well so far",
                    .options = {},
                    .ask = [](Shared& shared, const Options&) -> Answer {
                      const auto count = history(shared).count(kv::Outcome::ok);
                      return {static_cast<std::int64_t>(count), {}};
                    }});
  return result;
}

}  // namespace

void add_kv(Applications& applications) {
  applications.add(
      {.name = "kv",
       .doc = "a supervised key-value store that speaks the Redis protocol",
       .options = {whole("port", 6379, "where it listens; 0: any free one", 0, port_max),
                   whole("shards", 4, "how many parts it has", 1, kv::shards_max),
                   whole("connections_max", 1024, "clients at once", 1, 65'536),
                   whole("pipeline_max", 1024, "commands of a client that wait for an answer", 1,
                         65'536),
                   {.name = "folder",
                    .by_default = std::string("kv"),
                    .doc = "of its logs, on the node's disk"},
                   {.name = "acknowledge_before_sync",
                    .by_default = false,
                    .doc = "a bug to be found: answer before a write is on the disk"}},
       .start = &start_store,
       .questions = questions(),
       .family = {}});
  applications.add(
      {.name = "kv_client",
       .doc = "writes and reads its own keys, and writes down what it was told",
       .options = {{.name = "server", .by_default = std::string("store"), .doc = "kv's host"},
                   whole("port", 6379, "where kv listens", 1, port_max),
                   whole("operations", 200, "how many, before it reads all once more", 1,
                         operations_max),
                   whole("keys", 8, "of each kind: registers and counters", 1, 10'000),
                   whole("value_bytes", 16, "the size of a value", 1, 1'000'000),
                   {.name = "timeout",
                    .by_default = Duration::milliseconds(500),
                    .doc = "then the outcome is unknown"},
                   {.name = "pause",
                    .by_default = Duration::milliseconds(5),
                    .doc = "between operations, on average"},
                   {.name = "backoff",
                    .by_default = Duration::milliseconds(20),
                    .doc = "before it connects again; doubles up to 1s"}},
       .start = &start_client,
       .questions = {},
       .family = {}});
}

}  // namespace glasshouse::scenarios
