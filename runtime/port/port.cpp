#include "runtime/port/port.h"

#include <utility>

#include "runtime/process/call.h"

namespace glasshouse::runtime {

using namespace literals;

namespace {

constexpr std::size_t window_bytes = 64 << 10;  // of output on its way to the port

Framing checked(Framing framing) {
  if (!framing.is_valid()) throw ExitException(Term(atoms::badarg));
  return framing;
}

RunningProgram start(Self self, const ProgramOptions& options) {
  auto started = self.network().start_program(self.node(), self.pid(), options);
  if (started) return *started;
  self.log(LogLevel::warning, started.error().what);
  throw ExitException(Term(Atom(started.error().code)));
}

}  // namespace

Port::Port(Self self, PortOptions options)
    : self_(self), options_(std::move(options)), reader_(checked(options_.framing)) {
  const Pid owner = options_.owner.is_null() ? self.parent() : options_.owner;
  if (owner.is_null()) throw ExitException(Term(atoms::badarg));
  self_.own_io();
  self_.trap_exit(true);
  self_.set_label(Term(Binary(options_.program.path)));
  program_ = start(self_, options_.program);
  belong_to(owner);
  self_.network().credit(program_.output, window_bytes);
}

// The monitor, because the owner may take the link away.
void Port::belong_to(Pid owner) {
  if (owner_watch_.number != 0) self_.demonitor(owner_watch_);
  owner_ = owner;
  owner_watch_ = self_.monitor(owner);
  if (options_.link) self_.link(owner);
}

// -- to the program -----------------------------------------------------------------------------

void Port::handle(Request<PortCommand> command) {
  const WhenBusy when_busy = command.value.when_busy;
  if (busy_ && when_busy == WhenBusy::suspend && !input_ends_) {
    waiting_.push_back(std::move(command));
    return;
  }
  const bool may_send = !input_ends_ && (!busy_ || when_busy == WhenBusy::force);
  self_.reply(command, may_send && write(command.value.bytes));
}

// False: nothing was sent.
bool Port::write(const Binary& bytes) {
  if (!input_open_) {
    if (!options_.exit_status) self_.stop(Term("epipe"_atom));
    return false;
  }
  const Result<Binary> frame = framed(options_.framing, bytes);
  if (!frame) {
    self_.stop(Term(Atom(frame.error().code)));
    return false;
  }
  output_ += frame->size();
  if (!self_.network().send(program_.input, *frame)) busy_ = true;
  return true;
}

void Port::handle(Drained) {
  busy_ = false;
  send_waiting();
}

void Port::send_waiting() {
  while (!waiting_.empty() && !busy_) {
    const Request<PortCommand> command = std::move(waiting_.front());
    waiting_.pop_front();
    self_.reply(command, write(command.value.bytes));
  }
  if (input_ends_ && waiting_.empty() && input_open_) {
    input_open_ = false;
    self_.network().close(program_.input);
  }
}

void Port::handle(PortEndInput) {
  input_ends_ = true;
  send_waiting();
}

// -- from the program ---------------------------------------------------------------------------

void Port::handle(const Bytes& bytes) {
  input_ += bytes.bytes.size();
  reader_.feed(bytes.bytes);
  while (auto frame = reader_.next())
    tell(std::move(*frame));
  if (reader_.is_broken()) return self_.stop(Term("emsgsize"_atom));
  self_.network().credit(program_.output, bytes.bytes.size());
}

void Port::tell(Frame frame) {
  if (options_.framing.kind == Framing::Kind::line) {
    self_.send<PortLine>(owner_, self_.pid(), std::move(frame.bytes), frame.end);
  } else {
    self_.send<PortData>(owner_, self_.pid(), std::move(frame.bytes));
  }
}

void Port::handle(Closed closed) {
  if (closed.socket == program_.input) {
    input_closed(closed.reason);
  } else {
    output_ended();
  }
}

// With exit_status the status tells more than epipe, and comes. Other reasons come from this side
// of the pipe: the program would not end of them. Who waits hears the reason by the port's end.
void Port::input_closed(Atom reason) {
  input_open_ = false;
  busy_ = false;
  const bool is_told_by_status = reason == "epipe"_atom && options_.exit_status;
  if (reason != atoms::normal && !is_told_by_status) return self_.stop(Term(reason));
  send_waiting();
}

void Port::output_ended() {
  if (auto frame = reader_.rest()) tell(std::move(*frame));
  if (options_.eof) self_.send<PortEof>(owner_, self_.pid());
  if (!options_.eof && !options_.exit_status) self_.stop(Term(atoms::normal));
}

void Port::handle(ProgramExited exited) {
  if (!options_.exit_status) return;
  self_.send<PortExited>(owner_, self_.pid(), exited.status);
  if (!options_.eof) self_.stop(Term(atoms::normal));
}

// -- its owner ----------------------------------------------------------------------------------

void Port::handle(PortConnect connect) {
  belong_to(connect.owner);
}

void Port::handle(const PortClose& close) {
  if (close.from != owner_) return self_.exit(close.from, Term("badsig"_atom));
  self_.send<PortClosed>(owner_, self_.pid());
  self_.stop(Term(atoms::normal));
}

void Port::handle(const Down& down) {
  if (down.ref == owner_watch_) self_.stop(Term(atoms::normal));
}

// A signal of the owner is its end; one of somebody else who is linked acts as on any process.
void Port::handle(const Exit& exit) {
  if (exit.from == owner_ || exit.reason != Term(atoms::normal)) self_.stop(exit.reason);
}

// -- looking ------------------------------------------------------------------------------------

PortDescription Port::handle(PortInfo) const {
  return {.program = options_.program.path,
          .os_pid = program_.os_pid,
          .connected = owner_,
          .input = input_,
          .output = output_,
          .busy = busy_};
}

Term Port::describe() const {
  return map("program"_atom, Binary(options_.program.path), "os_pid"_atom, program_.os_pid,
             "connected"_atom, owner_, "input"_atom, input_, "output"_atom, output_, "busy"_atom,
             busy_);
}

// -- for its users ------------------------------------------------------------------------------

ServerStart<Port> open_port(Self self, const PortOptions& options, Atom name) {
  const ServerOptions starting{.name = name, .link = false};
  return start_with<Port>(self, starting, options);
}

Call<PortCommand> port_command(Self self, To port, Binary bytes, WhenBusy when_busy) {
  return self.call_within<PortCommand>(Duration::infinity(), port, std::move(bytes), when_busy);
}

Call<PortEndInput> port_end_input(Self self, To port) {
  return self.call<PortEndInput>(port);
}

Call<PortConnect> port_connect(Self self, To port, Pid owner) {
  return self.call<PortConnect>(port, owner);
}

Call<PortInfo> port_info(Self self, To port) {
  return self.call<PortInfo>(port);
}

Task<void> port_close(Self self, To port) {
  return stop(self, port);
}

}  // namespace glasshouse::runtime
