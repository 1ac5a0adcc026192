#pragma once
// The watchdog of the program glasshouse-heart: starts a program, takes its beats, kills it when
// they stop, and starts it again, within a limit. It shares nothing with the runtime but the words
// of the line, so that nothing that harms a node harms it. One thread.
//
// The program leads a process group of its own, and signals go to the whole group. A program that
// was told to end has ended when whoever took over its line has, too, such as the node under a
// shell; the same time-out and grace hold for both. What is left of the group of a silent one is
// killed then, before the next start. Its standard input is /dev/null where the heart's is a
// terminal.

#include <chrono>
#include <string>
#include <vector>

namespace glasshouse::runtime {

using Milliseconds = std::chrono::milliseconds;

struct GuardOptions {
  std::vector<std::string> command;  // the program, searched for on the PATH, and its arguments
  Milliseconds timeout{60'000};      // without a beat; also until the first one
  Milliseconds grace{5'000};         // between SIGTERM and SIGKILL
  unsigned restarts = 5;             // more within `within`: it gives up
  Milliseconds within{60'000};
};

// What is not the program's own status. 128 + N is signal N, as for a shell.
inline constexpr int guard_gave_up = 3;
inline constexpr int guard_cannot_start = 4;

// Returns when the program ended with 0 and not for its silence, or after SIGTERM, SIGINT, SIGHUP
// or SIGQUIT, which are passed on (then with its status), or when it gives up. One of these that is
// ignored when it begins (nohup) stays so, and the program begins with the same. Says on standard
// error what it does, a sentence a line.
int guard(const GuardOptions& options);

}  // namespace glasshouse::runtime
