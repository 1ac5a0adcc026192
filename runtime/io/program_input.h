#pragma once
// Inside of TcpByteStreams: the standard input of a program, a pipe that is only written to.

#include <memory>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "runtime/io/out_queue.h"
#include "runtime/io/program_spawn.h"
#include "runtime/io/tcp_hub.h"

namespace glasshouse::runtime {

class ProgramInput final : public TcpEntry {
 public:
  ProgramInput(TcpHub& hub, SocketOwner owner, Descriptor pipe)
      : TcpEntry(hub, owner), pipe_(hub.io(), pipe.release()), linger_(hub.io()) {
    pipe_.non_blocking(true);
  }

  bool send(Binary bytes) override;
  void turn() override;
  // I/O thread: patience with the program has ended, by a signal or with the program, so what is
  // still queued after tcp_close_linger is dropped.
  void hurry();

 private:
  std::shared_ptr<ProgramInput> self() {
    return std::static_pointer_cast<ProgramInput>(shared_from_this());
  }
  void flush();
  bool gather();
  void wait_writable();
  void fail(int error);
  void shut();

  OutQueue out_;

  // I/O thread.
  boost::asio::posix::stream_descriptor pipe_;
  boost::asio::steady_timer linger_;
  bool is_open_ = true;
  bool waits_writable_ = false;
  bool lingers_ = false;
  bool hurries_ = false;
};

}  // namespace glasshouse::runtime
