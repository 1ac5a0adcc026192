#pragma once
// The program `glasshouse`, as a function: what is typed goes in, what is printed and the exit
// status come out.
//
// Threads: one; `serve` on many cores starts its own.

#include <ostream>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "scenarios/application.h"

namespace glasshouse::scenarios {

enum class ExitStatus : int {
  good = 0,
  violated = 1,    // a property, or a check
  usage = 2,       // wrong usage
  unreadable = 3,  // bad or unreadable input
  diverged = 4,    // a replay or a determinism check differed
};

struct Console {
  std::ostream& out;
  std::ostream& err;
  bool progress = false;  // standard error is a terminal: show how far a long run is
};

// `arguments` without the name of the program.
ExitStatus run_command_line(const std::vector<std::string>& arguments, Console console,
                            const Applications& applications = shipped_applications());

// Says the sentence and gives the status.
ExitStatus complain(Console& console, const runtime::Error& error, ExitStatus status);

}  // namespace glasshouse::scenarios
