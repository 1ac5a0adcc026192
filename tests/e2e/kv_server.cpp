// The key-value store on the multicore runtime, until it is killed: kv_server FOLDER PORT SHARDS.
// Prints the port when it listens. Commands on standard input, one a line: "kill shard", "kill
// acceptor", "kill connections", "kill CLIENT_ID".

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "runtime/node/node.h"
#include "runtime/schedule/system.h"
#include "scenarios/kv/kv.h"

namespace {

using namespace glasshouse;
using namespace runtime::literals;

// Those whose kind is `kind`, or the one whose connection number is `kind`. Of shards, one.
void kill(runtime::Node& node, const std::string& kind) {
  static std::size_t turn = 0;
  std::vector<runtime::Pid> victims;
  for (const runtime::ProcessInfo& process : node.list()) {
    const bool is_meant = process.initial == runtime::Atom("kv_" + kind) ||
                          std::to_string(scenarios::kv::client_id(process.pid)) == kind;
    if (is_meant) victims.push_back(process.pid);
  }
  if (kind == "shard" && !victims.empty()) victims = {victims[++turn % victims.size()]};
  for (const runtime::Pid pid : victims)
    node.exit(pid, runtime::Term(runtime::atoms::kill));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) return 2;
  runtime::NullTracer tracer;
  runtime::MulticoreWorld world({.executor = {}, .network = {}, .folder = argv[1]}, tracer);
  runtime::Node node(world.environment(), {.name = "kv@localhost"_atom});
  scenarios::kv::start(
      node, {.port = static_cast<std::uint16_t>(std::atoi(argv[2])),
             .shards = static_cast<std::uint32_t>(std::atoi(argv[3])),
             .restarts_max = 1'000'000,  // they are what is tested
             .rewrite_bytes_least = argc == 5 ? std::strtoull(argv[4], nullptr, 10) : 16 << 20,
             .on_listening = [](std::uint16_t port) {
               std::printf("%d\n", port);
               std::fflush(stdout);
             }});
  std::string word;
  while (std::cin >> word >> word)
    kill(node, word == "connections" ? "connection" : word);
}
