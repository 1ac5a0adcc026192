#pragma once
// Inside of TcpByteStreams: one connection.

#include <memory>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "runtime/io/out_queue.h"
#include "runtime/io/tcp_hub.h"

namespace glasshouse::runtime {

class TcpStream final : public TcpEntry {
 public:
  TcpStream(TcpHub& hub, SocketOwner owner)
      : TcpEntry(hub, owner), socket_(hub.io()), linger_(hub.io()) {}
  TcpStream(TcpHub& hub, SocketOwner owner, boost::asio::ip::tcp::socket socket)
      : TcpEntry(hub, owner), socket_(std::move(socket)), linger_(hub.io()) {}

  std::shared_ptr<TcpStream> self() {
    return std::static_pointer_cast<TcpStream>(shared_from_this());
  }

  bool send(Binary bytes) override;
  void connect(const Endpoint& to);  // I/O thread
  // I/O thread: the connection stands. Tells the owner.
  void open_connected();
  void open_accepted(Socket listener);
  void turn() override;

 private:
  void prepare();
  void connect_to(const boost::asio::ip::tcp::endpoint& to);
  void flush();
  bool gather();
  std::size_t write_some(boost::system::error_code& error);
  void end_sending();
  void written(std::size_t bytes);
  void wait_writable();
  void wait_readable();
  void read();
  void received(std::size_t bytes);
  void fail(const boost::system::error_code& error);
  void begin_linger();
  void shut();

  OutQueue out_;

  // I/O thread.
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<boost::asio::ip::tcp::resolver> resolver_;
  boost::asio::steady_timer linger_;
  bool is_open_ = false;  // connected, not shut
  bool is_gone_ = false;  // shut, for good
  bool waits_readable_ = false;
  bool waits_writable_ = false;
  bool lingers_ = false;
  bool discards_ = false;  // what still arrives is read and forgotten
};

}  // namespace glasshouse::runtime
