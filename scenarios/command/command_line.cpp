#include "scenarios/command/command_line.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "runtime/base/build_identity.h"
#include "runtime/schedule/system.h"
#include "scenarios/command/commands.h"
#include "scenarios/run/repeat.h"

namespace glasshouse::scenarios {

using runtime::Error;

namespace {

constexpr std::int64_t progress_every_ms = 100;

const runtime::SystemClock& program_clock() {
  static const runtime::SystemClock clock;
  return clock;
}

ExitStatus dispatch(const CLI::App& program, Command command) {
  if (program.got_subcommand("run")) return run_run(command);
  if (program.got_subcommand("replay")) return run_replay(command);
  if (program.got_subcommand("trace")) {
    const CLI::App* trace = program.get_subcommand("trace");
    return run_trace(command, trace->get_subcommands().front()->get_name());
  }
  if (program.got_subcommand("observe")) return run_other(command, "glasshouse-observer");
  return run_other(command, "glasshouse-bench");
}

// What is wrong with what was typed, one sentence.
std::string mistake(const CLI::App& program, const std::vector<std::string>& arguments,
                    const CLI::ParseError& wrong) {
  const CLI::App* trace = program.get_subcommand("trace");
  if (trace->parsed() && trace->get_subcommands().empty()) {
    return "trace wants a file and a question: stats, events, tree or why";
  }
  const bool is_named = !arguments.empty() && !arguments.front().starts_with("-");
  if (!program.get_subcommands().empty() || !is_named) return wrong.what();
  return "there is no command \"" + arguments.front() +
         "\"; there are run, replay, trace, observe and bench";
}

}  // namespace

ExitStatus complain(Console& console, const Error& error, ExitStatus status) {
  console.err << "glasshouse: " << error.what << "\n";
  return status;
}

Progress::~Progress() {
  if (width_ > 0) console_.err << "\r" << std::string(width_, ' ') << "\r" << std::flush;
}

bool Progress::is_due() {
  if (!console_.progress) return false;
  const std::int64_t now_ms = program_clock().now().nanoseconds() / 1'000'000;
  if (now_ms - last_ms_ < progress_every_ms) return false;
  last_ms_ = now_ms;
  return true;
}

void Progress::show(const std::string& line) {
  std::string padded = line;
  if (padded.size() < width_) padded.resize(width_, ' ');
  width_ = std::max(width_, line.size());
  console_.err << "\r" << padded << std::flush;
}

ExitStatus run_command_line(const std::vector<std::string>& arguments, Console console,
                            const Applications& applications) {
  Typed typed;
  CLI::App program("Glasshouse: actors you can see through", "glasshouse");
  program.set_version_flag("--version", build_text());
  program.require_subcommand(1);
  program.footer(
      "Exit status: 0 good; 1 a property was violated or a check failed; 2 wrong usage;\n"
      "3 bad or unreadable input; 4 a replay or a determinism check differed.\n"
      "Try: glasshouse run scenarios/kv_under_fire.lua --trace fire.db");
  add_run(program, typed);
  add_replay(program, typed);
  add_trace(program, typed);
  add_others(program, typed);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    program.parse(reversed);
  } catch (const CLI::Success& asked) {  // --help, --version
    program.exit(asked, console.out, console.err);
    return ExitStatus::good;
  } catch (const CLI::ParseError& wrong) {
    console.err << "glasshouse: " << mistake(program, arguments, wrong)
                << "; glasshouse --help says more\n";
    return ExitStatus::usage;
  }
  return dispatch(program, {.console = console, .applications = applications, .typed = typed});
}

}  // namespace glasshouse::scenarios
