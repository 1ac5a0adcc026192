#pragma once
// The fonts of the observer, embedded in the program, and the atlas they are drawn from.
//
// Text is Inter, everything that is a number, a pid or a term is JetBrains Mono (whose digits have
// one width), pictures are Material Icons, merged into the text fonts.

struct ImFont;
struct ImFontAtlas;

namespace glasshouse::gui {

struct Fonts {
  ImFont* text = nullptr;     // 15
  ImFont* strong = nullptr;   // 15, semi-bold
  ImFont* title = nullptr;    // 19, semi-bold
  ImFont* caption = nullptr;  // 12.5
  ImFont* mono = nullptr;     // 14
  ImFont* icon = nullptr;     // 21, pictures for rails and buttons
};

// Fills an empty atlas for this scale (1 = 96 dots an inch).
Fonts build_fonts(ImFontAtlas& atlas, float scale);

}  // namespace glasshouse::gui
