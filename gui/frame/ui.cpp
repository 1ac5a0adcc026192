#include "gui/frame/ui.h"

#include <algorithm>
#include <cmath>

#include <imgui/imgui_internal.h>
#include <imgui/imgui_stdlib.h>

#include "gui/frame/icons.h"

namespace glasshouse::gui {
namespace {

const char* begin_of(std::string_view text) {
  return text.data() == nullptr ? "" : text.data();
}
const char* end_of(std::string_view text) {
  return begin_of(text) + text.size();
}

}  // namespace

float Ui::px(float size) const {
  return std::round(size * scale_);
}

ImVec2 Ui::measure(std::string_view text, const ImFont* font) const {
  ImVec2 size = font->CalcTextSizeA(font->FontSize, FLT_MAX, 0, begin_of(text), end_of(text));
  return ImVec2(std::ceil(size.x), size.y);
}

void Ui::text(std::string_view text, ImFont* font, Colour colour) const {
  ImGui::PushFont(font);
  ImGui::PushStyleColor(ImGuiCol_Text, col(colour));
  ImGui::TextUnformatted(begin_of(text), end_of(text));
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

void Ui::wrapped(std::string_view words, ImFont* font, Colour colour) const {
  ImGui::PushTextWrapPos(0);
  text(words, font, colour);
  ImGui::PopTextWrapPos();
}

void Ui::title(std::string_view words, std::string_view note) const {
  text(words, fonts.strong, theme.text);
  if (note.empty()) return;
  ImGui::SameLine(0, px(10));
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + px(2));
  caption(note);
}

void Ui::section(std::string_view words, std::string_view note) const {
  ImGui::Dummy(px(0, 2));
  hairline();
  title(words, note);
}

void Ui::place(ImVec2 at, std::string_view text, ImFont* font, Colour colour, float right) const {
  ImDrawList* list = ImGui::GetWindowDrawList();
  at = ImVec2(std::floor(at.x), std::floor(at.y));
  if (right == 0 || at.x + measure(text, font).x <= right) {
    list->AddText(font, font->FontSize, at, col(colour), begin_of(text), end_of(text));
    return;
  }
  ImGui::PushFont(font);
  ImGui::PushStyleColor(ImGuiCol_Text, col(colour));
  ImGui::RenderTextEllipsis(list, at, ImVec2(right, at.y + font->FontSize), right, right,
                            begin_of(text), end_of(text), nullptr);
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

void Ui::place_right(ImVec2 top_right, std::string_view text, ImFont* font, Colour colour) const {
  place(ImVec2(top_right.x - measure(text, font).x, top_right.y), text, font, colour);
}

void Ui::place_middle(ImVec2 low, ImVec2 high, std::string_view text, ImFont* font,
                      Colour colour) const {
  ImVec2 size = measure(text, font);
  float y = (low.y + high.y - size.y) / 2;
  // Pictures are centred by what is seen of them, not by the line of text they would stand in.
  unsigned int code = 0;
  ImTextCharFromUtf8(&code, begin_of(text), end_of(text));
  if (code >= 0xe000) {
    const ImFontGlyph* glyph = font->FindGlyph(static_cast<ImWchar>(code));
    y = std::round((low.y + high.y - glyph->Y0 - glyph->Y1) / 2);
  }
  place(ImVec2((low.x + high.x - size.x) / 2, y), text, font, colour);
}

Interaction Ui::area(std::string_view id, std::string_view label, ImVec2 low, ImVec2 high) const {
  Interaction result{.low = low, .high = high};
  ImVec2 cursor = ImGui::GetCursorScreenPos();
  ImGui::SetCursorScreenPos(low);
  ImGui::PushID(begin_of(id), end_of(id));
  ImVec2 size(std::max(1.0F, high.x - low.x), std::max(1.0F, high.y - low.y));
  result.is_clicked = ImGui::InvisibleButton("", size);
  ImGui::PopID();
  probe.mark(id, label);
  result.is_hovered = ImGui::IsItemHovered();
  result.is_held = ImGui::IsItemActive();
  result.is_double_clicked = result.is_hovered && ImGui::IsMouseDoubleClicked(0);
  result.is_right_clicked = result.is_hovered && ImGui::IsMouseClicked(1);
  bool has_keyboard = ImGui::IsItemFocused() && ImGui::GetIO().NavVisible;
  if (has_keyboard) frame_focus(low, high);
  ImGui::SetCursorScreenPos(cursor);
  return result;
}

void Ui::frame_focus(ImVec2 low, ImVec2 high) const {
  ImGui::GetWindowDrawList()->AddRect(low, high, col(theme.accent), px(5), 0, px(2));
}

bool Ui::button(std::string_view id, std::string_view label, ButtonLook look,
                bool is_enabled) const {
  ImVec2 text_size = measure(label, fonts.text);
  ImVec2 low = ImGui::GetCursorScreenPos();
  ImVec2 high(low.x + text_size.x + px(22), low.y + px(28));
  if (!is_enabled) ImGui::BeginDisabled();
  Interaction seen = area(id, label, low, high);
  if (!is_enabled) ImGui::EndDisabled();
  ImDrawList* list = ImGui::GetWindowDrawList();
  Colour fill = look == ButtonLook::chosen ? theme.selection : theme.raised;
  if (seen.is_hovered) fill = theme.line;
  if (look != ButtonLook::flat || seen.is_hovered) {
    list->AddRectFilled(low, high, col(fill), px(5));
  }
  Colour words = look == ButtonLook::danger ? theme.bad : theme.text;
  if (!is_enabled) words = theme.dim.faded(0.7);
  place_middle(low, high, label, fonts.text, words);
  ImGui::Dummy(ImVec2(high.x - low.x, high.y - low.y));
  return seen.is_clicked && is_enabled;
}

bool Ui::icon_button(std::string_view id, const char* icon, std::string_view tip,
                     const IconButton& how) const {
  ImVec2 low = ImGui::GetCursorScreenPos();
  ImVec2 high(low.x + px(how.size), low.y + px(how.size));
  if (!how.is_enabled) ImGui::BeginDisabled();
  Interaction seen = area(id, tip, low, high);
  if (!how.is_enabled) ImGui::EndDisabled();
  if (seen.is_hovered && !tip.empty()) tooltip(tip);
  ImDrawList* list = ImGui::GetWindowDrawList();
  bool is_chosen = how.look == ButtonLook::chosen;
  if (is_chosen || seen.is_hovered || how.look == ButtonLook::raised) {
    Colour fill = is_chosen ? theme.selection : seen.is_hovered ? theme.line : theme.raised;
    list->AddRectFilled(low, high, col(fill), px(6));
  }
  Colour ink = is_chosen ? theme.accent : seen.is_hovered ? theme.text : theme.dim;
  if (how.look == ButtonLook::raised) ink = theme.text;
  if (!how.is_enabled) ink = theme.dim.faded(0.45);
  place_middle(low, high, icon, fonts.icon, ink);
  ImGui::Dummy(ImVec2(high.x - low.x, high.y - low.y));
  return seen.is_clicked && how.is_enabled;
}

float Ui::chip_width(std::string_view label) const {
  return measure(label, fonts.caption).x + px(20);
}

bool Ui::chip(std::string_view id, std::string_view label, bool is_on, std::string_view tip) const {
  ImVec2 low = ImGui::GetCursorScreenPos();
  ImVec2 high(low.x + chip_width(label), low.y + px(24));
  Interaction seen = area(id, label, low, high);
  if (!tip.empty() && seen.is_hovered) tooltip(tip);
  ImDrawList* list = ImGui::GetWindowDrawList();
  if (is_on) list->AddRectFilled(low, high, col(theme.selection), px(12));
  Colour edge = seen.is_hovered ? theme.dim : theme.line;
  if (!is_on || seen.is_hovered) list->AddRect(low, high, col(edge), px(12));
  place_middle(low, high, label, fonts.caption, is_on ? theme.text : theme.dim);
  ImGui::Dummy(ImVec2(high.x - low.x, high.y - low.y));
  return seen.is_clicked;
}

bool Ui::search(std::string_view id, std::string_view hint, std::string& text, float width,
                bool takes_keyboard) const {
  std::string label = "##" + std::string(id);
  // In a narrow window only the first word.
  bool has_room = measure(hint, fonts.text).x + px(44) <= width;
  std::string hint_text(has_room ? hint : hint.substr(0, hint.find(' ')));
  if (takes_keyboard) ImGui::SetKeyboardFocusHere();
  ImGui::SetNextItemWidth(width);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding,
                      ImVec2(px(32), (px(30) - fonts.text->FontSize) / 2));
  bool is_changed = ImGui::InputTextWithHint(label.c_str(), hint_text.c_str(), &text);
  ImGui::PopStyleVar();
  probe.mark(id, hint);
  ImVec2 low = ImGui::GetItemRectMin();
  ImVec2 high = ImGui::GetItemRectMax();
  if (ImGui::IsItemActive()) frame_focus(low, high);
  place_middle(low, ImVec2(low.x + px(32), high.y), icon::search, fonts.text, theme.dim);
  return is_changed;
}

void Ui::tooltip(std::string_view text) const {
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, px(10, 6));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, px(6));
  ImGui::PushStyleVar(ImGuiStyleVar_PopupBorderSize, 1);
  ImGui::BeginTooltip();
  ImGui::PushTextWrapPos(px(420));
  ImGui::TextUnformatted(begin_of(text), end_of(text));
  ImGui::PopTextWrapPos();
  ImGui::EndTooltip();
  ImGui::PopStyleVar(3);
}

