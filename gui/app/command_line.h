#pragma once
// What `glasshouse-observer` is told on its command line.

#include <optional>
#include <string>
#include <variant>

#include "gui/frame/theme.h"
#include "gui/model/observer.h"
#include "runtime/base/result.h"

namespace glasshouse::gui {

struct ObserverArguments {
  std::string input;       // a trace or a scenario
  std::string screenshot;  // empty: a window
  ViewName view = ViewName::processes;
  int width = 1600;
  int height = 1000;
  ThemeName theme = ThemeName::dark;
  float scale = 0;  // 0: what the display says, 1 without one
  std::optional<Moment> at;
  std::string script;
  std::string automation;
  std::optional<std::uint64_t> seed;  // of a live run
  std::vector<std::string> settings;  // NAME=VALUE, of a live run
  std::string trace;                  // where a live run is recorded
};

// What to print and which status to leave with, when nothing is to be done.
struct CommandLineEnd {
  int status = 0;
  std::string text;
};

std::variant<ObserverArguments, CommandLineEnd> parse_command_line(int count,
                                                                   const char* const* words);

}  // namespace glasshouse::gui
