#include "runtime/io/program_process.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>

#include <signal.h>

#include "runtime/io/errno_name.h"

namespace glasshouse::runtime {

namespace {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;
using ErrorCode = boost::system::error_code;

}  // namespace

ProgramProcess::ProgramProcess(TcpHub& hub, SocketOwner owner, SpawnedProgram& program,
                               std::shared_ptr<ProgramInput> input, const ProgramOptions& options)
    : TcpEntry(hub, owner),
      input_(std::move(input)),
      pid_(program.pid),
      terminate_after_(options.terminate_after),
      kill_after_(options.kill_after),
      output_(hub.io(), program.output.release()),
      pidfd_(hub.io(), program.pidfd.release()),
      patience_(hub.io()) {
  output_.non_blocking(true);
}

ProgramProcess::~ProgramProcess() {
  if (reaped_ || !ends_by_force()) return;
  const bool is_killed = signal_program(pid_, pidfd_.native_handle(), SIGKILL);
  reap_program(pidfd_.native_handle(), is_killed ? Reaping::wait : Reaping::now);
}

void ProgramProcess::turn() {
  bool closing = false;
  bool may_read = false;
  {
    const std::lock_guard lock(mutex_);
    turn_wanted_ = false;
    closing = closing_;
    may_read = credit_ > 0;
  }
  if (reaped_) return;
  if (closing) return dismiss();
  if (may_read && !output_ended_) wait_readable();
}

// -- its output ---------------------------------------------------------------------------------

void ProgramProcess::wait_readable() {
  if (std::exchange(waits_readable_, true)) return;
  output_.async_wait(stream_descriptor::wait_read, [program = self()](const ErrorCode& error) {
    program->waits_readable_ = false;
    if (!error && !program->output_ended_) program->read();
  });
}

void ProgramProcess::read() {
  std::size_t room = tcp_read_max;
  {
    const std::lock_guard lock(mutex_);
    room = std::min(room, credit_);
  }
  if (room == 0) return;
  ErrorCode error;
  const std::size_t bytes = output_.read_some(asio::buffer(hub_.buffer().data(), room), error);
  if (error == asio::error::would_block) return wait_readable();
  if (error == asio::error::eof) return end_output(atoms::normal);
  if (error) return end_output(errno_atom(error.value()));
  received(bytes);
  turn();
}

void ProgramProcess::end_output(Atom reason) {
  output_ended_ = true;
  ended_by_itself_ = true;
  ErrorCode ignored;
  output_.close(ignored);
  {
    const std::lock_guard lock(mutex_);
    tell(owner_, EventKind::stream_close, number_, reason, 0);
    static_cast<void>(deliver<Closed>(socket(), reason));
  }
  finish_if_over();
}

// -- its end ------------------------------------------------------------------------------------

void ProgramProcess::wait_exit() {
  pidfd_.async_wait(stream_descriptor::wait_read, [program = self()](const ErrorCode& error) {
    if (!error) program->exited();
  });
}

void ProgramProcess::exited() {
  exited_ = true;
  status_ = peek_exit_status(pidfd_.native_handle());
  if (dismissed_) {
    end_dismissed();
  } else {
    finish_if_over();
  }
}

void ProgramProcess::finish_if_over() {
  if (!output_ended_ || !exited_ || dismissed_) return;
  {
    const std::lock_guard lock(mutex_);
    static_cast<void>(deliver<ProgramExited>(socket(), status_));
    owner_.node = nullptr;
    closing_ = true;
  }
  shut();
}

// Nobody wants it any more. Its input may have been closed before.
void ProgramProcess::dismiss() {
  if (std::exchange(dismissed_, true)) return;
  output_ended_ = true;
  ErrorCode ignored;
  output_.close(ignored);
  input_->close();
  if (exited_) {
    end_dismissed();
  } else {
    escalate(terminate_after_, SIGTERM);
  }
}

void ProgramProcess::escalate(Duration after, int signal) {
  if (after.is_infinite()) return;
  patience_.expires_after(std::chrono::nanoseconds(after.nanoseconds()));
  patience_.async_wait([program = self(), signal](const ErrorCode& error) {
    if (error || program->exited_) return;
    program->was_signalled_ = true;
    program->input_->hurry();
    signal_program(program->pid_, program->pidfd_.native_handle(), signal);
    if (signal == SIGTERM) program->escalate(program->kill_after_, SIGKILL);
  });
}

// A port may end by the end of the output, before or after the program does: that must not decide
// whether what the program left behind lives.
void ProgramProcess::end_dismissed() {
  const bool ended_in_order = ended_by_itself_ && !was_signalled_;
  if (!ended_in_order && ends_by_force()) ::kill(-pid_, SIGKILL);
  if (!terminate_after_.is_infinite()) input_->hurry();
  shut();
}

void ProgramProcess::shut() {
  reap_program(pidfd_.native_handle(), Reaping::now);
  reaped_ = true;
  ErrorCode ignored;
  patience_.cancel();
  pidfd_.close(ignored);
  hub_.remove(number_);
}

}  // namespace glasshouse::runtime
