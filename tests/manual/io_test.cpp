// The snippets of docs/manual/io.md, each run in both worlds: simulated, and with TCP and a folder.

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "runtime/io/byte_streams.h"
#include "runtime/io/file.h"
#include "runtime/process/self.h"
#include "tests/catch.h"
#include "tests/runtime/io/one_worker.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests::manual_io {

namespace {

using namespace runtime::literals;

struct Listens {
  std::uint16_t port = 0;
};

// region stream
constexpr std::size_t window_bytes = 64 << 10;

// Sends back what comes, and takes no more than the other side takes back.
Behaviour echo(Self self, Socket socket) {
  self.own_io();  // its sockets are closed when it exits
  for (;;) {
    auto next = self.receive<Bytes, Closed>();
    const auto message = co_await next;
    const auto* arrived = std::get_if<Bytes>(&message);
    if (arrived == nullptr) co_return;  // Closed: the other side has ended
    const bool has_room = self.network().send(socket, arrived->bytes);
    if (!has_room) {
      auto waiting = self.receive<Drained, Closed>();
      const auto news = co_await waiting;
      if (std::holds_alternative<Closed>(news)) co_return;
    }
    self.network().credit(socket, arrived->bytes.size());
  }
}
// endregion

// region listen
Behaviour echo_server(Self self, Pid starter) {
  self.own_io();
  const Endpoint anywhere{.host = "localhost", .port = 0};  // 0: one that is free
  const auto listening = self.network().listen(self.node(), self.pid(), anywhere);
  if (!listening) self.exit(Term(Atom(listening.error().code)));  // eaddrinuse, eacces, ...
  self.send<Listens>(starter, listening->port);
  for (;;) {
    self.network().credit(listening->socket, 1);  // one connection more
    auto next = self.receive<Accepted>();
    const Accepted accepted = co_await next;
    const Pid owner = self.spawn<&echo>(accepted.socket);
    self.network().give(accepted.socket, owner);
    self.network().credit(accepted.socket, window_bytes);  // bytes; not before it was given
  }
}
// endregion

// region connect
Behaviour client(Self self, std::uint16_t port, Notes* notes) {
  self.own_io();
  const Endpoint server{.host = "localhost", .port = port};
  const Socket socket = self.network().connect(self.node(), self.pid(), server);
  auto connecting = self.receive<Connected, Closed>(5_s);
  const auto answer = co_await connecting;
  if (!answer) self.exit(Term(atoms::timeout));
  if (const auto* closed = std::get_if<Closed>(&*answer)) self.exit(Term(closed->reason));

  self.network().credit(socket, window_bytes);
  self.network().send(socket, Binary("hello"));
  std::string echoed;
  while (echoed.size() < 5) {  // a stream keeps the order, not the pieces
    auto next = self.receive<Bytes, Closed>();
    const auto message = co_await next;
    if (const auto* closed = std::get_if<Closed>(&message)) self.exit(Term(closed->reason));
    echoed += std::get<Bytes>(message).bytes.view();
  }
  notes->push_back(echoed);
  self.network().close(socket);  // after what was sent; nothing more is heard of it
}
// endregion

Behaviour echoes(Self self, Notes* notes) {
  self.spawn<&echo_server>(self.pid());
  auto starting = self.receive<Listens>();
  const Listens server = co_await starting;
  self.spawn_monitor<&client>(server.port, notes);
  auto ending = self.receive<Down>();
  const Down down = co_await ending;
  notes->push_back(text(down.reason));
}

Behaviour finds_nobody(Self self, Notes* notes) {
  self.own_io();
  const Endpoint nowhere{.host = "localhost", .port = 0};
  const auto listening = self.network().listen(self.node(), self.pid(), nowhere);
  self.network().close(listening->socket);
  // Closing takes a moment; whom it finds connected is closed with it.
  Term reason;
  for (int i = 0; i < 10'000 && reason != Term("econnrefused"_atom); ++i) {
    self.spawn_monitor<&client>(listening->port, notes);
    auto ending = self.receive<Down>();
    Down down = co_await ending;
    reason = std::move(down.reason);
  }
  notes->push_back(text(reason));
}

// region files
Behaviour keeps(Self self, Notes* notes) {
  auto missing = read_file(self, "state/now");
  const Result<Binary> none = co_await missing;
  if (!none) notes->push_back(none.error().code);  // enoent

  // A new content that is there whole or not at all, whenever the power fails.
  auto writing = write_file(self, "state/new", Binary("42"));
  const Result<void> written = co_await writing;
  if (!written) self.exit(Term(Atom(written.error().code)));  // enospc, eio, ...
  auto renaming = rename_file(self, "state/new", "state/now");
  const Result<void> renamed = co_await renaming;
  auto syncing = sync_folder(self, "state");
  const Result<void> synced = co_await syncing;
  if (!renamed || !synced) self.exit(Term("eio"_atom));

  auto reading = read_file(self, "state/now");
  const Result<Binary> bytes = co_await reading;
  if (bytes) notes->push_back(std::string(bytes->view()));
}
// endregion

// region timers
struct Remind {};

Behaviour waits(Self self, Notes* notes) {
  self.send_after<Remind>(20_ms, self.pid());
  auto next = self.receive<Remind>();
  static_cast<void>(co_await next);
  notes->push_back("reminded");

  const TimerId later = self.send_after<Remind>(60_s, self.pid());
  const std::optional<Duration> left = self.cancel_timer(later);  // nothing: it has fired
  if (left && *left <= 60_s) notes->push_back("cancelled");

  auto in_vain = self.receive<Remind>(10_ms);
  const std::optional<Remind> none = co_await in_vain;
  if (!none) notes->push_back("nothing came");
  co_await self.sleep(1_ms);
}
// endregion

template <auto Body>
void expect_in_both_worlds(const Notes& expected) {
  Notes simulated;
  OneNode node;
  node.spawn<Body>(&simulated);
  node.run();
  REQUIRE(simulated == expected);
  Notes real;
  SmallWorld world;
  world.expect_normal_exit<Body>(&real);
  REQUIRE(real == expected);
}

}  // namespace

TEST_CASE("the manual's echo answers in both worlds", "[manual][tcp]") {
  expect_in_both_worlds<&echoes>({"hello", "normal"});
}

TEST_CASE("the manual's client says where nobody listens in both worlds", "[manual][tcp]") {
  expect_in_both_worlds<&finds_nobody>({"econnrefused"});
}

TEST_CASE("the manual's file is kept in both worlds", "[manual][folder]") {
  expect_in_both_worlds<&keeps>({"enoent", "42"});
}

TEST_CASE("the manual's timers fire and are cancelled in both worlds", "[manual]") {
  expect_in_both_worlds<&waits>({"reminded", "cancelled", "nothing came"});
}

}  // namespace glasshouse::tests::manual_io
