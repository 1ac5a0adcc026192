// glasshouse observe and bench: programs of their own that stand beside this one.

#include <filesystem>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "scenarios/command/commands.h"

namespace glasshouse::scenarios {

void add_others(CLI::App& program, Typed& typed) {
  CLI::App* observe = program.add_subcommand(
      "observe", "Open the observer: [FILE.db | SCENARIO.lua] [--screenshot OUT.png --view NAME]");
  CLI::App* bench = program.add_subcommand("bench", "Measure: [NAME...]");
  observe->footer("It starts glasshouse-observer; glasshouse-observer --help says all it takes.");
  bench->footer("It starts glasshouse-bench, which names its rows when it is given none.");
  for (CLI::App* other : {observe, bench}) {
    other->prefix_command();
    other->final_callback([other, &typed] { typed.rest = other->remaining(); });
  }
}

ExitStatus run_other(Command command, const std::string& program) {
  std::error_code failure;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failure);
  const std::string beside = (self.parent_path() / program).string();
  std::vector<std::string> words = command.typed.rest;
  words.insert(words.begin(), program);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  command.console.out << std::flush;
  execv(beside.c_str(), arguments.data());
  return complain(command.console,
                  runtime::Error(beside +
                                 " is not there or cannot be started; build it with "
                                 "cmake --build, target " +
                                 program),
                  ExitStatus::unreadable);
}

}  // namespace glasshouse::scenarios
