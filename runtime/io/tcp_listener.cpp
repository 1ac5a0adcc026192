#include "runtime/io/tcp_listener.h"

#include <chrono>
#include <mutex>
#include <utility>

#include "runtime/io/tcp_stream.h"

namespace glasshouse::runtime {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

}  // namespace

boost::system::error_code TcpListener::open(const tcp::endpoint& at) {
  ErrorCode error;
  acceptor_.open(at.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(at, error);
  if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  if (!error) acceptor_.non_blocking(true, error);
  return error;
}

void TcpListener::turn() {
  bool closing = false;
  bool may_accept = false;
  {
    const std::lock_guard lock(mutex_);
    turn_wanted_ = false;
    closing = closing_;
    may_accept = credit_ > 0;
  }
  if (closing) {
    ErrorCode ignored;
    acceptor_.close(ignored);
    rest_.cancel();
    hub_.remove(number_);
  } else if (may_accept) {
    wait_incoming();
  }
}

void TcpListener::wait_incoming() {
  if (std::exchange(waits_, true)) return;
  acceptor_.async_wait(tcp::acceptor::wait_read, [listener = self()](const ErrorCode& error) {
    listener->waits_ = false;
    if (!error && listener->acceptor_.is_open()) listener->accept();
  });
}

void TcpListener::accept() {
  ErrorCode error;
  tcp::socket incoming(hub_.io());
  acceptor_.accept(incoming, error);
  // It went away again, or another turn took it.
  if (error == asio::error::would_block || error == asio::error::connection_aborted) return turn();
  if (error) return pause();
  std::shared_ptr<TcpStream> stream;
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return;
    --credit_;
    stream = std::make_shared<TcpStream>(hub_, owner_, std::move(incoming));
    hub_.add(stream, owner_.pid);
  }
  stream->open_accepted(socket());
  turn();
}

// Out of files or memory: trying again at once would only burn.
void TcpListener::pause() {
  rest_.expires_after(std::chrono::nanoseconds(tcp_accept_pause.nanoseconds()));
  rest_.async_wait([listener = self()](const ErrorCode& error) {
    if (!error) listener->turn();
  });
}

}  // namespace glasshouse::runtime
