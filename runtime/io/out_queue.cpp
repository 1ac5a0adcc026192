#include "runtime/io/out_queue.h"

#include <utility>

#include "runtime/io/byte_streams.h"
#include "runtime/io/tcp_streams.h"

namespace glasshouse::runtime {

OutQueue::Fill OutQueue::push(Binary bytes) {
  queued_bytes_ += bytes.size();
  queue_.push_back(std::move(bytes));
  if (queued_bytes_ <= send_queue_high) return Fill::room;
  return std::exchange(above_high_, true) ? Fill::full : Fill::now_full;
}

bool OutQueue::gather() {
  for (Binary& bytes : queue_)
    writing_.push_back(std::move(bytes));
  queue_.clear();
  return !writing_.empty();
}

void OutQueue::fill(std::vector<boost::asio::const_buffer>& buffers) const {
  buffers.clear();
  std::size_t skip = first_written_;
  for (const Binary& bytes : writing_) {
    if (buffers.size() == tcp_gather_max) break;
    buffers.emplace_back(bytes.view().data() + skip, bytes.size() - skip);
    skip = 0;
  }
}

void OutQueue::pop(std::size_t bytes) {
  std::size_t left = bytes;
  while (left > 0) {
    const std::size_t first = writing_.front().size() - first_written_;
    if (left < first) {
      first_written_ += left;
      break;
    }
    left -= first;
    first_written_ = 0;
    writing_.pop_front();
  }
}

bool OutQueue::count_written(std::size_t bytes) {
  queued_bytes_ -= bytes;
  if (!above_high_ || queued_bytes_ >= send_queue_low) return false;
  above_high_ = false;
  return true;
}

}  // namespace glasshouse::runtime
