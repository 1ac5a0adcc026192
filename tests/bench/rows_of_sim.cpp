// sim_messages, sim_streams: how many events a second a simulated world makes, on one core. An
// event is one that a tracer hears; here it is hashed and forgotten.

#include "runtime/base/hash.h"
#include "runtime/io/byte_streams.h"
#include "sim/network.h"
#include "sim/world.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"

namespace glasshouse::bench {

struct SimPing {
  std::uint64_t left = 0;
  Pid from;
};
struct SimGet {
  using Reply = std::uint64_t;
  std::uint64_t key = 0;
};

namespace {

using runtime::Duration;
using runtime::Instant;
using namespace runtime::literals;

class Hasher final : public runtime::Tracer {
 public:
  Hasher() {
    want_kinds(runtime::all_event_kinds);
    want_detail(runtime::Detail::digest);
  }
  using Tracer::emit;
  void emit(const runtime::Event& event, std::string_view text) override {
    ++events;
    hash = runtime::hash_combine(hash, static_cast<std::uint64_t>(event.time.nanoseconds()));
    hash = runtime::hash_combine(hash, event.subject.value ^ event.message);
    if (!text.empty()) hash = runtime::hash_bytes(text, hash);
  }
  std::uint64_t new_message_id() override { return ++last_message_; }

  std::uint64_t events = 0;
  std::uint64_t hash = 0;

 private:
  std::uint64_t last_message_ = 0;
};

Behaviour sim_player(Self self) {
  for (;;) {
    auto next = self.receive<SimPing>();
    const SimPing ping = co_await next;
    if (ping.left > 0) self.send<SimPing>(ping.from, ping.left - 1, self.pid());
  }
}

Behaviour sim_echo(Self self) {
  self.own_io();
  const auto at = self.network().listen(self.node(), self.pid(), {.host = {}, .port = 80});
  self.network().credit(at->socket, 1 << 20);
  for (;;) {
    auto next = self.receive<runtime::Accepted, runtime::Bytes, runtime::Closed>();
    auto message = co_await next;
    if (auto* accepted = std::get_if<runtime::Accepted>(&message)) {
      self.network().credit(accepted->socket, 1 << 30);
    } else if (auto* bytes = std::get_if<runtime::Bytes>(&message)) {
      self.network().send(bytes->socket, std::move(bytes->bytes));
    }
  }
}

Behaviour sim_client(Self self, std::uint64_t rounds) {
  self.own_io();
  auto& network = self.network();
  const auto socket = network.connect(self.node(), self.pid(), {.host = "server", .port = 80});
  network.credit(socket, 1 << 30);
  auto connected = self.receive<runtime::Connected>();
  co_await connected;
  const runtime::Binary request("*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n");
  for (std::uint64_t i = 0; i < rounds; ++i) {
    network.send(socket, request);
    auto answer = self.receive<runtime::Bytes>();
    co_await answer;
  }
}

void report(std::string_view bench, const Fields& params, const sim::World& world,
            const Hasher& hasher, Time begin) {
  const auto took = now() - begin;
  print({.bench = bench,
         .params = params,
         .took = took,
         .operations = hasher.events,
         .more = Fields()
                     .add("steps", world.steps())
                     .add("virtual_ns", static_cast<std::uint64_t>(world.now().nanoseconds()))});
}

void sim_messages(const Arguments& arguments) {
  const std::uint64_t pairs = arguments.number(0);
  const std::uint64_t messages = arguments.number(1);
  Hasher hasher;
  sim::World world({.tracer = &hasher});
  const Time begin = now();
  world.start_node(world.add_host("a"), "n@a", [&](runtime::Node& node) {
    for (std::uint64_t i = 0; i < pairs; ++i) {
      const Pid one = node.spawn<sim_player>();
      const Pid other = node.spawn<sim_player>();
      node.deliver<SimPing>(one, messages, other);
    }
  });
  world.run_until(Instant::max());
  report("sim_messages", Fields().add("pairs", pairs).add("messages", messages), world, hasher,
         begin);
}

void sim_streams(const Arguments& arguments) {
  const std::uint64_t clients = arguments.number(0);
  const std::uint64_t rounds = arguments.number(1);
  Hasher hasher;
  sim::World world({.tracer = &hasher});
  const Time begin = now();
  world.start_node(world.add_host("server"), "server",
                   [](runtime::Node& node) { node.spawn<sim_echo>(); });
  world.run_for(1_ms);
  world.start_node(world.add_host("clients"), "clients", [&](runtime::Node& node) {
    for (std::uint64_t i = 0; i < clients; ++i)
      node.spawn<sim_client>(rounds);
  });
  world.run_until(Instant::max());
  report("sim_streams", Fields().add("clients", clients).add("rounds", rounds), world, hasher,
         begin);
}

}  // namespace

std::vector<LoneRow> rows_of_sim() {
  return {{"sim_messages", "PAIRS MESSAGES", &sim_messages},
          {"sim_streams", "CLIENTS ROUNDS", &sim_streams}};
}

}  // namespace glasshouse::bench
