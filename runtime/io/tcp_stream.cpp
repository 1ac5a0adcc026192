#include "runtime/io/tcp_stream.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <string>
#include <utility>

namespace glasshouse::runtime {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::string peer_name(const tcp::socket& socket) {
  boost::system::error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return "unknown";
  return peer.address().to_string() + ":" + std::to_string(peer.port());
}

}  // namespace

void TcpStream::connect(const Endpoint& to) {
  if (is_gone_) return;
  ErrorCode error;
  const bool is_here = to.host.empty() || to.host == "localhost";
  const auto address = asio::ip::make_address(is_here ? "127.0.0.1" : to.host, error);
  if (!error) {
    found_ = {tcp::endpoint(address, to.port)};
    connect_to_next(ErrorCode());
    return;
  }
  resolver_ = std::make_unique<tcp::resolver>(hub_.io());
  resolver_->async_resolve(
      to.host, std::to_string(to.port),
      [stream = self()](const ErrorCode& failure, const tcp::resolver::results_type& found) {
        if (failure) return stream->fail(failure);
        for (const auto& each : found)
          stream->found_.push_back(each.endpoint());
        stream->connect_to_next(asio::error::host_not_found);
      });
}

// Why the last one failed is why all did.
void TcpStream::connect_to_next(ErrorCode failure) {
  if (is_gone_) return;
  while (!found_.empty()) {
    const tcp::endpoint next = found_.front();
    found_.pop_front();
    if (hub_.reaches(next.address())) return connect_to(next);
    failure = ErrorCode(EACCES, boost::system::system_category());
  }
  fail(failure);
}

// async_connect opens a socket that is closed, for the family of the address.
void TcpStream::connect_to(const tcp::endpoint& to) {
  socket_.async_connect(to, [stream = self()](const ErrorCode& failure) {
    if (!failure) return stream->open_connected();
    ErrorCode ignored;
    stream->socket_.close(ignored);
    stream->connect_to_next(failure);
  });
}

void TcpStream::prepare() {
  ErrorCode ignored;  // a socket that fails here fails again at its first read
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
  is_open_ = true;
}

void TcpStream::open_connected() {
  if (is_gone_) return;
  prepare();
  {
    const std::lock_guard lock(mutex_);
    tell(owner_, EventKind::stream_open, number_, Atom("connected"), 0, peer_name(socket_));
    if (!deliver<Connected>(socket())) closing_ = true;
  }
  turn();
}

void TcpStream::open_accepted(Socket listener) {
  prepare();
  {
    const std::lock_guard lock(mutex_);
    const std::string peer = peer_name(socket_);
    tell(owner_, EventKind::stream_open, number_, Atom("accepted"), 0, peer);
    if (!deliver<Accepted>(socket(), listener, peer)) closing_ = true;
  }
  turn();
}

void TcpStream::turn() {
  bool closing = false;
  bool may_read = false;
  bool too_much = false;
  {
    const std::lock_guard lock(mutex_);
    turn_wanted_ = false;
    closing = closing_;
    may_read = credit_ > 0;
    too_much = queued_bytes() > tcp_send_queue_max;
  }
  if (too_much) return fail(ErrorCode(ENOBUFS, boost::system::system_category()));
  if (closing) begin_linger();
  if (!is_open_) return;
  flush();
  if (is_open_ && (may_read || discards_)) wait_readable();
}

std::size_t TcpStream::write_some(const std::vector<asio::const_buffer>& buffers,
                                  ErrorCode& error) {
  return socket_.write_some(buffers, error);
}

void TcpStream::wait_writable() {
  socket_.async_wait(tcp::socket::wait_write, when_writable());
}

// The other side reads to the end; what it still sends is drained, because closing with unread
// bytes would reset the connection and could take our last bytes with it.
void TcpStream::end_sending() {
  if (std::exchange(discards_, true)) return;
  ErrorCode error;
  socket_.shutdown(tcp::socket::shutdown_send, error);
  if (error) return shut();
  wait_readable();
}

void TcpStream::wait_readable() {
  if (std::exchange(waits_readable_, true)) return;
  socket_.async_wait(tcp::socket::wait_read, [stream = self()](const ErrorCode& error) {
    stream->waits_readable_ = false;
    if (error || !stream->is_open_) return;
    stream->read();
  });
}

void TcpStream::read() {
  std::size_t room = tcp_read_max;
  if (!discards_) {
    const std::lock_guard lock(mutex_);
    room = std::min(room, credit_);
  }
  if (room == 0) return;
  ErrorCode error;
  const std::size_t bytes = socket_.read_some(asio::buffer(hub_.buffer().data(), room), error);
  if (error == asio::error::would_block) return wait_readable();
  if (error) return discards_ ? shut() : fail(error);
  if (!discards_) received(bytes);
  turn();
}

// The connection is over, or never came to be. What is queued still leaves if the other side only
// ended its half.
void TcpStream::fail(const ErrorCode& error) {
  {
    const std::lock_guard lock(mutex_);
    report_closed(reason_of(error));
  }
  if (error != asio::error::eof) return shut();
  begin_linger();
  flush();
}

// Closing: flush within tcp_close_linger, end our half, read to the end of theirs.
void TcpStream::begin_linger() {
  if (std::exchange(lingers_, true)) return;
  if (!is_open_) return shut();  // not connected yet: nothing can have been sent
  linger_.expires_after(std::chrono::nanoseconds(tcp_close_linger.nanoseconds()));
  linger_.async_wait([stream = self()](const ErrorCode& error) {
    if (!error) stream->shut();
  });
}

void TcpStream::shut() {
  is_open_ = false;
  is_gone_ = true;
  if (resolver_) resolver_->cancel();
  ErrorCode ignored;
  linger_.cancel();
  socket_.close(ignored);
  hub_.remove(number_);
}

}  // namespace glasshouse::runtime
