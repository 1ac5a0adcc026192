#pragma once
// Inside of TcpByteStreams: one connection.

#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "runtime/io/out_stream.h"

namespace glasshouse::runtime {

class TcpStream final : public OutStream {
 public:
  TcpStream(TcpHub& hub, SocketOwner owner)
      : OutStream(hub, owner), socket_(hub.io()), linger_(hub.io()) {}
  TcpStream(TcpHub& hub, SocketOwner owner, boost::asio::ip::tcp::socket socket)
      : OutStream(hub, owner), socket_(std::move(socket)), linger_(hub.io()) {}

  std::shared_ptr<TcpStream> self() {
    return std::static_pointer_cast<TcpStream>(shared_from_this());
  }

  void connect(const Endpoint& to);  // I/O thread
  // I/O thread: the connection stands. Tells the owner.
  void open_connected();
  void open_accepted(Socket listener);
  void turn() override;

 private:
  void prepare();
  void connect_to_next(boost::system::error_code failure);
  void connect_to(const boost::asio::ip::tcp::endpoint& to);
  std::size_t write_some(const std::vector<boost::asio::const_buffer>& buffers,
                         ErrorCode& error) override;
  void end_sending() override;
  void wait_writable() override;
  void wait_readable();
  void read();
  void fail(const ErrorCode& error) override;
  void begin_linger();
  void shut();

  // I/O thread.
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<boost::asio::ip::tcp::resolver> resolver_;
  std::deque<boost::asio::ip::tcp::endpoint> found_;  // of its host, not yet tried
  boost::asio::steady_timer linger_;
  bool is_gone_ = false;  // shut, for good
  bool waits_readable_ = false;
  bool discards_ = false;  // what still arrives is read and forgotten
};

}  // namespace glasshouse::runtime