void Ui::bar(ImVec2 low, ImVec2 high, float part, Colour colour) const {
  ImDrawList* list = ImGui::GetWindowDrawList();
  float rounding = (high.y - low.y) / 2;
  list->AddRectFilled(low, high, col(theme.raised), rounding);
  if (part <= 0) return;
  float width = std::max(high.y - low.y, (high.x - low.x) * std::min(part, 1.0F));
  list->AddRectFilled(low, ImVec2(low.x + width, high.y), col(colour), rounding);
}

void Ui::hairline() const {
  ImVec2 at = ImGui::GetCursorScreenPos();
  float right = at.x + ImGui::GetContentRegionAvail().x;
  ImGui::GetWindowDrawList()->AddRectFilled(at, ImVec2(right, at.y + 1), col(theme.line));
  ImGui::Dummy(ImVec2(0, px(5)));
}

void Ui::begin_panel(const char* name, ImVec2 size, ImVec2 padding) const {
  ImGui::PushStyleColor(ImGuiCol_ChildBg, col(theme.panel));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, padding);
  ImGui::BeginChild(name, size, true,
                    ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse |
                        ImGuiWindowFlags_AlwaysUseWindowPadding);
  ImGui::PopStyleVar();
  ImGui::PopStyleColor();
}

void Ui::end_panel() const {
  ImGui::EndChild();
}

}  // namespace glasshouse::gui
