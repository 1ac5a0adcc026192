// The events of the run, one a row; the row of the moment is marked, and the list stays with it
// until somebody scrolls away.

#include <algorithm>

#include "gui/frame/icons.h"
#include "gui/model/format.h"
#include "gui/model/sentences.h"
#include "gui/view/appearance.h"
#include "gui/view/table.h"

namespace glasshouse::gui {
namespace {

constexpr TableColumn columns[] = {
    {.name = "Event", .width = 76, .is_right = true},
    {.name = "Time", .width = 88, .is_right = true, .from = 520},
    {.name = "Kind", .width = 116},
    {.name = "Who", .width = 1.3F, .stretches = true},
    {.name = "Whom", .width = 1.3F, .stretches = true},
    {.name = "Message", .width = 1, .stretches = true, .from = 600},
    {.name = "Detail", .width = 2.4F, .stretches = true, .from = 760},
};

struct Who {
  const std::string& name;
  const std::string& pid;
  std::uint16_t node;
  bool is_of_message;  // then nobody is the world
};

void draw_who(const Scene& scene, const Table& table, const Table::Cell& cell, const Who& who) {
  if (!cell.is_visible) return;
  const Ui& ui = scene.ui;
  if (who.name.empty() && who.pid.empty()) {
    // Bytes, timers and answers of a disk come from the world.
    if (!who.is_of_message) return;
    table.text({.low = ImVec2(cell.low.x + ui.px(9), cell.low.y), .high = cell.high}, "the world",
               ui.fonts.text, ui.theme.dim);
    return;
  }
  ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(cell.low.x, cell.middle() - ui.px(5)),
                                            ImVec2(cell.low.x + ui.px(3), cell.middle() + ui.px(5)),
                                            Ui::col(node_colour(ui.theme, who.node)), ui.px(1));
  table.text({.low = ImVec2(cell.low.x + ui.px(9), cell.low.y), .high = cell.high},
             who.name.empty() ? who.pid : who.name, ui.fonts.text, ui.theme.text);
}

std::uint16_t node_of(const Picture& picture, ProcessKey key, std::uint16_t otherwise) {
  const ProcessRow* row = picture.processes.find(key);
  return row == nullptr ? otherwise : row->node;
}

void draw_row(const Scene& scene, Table& table, const EventRow& event) {
  const Ui& ui = scene.ui;
  const Picture& picture = scene.picture();
  Observer& observer = scene.observer;
  bool is_selected = event.moment == observer.focus().event;
  bool is_later = event.moment > picture.moment;
  Interaction seen = table.row(std::to_string(event.moment), sentence(event), is_selected);
  Colour quiet = is_selected ? ui.theme.text : ui.theme.dim;
  Colour ink = is_later && !is_selected ? ui.theme.dim : ui.theme.text;

  table.number(table.next_cell(), format_count(event.moment), quiet);
  table.number(table.next_cell(), format_time(event.time_ns), quiet);
  Look look = look_of(event.kind, ui.theme);
  bool is_violation = event.kind == EventKind::property && event.argument == 0;
  if (is_violation) look.colour = ui.theme.bad;
  table.icon_word(table.next_cell(), look.icon, look.colour, kind_words(event.kind), ink);
  const bool is_message = event.kind == EventKind::send || event.kind == EventKind::receive;
  draw_who(scene, table, table.next_cell(),
           {event.subject_name, event.subject_pid, node_of(picture, event.subject, event.node),
            is_message});
  draw_who(scene, table, table.next_cell(),
           {event.peer_name, event.peer_pid, node_of(picture, event.peer, event.node), is_message});
  table.text(table.next_cell(), event.name, ui.fonts.mono, ink);
  table.text(table.next_cell(), event.text, ui.fonts.mono, quiet);

  // The edge of the present: what lies below has not happened yet at this moment.
  if (event.moment == picture.moment) {
    ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(seen.low.x, seen.high.y - ui.px(2)), seen.high,
                                              Ui::col(ui.theme.accent));
  }
  if (seen.is_clicked) {
    observer.select_event(event.moment);
    if (event.subject != 0) observer.select_process(event.subject);
  }
  if (seen.is_hovered && ImGui::GetIO().MouseDelta.x == 0 && !event.text.empty()) {
    ui.tooltip(sentence(event));
  }
}

