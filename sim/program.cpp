#include "sim/program.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include <signal.h>

#include "sim/network.h"

namespace glasshouse::sim {

using runtime::Behaviour;
using runtime::Bytes;
using runtime::Closed;
using runtime::Down;
using runtime::Event;
using runtime::EventKind;
using runtime::Node;
using runtime::ProgramExited;
using runtime::ProgramOptions;
using runtime::RunningProgram;
using runtime::Self;
using runtime::Task;
using runtime::Term;
using namespace runtime::literals;
namespace atoms = runtime::atoms;

namespace {

constexpr std::int32_t signal_status = 128;

struct ProgramGo {};
struct ProgramDismissed {};

// How an operating system would tell the exit reason of a program's process.
std::int32_t status_of(const Term& reason) {
  if (reason == Term(atoms::normal)) return 0;
  if (reason == Term(atoms::killed)) return signal_status + SIGKILL;
  const bool is_status = reason.is_tuple(atoms::shutdown, 2);
  if (is_status || reason.is_tuple("signal"_atom, 2)) {
    const auto number = static_cast<std::int32_t>(reason.as_tuple()[1].as_integer().value_or(1));
    return is_status ? number & 0xff : signal_status + number;
  }
  return signal_status + SIGABRT;
}

// It begins when its keeper watches, so that no status is lost.
Behaviour program(Self self, ProgramMain main, ProgramSide side) {
  self.own_io();
  auto go = self.receive<ProgramGo>();
  static_cast<void>(co_await go);
  auto running = main(self, std::move(side));
  const int status = co_await running;
  if (status != 0) self.exit(tuple(atoms::shutdown, Term(status)));
}

// The operating system's part: waits for the end, and sees to it when nobody wants the program.
Behaviour program_keeper(Self self, SimByteStreams* network, Socket output, Pid kept,
                         ProgramOptions options) {
  self.monitor(kept);
  self.send<ProgramGo>(kept);
  auto either = self.receive<Down, ProgramDismissed>();
  const auto first = co_await either;
  if (const auto* down = std::get_if<Down>(&first)) {
    network->program_exited(output, status_of(down->reason));
    co_return;
  }
  const Duration terminate_after = options.terminate_after;
  auto ending = self.receive<Down>(terminate_after);
  std::optional<Down> end = co_await ending;
  if (!end) {
    self.exit(kept, tuple("signal"_atom, Term(SIGTERM)));
    auto ended = self.receive<Down>(options.kill_after);
    end = co_await ended;
  }
  if (!end) {
    self.exit(kept, Term(atoms::kill));
    auto killed = self.receive<Down>();
    end = co_await killed;
  }
  network->program_exited(output, status_of(end->reason));
}

Pid spawn_program(Node& node, const std::string& path, ProgramMain main, ProgramSide side) {
  runtime::SpawnOptions options;
  options.initial = Atom(path.substr(path.rfind('/') + 1));
  const Pid pid = runtime::spawn_process<&program>(node, nullptr, options, main, std::move(side));
  node.find(pid)->owns_io = true;  // also if it is killed before it runs
  return pid;
}

}  // namespace

Task<Binary> read_input(Self self, ProgramSide* side, std::size_t most) {
  if (side->granted < most) {
    self.network().credit(side->input, most - side->granted);
    side->granted = most;
  }
  for (;;) {
    auto next = self.receive<Bytes, Closed>();
    auto message = co_await next;
    if (auto* bytes = std::get_if<Bytes>(&message)) {
      side->granted -= bytes->bytes.size();
      co_return std::move(bytes->bytes);
    }
    if (std::get<Closed>(message).socket == side->input) co_return Binary();
  }
}

void write_output(Self self, const ProgramSide& side, Binary bytes) {
  self.network().send(side.output, std::move(bytes));
}

// -- the part of the network that knows of programs ---------------------------------------------

void SimByteStreams::add_program(std::string path, ProgramMain main) {
  programs_.insert_or_assign(std::move(path), main);
}

// Both ends are open from the beginning, on one host.
SimByteStreams::Side SimByteStreams::open_pipe(Node& node, Pid owner, std::string_view path) {
  const NodeSlot& slot = world_.hosts.slot_of(node);
  Connection& connection = new_connection();
  connection.is_pipe = true;
  const std::uint64_t opener = owner_key(slot.index, owner);
  const std::uint64_t stream = runtime::hash_combine(opener, connects_.take_next(opener));
  for (std::uint64_t at = 0; at < 2; ++at) {
    End& end = connection.ends[at];
    end.state = EndState::open;
    end.slot = slot.index;
    end.host = slot.host;
    end.creation = node.creation();
    connection.ways[at].key = runtime::hash_combine(stream, at);
  }
  const Side side{&connection, 0};
  side.end().owner = owner;
  own(side.number(), slot.index, owner);
  tell(side.end(), EventKind::stream_open,
       {.name = "connected"_atom,
        .message = side.number(),
        .argument = static_cast<std::int64_t>(side.turned().number())},
       path);
  return side;
}

runtime::Result<RunningProgram> SimByteStreams::start_program(Node& node, Pid owner,
                                                              const ProgramOptions& options) {
  const auto found = programs_.find(options.path);
  if (found == programs_.end()) {
    return runtime::Error("there is no program " + options.path + " in this world", "enoent");
  }
  const NodeSlot& slot = world_.hosts.slot_of(node);
  const Side input = open_pipe(node, owner, options.path);
  const Side output = open_pipe(node, owner, options.path);
  const Pid pid = spawn_program(node, options.path, found->second,
                                {.input = {input.turned().number()},
                                 .output = {output.turned().number()},
                                 .arguments = options.arguments,
                                 .environment = options.environment,
                                 .folder = options.folder});
  for (const Side side : {input.turned(), output.turned()}) {
    side.end().owner = pid;
    own(side.number(), slot.index, pid);
  }
  const Pid keeper = node.spawn<&program_keeper>(this, Socket{output.number()}, pid, options);
  running_.emplace(output.number(), Running{.input = {input.number()},
                                            .slot = slot.index,
                                            .creation = node.creation(),
                                            .owner = owner,
                                            .keeper = keeper});
  return RunningProgram{.input = {input.number()},
                        .output = {output.number()},
                        .os_pid = first_os_pid + static_cast<std::int64_t>(output.number())};
}

// The port's end of its output is closed, and its owner was told.
void SimByteStreams::output_ended(std::uint64_t number) {
  const auto found = running_.find(number);
  if (found == running_.end()) return;
  found->second.output_ended = true;
  tell_if_exited(found);
}

void SimByteStreams::program_exited(Socket output, std::int32_t status) {
  const auto found = running_.find(output.number);
  if (found == running_.end()) return;
  found->second.status = status;
  tell_if_exited(found);
}

void SimByteStreams::tell_if_exited(RunningPrograms::iterator place) {
  const Running& running = place->second;
  if (!running.status || (!running.output_ended && !running.dismissed)) return;
  const NodeSlot& slot = *world_.hosts.slots[running.slot];
  if (!running.dismissed && slot.lives(running.creation)) {
    slot.node->deliver<ProgramExited>(running.owner, Socket{place->first}, *running.status);
  }
  running_.erase(place);
}

void SimByteStreams::dismiss(RunningPrograms::iterator place) {
  Running& running = place->second;
  if (std::exchange(running.dismissed, true)) return;
  const NodeSlot& slot = *world_.hosts.slots[running.slot];
  if (slot.lives(running.creation)) slot.node->deliver<ProgramDismissed>(running.keeper);
  const Socket input = running.input;
  tell_if_exited(place);
  close(input);
}

void SimByteStreams::dismiss_all_of(std::uint16_t slot, Pid owner) {
  for (auto next = running_.begin(); next != running_.end();) {
    const auto place = next++;
    if (place->second.slot == slot && place->second.owner == owner) dismiss(place);
  }
}

// They were processes of a node that is no more.
void SimByteStreams::forget_programs(std::uint16_t slot) {
  std::erase_if(running_, [slot](const auto& entry) { return entry.second.slot == slot; });
}

}  // namespace glasshouse::sim
