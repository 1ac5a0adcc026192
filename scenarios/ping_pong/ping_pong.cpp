#include "scenarios/ping_pong/ping_pong.h"

#include <atomic>
#include <optional>
#include <string>
#include <variant>

#include "runtime/behaviour/supervisor.h"
#include "runtime/io/byte_streams.h"
#include "runtime/process/self.h"

namespace glasshouse::scenarios {

using runtime::Accepted;
using runtime::Behaviour;
using runtime::Binary;
using runtime::Bytes;
using runtime::Closed;
using runtime::Connected;
using runtime::Self;
using runtime::Socket;
using runtime::Task;
using runtime::Term;
using namespace runtime::literals;

namespace {

constexpr std::size_t window = 4'096;  // bytes on their way to one side
constexpr std::size_t connections_max = 64;

// What the clients of a run were told.
struct Tally {
  std::atomic<std::int64_t> answered{0};  // relaxed: a count and nothing else
};

class Pong {
 public:
  using Accepts = runtime::Messages<Accepted, Bytes, Closed>;
  Pong(Self self, runtime::Endpoint at) : self_(self) {
    self_.own_io();
    const auto listening = self_.network().listen(self_.node(), self_.pid(), at);
    if (!listening) self_.exit(Term(runtime::Atom(listening.error().code)));
    listener_ = listening->socket;
    self_.network().credit(listener_, connections_max);
  }
  void handle(Accepted accepted) { self_.network().credit(accepted.socket, window); }
  void handle(Bytes bytes) {
    ++echoed_;
    self_.network().credit(bytes.socket, bytes.bytes.size());
    self_.network().send(bytes.socket, bytes.bytes);
  }
  void handle(Closed) { self_.network().credit(listener_, 1); }
  Term describe() const { return runtime::map("echoed"_atom, echoed_); }

 private:
  Self self_;
  Socket listener_;
  std::int64_t echoed_ = 0;
};

struct PingOptions {
  runtime::Endpoint server;
  Duration pause;
  Duration timeout;
};

// Waits for a connection at most `timeout`; nothing if there is none.
Task<std::optional<Socket>> connected(Self self, PingOptions options) {
  const Socket socket = self.network().connect(self.node(), self.pid(), options.server);
  auto next = self.receive<Connected, Closed>(options.timeout);
  const auto answer = co_await next;
  if (answer && std::holds_alternative<Connected>(*answer)) {
    self.network().credit(socket, window);
    co_return socket;
  }
  self.network().close(socket);
  co_return std::nullopt;
}

// Asks again and again; whatever goes wrong, it connects anew.
Behaviour ping(Self self, PingOptions options, Tally* tally) {
  self.own_io();
  std::optional<Socket> socket;
  for (;;) {
    auto pausing = self.sleep(options.pause);
    co_await pausing;
    if (!socket) {
      auto connecting = connected(self, options);
      socket = co_await connecting;
      continue;
    }
    self.network().send(*socket, Binary("ping"));
    auto next = self.receive<Bytes, Closed>(options.timeout);
    auto answer = co_await next;
    if (answer && std::holds_alternative<Bytes>(*answer)) {
      self.network().credit(*socket, std::get<Bytes>(*answer).bytes.size());
      tally->answered.fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    self.network().close(*socket);
    socket.reset();
  }
}

runtime::Endpoint endpoint(std::string host, std::int64_t port) {
  return {.host = std::move(host), .port = static_cast<std::uint16_t>(port)};
}

Result<runtime::Pid> start_pong(const Start& start) {
  const auto at = endpoint(start.host, start.options.number("port"));
  runtime::SupervisorSpec spec{.name = "pong_sup"_atom,
                               .strategy = runtime::Strategy::one_for_one,
                               .limit = {.intensity = 10, .period = Duration::seconds(5)}};
  spec.children.push_back(
      {.id = "pong"_atom, .start = runtime::named_child<Pong>("pong"_atom, at)});
  return runtime::start_supervisor_on(start.node, std::move(spec)).pid;
}

Result<runtime::Pid> start_ping(const Start& start) {
  const PingOptions options{
      .server = endpoint(start.options.text("server"), start.options.number("port")),
      .pause = start.options.duration("pause"),
      .timeout = start.options.duration("timeout")};
  return start.node.spawn<ping>(options, &start.shared.get<Tally>("ping"));
}

constexpr std::int64_t port_max = 65'535;
const Option port_option{.name = "port",
                         .by_default = std::int64_t{4000},
                         .doc = "where pong listens",
                         .least = 1,
                         .most = port_max};

}  // namespace

void add_ping_pong(Applications& applications) {
  applications.add({.name = "pong",
                    .doc = "a supervised server that sends back whatever arrives",
                    .options = {port_option},
                    .start = &start_pong,
                    .questions = {},
                    .family = {}});
  Question answered{
      .name = "answered",
      .doc = "how many pings were answered so far",
      .options = {},
      .ask = [](Shared& shared, const Options&) -> Answer {
        return {shared.get<Tally>("ping").answered.load(std::memory_order_relaxed), {}};
      }};
  applications.add({.name = "ping",
                    .doc = "a client that pings for ever, and connects anew when it must",
                    .options = {{.name = "server",
                                 .by_default = std::string("pong"),
                                 .doc = "the host pong listens on"},
                                port_option,
                                {.name = "pause",
                                 .by_default = Duration::milliseconds(10),
                                 .doc = "between two pings"},
                                {.name = "timeout",
                                 .by_default = Duration::milliseconds(200),
                                 .doc = "how long it waits for an answer"}},
                    .start = &start_ping,
                    .questions = {std::move(answered)},
                    .family = {}});
}

}  // namespace glasshouse::scenarios
