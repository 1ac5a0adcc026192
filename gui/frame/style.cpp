#include "gui/frame/style.h"

#include <imgui/imgui.h>

namespace glasshouse::gui {
namespace {

ImVec4 vec(Colour colour) {
  return ImGui::ColorConvertU32ToFloat4(colour.packed());
}

void set_colours(ImGuiStyle& style, const Theme& theme) {
  auto set = [&](ImGuiCol which, Colour colour) { style.Colors[which] = vec(colour); };
  Colour nothing = theme.panel.faded(0);
  set(ImGuiCol_Text, theme.text);
  set(ImGuiCol_TextDisabled, theme.dim);
  set(ImGuiCol_WindowBg, theme.background);
  set(ImGuiCol_ChildBg, nothing);
  set(ImGuiCol_PopupBg, theme.panel);
  set(ImGuiCol_Border, theme.line);
  set(ImGuiCol_BorderShadow, nothing);
  set(ImGuiCol_FrameBg, theme.raised);
  set(ImGuiCol_FrameBgHovered, theme.raised);
  set(ImGuiCol_FrameBgActive, theme.raised);
  set(ImGuiCol_ScrollbarBg, nothing);
  set(ImGuiCol_ScrollbarGrab, theme.line);
  set(ImGuiCol_ScrollbarGrabHovered, theme.dim.faded(0.6));
  set(ImGuiCol_ScrollbarGrabActive, theme.dim);
  set(ImGuiCol_Header, theme.selection);
  set(ImGuiCol_HeaderHovered, theme.raised);
  set(ImGuiCol_HeaderActive, theme.selection);
  set(ImGuiCol_Separator, theme.line);
  set(ImGuiCol_SeparatorHovered, theme.accent);
  set(ImGuiCol_SeparatorActive, theme.accent);
  set(ImGuiCol_TableHeaderBg, theme.panel);
  set(ImGuiCol_TableBorderStrong, theme.line);
  set(ImGuiCol_TableBorderLight, theme.line.faded(0.55));
  set(ImGuiCol_TableRowBg, nothing);
  set(ImGuiCol_TableRowBgAlt, nothing);
  set(ImGuiCol_TextSelectedBg, theme.accent.faded(0.35));
  set(ImGuiCol_NavHighlight, theme.accent);
  set(ImGuiCol_Button, theme.raised);
  set(ImGuiCol_ButtonHovered, theme.line);
  set(ImGuiCol_ButtonActive, theme.selection);
}

}  // namespace

void apply_style(const Theme& theme, float scale) {
  ImGuiStyle style;
  style.WindowRounding = 0;
  style.ChildRounding = 6;
  style.FrameRounding = 5;
  style.PopupRounding = 8;
  style.GrabRounding = 4;
  style.ScrollbarRounding = 6;
  style.ScrollbarSize = 11;
  style.WindowBorderSize = 0;
  style.ChildBorderSize = 1;
  style.PopupBorderSize = 1;
  style.FrameBorderSize = 0;
  style.WindowPadding = ImVec2(10, 8);
  style.FramePadding = ImVec2(8, 4);
  style.ItemSpacing = ImVec2(8, 6);
  style.ItemInnerSpacing = ImVec2(6, 4);
  style.CellPadding = ImVec2(6, 3);
  style.IndentSpacing = 14;
  set_colours(style, theme);
  style.ScaleAllSizes(scale);
  // Hairlines stay one pixel as long as they can be seen.
  style.ChildBorderSize = scale < 2 ? 1.0F : 2.0F;
  style.PopupBorderSize = style.ChildBorderSize;
  ImGui::GetStyle() = style;
}

}  // namespace glasshouse::gui
