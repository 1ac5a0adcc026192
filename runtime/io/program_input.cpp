#include "runtime/io/program_input.h"

#include <cerrno>
#include <chrono>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/io/errno_name.h"

namespace glasshouse::runtime {

namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

}  // namespace

bool ProgramInput::send(Binary bytes) {
  const std::lock_guard lock(mutex_);
  if (closing_ || bytes.empty()) return true;
  tell(owner_, EventKind::stream_send, number_, Atom(), static_cast<std::int64_t>(bytes.size()));
  const OutQueue::Fill fill = out_.push(std::move(bytes));
  if (fill == OutQueue::Fill::now_full) tell_busy();
  want_turn();
  return fill == OutQueue::Fill::room;
}

void ProgramInput::turn() {
  bool closing = false;
  bool too_much = false;
  {
    const std::lock_guard lock(mutex_);
    turn_wanted_ = false;
    closing = closing_;
    // Whoever is not told to wait has one message of tcp_send_queue_max for sure.
    too_much = out_.bytes() > tcp_send_queue_max + send_queue_high;
  }
  if (!is_open_) return;
  if (too_much) return fail(ENOBUFS);
  lingers_ = closing;
  flush();
}

bool ProgramInput::gather() {
  const std::lock_guard lock(mutex_);
  return out_.gather();
}

void ProgramInput::flush() {
  while (is_open_ && !waits_writable_ && gather()) {
    ErrorCode error;
    std::vector<asio::const_buffer>& buffers = hub_.gathered();
    out_.fill(buffers);
    const std::size_t bytes = pipe_.write_some(buffers, error);
    if (error == asio::error::would_block) return wait_writable();
    if (error) return fail(error.value());
    out_.pop(bytes);
    const std::lock_guard lock(mutex_);
    if (out_.count_written(bytes)) static_cast<void>(deliver<Drained>(socket()));
  }
  if (is_open_ && lingers_ && out_.is_written()) shut();
}

void ProgramInput::wait_writable() {
  waits_writable_ = true;
  pipe_.async_wait(asio::posix::stream_descriptor::wait_write,
                   [input = self()](const ErrorCode& error) {
                     input->waits_writable_ = false;
                     if (!error && input->is_open_) input->flush();
                   });
}

// The program closed its end (epipe), or does not read what is sent (enobufs).
void ProgramInput::fail(int error) {
  {
    const std::lock_guard lock(mutex_);
    report_closed(errno_atom(error));
  }
  shut();
}

void ProgramInput::hurry() {
  if (!is_open_ || std::exchange(hurries_, true)) return;
  linger_.expires_after(std::chrono::nanoseconds(tcp_close_linger.nanoseconds()));
  linger_.async_wait([input = self()](const ErrorCode& error) {
    if (!error && input->is_open_) input->shut();
  });
}

void ProgramInput::shut() {
  is_open_ = false;
  ErrorCode ignored;
  linger_.cancel();
  pipe_.close(ignored);
  hub_.remove(number_);
}

}  // namespace glasshouse::runtime
