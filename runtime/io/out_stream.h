#pragma once
// Inside of TcpByteStreams: what is written to, a connection or the standard input of a program.
// Any thread sends; the I/O thread writes as much as the other side takes, and goes on when it
// takes more.

#include <memory>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include "runtime/io/out_queue.h"
#include "runtime/io/tcp_hub.h"

namespace glasshouse::runtime {

class OutStream : public TcpEntry {
 public:
  bool send(Binary bytes) final;

 protected:
  using ErrorCode = boost::system::error_code;
  using TcpEntry::TcpEntry;

  /*locked*/ std::size_t queued_bytes() const { return out_.bytes(); }

  // I/O thread.
  void flush();
  // The handler of a wait for writability.
  auto when_writable() {
    return [stream = std::static_pointer_cast<OutStream>(shared_from_this())](
               const ErrorCode& error) { stream->write_on(error); };
  }

  virtual std::size_t write_some(const std::vector<boost::asio::const_buffer>& buffers,
                                 ErrorCode& error) = 0;
  virtual void wait_writable() = 0;  // with when_writable()
  virtual void fail(const ErrorCode& error) = 0;
  // It lingers, and all is written.
  virtual void end_sending() = 0;

  bool is_open_ = false;  // to be written to
  bool lingers_ = false;  // is closed when all is written

 private:
  bool gather();
  void written(std::size_t bytes);
  void write_on(const ErrorCode& error);

  OutQueue out_;
  bool waits_writable_ = false;
};

}  // namespace glasshouse::runtime
