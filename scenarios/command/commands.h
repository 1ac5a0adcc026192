#pragma once
// The commands of `glasshouse`. Private to scenarios/command.

#include <optional>
#include <string>
#include <vector>

#include "scenarios/command/command_line.h"
#include "scenarios/language/script.h"
#include "scenarios/run/run.h"

namespace CLI {
class App;
}

namespace glasshouse::scenarios {

// What was typed, of all commands.
struct Typed {
  std::string scenario;
  std::string on = "sim";
  std::optional<std::string> record;  // lives or all; lives
  std::optional<std::uint64_t> seed;
  std::string seeds;
  std::optional<std::uint32_t> jobs;  // 0 or none: one a core
  bool twice = false;
  std::vector<std::string> set;
  std::string trace;
  std::string data;
  std::optional<std::uint16_t> metrics;  // a port
  std::string until;
  bool json = false;
  bool verify = false;
  std::string filter_from;
  std::vector<std::string> filter;
  std::uint64_t limit = 100;
  std::string at;
  std::string what;
  std::vector<std::string> rest;
};

struct Command {
  Console& console;
  const Applications& applications;
  const Typed& typed;
};

void add_run(CLI::App& program, Typed& typed);
ExitStatus run_run(Command command);
ExitStatus run_multicore(Command command, RunOptions options);

void add_replay(CLI::App& program, Typed& typed);
ExitStatus run_replay(Command command);

void add_trace(CLI::App& program, Typed& typed);
// `question` is stats, events, tree or why.
ExitStatus run_trace(Command command, const std::string& question);

void add_others(CLI::App& program, Typed& typed);
// Gives way to the program of that name that stands beside this one.
ExitStatus run_other(Command command, const std::string& program);

// From what was typed; wrong values are an Error with code "usage".
runtime::Result<RunOptions> typed_run(const Typed& typed);

// Draws one line on standard error that says how far a run is, and wipes it at the end.
class Progress {
 public:
  explicit Progress(Console& console) : console_(console) {}
  ~Progress();
  // Now and then, when it is time for a new picture.
  void show(const std::string& line);
  bool is_due();

 private:
  Console& console_;
  std::int64_t last_ms_ = 0;
  std::size_t width_ = 0;
};

}  // namespace glasshouse::scenarios
