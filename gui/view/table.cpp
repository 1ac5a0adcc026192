#include "gui/view/table.h"

#include <algorithm>

#include <imgui/imgui_internal.h>

#include "gui/frame/icons.h"

namespace glasshouse::gui {

Table::Table(const Scene& scene, std::string_view id, std::span<const TableColumn> columns)
    : ui_(scene.ui), id_(id), columns_(columns) {
  ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, ImVec2(ui_.px(6), 0));
  ImGuiTableFlags flags = ImGuiTableFlags_ScrollY | ImGuiTableFlags_Resizable |
                          ImGuiTableFlags_BordersInnerH | ImGuiTableFlags_SizingFixedFit |
                          ImGuiTableFlags_NoSavedSettings | ImGuiTableFlags_Hideable;
  int count = static_cast<int>(columns.size());
  float width = ImGui::GetContentRegionAvail().x;
  // Widths are kept by the table, so a new scale needs a new table.
  std::string name = id_ + "/table@" + std::to_string(static_cast<int>(ui_.px(100)));
  is_open_ = ImGui::BeginTable(name.c_str(), count, flags, ImGui::GetContentRegionAvail());
  ImGui::PopStyleVar();
  if (!is_open_) return;
  for (const TableColumn& column : columns) {
    ImGui::TableSetupColumn(
        column.name,
        column.stretches ? ImGuiTableColumnFlags_WidthStretch : ImGuiTableColumnFlags_WidthFixed,
        column.stretches ? column.width : ui_.px(column.width));
  }
  for (int n = 0; n < count; ++n) {
    float least = ui_.px(columns[static_cast<std::size_t>(n)].from);
    ImGui::TableSetColumnEnabled(n, width >= least);
  }
  ImGui::TableSetupScrollFreeze(0, 1);
}

Table::~Table() {
  if (is_open_) ImGui::EndTable();
}

float Table::row_height() const {
  return ui_.px(24);
}

int Table::headers(int sorted, bool is_descending) {
  int clicked = -1;
  ImGui::TableNextRow(ImGuiTableRowFlags_Headers, ui_.px(28));
  for (int n = 0; n < static_cast<int>(columns_.size()); ++n) {
    const TableColumn& column = columns_[static_cast<std::size_t>(n)];
    if (!ImGui::TableSetColumnIndex(n)) continue;
    ImVec2 low = ImGui::GetCursorScreenPos();
    ImVec2 high(low.x + ImGui::GetContentRegionAvail().x, low.y + ui_.px(28));
    Interaction seen = ui_.area(id_ + "/head/" + column.name, column.name, low, high);
    if (seen.is_clicked) clicked = n;
    if (seen.is_hovered && column.tip[0] != 0) ui_.tooltip(column.tip);
    Colour ink = seen.is_hovered || n == sorted ? ui_.theme.text : ui_.theme.dim;
    float arrow_room = n == sorted ? ui_.px(18) : 0;
    ImVec2 size = ui_.measure(column.name, ui_.fonts.text);
    float y = (low.y + high.y - size.y) / 2;
    float x = column.is_right ? std::max(low.x, high.x - arrow_room - size.x) : low.x;
    ui_.place(ImVec2(x, y), column.name, ui_.fonts.text, ink, high.x - arrow_room);
    if (n == sorted) {
      float end = std::min(x + size.x, high.x - arrow_room);
      ui_.place_middle(ImVec2(end, low.y), ImVec2(end + ui_.px(18), high.y),
                       is_descending ? icon::arrow_down : icon::arrow_up, ui_.fonts.caption,
                       ui_.theme.accent);
    }
  }
  return clicked;
}

void Table::scroll_to(long row) {
  if (row < 0) return;
  float header = ui_.px(28);
  float view = ImGui::GetWindowHeight() - header;
  float top = static_cast<float>(row) * row_height();
  float scroll = ImGui::GetScrollY();
  bool is_seen = top >= scroll && top + row_height() <= scroll + view;
  if (!is_seen) ImGui::SetScrollY(std::max(0.0F, top - view / 2));
}

