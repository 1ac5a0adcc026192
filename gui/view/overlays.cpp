// What lies over everything: the palette, the sheet of all keys, the keys that act on the focus.

#include <algorithm>
#include <map>

#include <imgui/imgui.h>
#include <imgui/imgui_stdlib.h>

#include "gui/command/key_text.h"
#include "gui/command/palette.h"
#include "gui/frame/icons.h"
#include "gui/view/scene.h"

namespace glasshouse::gui {
namespace {

// Opens a window in the middle and darkens what is behind it.
void begin_overlay(const Ui& ui, const char* name, ImVec2 size, float top) {
  ImVec2 screen = ImGui::GetIO().DisplaySize;
  Colour veil = ui.theme.name == "dark" ? Colour{0, 0, 0, 130} : Colour{40, 50, 70, 70};
  ImGui::SetNextWindowPos(ImVec2(0, 0));
  ImGui::SetNextWindowSize(screen);
  ImGui::PushStyleColor(ImGuiCol_WindowBg, Ui::col(veil));
  ImGui::Begin("veil", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoNav |
                   ImGuiWindowFlags_NoFocusOnAppearing);
  ImGui::End();
  ImGui::PopStyleColor();

  size.x = std::min(size.x, screen.x - ui.px(40));
  size.y = std::min(size.y, screen.y - top - ui.px(20));
  ImGui::SetNextWindowPos(ImVec2((screen.x - size.x) / 2, top));
  ImGui::SetNextWindowSize(size);
  ImGui::SetNextWindowFocus();
  ImGui::PushStyleColor(ImGuiCol_WindowBg, Ui::col(ui.theme.panel));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, ui.px(10));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 1);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ui.px(16, 14));
  ImGui::Begin(
      name, nullptr,
      ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings);
}

void end_overlay() {
  ImGui::End();
  ImGui::PopStyleVar(3);
  ImGui::PopStyleColor();
}

void draw_key(const Ui& ui, ImVec2 right_top, std::string_view keys) {
  if (keys.empty()) return;
  ImVec2 size = ui.measure(keys, ui.fonts.caption);
  ImVec2 low(right_top.x - size.x - ui.px(14), right_top.y);
  ImVec2 high(right_top.x, right_top.y + ui.px(20));
  ImGui::GetWindowDrawList()->AddRectFilled(low, high, Ui::col(ui.theme.raised), ui.px(4));
  ui.place_middle(low, high, keys, ui.fonts.caption, ui.theme.dim);
}

void draw_entry(const Scene& scene, const PaletteEntry& entry, bool is_selected) {
  const Ui& ui = scene.ui;
  ImVec2 low = ImGui::GetCursorScreenPos();
  ImVec2 high(low.x + ImGui::GetContentRegionAvail().x, low.y + ui.px(32));
  Interaction seen = ui.area(entry.id, entry.title, low, high);
  ImDrawList* list = ImGui::GetWindowDrawList();
  if (is_selected || seen.is_hovered) {
    Colour fill = is_selected ? ui.theme.selection : ui.theme.raised;
    list->AddRectFilled(low, high, Ui::col(fill), ui.px(5));
  }
  float y = (low.y + high.y - ui.fonts.text->FontSize) / 2;
  ui.place(ImVec2(low.x + ui.px(12), y), entry.title, ui.fonts.text, ui.theme.text,
           high.x - ui.px(130));
  draw_key(ui, ImVec2(high.x - ui.px(8), low.y + ui.px(6)), entry.note);
  ImGui::Dummy(ImVec2(high.x - low.x, high.y - low.y));
  if (seen.is_clicked) entry.run(scene.observer);
}

}  // namespace

