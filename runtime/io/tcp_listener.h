#pragma once
// Inside of TcpByteStreams: a socket that listens.

#include <cstdint>
#include <memory>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "runtime/io/tcp_hub.h"

namespace glasshouse::runtime {

class TcpListener final : public TcpEntry {
 public:
  TcpListener(TcpHub& hub, SocketOwner owner)
      : TcpEntry(hub, owner), acceptor_(hub.io()), rest_(hub.io()) {}

  std::shared_ptr<TcpListener> self() {
    return std::static_pointer_cast<TcpListener>(shared_from_this());
  }

  // The caller's thread, before anybody else knows this listener.
  boost::system::error_code open(const boost::asio::ip::tcp::endpoint& at);
  std::uint16_t port() const {
    boost::system::error_code ignored;
    return acceptor_.local_endpoint(ignored).port();
  }
  bool send(Binary) override { return true; }  // to nobody
  void turn() override;

 private:
  void wait_incoming();
  void accept();
  void pause();

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer rest_;
  bool waits_ = false;
};

}  // namespace glasshouse::runtime
