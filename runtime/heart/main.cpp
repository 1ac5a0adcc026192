// The program glasshouse-heart.

#include <cmath>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "runtime/heart/guard.h"

namespace {

using glasshouse::runtime::GuardOptions;
using glasshouse::runtime::Milliseconds;

constexpr int wrong_usage = 2;
constexpr double seconds_max = 1e6;
constexpr double timeout_least = 0.05;

struct Typed {
  double timeout = 60;
  double grace = 5;
  double within = 60;
  unsigned restarts = 5;
};

class HeartHelp final : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string name) const override {
    return "Usage: " + name + " [OPTIONS] PROGRAM [ARGUMENTS...]\n";
  }
};

Milliseconds milliseconds(double seconds) {
  return Milliseconds(std::llround(seconds * 1000));
}

void add_seconds(CLI::App& program, const std::string& name, double& place, double least,
                 const std::string& what) {
  program.add_option(name, place, what)
      ->check(CLI::Range(least, seconds_max).description(""))
      ->type_name("SECONDS")
      ->capture_default_str();
}

void describe(CLI::App& program, Typed& typed) {
  program.formatter(std::make_shared<HeartHelp>());
  program.prefix_command();
  add_seconds(program, "--timeout", typed.timeout, timeout_least, "Without a beat: it is ended");
  add_seconds(program, "--grace", typed.grace, 0, "Between SIGTERM and SIGKILL then");
  program.add_option("--restarts", typed.restarts, "More than that is too many ...")
      ->type_name("COUNT")
      ->capture_default_str();
  add_seconds(program, "--within", typed.within, 0, "... within so many seconds");
  program.footer(
      "A program that ends with status 0 is done, and so is its heart. One that ends otherwise, "
      "or\n"
      "whose beats stop, is started again. SIGTERM, SIGINT, SIGHUP and SIGQUIT are passed on, and\n"
      "then the end of the program is the end.\n\n"
      "Exit status: that of the program (128 + N: signal N), or\n"
      "  2  the command line is wrong\n"
      "  3  too many restarts: it gave up\n"
      "  4  the program could not be started");
}

int complain(const std::string& sentence) {
  std::cerr << "glasshouse-heart: " << sentence << "\n";
  return wrong_usage;
}

}  // namespace

int main(int argc, char** argv) {
  Typed typed;
  CLI::App program("Starts a node's program, and again when it dies or stops answering.",
                   "glasshouse-heart");
  describe(program, typed);
  try {
    program.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return program.exit(help);
  } catch (const CLI::ParseError& wrong) {
    return complain(wrong.what());
  }
  GuardOptions options{.command = program.remaining()};
  if (!options.command.empty() && options.command.front() == "--") {
    options.command.erase(options.command.begin());
  }
  if (options.command.empty()) return complain("name the program to start; see --help");
  const std::string& first = options.command.front();
  if (first.starts_with("-")) return complain("there is no option " + first + "; see --help");
  options.timeout = milliseconds(typed.timeout);
  options.grace = milliseconds(typed.grace);
  options.within = milliseconds(typed.within);
  options.restarts = typed.restarts;
  return glasshouse::runtime::guard(options);
}
