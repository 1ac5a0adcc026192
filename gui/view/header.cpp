// The header: which run this is, the filter of the view, the palette, live or recorded, the theme.

#include <algorithm>

#include "gui/frame/icons.h"
#include "gui/model/format.h"
#include "gui/view/scene.h"

namespace glasshouse::gui {
namespace {

// Draws a rounded field with text and returns its right edge.
float draw_field(const Ui& ui, float x, float middle, std::string_view name,
                 std::string_view note) {
  ImVec2 name_size = ui.measure(name, ui.fonts.text);
  ImVec2 note_size = ui.measure(note, ui.fonts.mono);
  float width = name_size.x + ui.px(24) + (note.empty() ? 0 : note_size.x + ui.px(14));
  ImVec2 low(x, middle - ui.px(15));
  ImVec2 high(x + width, middle + ui.px(15));
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(low, high, Ui::col(ui.theme.raised), ui.px(5));
  ui.place(ImVec2(x + ui.px(12), middle - name_size.y / 2), name, ui.fonts.text, ui.theme.text);
  if (!note.empty()) {
    float left = x + ui.px(26) + name_size.x;
    list->AddRectFilled(ImVec2(left - ui.px(8), low.y + ui.px(7)),
                        ImVec2(left - ui.px(7), high.y - ui.px(7)), Ui::col(ui.theme.line));
    ui.place(ImVec2(left, middle - note_size.y / 2), note, ui.fonts.mono, ui.theme.dim);
  }
  return high.x;
}

// "● live, paused" and how much there is, right-aligned; returns its left edge.
float draw_status(const Scene& scene, float right, float middle) {
  const Ui& ui = scene.ui;
  const Picture& picture = scene.picture();
  const LiveStatus& live = picture.live;
  std::string word = "recorded";
  Colour colour = ui.theme.dim;
  if (picture.run.was_cut && !live.is_live) {
    word = "recorded, cut off";
    colour = ui.theme.warning;
  }
  if (live.is_live) {
    word = live.is_finished ? "live, finished" : live.is_running ? "live" : "live, paused";
    colour = live.is_running && !live.is_finished ? ui.theme.good : ui.theme.warning;
  }
  std::size_t up = 0;
  for (const NodeRow& node : picture.run.nodes)
    up += node.is_up ? 1 : 0;
  std::string count = format_count(picture.extent.last) + " events";
  std::string nodes = std::to_string(up) + (up == 1 ? " node" : " nodes");
  std::string details = nodes + "   " + count;
  ImVec2 size = ui.measure(details, ui.fonts.text);
  float x = right - size.x;
  ui.place(ImVec2(x, middle - size.y / 2), details, ui.fonts.text, ui.theme.dim);
  ImVec2 word_size = ui.measure(word, ui.fonts.text);
  x -= word_size.x + ui.px(16);
  ui.place(ImVec2(x, middle - size.y / 2), word, ui.fonts.text, ui.theme.text);
  x -= ui.px(14);
  ImGui::GetWindowDrawList()->AddCircleFilled(ImVec2(x, middle), ui.px(5), Ui::col(colour), 24);
  ui.probe.mark_place("header/status", word + " " + details,
                      {x, middle - size.y, right, middle + size.y});
  return x - ui.px(10);
}

std::string& filter_of(Observer& observer) {
  bool is_events = observer.view() == ViewName::messages || observer.view() == ViewName::crashes;
  return is_events ? observer.messages.text : observer.processes.filter;
}

const char* filter_hint(ViewName view) {
  switch (view) {
    case ViewName::processes:
      return "Filter   mq>100  node:n2  restarts>0";
    case ViewName::supervision:
      return "Filter supervisors and children";
    case ViewName::messages:
      return "Filter events: type, name or text";
    case ViewName::crashes:
      return "Filter crashes: name or reason";
  }
  return "";
}

}  // namespace

void draw_header(const Scene& scene, ImVec2 low, ImVec2 high) {
  const Ui& ui = scene.ui;
  Observer& observer = scene.observer;
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(low, high, Ui::col(ui.theme.panel));
  list->AddRectFilled(ImVec2(low.x, high.y - 1), high, Ui::col(ui.theme.line));
  float middle = (low.y + high.y) / 2;

  ui.place_middle(ImVec2(low.x, low.y), ImVec2(low.x + ui.px(56), high.y), icon::hub, ui.fonts.icon,
                  ui.theme.accent);
  ImVec2 name_size = ui.measure("Glasshouse", ui.fonts.title);
  ui.place(ImVec2(low.x + ui.px(56), middle - name_size.y / 2), "Glasshouse", ui.fonts.title,
           ui.theme.text);
  float x = low.x + ui.px(56) + name_size.x + ui.px(20);
  const RunInfo& run = scene.picture().run;
  std::string seed = run.seed.empty() ? "" : "seed " + run.seed;
  x = draw_field(ui, x, middle, shorten(run.name, 28), seed) + ui.px(10);

  float right = high.x - ui.px(12) - ui.px(34);
  ImGui::SetCursorScreenPos(ImVec2(right, middle - ui.px(17)));
  bool is_dark = observer.theme == ThemeName::dark;
  scene.command_button("theme.toggle", is_dark ? icon::light_mode : icon::dark_mode,
                       ButtonLook::flat, 34);
  right = draw_status(scene, right - ui.px(14), middle);

  std::string keys = scene.commands.key_text("palette.open") + "  Commands";
  float palette_width = ui.measure(keys, ui.fonts.text).x + ui.px(22);
  float room = right - ui.px(16) - palette_width - ui.px(10) - x;
  float filter_width = std::clamp(room, ui.px(80), ui.px(380));
  ImGui::SetCursorScreenPos(ImVec2(x, middle - ui.px(15)));
  bool takes_keyboard = observer.wants_filter;
  observer.wants_filter = false;
  ui.search("header/filter", filter_hint(observer.view()), filter_of(observer), filter_width,
            takes_keyboard);
  x += filter_width + ui.px(10);
  if (x + palette_width < right) {
    ImGui::SetCursorScreenPos(ImVec2(x, middle - ui.px(15)));
    if (ui.button("cmd/palette.open", keys)) scene.run("palette.open");
  }
}

}  // namespace glasshouse::gui
