// The workload of a scenario: one client that asks one thing after the other and writes down what
// it was told.

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/io/byte_streams.h"
#include "runtime/process/self.h"
#include "scenarios/kv/history.h"
#include "scenarios/kv/kv.h"
#include "scenarios/kv/resp.h"

namespace glasshouse::scenarios::kv {

using runtime::Binary;
using runtime::Bytes;
using runtime::Closed;
using runtime::Connected;
using runtime::Duration;
using runtime::Instant;
using runtime::Self;
using runtime::Socket;
using runtime::Task;
using namespace runtime::literals;

namespace {

constexpr Duration backoff_max = Duration::seconds(1);
constexpr std::size_t client_window = 64 << 10;  // bytes of replies that may be on their way

// Named here so that the process has the name of its kind.
struct Asking {
  Asked asked = Asked::get;
  std::string key{};
  std::string value{};
};

std::vector<std::string_view> words_of(const Asking& asking) {
  switch (asking.asked) {
    case Asked::set:
      return {"SET", asking.key, asking.value};
    case Asked::get:
      return {"GET", asking.key};
    case Asked::incr:
      return {"INCR", asking.key};
    case Asked::del:
      return {"DEL", asking.key};
  }
  return {};
}

class Client {
 public:
  Client(Self self, ClientOptions options, History& history)
      : self_(self), options_(std::move(options)), history_(history) {
    self_.own_io();
    history_.add_client(options_.number);
  }

  // Everything it has to do.
  Task<void> run();

 private:
  Task<void> connect();
  Task<void> operate(Asking asking, bool until_told);
  Task<std::optional<Reply>> converse(Asking asking);
  void hang_up();

  std::uint64_t draw() {
    return self_.node().environment().decide.draw(runtime::Choice::workload, options_.number);
  }
  Duration draw_pause();
  Asking draw_asking(std::uint32_t number);
  std::string key(std::string_view kind, std::uint64_t index) const {
    return "c" + std::to_string(options_.number) + ":" + std::string(kind) + std::to_string(index);
  }

  Self self_;
  ClientOptions options_;
  History& history_;
  std::optional<Socket> socket_;
  ReplyParser replies_;
};

// Between nothing and twice the mean.
Duration Client::draw_pause() {
  const auto mean = static_cast<std::uint64_t>(options_.pause.nanoseconds());
  return Duration::nanoseconds(static_cast<std::int64_t>(runtime::scale_to(draw(), 2 * mean + 1)));
}

Asking Client::draw_asking(std::uint32_t number) {
  const std::uint64_t kind = runtime::scale_to(draw(), 100);
  const std::uint64_t index = runtime::scale_to(draw(), options_.keys);
  if (kind < 20) return {.asked = Asked::incr, .key = key("n", index)};
  if (kind < 30) return {.asked = Asked::get, .key = key("n", index)};
  if (kind < 60) return {.asked = Asked::get, .key = key("r", index)};
  if (kind < 68) return {.asked = Asked::del, .key = key("r", index)};
  // A value that no other operation writes.
  std::string value = "v" + std::to_string(options_.number) + "-" + std::to_string(number) + "-";
  if (value.size() < options_.value_bytes) value.resize(options_.value_bytes, 'x');
  return {.asked = Asked::set, .key = key("r", index), .value = std::move(value)};
}

Task<void> Client::run() {
  for (std::uint32_t number = 0; number < options_.operations; ++number) {
    auto pausing = self_.sleep(draw_pause());
    co_await pausing;
    auto operating = operate(draw_asking(number), false);
    co_await operating;
  }
  for (std::uint32_t index = 0; index < options_.keys; ++index) {
    for (const std::string_view kind : {"r", "n"}) {
      const Asking asking{.asked = Asked::get, .key = key(kind, index)};
      auto verifying = operate(asking, true);
      co_await verifying;
    }
  }
  hang_up();
  history_.finish_client(options_.number);
}

// One operation, told to the history. `until_told`: again and again until the answer is good.
Task<void> Client::operate(Asking asking, bool until_told) {
  for (;;) {
    auto connecting = connect();
    co_await connecting;
    const auto id =
        history_.begin(options_.number, asking.asked, asking.key, asking.value, self_.now());
    auto conversing = converse(asking);
    const std::optional<Reply> reply = co_await conversing;
    History::Ending ending;
    if (reply) ending = ending_of(asking.asked, *reply);
    const bool is_good = ending.outcome == Outcome::ok;
    history_.end(id, std::move(ending), self_.now());
    if (!reply) hang_up();
    if (is_good || !until_told) co_return;
    auto pausing = self_.sleep(options_.backoff);
    co_await pausing;
  }
}

// Until there is a connection, however long it takes.
Task<void> Client::connect() {
  Duration backoff = options_.backoff;
  while (!socket_) {
    const Socket socket = self_.network().connect(self_.node(), self_.pid(),
                                                  {.host = options_.host, .port = options_.port});
    bool connected = false;
    bool waiting = true;
    while (waiting) {
      auto next = self_.receive<Connected, Closed>(options_.timeout);
      const auto answer = co_await next;
      if (!answer) break;
      // What an earlier connection still had to say is passed over.
      if (const auto* open = std::get_if<Connected>(&*answer)) {
        connected = open->socket == socket;
        waiting = !connected;
      } else {
        waiting = std::get<Closed>(*answer).socket != socket;
      }
    }
    if (connected) {
      socket_ = socket;
      replies_ = ReplyParser();
      self_.network().credit(socket, client_window);
      co_return;
    }
    self_.network().close(socket);
    auto pausing = self_.sleep(backoff);
    co_await pausing;
    backoff = std::min(backoff * 2, backoff_max);
  }
}

// Nothing: time ran out, the connection was lost, or what came back is no reply.
Task<std::optional<Reply>> Client::converse(Asking asking) {
  std::string command;
  append_command(command, words_of(asking));
  self_.network().send(*socket_, Binary(command));
  const Instant deadline = self_.now() + options_.timeout;
  for (;;) {
    const Duration left = std::max(Duration::zero(), deadline - self_.now());
    auto next = self_.receive<Bytes, Closed>(left);
    auto arrived = co_await next;
    if (!arrived) co_return std::nullopt;
    if (const auto* bytes = std::get_if<Bytes>(&*arrived)) {
      if (bytes->socket != *socket_) continue;
      self_.network().credit(*socket_, bytes->bytes.size());
      replies_.feed(bytes->bytes.view());
      auto reply = replies_.next();
      if (reply || replies_.is_broken()) co_return reply;
    } else if (std::get<Closed>(*arrived).socket == *socket_) {
      co_return std::nullopt;
    }
  }
}

void Client::hang_up() {
  if (socket_) self_.network().close(*std::exchange(socket_, std::nullopt));
}

runtime::Behaviour kv_client(Self self, ClientOptions options, History* history) {
  Client client(self, std::move(options), *history);
  auto running = client.run();
  co_await running;
}

}  // namespace

runtime::Pid start_client(runtime::Node& node, const ClientOptions& options, History& history) {
  return node.spawn<kv_client>(options, &history);
}

}  // namespace glasshouse::scenarios::kv
