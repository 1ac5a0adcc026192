// The processes of the moment, as a tree or a list.

#include <algorithm>
#include <cmath>

#include "gui/frame/icons.h"
#include "gui/model/format.h"
#include "gui/model/process_filter.h"
#include "gui/model/sentences.h"
#include "gui/view/appearance.h"
#include "gui/view/table.h"

namespace glasshouse::gui {
namespace {

constexpr TableColumn columns[] = {
    {.name = "Process", .width = 3, .stretches = true},
    {.name = "Pid", .width = 112, .from = 520},
    {.name = "State", .width = 100},
    {.name = "Mailbox", .width = 116, .tip = "Messages that wait; the bar is on a log scale"},
    {.name = "Reductions",
     .width = 96,
     .is_right = true,
     .tip = "Work done since it was spawned",
     .from = 640},
    {.name = "Restarts",
     .width = 72,
     .is_right = true,
     .tip = "How often its place in the supervision tree was restarted",
     .from = 440},
    {.name = "Runs",
     .width = 1.4F,
     .stretches = true,
     .tip = "What it was spawned as",
     .from = 1000},
    {.name = "Waiting for", .width = 1.7F, .stretches = true, .from = 720},
};
constexpr ProcessColumn orders[] = {
    ProcessColumn::name,      ProcessColumn::pid,         ProcessColumn::state,
    ProcessColumn::mailbox,   ProcessColumn::reductions,  ProcessColumn::restarts,
    ProcessColumn::behaviour, ProcessColumn::waiting_for,
};

int sorted_column(const ProcessOrder& order) {
  for (int n = 0; n < static_cast<int>(std::size(orders)); ++n) {
    if (orders[n] == order.column) return n;
  }
  return -1;
}

bool sorts_downwards_first(ProcessColumn column) {
  return column == ProcessColumn::mailbox || column == ProcessColumn::reductions ||
         column == ProcessColumn::restarts;
}

// A mailbox is calm below ten messages and in trouble from a thousand on.
Colour mailbox_colour(const Theme& theme, std::uint64_t length) {
  return length >= 1'000 ? theme.bad : length >= 100 ? theme.warning : theme.accent;
}

void draw_mailbox(const Scene& scene, const Table& table, const Table::Cell& cell,
                  const ProcessRow& row) {
  if (!cell.is_visible) return;
  const Ui& ui = scene.ui;
  float right = cell.low.x + ui.px(54);
  // Ten thousand fill the bar.
  float part = static_cast<float>(std::log10(1.0 + static_cast<double>(row.mailbox)) / 4);
  ui.bar(ImVec2(cell.low.x, cell.middle() - ui.px(3)), ImVec2(right, cell.middle() + ui.px(3)),
         part, mailbox_colour(ui.theme, row.mailbox));
  table.number({.low = ImVec2(right, cell.low.y), .high = cell.high}, format_count(row.mailbox),
               row.mailbox == 0 ? ui.theme.dim : ui.theme.text);
}

// Whether the pointer is on the arrow.
bool draw_name(const Scene& scene, const Table& table, const Table::Cell& cell,
               const ProcessLine& line, const ProcessRow& row) {
  const Ui& ui = scene.ui;
  float indent = ui.px(16) * static_cast<float>(std::min(line.depth, 20));
  float x = cell.low.x + indent;
  bool is_on_arrow = false;
  if (line.has_children) {
    ImVec2 low(x - ui.px(2), cell.low.y);
    ImVec2 high(x + ui.px(18), cell.high.y);
    Interaction fold = ui.area("procs/fold/" + row.pid, "Fold " + row.name, low, high);
    ui.place_middle(low, high, line.is_folded ? icon::chevron_right : icon::chevron_down,
                    ui.fonts.text, fold.is_hovered ? ui.theme.text : ui.theme.dim);
    if (fold.is_clicked) scene.observer.toggle_fold(row.key);
    is_on_arrow = fold.is_hovered;
  }
  Table::Cell rest{.low = ImVec2(x + ui.px(20), cell.low.y), .high = cell.high};
  ImFont* font = row.is_supervisor ? ui.fonts.strong : ui.fonts.text;
  table.text(rest, row.name, font, line.is_match ? ui.theme.text : ui.theme.dim);
  return is_on_arrow;
}

void draw_pid(const Scene& scene, const Table& table, const Table::Cell& cell,
              const ProcessRow& row) {
  if (!cell.is_visible) return;
  const Ui& ui = scene.ui;
  ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(cell.low.x, cell.middle() - ui.px(5)),
                                            ImVec2(cell.low.x + ui.px(3), cell.middle() + ui.px(5)),
                                            Ui::col(node_colour(ui.theme, row.node)), ui.px(1));
  table.text({.low = ImVec2(cell.low.x + ui.px(9), cell.low.y), .high = cell.high}, row.pid,
             ui.fonts.mono, node_ink(ui.theme, row.node));
}

void draw_row(const Scene& scene, Table& table, const ProcessLine& line) {
  const Ui& ui = scene.ui;
  Observer& observer = scene.observer;
  const Picture& picture = scene.picture();
  const ProcessRow& row = picture.processes.rows[line.row];
  bool is_selected = row.key == observer.focus().process;
  Interaction seen = table.row(row.pid, row.name, is_selected);
  Colour quiet = is_selected ? ui.theme.text : ui.theme.dim;

  bool is_on_arrow = draw_name(scene, table, table.next_cell(), line, row);
  draw_pid(scene, table, table.next_cell(), row);
  Look look = look_of(row.activity, ui.theme);
  table.icon_word(table.next_cell(), look.icon, look.colour, activity_word(row.activity),
                  row.activity == Activity::idle ? quiet : ui.theme.text);
  draw_mailbox(scene, table, table.next_cell(), row);
  table.number(table.next_cell(), format_reductions(row), quiet);
  table.number(table.next_cell(), format_count(row.restarts),
               row.restarts == 0 ? quiet : ui.theme.warning);
  table.text(table.next_cell(), row.behaviour, ui.fonts.mono, quiet);
  std::string waiting = picture.processes.name_of(row.waiting_for);
  if (waiting.empty() && row.activity == Activity::waiting) waiting = row.waiting_what;
  table.text(table.next_cell(), waiting, ui.fonts.text, ui.theme.text);

  if (seen.is_clicked || seen.is_right_clicked) observer.select_process(row.key);
  if (seen.is_double_clicked && line.has_children && !is_on_arrow) observer.toggle_fold(row.key);
  if (seen.is_right_clicked) ImGui::OpenPopup("procs/menu");
}

// What can be done to the process under the pointer, from the command table.
void draw_menu(const Scene& scene) {
  const Ui& ui = scene.ui;
  if (!ImGui::BeginPopup("procs/menu")) return;
  for (const char* id :
       {"process.messages", "step.back", "step.forward", "focus.copy", "act.kill", "act.cut"}) {
    bool is_enabled = scene.commands.is_enabled(id, scene.observer);
    std::string label = scene.commands.title(id);
    std::string name = label + "##menu/" + id;
    std::string keys = scene.commands.key_text(id);
    if (std::string_view(id).starts_with("act.")) keys.insert(0, "; ");
    bool chosen = ImGui::MenuItem(name.c_str(), keys.c_str(), false, is_enabled);
    ui.probe.mark("menu/" + std::string(id), label);
    if (chosen) scene.run(id);
  }
  ImGui::EndPopup();
}

void draw_title(const Scene& scene, const ProcessList& list) {
  const Ui& ui = scene.ui;
  Observer& observer = scene.observer;
  ImVec2 low = ImGui::GetCursorScreenPos();
  float right = low.x + ImGui::GetContentRegionAvail().x;
  std::string note = format_counted(list.matches, "process", "processes");
  if (!observer.processes.filter.empty()) note += list.matches == 1 ? " matches" : " match";
  note += " · " + format_counted(scene.picture().run.nodes.size(), "node", "nodes") + " · at " +
          format_time(scene.picture().time_ns);
  ui.title("Processes", note);
  float chips = ui.px(2 * 20 + 8) + ui.measure("Tree", ui.fonts.caption).x +
                ui.measure("Gone", ui.fonts.caption).x;
  ImGui::SetCursorScreenPos(ImVec2(right - chips, low.y - ui.px(3)));
  if (ui.chip("procs/tree", "Tree", observer.processes.is_tree,
              scene.commands.tooltip("processes.tree"))) {
    scene.run("processes.tree");
  }
  ImGui::SameLine(0, ui.px(8));
  if (ui.chip("procs/exited", "Gone", observer.processes.shows_exited,
              scene.commands.tooltip("processes.exited"))) {
    scene.run("processes.exited");
  }
  ImGui::SetCursorScreenPos(ImVec2(low.x, low.y + ui.px(28)));
}

long line_of(const ProcessList& list, const ProcessTable& table, ProcessKey key) {
  if (key == 0) return -1;
  for (std::size_t i = 0; i < list.lines.size(); ++i) {
    if (table.rows[list.lines[i].row].key == key) return static_cast<long>(i);
  }
  return -1;
}

}  // namespace