void draw_palette(const Scene& scene) {
  const Ui& ui = scene.ui;
  Observer& observer = scene.observer;
  begin_overlay(ui, "palette", ui.px(620, 470), ui.px(90));
  ImGui::SetNextItemWidth(-1);
  if (!ImGui::IsAnyItemActive()) ImGui::SetKeyboardFocusHere();
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ui.px(12, 8));
  std::string before = observer.palette.text;
  ImGui::InputTextWithHint("##palette/text", "A command, @process, #event or :seconds",
                           &observer.palette.text);
  ImGui::PopStyleVar();
  ui.probe.mark("palette/text", "Command");
  if (observer.palette.text != before) observer.palette.selected = 0;

  std::vector<PaletteEntry> entries =
      palette_entries(observer.palette.text, observer, scene.commands);
  std::size_t& selected = observer.palette.selected;
  if (!entries.empty()) selected = std::min(selected, entries.size() - 1);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, ui.px(2)));
  ImGui::BeginChild("palette/list", ImVec2(0, 0));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    draw_entry(scene, entries[i], i == selected);
    if (i == selected && !ImGui::IsItemVisible()) ImGui::SetScrollHereY();
  }
  if (entries.empty()) ui.caption("Nothing is called that.");
  ImGui::EndChild();
  ImGui::PopStyleVar();
  end_overlay();

  bool is_accepted = observer.palette.is_accepted;
  observer.palette.is_accepted = false;
  if (is_accepted && selected < entries.size()) entries[selected].run(observer);
}

void draw_help(const Scene& scene) {
  const Ui& ui = scene.ui;
  begin_overlay(ui, "help", ui.px(980, 620), ui.px(70));
  ui.text("Keys", ui.fonts.title, ui.theme.text);
  ImGui::SameLine(0, ui.px(12));
  ui.caption("They act when no text field has the keyboard. Esc closes this.");
  ImGui::Dummy(ui.px(0, 4));
  std::vector<std::string> groups;
  for (const Command& command : scene.commands.all()) {
    if (std::find(groups.begin(), groups.end(), command.group) == groups.end()) {
      groups.push_back(command.group);
    }
  }
  float width = (ImGui::GetContentRegionAvail().x - ui.px(48)) / 3;
  ImVec2 start = ImGui::GetCursorScreenPos();
  float bottom = start.y + ImGui::GetContentRegionAvail().y;
  ImVec2 at = start;
  for (const std::string& group : groups) {
    auto rows = std::count_if(scene.commands.all().begin(), scene.commands.all().end(),
                              [&](const Command& command) { return command.group == group; });
    float height = ui.px(30) + static_cast<float>(rows) * ui.px(25);
    if (at.y + height > bottom && at.y > start.y) at = ImVec2(at.x + width + ui.px(24), start.y);
    ui.place(at, group, ui.fonts.strong, ui.theme.accent);
    at.y += ui.px(26);
    for (const Command& command : scene.commands.all()) {
      if (command.group != group) continue;
      ui.place(at, command.title, ui.fonts.text, ui.theme.text, at.x + width - ui.px(96));
      draw_key(ui, ImVec2(at.x + width, at.y - ui.px(1)), scene.commands.key_text(command.id));
      ui.probe.mark_place("help/" + command.id, command.title,
                          {at.x, at.y, at.x + width, at.y + ui.px(20)});
      at.y += ui.px(25);
    }
    at.y += ui.px(12);
  }
  end_overlay();
}

void draw_leader(const Scene& scene) {
  const Ui& ui = scene.ui;
  Observer& observer = scene.observer;
  begin_overlay(ui, "leader", ui.px(440, 190), ui.px(160));
  const ProcessRow* process = observer.focused_process();
  std::string on =
      process == nullptr ? "no process is selected" : process->name + " " + process->pid;
  ui.title("Act", on);
  ImGui::Dummy(ui.px(0, 4));
  for (const Command& command : scene.commands.all()) {
    if (command.scope != CommandScope::leader) continue;
    bool is_enabled = scene.commands.is_enabled(command.id, observer);
    PaletteEntry entry{.id = "leader/" + command.id,
                       .title = command.title,
                       .note = key_text(command.keys.front()),
                       .run = [&](Observer&) { scene.run(command.id); }};
    if (!is_enabled) ImGui::BeginDisabled();
    draw_entry(scene, entry, false);
    if (!is_enabled) ImGui::EndDisabled();
  }
  if (!observer.is_live()) ui.caption("Acting needs a live run: open a scenario, not a recording.");
  end_overlay();
}

}  // namespace glasshouse::gui
