#pragma once
// A client on a thread of its own, with a real socket: it writes and reads its own keys, comes back
// when its connection is lost, and keeps the history that kv::check judges. Its time is a count of
// what happened.

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "runtime/base/random.h"
#include "scenarios/kv/history.h"
#include "scenarios/kv/resp.h"

namespace glasshouse::scenarios::kv {

// A blocking connection to the store.
class Line {
 public:
  // Nothing if nobody listens.
  static std::optional<Line> open(std::uint16_t port) {
    const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      ::close(file);
      return std::nullopt;
    }
    const int on = 1;
    ::setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return Line(file);
  }
  Line(Line&& other) noexcept
      : file_(std::exchange(other.file_, -1)), replies_(std::move(other.replies_)) {}
  Line& operator=(Line&&) = delete;
  ~Line() {
    if (file_ >= 0) ::close(file_);
  }

  // Nothing: the connection is lost, or no answer came in time.
  std::optional<Reply> ask(const std::vector<std::string_view>& words) {
    std::string command;
    append_command(command, words);
    if (!send(command)) return std::nullopt;
    return receive();
  }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(file_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  std::optional<Reply> receive() {
    for (;;) {
      if (auto reply = replies_.next()) return reply;
      char buffer[4096];
      const ssize_t got = ::recv(file_, buffer, sizeof(buffer), 0);
      if (got <= 0 || replies_.is_broken()) return std::nullopt;
      replies_.feed({buffer, static_cast<std::size_t>(got)});
    }
  }

 private:
  explicit Line(int file) : file_(file) {}
  int file_;
  ReplyParser replies_;
};

class Writer {
 public:
  struct Setting {
    std::uint32_t number = 1;
    std::uint16_t port = 0;
    std::uint32_t life = 1;  // values of different lives differ
    // Called after every operation with how many there were and who this connection is.
    std::function<void(std::uint64_t, std::int64_t)> after = {};
  };
  Writer(Setting setting, History& history) : setting_(std::move(setting)), history_(history) {
    history_.add_client(setting_.number);
    thread_ = std::thread([this] { run(); });
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { stop(); }

  void stop() {
    over_.store(true, std::memory_order_relaxed);  // read by run
    if (thread_.joinable()) thread_.join();
  }
  std::uint64_t done() const { return done_.load(std::memory_order_relaxed); }

  // Reads every key once more, with patience.
  static bool verify(std::uint32_t number, std::uint16_t port, History& history) {
    auto line = Line::open(port);
    for (std::uint64_t index = 0; line && index < keys; ++index) {
      for (const char* kind : {"r", "n"}) {
        const std::string key = key_of(number, kind, index);
        const auto id = history.begin(number, Asked::get, key, "", tick());
        const auto reply = line->ask({"GET", key});
        if (!reply || reply->kind == Reply::Kind::error) return false;
        const bool found = reply->kind == Reply::Kind::bulk;
        history.end(id, {.outcome = Outcome::ok, .found = found, .answer = reply->text}, tick());
      }
    }
    return line.has_value();
  }

 private:
  static constexpr std::uint64_t keys = 5;

  static runtime::Instant tick() {
    static std::atomic<std::int64_t> ticks{0};
    return runtime::Instant::at(runtime::Duration::milliseconds(++ticks));
  }
  static std::string key_of(std::uint32_t number, std::string_view kind, std::uint64_t index) {
    return "w" + std::to_string(number) + ":" + std::string(kind) + std::to_string(index);
  }

  void run() {
    runtime::Draws draws(setting_.life, 0, setting_.number);
    while (!over_.load(std::memory_order_relaxed)) {
      auto line = Line::open(setting_.port);
      const auto id = line ? line->ask({"CLIENT", "ID"}) : std::nullopt;
      if (!id) {
        std::this_thread::yield();
        continue;
      }
      while (!over_.load(std::memory_order_relaxed) && operate(*line, draws)) {
        const std::uint64_t done = done_.fetch_add(1, std::memory_order_relaxed) + 1;
        if (setting_.after) setting_.after(done, id->number);
      }
    }
  }

  // False: the connection is lost.
  bool operate(Line& line, runtime::Draws& draws) {
    const std::uint64_t kind = draws.below(10);
    const bool is_count = kind < 3;
    const std::string key = key_of(setting_.number, is_count ? "n" : "r", draws.below(keys));
    const std::string value =
        "v" + std::to_string(setting_.life) + "-" + std::to_string(draws.taken());
    Asked asked = Asked::set;
    std::vector<std::string_view> words{"SET", key, value};
    if (is_count) {
      asked = Asked::incr;
      words = {"INCR", key};
    } else if (kind < 6) {
      asked = Asked::get;
      words = {"GET", key};
    } else if (kind < 7) {
      asked = Asked::del;
      words = {"DEL", key};
    }
    const auto id =
        history_.begin(setting_.number, asked, key, asked == Asked::set ? value : "", tick());
    const auto reply = line.ask(words);
    History::Ending ending;
    if (reply) ending = ending_of(asked, *reply);
    history_.end(id, std::move(ending), tick());
    return reply.has_value();
  }

  Setting setting_;
  History& history_;
  std::atomic<bool> over_{false};
  std::atomic<std::uint64_t> done_{0};
  std::thread thread_;
};

}  // namespace glasshouse::scenarios::kv