struct Chip {
  tracing::KindGroup group;
  std::string_view word;
};
constexpr Chip chips[] = {
    {tracing::KindGroup::message, "Messages"}, {tracing::KindGroup::process, "Processes"},
    {tracing::KindGroup::signal, "Signals"},   {tracing::KindGroup::notable, "Notable"},
    {tracing::KindGroup::state, "State"},      {tracing::KindGroup::timer, "Timers"},
    {tracing::KindGroup::io, "I/O"},           {tracing::KindGroup::scheduling, "Scheduling"},
};

void draw_chips(const Scene& scene) {
  const Ui& ui = scene.ui;
  Observer& observer = scene.observer;
  ImVec2 low = ImGui::GetCursorScreenPos();
  float right = low.x + ImGui::GetContentRegionAvail().x;
  // In a narrow window they go on in the next line.
  auto place_for = [&](std::string_view word) {
    bool has_room = ImGui::GetCursorScreenPos().x + ui.chip_width(word) <= right;
    if (has_room) return;
    ImGui::SetCursorScreenPos(ImVec2(low.x, ImGui::GetCursorScreenPos().y + ui.px(28)));
  };
  for (const Chip& chip : chips) {
    std::string id = "messages/group/" + std::string(chip.word);
    bool is_on = (observer.messages.groups & group_bit(chip.group)) != 0;
    place_for(chip.word);
    if (ui.chip(id, chip.word, is_on)) observer.messages.groups ^= group_bit(chip.group);
    ImGui::SameLine(0, ui.px(6));
  }
  const ProcessRow* process = observer.focused_process();
  if (process != nullptr || observer.messages.only_process) {
    std::string name = "only " + (process == nullptr ? "the process" : shorten(process->name, 18));
    place_for(name);
    if (ui.chip("messages/only", name, observer.messages.only_process,
                scene.commands.tooltip("process.messages"))) {
      scene.run("process.messages");
    }
    ImGui::SameLine(0, ui.px(6));
  }
  place_for("stay at the moment");
  if (ui.chip("messages/follow", "stay at the moment", observer.messages.follows,
              scene.commands.tooltip("messages.follow"))) {
    scene.run("messages.follow");
  }
  ImGui::SetCursorScreenPos(ImVec2(low.x, ImGui::GetItemRectMin().y + ui.px(30)));
}

}  // namespace

void draw_messages(const Scene& scene) {
  const Ui& ui = scene.ui;
  const Picture& picture = scene.picture();
  Observer& observer = scene.observer;
  ui.title("Messages", format_count(picture.event_count) + " events" +
                           (observer.messages.text.empty() ? "" : " match") + " · " +
                           scene.commands.key_text("event.cause") + " cause · " +
                           scene.commands.key_text("event.effect") + " effect");
  draw_chips(scene);
  if (picture.event_count == 0) {
    draw_empty(ui, icon::messages, "No event passes the filter",
               "Switch more kinds on, or clear the filter with Esc.");
    return;
  }
  Table table(scene, "messages", columns);
  if (!table.is_open()) return;
  table.headers(-1, false);
  // Scrolling by hand takes the list away from the moment.
  if (ImGui::IsWindowHovered() && ImGui::GetIO().MouseWheel > 0) observer.messages.follows = false;
  long reveal = -1;
  if (observer.reveal_event || (observer.messages.follows && observer.is_moving())) {
    reveal = static_cast<long>(picture.event_row);
  }
  observer.reveal_event = false;
  table.rows(picture.event_count, reveal, [&](std::size_t n) {
    bool is_here = n >= picture.first_row && n - picture.first_row < picture.events.size();
    if (is_here) {
      draw_row(scene, table, picture.events[n - picture.first_row]);
    } else {
      ImGui::TableNextRow(0, table.row_height());
    }
  });
  observer.show_event_rows(
      table.first_visible(),
      table.last_visible() - std::min(table.first_visible(), table.last_visible()));
}

}  // namespace glasshouse::gui
