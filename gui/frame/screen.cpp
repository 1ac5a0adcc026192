#include "gui/frame/screen.h"

#include <imgui/imgui.h>
#include <imgui/imgui_internal.h>

#include "gui/frame/raster.h"
#include "gui/frame/style.h"

namespace glasshouse::gui {

Screen::Screen(const ScreenOptions& options)
    : context_(ImGui::CreateContext()),
      theme_(options.theme),
      scale_(options.scale),
      width_(options.width),
      height_(options.height) {
  make_current();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.LogFilename = nullptr;
  io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
  io.ConfigInputTextCursorBlink = false;
  io.MousePos = ImVec2(-1, -1);
  InputQueue::map_keys(io);
  build();
}

Screen::~Screen() {
  ImGui::DestroyContext(context_);
}

void Screen::make_current() const {
  ImGui::SetCurrentContext(context_);
}

void Screen::build() {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  fonts_ = build_fonts(atlas, scale_);
  atlas.SetTexID(nullptr);
  ++font_generation_;
  apply_style(theme(), scale_);
}

void Screen::set_theme(ThemeName theme) {
  if (theme == theme_) return;
  theme_ = theme;
  make_current();
  apply_style(theme_of(theme), scale_);
}

void Screen::set_scale(float scale) {
  if (scale == scale_) return;
  scale_ = scale;
  make_current();
  build();
}

void Screen::resize(int width, int height) {
  width_ = width;
  height_ = height;
}

void Screen::begin_frame(double seconds) {
  make_current();
  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize = ImVec2(static_cast<float>(width_), static_cast<float>(height_));
  io.DeltaTime = seconds > 0 ? static_cast<float>(seconds) : 1.0F / 60;
  input_.pump(io);
  probe_.begin_frame();
  ImGui::NewFrame();
}

void Screen::end_frame() {
  ImGui::Render();
}

const ImDrawData& Screen::drawn() const {
  make_current();
  return *ImGui::GetDrawData();
}

Image Screen::picture() const {
  make_current();
  Atlas atlas;
  unsigned char* coverage = nullptr;
  ImGui::GetIO().Fonts->GetTexDataAsAlpha8(&coverage, &atlas.width, &atlas.height);
  atlas.coverage = coverage;
  return rasterise(drawn(), atlas, theme().background);
}

bool Screen::is_typing() const {
  return context_->ActiveId != 0 && context_->ActiveId == context_->InputTextState.ID;
}

}  // namespace glasshouse::gui
