#pragma once
// Simulated programs: what a port of a simulated node starts in the place of a program of the
// operating system. A program is a function like main, written as an actor, that speaks bytes:
//
//   Task<int> shout(Self self, ProgramSide side) {
//     for (;;) {
//       auto reading = read_input(self, &side);
//       const Binary bytes = co_await reading;
//       if (bytes.empty()) co_return 0;             // the end of its input
//       write_output(self, side, upper(bytes));
//     }
//   }
//   world.add_program("/usr/bin/shout", &shout);
//
// What it returns is its exit status; a throw is 134 (as SIGABRT), and whoever kills its process
// (World::exit_processes, by the last part of its path) makes it 137. A SIGTERM is an exit signal
// {signal, 15}: one that traps exits may go on. Its bytes take the time of the host's loopback
// link, and faults of that link hold them back. It reads as slowly as it asks. It is a process of
// the node that started it, seen in the trace, and gone when that node crashes.
//
// One thread.

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/io/program.h"
#include "runtime/process/self.h"

namespace glasshouse::sim {

// What a program has.
struct ProgramSide {
  runtime::Socket input{};
  runtime::Socket output{};
  std::vector<std::string> arguments{};
  std::vector<runtime::ProgramVariable> environment{};
  std::string folder{};
  std::size_t granted = 0;  // of read_input: what may still arrive
};

using ProgramMain = runtime::Task<int> (*)(runtime::Self, ProgramSide);

// Waits for the next bytes, at most so many; nothing at the end. The queue that fills meanwhile is
// the other side's. REQUIRES: `side` outlives the wait.
runtime::Task<runtime::Binary> read_input(runtime::Self self, ProgramSide* side,
                                          std::size_t most = 64 << 10);
// Never waits. To nobody after the port is closed.
void write_output(runtime::Self self, const ProgramSide& side, runtime::Binary bytes);

}  // namespace glasshouse::sim
