#pragma once
// One ImGui context with its fonts, theme, input and probe, and no idea of a window: whoever owns
// it feeds the queue and shows, or rasterises, what was drawn.
//
// Threads: one, and one screen at a time between begin_frame and end_frame.

#include <cstdint>
#include <string>

#include "gui/frame/fonts.h"
#include "gui/frame/input.h"
#include "gui/frame/png.h"
#include "gui/frame/probe.h"
#include "gui/frame/theme.h"

struct ImGuiContext;
struct ImDrawData;

namespace glasshouse::gui {

struct ScreenOptions {
  int width = 1600;
  int height = 1000;
  float scale = 1;
  ThemeName theme = ThemeName::dark;
};

class Screen {
 public:
  explicit Screen(const ScreenOptions& options);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // Between frames. A new scale builds the fonts anew, which costs some 20 ms.
  void set_theme(ThemeName theme);
  void set_scale(float scale);
  void resize(int width, int height);

  void begin_frame(double seconds);
  void end_frame();

  // What the last frame drew.
  const ImDrawData& drawn() const;
  Image picture() const;

  InputQueue& input() { return input_; }
  Probe& probe() { return probe_; }
  const Fonts& fonts() const { return fonts_; }
  const Theme& theme() const { return theme_of(theme_); }
  float scale() const { return scale_; }
  int width() const { return width_; }
  int height() const { return height_; }
  // Counts how often the fonts were built, for whoever keeps them in a texture.
  int font_generation() const { return font_generation_; }
  // A text field has the keyboard.
  bool is_typing() const;
  void make_current() const;

 private:
  void build();

  ImGuiContext* context_;
  InputQueue input_;
  Probe probe_;
  Fonts fonts_;
  ThemeName theme_;
  float scale_;
  int width_;
  int height_;
  int font_generation_ = 0;
};

}  // namespace glasshouse::gui