void draw_processes(const Scene& scene) {
  Observer& observer = scene.observer;
  // A copy: a click may fold a row, which makes the list anew.
  ProcessList list = observer.process_list();
  draw_title(scene, list);
  if (list.lines.empty()) {
    bool is_filtered = !observer.processes.filter.empty();
    draw_empty(scene.ui, icon::process_tree,
               is_filtered ? "No process matches the filter" : "No process is alive here",
               is_filtered ? "Esc clears the filter." : "Step or play to a later moment.");
    return;
  }
  Table table(scene, "procs", columns);
  // Also below an overlay that acts on a row.
  ImVec2 low = ImGui::GetWindowPos();
  ImVec2 size = ImGui::GetWindowSize();
  observer.holds_rows = table.is_open() && ImGui::IsMouseHoveringRect(
                                               low, ImVec2(low.x + size.x, low.y + size.y), false);
  if (!table.is_open()) return;
  ProcessOrder& order = observer.processes.order;
  int clicked = table.headers(sorted_column(order), order.is_descending);
  if (clicked >= 0) {
    ProcessColumn column = orders[clicked];
    bool is_same = column == order.column;
    order = {column, is_same ? !order.is_descending : sorts_downwards_first(column)};
  }
  long reveal = line_of(list, scene.picture().processes, observer.reveal_process);
  observer.reveal_process = 0;
  table.rows(list.lines.size(), reveal,
             [&](std::size_t n) { draw_row(scene, table, list.lines[n]); });
  draw_menu(scene);
}

}  // namespace glasshouse::gui
