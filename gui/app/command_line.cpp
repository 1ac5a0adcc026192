#include "gui/app/command_line.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include <CLI/CLI.hpp>

#include "scenarios/command/whole_number.h"

namespace glasshouse::gui {
namespace {

constexpr int wrong_usage = 2;

bool parse_size(const std::string& text, ObserverArguments& arguments) {
  int end = 0;
  int found = std::sscanf(text.c_str(), "%dx%d%n", &arguments.width, &arguments.height, &end);
  bool is_complete = found == 2 && static_cast<std::size_t>(end) == text.size();
  return is_complete && arguments.width >= 320 && arguments.height >= 240 &&
         arguments.width <= 8192 && arguments.height <= 8192;
}

CommandLineEnd mistake(const std::string& sentence) {
  return {wrong_usage, "glasshouse-observer: " + sentence + "\n"};
}

}  // namespace

std::variant<ObserverArguments, CommandLineEnd> parse_command_line(int count,
                                                                   const char* const* words) {
  ObserverArguments arguments;
  std::string view = "processes";
  std::string theme = "dark";
  std::string size = "1600x1000";
  CLI::App parser("Shows a recorded run, or runs a scenario in the simulator and shows it live.",
                  "glasshouse-observer");
  parser.add_option("INPUT", arguments.input, "a trace (.db) or a scenario (.lua)");
  parser.add_option("--screenshot", arguments.screenshot,
                    "write a picture to this PNG file, without a display, and end");
  parser.add_option("--view", view, "which view")
      ->check(CLI::IsMember({"processes", "supervision", "messages", "crashes"}));
  parser.add_option("--size", size, "of the window or picture, as 1600x1000");
  parser.add_option("--theme", theme, "dark or light")->check(CLI::IsMember({"dark", "light"}));
  parser.add_option("--scale", arguments.scale, "0.75 to 3; 1 is 96 dots an inch")
      ->check(CLI::Range(0.75, 3.0));
  parser.add_option("--at", arguments.at, "the moment to show: the number of an event")
      ->check(scenarios::whole_number<Moment>());
  parser.add_option("--script", arguments.script, "run this script of GUI commands, and end");
  parser.add_option("--automation", arguments.automation,
                    "answer questions about the window on unix:PATH");
  parser.add_option("--seed", arguments.seed, "of a live run")
      ->check(scenarios::whole_number<std::uint64_t>());
  parser.add_option("--set", arguments.settings, "NAME=VALUE, a parameter of a live run")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  parser.add_option("--trace", arguments.trace, "record the live run to this file");
  try {
    parser.parse(count, words);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    int status = parser.exit(error, out, out);
    return CommandLineEnd{status == 0 ? 0 : wrong_usage, out.str()};
  }
  if (!parse_size(size, arguments)) {
    return mistake("--size must be WIDTHxHEIGHT, 320x240 to 8192x8192");
  }
  if (arguments.input.empty()) {
    return mistake("say what to show: a trace (.db) or a scenario (.lua); --help has more");
  }
  bool is_of_live_run = arguments.seed || !arguments.settings.empty() || !arguments.trace.empty();
  if (is_of_live_run && !arguments.input.ends_with(".lua")) {
    return mistake("--seed, --set and --trace are for a live run, and " + arguments.input +
                   " is no scenario (.lua)");
  }
  constexpr std::string_view prefix = "unix:";
  if (!arguments.automation.empty()) {
    if (!arguments.automation.starts_with(prefix)) {
      return mistake("--automation must be unix:PATH");
    }
    arguments.automation.erase(0, prefix.size());
  }
  arguments.theme = theme == "dark" ? ThemeName::dark : ThemeName::light;
  for (ViewName name : all_views) {
    if (view_word(name) == view) arguments.view = name;
  }
  return arguments;
}

}  // namespace glasshouse::gui
