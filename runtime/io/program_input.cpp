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

}  // namespace

void ProgramInput::turn() {
  bool closing = false;
  bool too_much = false;
  {
    const std::lock_guard lock(mutex_);
    turn_wanted_ = false;
    closing = closing_;
    // Whoever is not told to wait has one message of tcp_send_queue_max for sure.
    too_much = queued_bytes() > tcp_send_queue_max + send_queue_high;
  }
  if (!is_open_) return;
  if (too_much) return fail(ErrorCode(ENOBUFS, boost::system::system_category()));
  lingers_ = closing;
  flush();
}

std::size_t ProgramInput::write_some(const std::vector<asio::const_buffer>& buffers,
                                     ErrorCode& error) {
  return pipe_.write_some(buffers, error);
}

void ProgramInput::wait_writable() {
  pipe_.async_wait(asio::posix::stream_descriptor::wait_write, when_writable());
}

// The program closed its end (epipe), or does not read what is sent (enobufs).
void ProgramInput::fail(const ErrorCode& error) {
  {
    const std::lock_guard lock(mutex_);
    report_closed(errno_atom(error.value()));
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
