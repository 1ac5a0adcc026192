// The fixed places of the window: header, rail, main view, inspector, transport, overlays.

#include <algorithm>

#include "gui/frame/icons.h"
#include "gui/model/format.h"
#include "gui/view/scene.h"

namespace glasshouse::gui {

void Scene::run(std::string_view id) const {
  const Command* command = commands.find(id);
  if (command != nullptr && commands.is_enabled(id, observer)) command->run(observer);
}

bool Scene::command_button(std::string_view command, const char* icon, ButtonLook look,
                           float size) const {
  std::string id = "cmd/" + std::string(command);
  Ui::IconButton how{look, size, commands.is_enabled(command, observer)};
  bool pressed = ui.icon_button(id, icon, commands.tooltip(command), how);
  if (pressed) run(command);
  return pressed;
}

namespace {

constexpr float header_height = 48;
constexpr float rail_width = 56;
constexpr float transport_height = 138;
constexpr float gutter = 8;

// What could not be done, at the foot of the main view.
void draw_notice(const Scene& scene, ImVec2 low, ImVec2 high) {
  const Ui& ui = scene.ui;
  const std::string& notice = scene.observer.notice;
  if (notice.empty()) return;
  ImVec2 size = ui.measure(notice, ui.fonts.text);
  float middle = (low.x + high.x) / 2;
  float half = std::min(size.x / 2 + ui.px(24), (high.x - low.x) / 2 - ui.px(12));
  ImVec2 from(middle - half, high.y - ui.px(52));
  ImVec2 to(middle + half, high.y - ui.px(16));
  ImDrawList* list = ImGui::GetForegroundDrawList();
  list->AddRectFilled(from, to, Ui::col(ui.theme.raised), ui.px(8));
  list->AddRect(from, to, Ui::col(ui.theme.warning), ui.px(8));
  list->AddText(ui.fonts.text, ui.fonts.text->FontSize,
                ImVec2(from.x + ui.px(24), (from.y + to.y - size.y) / 2), Ui::col(ui.theme.text),
                notice.c_str());
  ui.probe.mark_place("notice", notice, {from.x, from.y, to.x, to.y});
}

void draw_main(const Scene& scene) {
  switch (scene.observer.view()) {
    case ViewName::processes:
      draw_processes(scene);
      break;
    case ViewName::supervision:
      draw_supervision(scene);
      break;
    case ViewName::messages:
      draw_messages(scene);
      break;
    case ViewName::crashes:
      draw_crashes(scene);
      break;
  }
}

void draw_overlays(const Scene& scene) {
  switch (scene.observer.overlay()) {
    case Overlay::none:
      break;
    case Overlay::palette:
      draw_palette(scene);
      break;
    case Overlay::help:
      draw_help(scene);
      break;
    case Overlay::leader:
      draw_leader(scene);
      break;
  }
}

}  // namespace

void draw_shell(const Scene& scene) {
  const Ui& ui = scene.ui;
  ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos(ImVec2(0, 0));
  ImGui::SetNextWindowSize(size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::Begin("shell", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus |
                   ImGuiWindowFlags_NoScrollWithMouse);
  ImGui::PopStyleVar();

  float top = ui.px(header_height);
  float left = ui.px(rail_width);
  float gap = ui.px(gutter);
  draw_header(scene, ImVec2(0, 0), ImVec2(size.x, top));
  draw_rail(scene, ImVec2(0, top), ImVec2(left, size.y));

  float inspector_width = std::clamp(size.x * 0.235F, ui.px(280), ui.px(460));
  float transport_top = size.y - ui.px(transport_height) - gap;
  float main_right = size.x - inspector_width - 2 * gap;
  ImVec2 padding = ui.px(12, 10);

  ImGui::SetCursorScreenPos(ImVec2(left + gap, top + gap));
  ImVec2 main_size(main_right - left - gap, transport_top - top - 2 * gap);
  ui.begin_panel("main", main_size, padding);
  draw_main(scene);
  ui.end_panel();

  ImGui::SetCursorScreenPos(ImVec2(main_right + gap, top + gap));
  ui.begin_panel("inspector", ImVec2(inspector_width, main_size.y), ImVec2(0, 0));
  draw_inspector(scene);
  ui.end_panel();

  ImGui::SetCursorScreenPos(ImVec2(left + gap, transport_top));
  ui.begin_panel("transport", ImVec2(size.x - left - 2 * gap, ui.px(transport_height)), padding);
  draw_transport(scene);
  ui.end_panel();

  draw_notice(scene, ImVec2(left, top), ImVec2(main_right, transport_top));
  ImGui::End();
  draw_overlays(scene);
}

void draw_rail(const Scene& scene, ImVec2 low, ImVec2 high) {
  const Ui& ui = scene.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(low, high, Ui::col(ui.theme.panel));
  list->AddRectFilled(ImVec2(high.x - 1, low.y), high, Ui::col(ui.theme.line));
  struct Entry {
    ViewName view;
    const char* command;
    const char* icon;
  };
  constexpr Entry entries[] = {
      {ViewName::processes, "view.processes", icon::process_tree},
      {ViewName::supervision, "view.supervision", icon::supervision},
      {ViewName::messages, "view.messages", icon::messages},
      {ViewName::crashes, "view.crashes", icon::crashes},
  };
  float y = low.y + ui.px(10);
  for (const Entry& entry : entries) {
    ImGui::SetCursorScreenPos(ImVec2(low.x + ui.px(8), y));
    bool is_shown = scene.observer.view() == entry.view;
    scene.command_button(entry.command, entry.icon,
                         is_shown ? ButtonLook::chosen : ButtonLook::flat, 40);
    if (is_shown) {
      list->AddRectFilled(ImVec2(low.x, y + ui.px(9)), ImVec2(low.x + ui.px(3), y + ui.px(31)),
                          Ui::col(ui.theme.accent), ui.px(2));
    }
    y += ui.px(46);
  }
  ImGui::SetCursorScreenPos(ImVec2(low.x + ui.px(8), high.y - ui.px(50)));
  scene.command_button("help.open", icon::help, ButtonLook::flat, 40);
}

}  // namespace glasshouse::gui
