#pragma once
// A program of the operating system beside the node: what is asked for, and what is told of it.
// ByteStreams::start_program starts one; a Port (runtime/port/port.h) is how actors use it.
//
// A program is two streams of one way each: what it reads (its standard input) and what it writes
// (its standard output). They have owners, credit, marks and closing as sockets do. Closing `input`
// alone is the end of its input, and nothing else. Closing `output` (also by the exit of the owner,
// or the end of the node) means that the program is wanted no more: its input ends, too, after
// what was sent, then it has `terminate_after` to end on its own, then it gets SIGTERM, and after
// another `kill_after` SIGKILL. With infinity that step is not taken. The signals go to its process
// group, so what it started goes with it, and to the program itself if it left the group. What is
// left of the group when the program itself has ended is killed, unless its output had ended before
// this end was closed, and no signal was sent. A program that runs as another user by then, so that
// no signal may be sent, is let be.
//
// What was sent and not read is dropped tcp_close_linger (5 s) after SIGTERM, or after the program
// itself has ended; with infinite terminate_after never, as long as the world lasts.
//
// Plain data; any thread. OTP: open_port({spawn_executable, ...}), which ends in closing the pipes.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/time.h"
#include "runtime/io/byte_streams.h"

namespace glasshouse::runtime {

struct ProgramVariable {
  std::string name;
  std::optional<std::string> value;  // nothing: it is taken out
};

struct ProgramOptions {
  std::string path;  // of the file; not searched for. Relative: seen from `folder`
  std::vector<std::string> arguments = {};
  std::string argument_zero = {};                 // empty: the path
  std::vector<ProgramVariable> environment = {};  // changes to the node's own
  std::string folder = {};                        // empty: the node's own
  bool stderr_to_stdout = false;                  // else the node's own
  Duration terminate_after = Duration::seconds(5);
  Duration kill_after = Duration::seconds(5);
};

struct RunningProgram {
  Socket input;   // send, Drained, close. Closed (epipe) when the program reads no more
  Socket output;  // credit, Bytes, close. Closed (normal) when everybody who could write has ended
  std::int64_t os_pid = 0;
};

// The program is gone. Comes after Closed of its output, so after its last byte, unless the owner
// closed that. 0 to 255 as it exited, 128 + N if signal N ended it.
struct ProgramExited {
  Socket output;
  std::int32_t status = 0;
};

}  // namespace glasshouse::runtime
