#include "runtime/heart/heart_line.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace glasshouse::runtime {

namespace {

class SocketLine final : public HeartLine {
 public:
  SocketLine(int socket, std::int64_t timeout_ms) : socket_(socket), timeout_ms_(timeout_ms) {
    fcntl(socket_, F_SETFD, FD_CLOEXEC);
  }
  SocketLine(const SocketLine&) = delete;
  SocketLine& operator=(const SocketLine&) = delete;
  ~SocketLine() override { ::close(socket_); }

  // A heart that is gone or stands still must not hold the node up, so failures are its loss.
  void send(HeartWord word, std::string_view text) override {
    const std::string message = static_cast<char>(word) + std::string(text);
    static_cast<void>(::send(socket_, message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  }
  std::int64_t timeout_ms() const override { return timeout_ms_; }

 private:
  const int socket_;
  const std::int64_t timeout_ms_;
};

std::optional<std::int64_t> number_in(const char* variable) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there are no threads yet, see take_heart_line
  const char* const text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, number);
  if (read.ec != std::errc() || read.ptr != end || number < 0) return std::nullopt;
  return number;
}

}  // namespace

std::unique_ptr<HeartLine> take_heart_line() {
  const auto socket = number_in(heart_line_variable);
  const auto timeout = number_in(heart_timeout_variable);
  if (!socket || !timeout) return nullptr;
  unsetenv(heart_line_variable);     // NOLINT(concurrency-mt-unsafe)
  unsetenv(heart_timeout_variable);  // NOLINT(concurrency-mt-unsafe)
  return std::make_unique<SocketLine>(static_cast<int>(*socket), *timeout);
}

}  // namespace glasshouse::runtime
