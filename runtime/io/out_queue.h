#pragma once
// Inside of TcpByteStreams: bytes on their way out of a stream, from any thread that sends to the
// I/O thread that writes. Sends between two turns leave as one gathered write.
//
// The functions marked locked need the mutex of the stream held; the others belong to the I/O
// thread.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include <boost/asio/buffer.hpp>

#include "runtime/term/binary.h"

namespace glasshouse::runtime {

class OutQueue {
 public:
  // Whether more than send_queue_high is queued now; now_full: and was not since the last drain.
  enum class Fill : std::uint8_t { room, now_full, full };
  /*locked*/ Fill push(Binary bytes);
  // Queued and not yet written.
  /*locked*/ std::size_t bytes() const { return queued_bytes_; }
  // Takes over what was queued. False if there is nothing to write.
  /*locked*/ bool gather();

  // At most tcp_gather_max pieces, from the oldest.
  void fill(std::vector<boost::asio::const_buffer>& buffers) const;
  bool is_written() const { return writing_.empty(); }
  // So many bytes are gone, from the oldest.
  void pop(std::size_t bytes);
  // The same for those who send. True when they may hear Drained.
  /*locked*/ bool count_written(std::size_t bytes);

 private:
  // Guarded by the stream's mutex.
  std::vector<Binary> queue_;
  std::size_t queued_bytes_ = 0;  // in queue_ and writing_
  bool above_high_ = false;

  // I/O thread.
  std::deque<Binary> writing_;
  std::size_t first_written_ = 0;  // bytes of writing_.front() that are gone
};

}  // namespace glasshouse::runtime
