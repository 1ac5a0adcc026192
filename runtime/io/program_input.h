#pragma once
// Inside of TcpByteStreams: the standard input of a program, a pipe that is only written to.

#include <memory>
#include <vector>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "runtime/io/out_stream.h"
#include "runtime/io/program_spawn.h"

namespace glasshouse::runtime {

class ProgramInput final : public OutStream {
 public:
  ProgramInput(TcpHub& hub, SocketOwner owner, Descriptor pipe)
      : OutStream(hub, owner), pipe_(hub.io(), pipe.release()), linger_(hub.io()) {
    pipe_.non_blocking(true);
    is_open_ = true;
  }

  void turn() override;
  // I/O thread: patience with the program has ended, by a signal or with the program, so what is
  // still queued after tcp_close_linger is dropped.
  void hurry();

 private:
  std::shared_ptr<ProgramInput> self() {
    return std::static_pointer_cast<ProgramInput>(shared_from_this());
  }
  std::size_t write_some(const std::vector<boost::asio::const_buffer>& buffers,
                         ErrorCode& error) override;
  void wait_writable() override;
  void fail(const ErrorCode& error) override;
  void end_sending() override { shut(); }
  void shut();

  // I/O thread.
  boost::asio::posix::stream_descriptor pipe_;
  boost::asio::steady_timer linger_;
  bool hurries_ = false;
};

}  // namespace glasshouse::runtime
