#pragma once
// Inside of TcpByteStreams: a program that runs, with its standard output.
//
//   runs ──output ends, program exits (in either order)──▶ ProgramExited, reaped
//   runs ──its owner closes──▶ dismissed ──terminate_after──▶ SIGTERM ──kill_after──▶ SIGKILL
//                                  └── exits at any point ──▶ rest of its group killed, reaped
//
// The rest is let be if the program closed its output and ended without a signal: as it would be
// if its owner had closed a moment later.
//
// It is reaped last. Until then it is a zombie, and its number, which is that of its group, too,
// means nobody else: a signal never goes to a stranger.

#include <cstdint>
#include <memory>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "runtime/io/program_input.h"
#include "runtime/io/program_spawn.h"
#include "runtime/io/tcp_hub.h"

namespace glasshouse::runtime {

class ProgramProcess final : public TcpEntry {
 public:
  ProgramProcess(TcpHub& hub, SocketOwner owner, SpawnedProgram& program,
                 std::shared_ptr<ProgramInput> input, const ProgramOptions& options);
  // With the I/O thread: what still runs is killed, unless it may go on for ever.
  ~ProgramProcess() override;

  bool send(Binary) override { return true; }
  void turn() override;
  void wait_exit();  // I/O thread, once

 private:
  std::shared_ptr<ProgramProcess> self() {
    return std::static_pointer_cast<ProgramProcess>(shared_from_this());
  }
  void wait_readable();
  void read();
  void end_output(Atom reason);
  void exited();
  void finish_if_over();
  void dismiss();
  void escalate(Duration after, int signal);
  void end_dismissed();
  void shut();
  bool ends_by_force() const {
    return !terminate_after_.is_infinite() && !kill_after_.is_infinite();
  }

  const std::shared_ptr<ProgramInput> input_;
  const pid_t pid_;
  const Duration terminate_after_;
  const Duration kill_after_;

  // I/O thread.
  boost::asio::posix::stream_descriptor output_;
  boost::asio::posix::stream_descriptor pidfd_;
  boost::asio::steady_timer patience_;
  bool waits_readable_ = false;
  bool output_ended_ = false;
  bool exited_ = false;
  bool ended_by_itself_ = false;  // its output, before anybody closed that
  bool dismissed_ = false;
  bool was_signalled_ = false;
  bool reaped_ = false;
  std::int32_t status_ = 0;
};

}  // namespace glasshouse::runtime
