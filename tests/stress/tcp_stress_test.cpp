// Many connections on many cores: echoed, given away, closed and abandoned at random, with a world
// that is torn down in the middle.

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/io/tcp_streams.h"
#include "runtime/node/node.h"
#include "runtime/process/self.h"
#include "runtime/schedule/system.h"
#include "tests/catch.h"

namespace glasshouse::runtime {

namespace {

using namespace literals;

constexpr std::uint64_t clients = 16;
constexpr std::uint64_t rounds = 25;
constexpr std::size_t window = 20'000;

struct Yours {
  Socket socket;
};

// Sends back what comes until the other side has had enough.
Behaviour echo(Self self) {
  self.own_io();
  const Yours yours = co_await self.receive<Yours>();
  self.network().credit(yours.socket, window);
  for (;;) {
    const auto next = co_await self.receive<Bytes, Closed, Drained>();
    if (std::holds_alternative<Closed>(next)) co_return;
    if (const auto* bytes = std::get_if<Bytes>(&next)) {
      self.network().send(yours.socket, bytes->bytes);
      self.network().credit(yours.socket, bytes->bytes.size());
    }
  }
}

constexpr std::uint64_t dying_rounds = 300;

Behaviour own_until_killed(Self self, Pid parent) {
  self.own_io();
  self.send<Yours>(parent, Socket{});
  static_cast<void>(co_await self.receive<Yours>());
}

// How often the other end heard that the socket was closed.
Behaviour give_to_the_dying(Self self, std::promise<std::uint64_t>* closed) {
  self.own_io();
  auto& network = self.network();
  const auto listening = network.listen(self.node(), self.pid(), {.host = "127.0.0.1"});
  CHECK(listening.ok());
  const Endpoint there{.host = "127.0.0.1", .port = listening->port};
  std::uint64_t heard = 0;
  for (std::uint64_t round = 0; round < dying_rounds; ++round) {
    network.credit(listening->socket, 1);
    const Socket near = network.connect(self.node(), self.pid(), there);
    static_cast<void>(co_await self.receive<Connected>());
    const Accepted accepted = co_await self.receive<Accepted>();
    const Pid dying = self.spawn<own_until_killed>(self.pid());
    static_cast<void>(co_await self.receive<Yours>());
    self.exit(dying, Term(atoms::kill));
    for (std::uint64_t wait = self.random_below(2'000); wait > 0; --wait)
      self.random();
    network.give(accepted.socket, dying);
    network.credit(near, 1);
    const auto end = co_await self.receive<Closed>(Duration::seconds(20));
    if (end) ++heard;
    if (!end) break;
  }
  closed->set_value(heard);
}

Behaviour listen(Self self, std::promise<std::uint16_t>* port) {
  self.own_io();
  const auto listening = self.network().listen(self.node(), self.pid(), {.host = "127.0.0.1"});
  CHECK(listening.ok());
  port->set_value(listening->port);
  self.network().credit(listening->socket, 1'000'000);
  for (;;) {
    const Accepted accepted = co_await self.receive<Accepted>();
    const Pid handler = self.spawn<echo>();
    self.network().give(accepted.socket, handler);
    self.send<Yours>(handler, accepted.socket);
  }
}

std::string pattern(std::size_t begin, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<char>((begin + i) * 31 % 251);
  return bytes;
}

// One connection: sends and checks what comes back, then ends it in one of several ways.
Behaviour talk(Self self, std::uint16_t port, std::uint64_t seed) {
  self.own_io();
  Draws draws(seed);
  const Socket socket =
      self.network().connect(self.node(), self.pid(), {.host = "127.0.0.1", .port = port});
  static_cast<void>(co_await self.receive<Connected>());
  self.network().credit(socket, window);
  std::size_t sent = 0;
  std::size_t seen = 0;
  for (std::uint64_t turn = 0; turn < 20; ++turn) {
    const std::size_t size = 1 + draws.below(10) * draws.below(2000);
    self.network().send(socket, Binary(pattern(sent, size)));
    sent += size;
    while (seen < sent && draws.below(8) != 0) {
      const Bytes bytes = co_await self.receive<Bytes>();
      CHECK(bytes.bytes.view() == pattern(seen, bytes.bytes.size()));
      seen += bytes.bytes.size();
      self.network().credit(socket, bytes.bytes.size());
    }
  }
  switch (draws.below(4)) {
    case 0:
      self.network().close(socket);
      break;
    case 1:
      self.exit(Term("had_enough"_atom));
    case 2:
      self.network().send(socket, Binary("bye"));
      break;
    default:
      break;
  }
}

Behaviour talk_often(Self self, std::uint16_t port, std::uint64_t number) {
  for (std::uint64_t round = 0; round < rounds; ++round) {
    self.spawn_monitor<talk>(port, number * rounds + round);
    const Down down = co_await self.receive<Down>();
    const bool is_meant =
        down.reason == Term(atoms::normal) || down.reason == Term("had_enough"_atom);
    if (!is_meant) self.exit(down.reason);
  }
}

// Gives the exit reason of the first client that did not talk to its end, else normal.
Behaviour wait_for(Self self, std::uint16_t port, std::promise<Term>* end) {
  for (std::uint64_t number = 0; number < clients; ++number)
    self.spawn_monitor<talk_often>(port, number);
  Term reason(atoms::normal);
  for (std::uint64_t number = 0; number < clients; ++number) {
    const Down down = co_await self.receive<Down>();
    if (reason == Term(atoms::normal)) reason = down.reason;
  }
  end->set_value(reason);
}

struct Parts {
  SystemClock clock;
  SystemDecisions decisions;
  NullTracer tracer;
  TcpByteStreams network;
  FolderStorage storage{std::filesystem::temp_directory_path().string()};
  Multicore executor{{.workers = 3}};
  Environment environment() { return {executor, clock, network, storage, tracer, decisions}; }
};

// What lingers sees the end of the other side soon.
void expect_all_closed(const TcpByteStreams& network) {
  const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (network.open_count() > 0 && std::chrono::steady_clock::now() < latest)
    std::this_thread::yield();
  REQUIRE(network.open_count() == 0);
}

// Sees whether a thread that is no worker is inside a node while its executor lets go of it.
class EndWatch final : public Tracer {
 public:
  EndWatch() { want_kinds(kind_bit(EventKind::send)); }
  using Tracer::emit;
  // The I/O thread, in the middle of a delivery: it stays there until the node is let go, or for
  // so long that a wrong order would have shown.
  void emit(const Event& event, std::string_view) override {
    if (event.subject.value != 0 || !is_armed.load(std::memory_order_acquire)) return;
    is_inside.store(true, std::memory_order_release);
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
    while (!is_let_go.load(std::memory_order_acquire) && std::chrono::steady_clock::now() < end)
      std::this_thread::yield();
    is_inside.store(false, std::memory_order_release);
  }
  std::uint64_t new_message_id() override { return 1; }

  std::atomic<bool> is_armed{false};
  std::atomic<bool> is_inside{false};
  std::atomic<bool> is_let_go{false};
  std::atomic<bool> was_inside{false};  // when the executor let go
};

class WatchedExecutor final : public Executor {
 public:
  explicit WatchedExecutor(EndWatch& watch) : watch_(watch) {}
  void schedule(Process& process) override { cores_.schedule(process); }
  void wake_at(Node& node, Instant when) override { cores_.wake_at(node, when); }
  void offload(Node& node, std::function<void()> job) override {
    cores_.offload(node, std::move(job));
  }
  std::size_t worker_count() const override { return cores_.worker_count(); }
  void detach(Node& node) override {
    cores_.detach(node);
    watch_.was_inside.store(watch_.is_inside.load(std::memory_order_acquire));
    watch_.is_let_go.store(true, std::memory_order_release);
  }

 private:
  EndWatch& watch_;
  Multicore cores_{{.workers = 2}};
};

}  // namespace

TEST_CASE("a socket given to a process that is ending is closed by one of the two", "[tcp]") {
  Parts parts;
  {
    Node node(parts.environment(), {.name = "stress@localhost"_atom});
    std::promise<std::uint64_t> closed;
    node.spawn<give_to_the_dying>(&closed);
    REQUIRE(closed.get_future().get() == dying_rounds);
  }
  expect_all_closed(parts.network);
}

TEST_CASE("no socket wakes a process of a node that its executor has let go", "[tcp]") {
  EndWatch watch;
  SystemClock clock;
  SystemDecisions decisions;
  TcpByteStreams network;
  FolderStorage storage{std::filesystem::temp_directory_path().string()};
  WatchedExecutor executor(watch);
  {
    Node node({executor, clock, network, storage, watch, decisions},
              {.name = "stress@localhost"_atom});
    std::promise<std::uint16_t> port;
    node.spawn<listen>(&port);
    std::promise<Term> end;
    const std::uint16_t there = port.get_future().get();
    watch.is_armed.store(true, std::memory_order_release);
    node.spawn<wait_for>(there, &end);
    while (!watch.is_inside.load(std::memory_order_acquire))
      std::this_thread::yield();
  }
  REQUIRE_FALSE(watch.was_inside.load());
  expect_all_closed(network);
}

TEST_CASE("connections of many processes keep their bytes and leave nothing open", "[tcp]") {
  Parts parts;
  {
    Node node(parts.environment(), {.name = "stress@localhost"_atom});
    std::promise<std::uint16_t> port;
    node.spawn<listen>(&port);
    std::promise<Term> end;
    node.spawn<wait_for>(port.get_future().get(), &end);
    REQUIRE(end.get_future().get() == Term(atoms::normal));
  }
  expect_all_closed(parts.network);
}

TEST_CASE("a node may be destroyed while its sockets are busy", "[tcp]") {
  Parts parts;
  for (int life = 0; life < 5; ++life) {
    Node node(parts.environment(), {.name = "stress@localhost"_atom});
    std::promise<std::uint16_t> port;
    node.spawn<listen>(&port);
    std::promise<Term> end;
    const std::uint16_t there = port.get_future().get();
    node.spawn<wait_for>(there, &end);
    while (parts.network.open_count() < clients)
      std::this_thread::yield();
  }
  expect_all_closed(parts.network);
}

}  // namespace glasshouse::runtime
