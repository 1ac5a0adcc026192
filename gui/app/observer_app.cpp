#include "gui/app/observer_app.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <utility>

#include <imgui/imgui_internal.h>

#include "gui/model/format.h"
#include "gui/view/scene.h"

namespace glasshouse::gui {

ObserverApp::ObserverApp(const ScreenOptions& options, std::unique_ptr<Source> source,
                         Desk::Mode mode)
    : base_scale_(options.scale),
      screen_(options),
      observer_(std::move(source), mode),
      commands_(observer_commands()) {
  observer_.theme = options.theme;
}

void ObserverApp::use_keys() {
  bool is_typing = screen_.is_typing();
  for (const KeyPress& press : screen_.input().presses()) {
    const Command* command = commands_.command_of(press, observer_, is_typing);
    if (command != nullptr) command->run(observer_);
  }
}

void ObserverApp::frame(double seconds) {
  screen_.set_theme(observer_.theme);
  screen_.set_scale(base_scale_ * observer_.scale_factor);
  screen_.begin_frame(seconds);
  use_keys();
  observer_.update(seconds);
  Ui ui(screen_);
  draw_shell(Scene{ui, observer_, commands_});
  walk_widgets(ui);
  screen_.end_frame();
  clipboard_.clear();
  if (std::exchange(observer_.wants_clipboard, false)) {
    clipboard_ = observer_.address();
    copied_ = clipboard_;
  }
}

// The keyboard stands on a widget of this frame: a ring shows it, and pressing it is a click there.
void ObserverApp::walk_widgets(const Ui& ui) {
  Walk how = std::exchange(observer_.wants_walk, Walk::none);
  bool is_pressed = std::exchange(observer_.wants_press, false);
  if (observer_.overlay() != Overlay::none) return;
  if (how != Walk::none) {
    ImGui::ClearActiveID();  // a text field gives the keyboard back
    observer_.widget = walk(probe(), observer_.widget, how);
  }
  if (observer_.widget.empty()) return;
  const Mark* mark = probe().find(observer_.widget);
  if (mark == nullptr || mark->visible.is_empty()) return observer_.widget.clear();
  const Box& box = mark->visible;
  ImGui::GetForegroundDrawList()->AddRect(ImVec2(box.left, box.top), ImVec2(box.right, box.bottom),
                                          Ui::col(ui.theme.accent), ui.px(5), 0, ui.px(2));
  if (!is_pressed) return;
  ImVec2 pointer = ImGui::GetIO().MousePos;
  input().move(box.x(), box.y());
  input().button(0, true);
  input().button(0, false);
  input().move(pointer.x, pointer.y);
}

void ObserverApp::settle(int frames_max) {
  for (int i = 0; i < frames_max; ++i)
    frame();
}

runtime::Result<void> ObserverApp::run_script(std::string_view text) {
  runtime::Result<std::vector<ScriptCommand>> commands = parse_script(text);
  if (!commands.ok()) return commands.error();
  ScriptRun run(*std::move(commands), *this);
  while (run.step() == ScriptRun::State::going)
    frame();
  if (run.state() == ScriptRun::State::failed) return runtime::Error(run.failure());
  return {};
}

runtime::Result<std::string> ObserverApp::value(std::string_view name) {
  const Picture& picture = observer_.picture();
  const ProcessRow* process = observer_.focused_process();
  auto flag = [](bool is) { return std::string(is ? "true" : "false"); };
  auto scope_word = [](StepScope scope) -> std::string {
    return scope == StepScope::run ? "run" : scope == StepScope::node ? "node" : "process";
  };
  constexpr std::string_view overlays[] = {"none", "palette", "help", "leader"};
  if (name == "view") return std::string(view_word(observer_.view()));
  if (name == "theme") return std::string(screen_.theme().name);
  if (name == "scale") return std::to_string(observer_.scale_factor);
  if (name == "overlay") {
    return std::string(overlays[static_cast<std::size_t>(observer_.overlay())]);
  }
  if (name == "moment") return std::to_string(picture.moment);
  if (name == "time") return format_time(picture.time_ns);
  if (name == "seconds") return std::to_string(static_cast<double>(picture.time_ns) / 1e9);
  if (name == "latest") return flag(observer_.focus().is_latest);
  if (name == "last") return std::to_string(picture.extent.last);
  if (name == "event") return std::to_string(observer_.focus().event);
  if (name == "process") return process == nullptr ? "" : process->name;
  if (name == "pid") return process == nullptr ? "" : process->pid;
  if (name == "playing") return flag(observer_.is_playing());
  if (name == "speed") return std::to_string(observer_.speed());
  if (name == "scope") return scope_word(observer_.scope());
  if (name == "widget") return observer_.widget;
  if (name == "typing") return flag(screen_.is_typing());
  if (name == "filter") return observer_.processes.filter;
  if (name == "rows") return std::to_string(observer_.process_list().lines.size());
  if (name == "matches") return std::to_string(observer_.process_list().matches);
  if (name == "tree") return flag(observer_.processes.is_tree);
  if (name == "exited") return flag(observer_.processes.shows_exited);
  if (name == "events") return std::to_string(picture.event_count);
  if (name == "events-filter") return observer_.messages.text;
  if (name == "only-process") return flag(observer_.messages.only_process);
  if (name == "follows") return flag(observer_.messages.follows);
  if (name == "notice") return observer_.notice;
  if (name == "address") return observer_.address();
  if (name == "copied") return copied_;
  if (name == "read-out") return observer_.read_out();
  if (name == "live") return flag(picture.live.is_live);
  if (name == "running") return flag(picture.live.is_running);
  if (name == "finished") return flag(picture.live.is_finished);
  if (name == "cuts") return std::to_string(picture.live.cuts.size());
  if (name == "palette") return observer_.palette.text;
  if (name == "palette-selected") return std::to_string(observer_.palette.selected);
  return runtime::Error("there is no value called \"" + std::string(name) + "\"");
}

void ObserverApp::reveal(std::string_view id) {
  constexpr std::string_view process_rows = "procs/row/";
  constexpr std::string_view event_rows = "messages/row/";
  if (id.starts_with(process_rows)) {
    for (const ProcessRow& row : observer_.picture().processes.rows) {
      if (row.pid == id.substr(process_rows.size())) observer_.reveal_process = row.key;
    }
  }
  if (id.starts_with(event_rows)) observer_.reveal_event = true;
}

runtime::Result<void> ObserverApp::shot(const std::string& path) {
  return write_png(screen_.picture(), path);
}

runtime::Result<void> ObserverApp::dump(const std::string& path) {
  std::ofstream file(path, std::ios::trunc);
  file << observer_.read_out() << "\n" << observer_.address() << "\n";
  for (const auto& [id, mark] : probe().marks()) {
    file << id << "\t" << mark.box.left << " " << mark.box.top << " " << mark.box.right << " "
         << mark.box.bottom << "\t" << (mark.visible.is_empty() ? "hidden" : "visible") << "\t"
         << mark.label << "\n";
  }
  file.close();
  if (!file) return runtime::Error("cannot write " + path);
  return {};
}

}  // namespace glasshouse::gui
