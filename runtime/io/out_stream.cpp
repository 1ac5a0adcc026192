#include "runtime/io/out_stream.h"

#include <mutex>
#include <utility>

#include <boost/asio/error.hpp>

namespace glasshouse::runtime {

bool OutStream::send(Binary bytes) {
  const std::lock_guard lock(mutex_);
  if (closing_ || bytes.empty()) return true;
  tell(owner_, EventKind::stream_send, number_, Atom(), static_cast<std::int64_t>(bytes.size()));
  const OutQueue::Fill fill = out_.push(std::move(bytes));
  if (fill == OutQueue::Fill::now_full) tell_busy();
  want_turn();
  return fill == OutQueue::Fill::room;
}

bool OutStream::gather() {
  const std::lock_guard lock(mutex_);
  return out_.gather();
}

void OutStream::flush() {
  while (is_open_ && !waits_writable_ && gather()) {
    std::vector<boost::asio::const_buffer>& buffers = hub_.gathered();
    out_.fill(buffers);
    ErrorCode error;
    const std::size_t bytes = write_some(buffers, error);
    if (error == boost::asio::error::would_block) {
      waits_writable_ = true;
      return wait_writable();
    }
    if (error) return fail(error);
    written(bytes);
  }
  if (is_open_ && lingers_ && out_.is_written()) end_sending();
}

void OutStream::written(std::size_t bytes) {
  out_.pop(bytes);
  const std::lock_guard lock(mutex_);
  if (out_.count_written(bytes)) static_cast<void>(deliver<Drained>(socket()));
}

void OutStream::write_on(const ErrorCode& error) {
  waits_writable_ = false;
  if (!error) flush();
}

}  // namespace glasshouse::runtime
