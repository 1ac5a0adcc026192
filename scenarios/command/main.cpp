// The program glasshouse.

#include <iostream>

#include <unistd.h>

#include "scenarios/command/command_line.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const glasshouse::scenarios::Console console{
      .out = std::cout, .err = std::cerr, .progress = isatty(STDERR_FILENO) == 1};
  const auto status = glasshouse::scenarios::run_command_line(arguments, console);
  std::cout.flush();
  return static_cast<int>(status);
}
