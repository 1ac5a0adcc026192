// The program glasshouse-observer.
//
// Exit status: 0 good, 1 a script failed, 2 wrong usage, 3 unreadable input or no display.

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include "gui/app/automation.h"
#include "gui/app/command_line.h"
#include "gui/app/observer_app.h"
#include "gui/app/open_source.h"
#include "gui/window/window.h"

namespace glasshouse::gui {
namespace {

constexpr int script_failed = 1;
constexpr int wrong_usage = 2;
constexpr int bad_input = 3;

int complain(const std::string& what, int status) {
  std::cerr << "glasshouse-observer: " << what << "\n";
  return status;
}

void set_up(ObserverApp& app, const ObserverArguments& arguments) {
  app.observer().show(arguments.view);
  if (arguments.at) app.observer().go_to(*arguments.at);
}

runtime::Result<std::string> read_text(const std::string& path) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) {
    return runtime::Error(path + " is a folder; a script is a text file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return runtime::Error("cannot read " + path + ": " + std::strerror(errno));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Everything that needs no window: frames are drawn, nobody looks.
int run_headless(ObserverApp& app, const ObserverArguments& arguments) {
  app.settle();
  if (!arguments.script.empty()) {
    runtime::Result<std::string> text = read_text(arguments.script);
    if (!text.ok()) return complain(text.error().what, bad_input);
    runtime::Result<void> done = app.run_script(*text);
    if (!done.ok()) return complain(done.error().what, script_failed);
  }
  if (!arguments.screenshot.empty()) {
    runtime::Result<void> done = app.shot(arguments.screenshot);
    if (!done.ok()) return complain(done.error().what, bad_input);
  }
  return 0;
}

int run_window(ObserverApp& app, const ObserverArguments& arguments) {
  std::unique_ptr<Automation> automation;
  if (!arguments.automation.empty()) {
    auto listening = Automation::listen(arguments.automation);
    if (!listening.ok()) return complain(listening.error().what, bad_input);
    automation = *std::move(listening);
  }
  WindowOptions options{arguments.width, arguments.height, arguments.scale};
  runtime::Result<void> shown = show_window(
      app, options, [] { return true; }, automation.get());
  if (!shown.ok()) return complain(shown.error().what, bad_input);
  return 0;
}

int run(const ObserverArguments& arguments) {
  auto source = open_source(arguments.input, {arguments.seed, arguments.settings, arguments.trace});
  if (!source.ok()) {
    const bool is_usage = source.error().code == "usage";
    return complain(source.error().what, is_usage ? wrong_usage : bad_input);
  }
  bool is_headless = !arguments.screenshot.empty() || !arguments.script.empty();
  ScreenOptions screen{.width = arguments.width,
                       .height = arguments.height,
                       .scale = arguments.scale == 0 ? 1 : arguments.scale,
                       .theme = arguments.theme};
  ObserverApp app(screen, *std::move(source),
                  is_headless ? Desk::Mode::in_line : Desk::Mode::threaded);
  set_up(app, arguments);
  return is_headless ? run_headless(app, arguments) : run_window(app, arguments);
}

}  // namespace
}  // namespace glasshouse::gui

int main(int count, char** words) {
  using namespace glasshouse::gui;
  auto parsed = parse_command_line(count, words);
  if (const auto* end = std::get_if<CommandLineEnd>(&parsed)) {
    (end->status == 0 ? std::cout : std::cerr) << end->text;
    return end->status;
  }
  return run(std::get<ObserverArguments>(parsed));
}
