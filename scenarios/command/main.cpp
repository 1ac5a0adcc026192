// The program glasshouse.

#include <iostream>

#include <unistd.h>

#include "scenarios/command/command_line.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const glasshouse::scenarios::Console console{
      .out = std::cout, .err = std::cerr, .progress = isatty(STDERR_FILENO) == 1};
  const auto status = glasshouse::scenarios::run_command_line(arguments, console);
  if (!std::cout.flush()) {
    std::cerr
        << "glasshouse: standard output cannot be written to (is its disk full?), so what was "
           "to be said there is lost\n";
    return static_cast<int>(glasshouse::scenarios::ExitStatus::unreadable);
  }
  return static_cast<int>(status);
}
