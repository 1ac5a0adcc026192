#pragma once
// A port: a program of the operating system as a process of the node. What it writes comes to the
// port's owner as messages, what it is to read goes through port_command, and it ends with its
// owner. Whatever happens inside the program, the node sees an exit status.
//
//   auto opening = open_port(self, {.program = {.path = "/usr/bin/sort"}, .exit_status = true});
//   auto sort = co_await opening;
//   if (!sort) self.exit(sort.error);               // enoent, eacces, ...
//
// A port is a gen_server, so it has a pid, a name if wanted, links, monitors, a place in a
// supervision tree (child<Port>(options)), and answers sys. Both worlds: sim/program.h has the
// simulated programs.
//
// When it ends:
//   the program closes its output    normal; with `exit_status` once it has exited, and was told
//   the owner exits, for any reason  normal, or the owner's reason to who is linked
//   port_close, PortClose            normal
//   the program reads no more        epipe, when something was sent; with `exit_status` as above,
//                                    and commands are answered false until then
//   more waits than a pipe holds     enobufs: 65 MiB, which only `force` can reach
//   a message too long for its frame einval, also with more than 64 MiB (framed_bytes_max); one
//                                    that the program announces: emsgsize
// Then the program is asked to end, and made to (program.h). OTP leaves it alone.
//
// Messages to the owner arrive in the order in which the program caused them; nobody limits them:
// the owner's mailbox is the only buffer. OTP: erlang:open_port/2 with spawn_executable and binary.

#include <cstdint>
#include <deque>
#include <string>

#include "runtime/behaviour/gen_server.h"
#include "runtime/io/program.h"
#include "runtime/port/framing.h"

namespace glasshouse::runtime {

// -- what the owner hears -----------------------------------------------------------------------

// OTP: {Port, {data, Bytes}}.
struct PortData {
  Pid port;
  Binary bytes;
};
// With line framing. OTP: {Port, {data, {eol | noeol, Line}}}.
struct PortLine {
  Pid port;
  Binary line;
  LineEnd end = LineEnd::eol;
};
// With `exit_status`; the last word, after all data. 128 + N: signal N ended it. OTP: {Port,
// {exit_status, Status}}.
struct PortExited {
  Pid port;
  std::int32_t status = 0;
};
// With `eof`: nothing more comes, and the port stays. OTP: {Port, eof}.
struct PortEof {
  Pid port;
};
// The answer to PortClose. OTP: {Port, closed}.
struct PortClosed {
  Pid port;
};

// -- what a port is asked -----------------------------------------------------------------------

// A port is busy while more than send_queue_high bytes (1 MiB) wait for the program to read them,
// and until there are less than send_queue_low. Who sends then: waits; is told false, and nothing
// was sent; or sends all the same.
enum class WhenBusy : std::uint8_t { suspend, nosuspend, force };
struct PortCommand {
  using Reply = bool;  // whether it was queued for the program, now or after waiting
  Binary bytes;
  WhenBusy when_busy = WhenBusy::suspend;
};
struct PortConnect {
  using Reply = void;
  Pid owner;
};
struct PortEndInput {
  using Reply = void;
};
struct PortDescription {
  std::string program;
  std::int64_t os_pid = 0;
  Pid connected;
  std::uint64_t input = 0;   // bytes that came from the program
  std::uint64_t output = 0;  // bytes that were sent to it
  bool busy = false;
};
struct PortInfo {
  using Reply = PortDescription;
};
// From the owner; from others it is badsig to them. OTP: Port ! {Owner, close}.
struct PortClose {
  Pid from;
};

// -- ports --------------------------------------------------------------------------------------

struct PortOptions {
  ProgramOptions program;
  Framing framing = Framing::stream();
  bool exit_status = false;
  bool eof = false;
  Pid owner = {};    // null: who starts it
  bool link = true;  // with the owner
};

class Port {
 public:
  using Accepts = Messages<PortCommand, PortEndInput, PortConnect, PortInfo, PortClose, Bytes,
                           Closed, Drained, ProgramExited, Down, Exit>;

  Port(Self self, PortOptions options);

  void handle(Request<PortCommand> command);
  void handle(PortEndInput);
  void handle(PortConnect connect);
  PortDescription handle(PortInfo) const;
  void handle(const PortClose& close);
  void handle(const Bytes& bytes);
  void handle(Closed closed);
  void handle(Drained);
  void handle(ProgramExited exited);
  void handle(const Down& down);
  void handle(const Exit& exit);
  Term describe() const;

 private:
  void belong_to(Pid owner);
  bool write(const Binary& bytes);
  void send_waiting();
  void tell(Frame frame);
  void input_closed(Atom reason);
  void output_ended();

  Self self_;
  PortOptions options_;
  FrameReader reader_;
  RunningProgram program_;
  Pid owner_;
  Ref owner_watch_;
  std::deque<Request<PortCommand>> waiting_;  // while it is busy; as many as there are callers
  std::uint64_t input_ = 0;
  std::uint64_t output_ = 0;
  bool busy_ = false;
  bool input_open_ = true;
  bool input_ends_ = false;  // when nobody waits any more
};

// The awaiter gives a StartedServer<Port>; a program that cannot be started is its `error`.
ServerStart<Port> open_port(Self self, const PortOptions& options, Atom name = {});
// Queues one message for the program. May wait for long, see WhenBusy; who must not wait uses
// send_request<PortCommand>. False: nothing was sent, because the port is busy, its input was
// ended, the program reads no more (its exit status follows), or the message is too long (the port
// ends with einval). Exits the caller with noproc where there is no port; OTP: badarg for both.
Call<PortCommand> port_command(Self self, To port, Binary bytes,
                               WhenBusy when_busy = WhenBusy::suspend);
// The program sees the end of its input after all that was sent; it goes on, and so does its
// output. Commands are answered with false from now on. OTP has nothing for this: sort, wc and
// their like need it.
Call<PortEndInput> port_end_input(Self self, To port);
// From now on `owner` hears it, is linked, and decides how long it lives. What was told the former
// one stays there, and so does its link. OTP: erlang:port_connect/2.
Call<PortConnect> port_connect(Self self, To port, Pid owner);
Call<PortInfo> port_info(Self self, To port);
// What was sent still goes to the program, which has terminate_after and 5 s more to read it; with
// infinity as long as it wants (program.h). Waits until the port is gone, not until the program is.
Task<void> port_close(Self self, To port);

}  // namespace glasshouse::runtime
