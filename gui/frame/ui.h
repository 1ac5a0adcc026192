#pragma once
// Our widgets: thin fronts of ImGui that know the theme, the scale and the fonts, and that give
// every widget a semantic id, by which scripts and tests find it.
//
// A `Ui` lives for one frame. Sizes are in pixels at scale 1 and go through px().

#include <string>
#include <string_view>

#include <imgui/imgui.h>

#include "gui/frame/fonts.h"
#include "gui/frame/probe.h"
#include "gui/frame/screen.h"
#include "gui/frame/theme.h"

namespace glasshouse::gui {

enum class ButtonLook : std::uint8_t { raised, flat, chosen, danger };

struct Interaction {
  bool is_hovered = false;
  bool is_held = false;
  bool is_clicked = false;
  bool is_double_clicked = false;
  bool is_right_clicked = false;
  ImVec2 low;
  ImVec2 high;
};

class Ui {
 public:
  explicit Ui(Screen& screen)
      : theme(screen.theme()),
        fonts(screen.fonts()),
        probe(screen.probe()),
        scale_(screen.scale()) {}

  const Theme& theme;
  const Fonts& fonts;
  Probe& probe;

  float px(float size) const;
  ImVec2 px(float x, float y) const { return ImVec2(px(x), px(y)); }
  static ImU32 col(Colour colour) { return colour.packed(); }

  // Text in the flow of the window.
  void text(std::string_view text, ImFont* font, Colour colour) const;
  void text(std::string_view words) const { text(words, fonts.text, theme.text); }
  void caption(std::string_view words) const { text(words, fonts.caption, theme.dim); }
  void mono(std::string_view words) const { text(words, fonts.mono, theme.text); }
  void wrapped(std::string_view words, ImFont* font, Colour colour) const;
  void title(std::string_view words, std::string_view note) const;
  void section(std::string_view words, std::string_view note) const;

  // Text at a place of a draw list; cut with an ellipsis at `right` when that is not 0.
  void place(ImVec2 at, std::string_view text, ImFont* font, Colour colour, float right = 0) const;
  void place_right(ImVec2 top_right, std::string_view text, ImFont* font, Colour colour) const;
  void place_middle(ImVec2 low, ImVec2 high, std::string_view text, ImFont* font,
                    Colour colour) const;
  ImVec2 measure(std::string_view text, const ImFont* font) const;

  // Widgets. `id` is the semantic id and unique on the screen.
  bool button(std::string_view id, std::string_view label, ButtonLook look = ButtonLook::raised,
              bool is_enabled = true) const;
  struct IconButton {
    ButtonLook look = ButtonLook::flat;
    float size = 30;
    bool is_enabled = true;
  };
  bool icon_button(std::string_view id, const char* icon, std::string_view tip,
                   const IconButton& how) const;
  bool chip(std::string_view id, std::string_view label, bool is_on,
            std::string_view tip = {}) const;
  float chip_width(std::string_view label) const;
  bool search(std::string_view id, std::string_view hint, std::string& text, float width,
              bool takes_keyboard) const;
  // An invisible widget over a rectangle, for what is drawn by hand.
  Interaction area(std::string_view id, std::string_view label, ImVec2 low, ImVec2 high) const;

  void tooltip(std::string_view text) const;  // when the last widget is hovered
  // A bar that is filled to `part` of its width.
  void bar(ImVec2 low, ImVec2 high, float part, Colour colour) const;
  void hairline() const;
  void frame_focus(ImVec2 low, ImVec2 high) const;  // the ring around what has the keyboard

  // A rounded panel that fills the rest or has a size; end_panel() always follows.
  void begin_panel(const char* name, ImVec2 size, ImVec2 padding) const;
  void end_panel() const;

 private:
  float scale_;
};

}  // namespace glasshouse::gui
