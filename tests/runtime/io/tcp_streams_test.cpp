#include "runtime/io/tcp_streams.h"

#include <cstdlib>
#include <optional>
#include <string>
#include <variant>

#include "runtime/term/print.h"
#include "tests/catch.h"
#include "tests/runtime/io/one_worker.h"

namespace glasshouse::runtime {

namespace {

using namespace literals;

struct Pair {
  Socket near;  // the one that connected
  Socket far;   // the one that was accepted
  Socket listener;
};

// Both ends of one connection, in one process.
Task<Pair> connect_pair(Self self) {
  self.own_io();
  const auto listening = self.network().listen(self.node(), self.pid(), {.host = "127.0.0.1"});
  EXPECT(listening.ok());
  self.network().credit(listening->socket, 1);
  Pair pair{.near = self.network().connect(self.node(), self.pid(),
                                           {.host = "127.0.0.1", .port = listening->port}),
            .far = {},
            .listener = listening->socket};
  const Accepted accepted = co_await self.receive<Accepted>();
  EXPECT(accepted.listener == pair.listener);
  EXPECT(accepted.peer.starts_with("127.0.0.1:"));
  pair.far = accepted.socket;
  const Connected connected = co_await self.receive<Connected>();
  EXPECT(connected.socket == pair.near);
  co_return pair;
}

Task<std::string> read_exactly(Self self, Socket socket, std::size_t size) {
  std::string all;
  while (all.size() < size) {
    const Bytes bytes = co_await self.receive<Bytes>();
    EXPECT(bytes.socket == socket);
    all += bytes.bytes.view();
  }
  co_return all;
}

Behaviour exchange_bytes(Self self) {
  auto connecting = connect_pair(self);
  const Pair pair = co_await connecting;
  self.network().credit(pair.far, 1000);
  self.network().credit(pair.near, 1000);
  self.network().send(pair.near, Binary("ping"));
  auto reading = read_exactly(self, pair.far, 4);
  const std::string ping = co_await reading;
  EXPECT(ping == "ping");
  self.network().send(pair.far, Binary("pong"));
  auto reading_back = read_exactly(self, pair.near, 4);
  const std::string pong = co_await reading_back;
  EXPECT(pong == "pong");
}

Behaviour respect_credit(Self self) {
  auto connecting = connect_pair(self);
  const Pair pair = co_await connecting;
  self.network().send(pair.near, Binary(std::string(100, 'x')));
  self.network().send(pair.far, Binary("y"));
  self.network().credit(pair.near, 1);
  // The byte that was granted arrives; of the other direction nothing was, and nothing does.
  const Bytes first = co_await self.receive<Bytes>();
  EXPECT(first.socket == pair.near);
  for (int granted = 0; granted < 100; granted += 10) {
    self.network().credit(pair.far, 10);
    std::size_t arrived = 0;
    while (arrived < 10) {
      const Bytes bytes = co_await self.receive<Bytes>();
      EXPECT(bytes.socket == pair.far);
      arrived += bytes.bytes.size();
      EXPECT(arrived <= 10);
    }
  }
}

Behaviour keep_order(Self self) {
  auto connecting = connect_pair(self);
  const Pair pair = co_await connecting;
  std::string sent;
  for (int i = 0; i < 20'000; ++i) {
    const std::string piece = std::to_string(i) + ",";
    sent += piece;
    self.network().send(pair.near, Binary(piece));
  }
  self.network().credit(pair.far, sent.size());
  auto reading = read_exactly(self, pair.far, sent.size());
  const std::string arrived = co_await reading;
  EXPECT(arrived == sent);
}

Behaviour drain(Self self) {
  auto connecting = connect_pair(self);
  const Pair pair = co_await connecting;
  const Binary chunk(std::string(64 << 10, 'x'));
  std::size_t sent = 0;
  bool polite = true;
  while (polite) {
    polite = self.network().send(pair.near, chunk);
    sent += chunk.size();
  }
  EXPECT(sent > send_queue_high);
  self.network().credit(pair.far, sent);
  auto reading = read_exactly(self, pair.far, sent);
  const std::string all = co_await reading;
  const Drained drained = co_await self.receive<Drained>();
  EXPECT(drained.socket == pair.near);
}

Behaviour close_after_flush(Self self) {
  auto connecting = connect_pair(self);
  const Pair pair = co_await connecting;
  const std::string much(3 << 20, 'z');
  self.network().send(pair.near, Binary(much));
  self.network().close(pair.near);
  self.network().send(pair.near, Binary("lost"));
  self.network().credit(pair.far, much.size() + 100);
  auto reading = read_exactly(self, pair.far, much.size());
  const std::string arrived = co_await reading;
  EXPECT(arrived == much);
  // The one that closed hears nothing of it.
  const Closed closed = co_await self.receive<Closed>();
  EXPECT(closed.socket == pair.far);
  EXPECT(closed.reason == atoms::normal);
  const auto more = co_await self.receive<Closed, Bytes>(Duration::zero());
  EXPECT(!more.has_value());
}

Behaviour refuse_connection(Self self) {
  self.own_io();
  const auto listening = self.network().listen(self.node(), self.pid(), {.host = "127.0.0.1"});
  EXPECT(listening.ok());
  self.network().close(listening->socket);
  // Closing is done by the I/O thread; a connection before that is closed with it.
  for (;;) {
    const Socket socket = self.network().connect(self.node(), self.pid(),
                                                 {.host = "127.0.0.1", .port = listening->port});
    self.network().credit(socket, 1);
    const auto first = co_await self.receive<Connected, Closed>();
    const Closed* closed = std::get_if<Closed>(&first);
    if (closed == nullptr) {
      static_cast<void>(co_await self.receive<Closed>());
      continue;
    }
    EXPECT(closed->socket == socket);
    EXPECT(closed->reason == "econnrefused"_atom);
    co_return;
  }
}

// No address as it stands: the resolver makes one of it.
Behaviour connect_by_name(Self self) {
  self.own_io();
  const auto listening = self.network().listen(self.node(), self.pid(), {.host = "127.0.0.1"});
  const Endpoint there{.host = "127.1", .port = listening->port};
  const Socket socket = self.network().connect(self.node(), self.pid(), there);
  const auto first = co_await self.receive<Connected, Closed>();
  const Connected* const connected = std::get_if<Connected>(&first);
  EXPECT(connected != nullptr);
  EXPECT(connected->socket == socket);
}

Behaviour hold_socket(Self self, Socket socket, Pid parent) {
  self.own_io();
  self.send<Down>(parent, Ref(), self.pid(), Term());
  const Bytes bytes = co_await self.receive<Bytes>();
  EXPECT(bytes.bytes.view() == "yours");
  EXPECT(bytes.socket == socket);
}

Behaviour give_away(Self self) {
  auto connecting = connect_pair(self);
  const Pair pair = co_await connecting;
  const Pid holder = self.spawn<hold_socket>(pair.far, self.pid());
  static_cast<void>(co_await self.receive<Down>());
  self.network().give(pair.far, holder);
  self.network().credit(pair.far, 100);
  self.network().credit(pair.near, 100);
  self.network().send(pair.near, Binary("yours"));
  // The holder exits when it has read that, and its socket is closed with it.
  const Closed closed = co_await self.receive<Closed>();
  EXPECT(closed.socket == pair.near);
}

Behaviour do_nothing(Self) {
  co_return;
}

Behaviour give_to_the_dead(Self self) {
  auto connecting = connect_pair(self);
  const Pair pair = co_await connecting;
  const auto dead = self.spawn_monitor<do_nothing>();
  static_cast<void>(co_await self.receive<Down>());
  self.network().credit(pair.near, 1);
  self.network().give(pair.far, dead.pid);
  const Closed closed = co_await self.receive<Closed>();
  EXPECT(closed.socket == pair.near);
}

Behaviour listen_badly(Self self) {
  self.own_io();
  const auto first = self.network().listen(self.node(), self.pid(), {.host = "127.0.0.1"});
  EXPECT(first.ok());
  const auto again =
      self.network().listen(self.node(), self.pid(), {.host = "127.0.0.1", .port = first->port});
  EXPECT(!again.ok());
  EXPECT(again.error().code == "eaddrinuse");
  const auto everywhere = self.network().listen(self.node(), self.pid(), {.host = "0.0.0.0"});
  EXPECT(everywhere.error().code == "eacces");
  const auto nowhere = self.network().listen(self.node(), self.pid(), {.host = "no address"});
  EXPECT(nowhere.error().code == "eaddrnotavail");
  const Socket outside =
      self.network().connect(self.node(), self.pid(), {.host = "192.0.2.1", .port = 9});
  const Closed closed = co_await self.receive<Closed>();
  EXPECT(closed.socket == outside);
  EXPECT(closed.reason == "eacces"_atom);
  co_return;
}

Behaviour accept_by_credit(Self self) {
  self.own_io();
  const auto listening = self.network().listen(self.node(), self.pid(), {.host = "127.0.0.1"});
  EXPECT(listening.ok());
  const Endpoint there{.host = "127.0.0.1", .port = listening->port};
  self.network().connect(self.node(), self.pid(), there);
  self.network().connect(self.node(), self.pid(), there);
  // The operating system completes both; only one is accepted.
  static_cast<void>(co_await self.receive<Connected>());
  static_cast<void>(co_await self.receive<Connected>());
  self.network().credit(listening->socket, 1);
  const Accepted first = co_await self.receive<Accepted>();
  self.network().credit(first.socket, 1);
  const auto none = co_await self.receive<Accepted>(Duration::zero());
  EXPECT(!none.has_value());
  self.network().credit(listening->socket, 1);
  const Accepted second = co_await self.receive<Accepted>();
  EXPECT(second.socket != first.socket);
}

}  // namespace

TEST_CASE("bytes go both ways over a connection", "[tcp]") {
  SmallWorld().expect_normal_exit<exchange_bytes>();
}

TEST_CASE("nothing arrives that was not granted", "[tcp]") {
  SmallWorld().expect_normal_exit<respect_credit>();
}

TEST_CASE("many small sends arrive in their order", "[tcp]") {
  SmallWorld().expect_normal_exit<keep_order>();
}

TEST_CASE("a sender above the high mark is told when the queue has drained", "[tcp]") {
  SmallWorld().expect_normal_exit<drain>();
}

TEST_CASE("closing sends what is queued, and the closer hears no more", "[tcp]") {
  SmallWorld().expect_normal_exit<close_after_flush>();
}

TEST_CASE("a connection that nobody takes is econnrefused", "[tcp]") {
  SmallWorld().expect_normal_exit<refuse_connection>();
}

TEST_CASE("a name is resolved and connected to", "[tcp]") {
  SmallWorld().expect_normal_exit<connect_by_name>();
}

TEST_CASE("a socket that was given away speaks to its new owner and dies with it", "[tcp]") {
  SmallWorld().expect_normal_exit<give_away>();
}

TEST_CASE("a socket given to a process that is gone is closed", "[tcp]") {
  SmallWorld().expect_normal_exit<give_to_the_dead>();
}

TEST_CASE("listening tells why it cannot, and stays on loopback", "[tcp]") {
  SmallWorld().expect_normal_exit<listen_badly>();
}

TEST_CASE("connections are accepted by credit", "[tcp]") {
  SmallWorld().expect_normal_exit<accept_by_credit>();
}

}  // namespace glasshouse::runtime
