// Every crash of the run. A click goes to the moment and shows the report in the inspector.

#include <algorithm>

#include "gui/frame/icons.h"
#include "gui/model/format.h"
#include "gui/view/appearance.h"
#include "gui/view/table.h"

namespace glasshouse::gui {
namespace {

constexpr TableColumn columns[] = {
    {.name = "Time", .width = 92, .is_right = true},
    {.name = "Process", .width = 1, .stretches = true},
    {.name = "Pid", .width = 116},
    {.name = "Reason", .width = 2.4F, .stretches = true},
    {.name = "Alike", .width = 64, .is_right = true, .tip = "Crashes with the same reason"},
};

}  // namespace

void draw_crashes(const Scene& scene) {
  const Ui& ui = scene.ui;
  Observer& observer = scene.observer;
  std::vector<const CrashRow*> rows;
  const std::vector<CrashRow>& crashes = scene.picture().overview.crashes;
  for (const CrashRow& crash : crashes) {
    const std::string& part = observer.messages.text;
    if (contains_ignoring_case(crash.name, part) || contains_ignoring_case(crash.reason, part)) {
      rows.push_back(&crash);
    }
  }
  ui.title("Crashes", format_counted(rows.size(), "report", "reports") + " in the whole run");
  ImGui::Dummy(ui.px(0, 2));
  if (rows.empty()) {
    bool is_filtered = !crashes.empty();
    draw_empty(ui, icon::crashes, is_filtered ? "No crash matches the filter" : "Nothing crashed",
               is_filtered ? "Esc clears the filter."
                           : "Processes that end by an exception are listed here with their "
                             "reports. Those that were killed are in Messages, as exits.");
    return;
  }
  Table table(scene, "crashes", columns);
  if (!table.is_open()) return;
  table.headers(-1, false);
  table.rows(rows.size(), -1, [&](std::size_t n) {
    const CrashRow& crash = *rows[n];
    bool is_selected = crash.moment == observer.focus().event;
    Interaction seen = table.row(std::to_string(crash.moment), crash.reason, is_selected);
    bool is_later = crash.moment > scene.picture().moment;
    Colour ink = is_later && !is_selected ? ui.theme.dim : ui.theme.text;
    table.number(table.next_cell(), format_time(crash.time_ns), ink);
    Look look = look_of(EventKind::crash, ui.theme);
    table.icon_word(table.next_cell(), look.icon, look.colour, crash.name, ink);
    table.text(table.next_cell(), crash.pid, ui.fonts.mono, ink);
    table.text(table.next_cell(), crash.reason, ui.fonts.mono, ink);
    auto alike = std::count_if(crashes.begin(), crashes.end(),
                               [&](const CrashRow& other) { return other.reason == crash.reason; });
    table.number(table.next_cell(), format_count(static_cast<std::uint64_t>(alike)), ink);
    if (seen.is_clicked) {
      observer.select_event(crash.moment);
      observer.select_process(crash.process);
    }
  });
}

}  // namespace glasshouse::gui