Table::Range Table::begin_rows(std::size_t count) {
  clipper_.Begin(static_cast<int>(std::min<std::size_t>(count, 500'000)), row_height());
  first_visible_ = count;
  last_visible_ = 0;
  return {.clipper = &clipper_, .table = this};
}

bool Table::Range::next() {
  if (!clipper->Step()) return false;
  first = clipper->DisplayStart;
  last = clipper->DisplayEnd;
  table->first_visible_ = std::min(table->first_visible_, static_cast<std::size_t>(first));
  table->last_visible_ = std::max(table->last_visible_, static_cast<std::size_t>(last));
  return true;
}

Interaction Table::row(std::string_view key, std::string_view label, bool is_selected) {
  ImGui::TableNextRow(0, row_height());
  ImGui::TableSetColumnIndex(0);
  column_ = 0;
  Interaction result;
  std::string id = id_ + "/row/" + std::string(key);
  ImGui::PushID(id.c_str());
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(ui_.px(8), 0));
  Colour hovered = is_selected ? ui_.theme.selection : ui_.theme.raised;
  ImGui::PushStyleColor(ImGuiCol_HeaderHovered, Ui::col(hovered));
  result.is_clicked = ImGui::Selectable(
      "", is_selected, ImGuiSelectableFlags_SpanAllColumns | ImGuiSelectableFlags_AllowItemOverlap,
      ImVec2(0, row_height()));
  ImGui::PopStyleColor();
  ImGui::PopStyleVar();
  ImGui::PopID();
  ui_.probe.mark(id, label);
  result.is_hovered = ImGui::IsItemHovered();
  result.is_double_clicked = result.is_hovered && ImGui::IsMouseDoubleClicked(0);
  result.is_right_clicked = result.is_hovered && ImGui::IsMouseClicked(1);
  result.low = ImGui::GetItemRectMin();
  result.high = ImGui::GetItemRectMax();
  return result;
}

Table::Cell Table::next_cell() {
  Cell cell;
  cell.is_visible = ImGui::TableSetColumnIndex(column_++);
  if (!cell.is_visible) return cell;
  ImGuiTable* table = ImGui::GetCurrentTable();
  ImRect rect = ImGui::TableGetCellBgRect(table, column_ - 1);
  cell.low = ImVec2(rect.Min.x + ui_.px(6), rect.Min.y);
  cell.high = ImVec2(rect.Max.x - ui_.px(6), rect.Min.y + row_height());
  return cell;
}

void Table::text(const Cell& cell, std::string_view text, ImFont* font, Colour colour) const {
  if (!cell.is_visible || text.empty()) return;
  float y = cell.middle() - font->FontSize / 2;
  ui_.place(ImVec2(cell.low.x, y), text, font, colour, cell.high.x);
}

void Table::number(const Cell& cell, std::string_view text, Colour colour) const {
  if (!cell.is_visible) return;
  float width = ui_.measure(text, ui_.fonts.mono).x;
  float y = cell.middle() - ui_.fonts.mono->FontSize / 2;
  if (width > cell.high.x - cell.low.x) {
    ui_.place(ImVec2(cell.low.x, y), text, ui_.fonts.mono, colour, cell.high.x);
  } else {
    ui_.place(ImVec2(cell.high.x - width, y), text, ui_.fonts.mono, colour);
  }
}

void Table::icon_word(const Cell& cell, const char* icon, Colour colour, std::string_view word,
                      Colour ink) const {
  if (!cell.is_visible) return;
  ui_.place_middle(cell.low, ImVec2(cell.low.x + ui_.px(18), cell.high.y), icon, ui_.fonts.text,
                   colour);
  text({.low = ImVec2(cell.low.x + ui_.px(23), cell.low.y), .high = cell.high}, word,
       ui_.fonts.text, ink);
}

void draw_empty(const Ui& ui, const char* icon, std::string_view what, std::string_view advice) {
  ImVec2 low = ImGui::GetCursorScreenPos();
  ImVec2 room = ImGui::GetContentRegionAvail();
  ImVec2 high(low.x + room.x, low.y + room.y);
  float middle = (low.y + high.y) / 2;
  ui.place_middle(ImVec2(low.x, middle - ui.px(50)), ImVec2(high.x, middle - ui.px(20)), icon,
                  ui.fonts.icon, ui.theme.dim);
  ui.place_middle(ImVec2(low.x, middle - ui.px(16)), ImVec2(high.x, middle + ui.px(6)), what,
                  ui.fonts.strong, ui.theme.text);
  ui.place_middle(ImVec2(low.x, middle + ui.px(8)), ImVec2(high.x, middle + ui.px(28)), advice,
                  ui.fonts.caption, ui.theme.dim);
}

}  // namespace glasshouse::gui
