#include "gui/frame/fonts.h"

#include <cmath>
#include <cstddef>

#include <imgui/imgui.h>
#include <imgui/imgui_freetype.h>
#include <imgui/imgui_internal.h>

#include "gui/frame/icons.h"

// The build gives the paths of the font files of the Debian packages.
#define GLASSHOUSE_EMBED(symbol, path)                       \
  asm(".section .rodata\n"                                   \
      ".balign 16\n"                                         \
      ".global glasshouse_font_" #symbol                     \
      "\n"                                                   \
      "glasshouse_font_" #symbol                             \
      ":\n"                                                  \
      ".incbin \"" path                                      \
      "\"\n"                                                 \
      ".global glasshouse_font_" #symbol                     \
      "_end\n"                                               \
      "glasshouse_font_" #symbol                             \
      "_end:\n"                                              \
      ".byte 0\n"                                            \
      ".previous\n");                                        \
  extern "C" const unsigned char glasshouse_font_##symbol[]; \
  extern "C" const unsigned char glasshouse_font_##symbol##_end[];

GLASSHOUSE_EMBED(regular, GLASSHOUSE_FONT_REGULAR)
GLASSHOUSE_EMBED(strong, GLASSHOUSE_FONT_STRONG)
GLASSHOUSE_EMBED(mono, GLASSHOUSE_FONT_MONO)
GLASSHOUSE_EMBED(icons, GLASSHOUSE_FONT_ICONS)

namespace glasshouse::gui {
namespace {

struct File {
  const unsigned char* begin;
  const unsigned char* end;
};

constexpr File regular_file = {glasshouse_font_regular, glasshouse_font_regular_end};
constexpr File strong_file = {glasshouse_font_strong, glasshouse_font_strong_end};
constexpr File mono_file = {glasshouse_font_mono, glasshouse_font_mono_end};
constexpr File icons_file = {glasshouse_font_icons, glasshouse_font_icons_end};

// Latin, Greek, Cyrillic, punctuation, arrows, and a few mathematical and geometric signs.
constexpr ImWchar text_ranges[] = {0x20,   0x17f,  0x370,  0x3ff,  0x400,  0x45f,  0x2010,
                                   0x2027, 0x2030, 0x203a, 0x20ac, 0x20ac, 0x2190, 0x2193,
                                   0x2212, 0x2212, 0x2248, 0x2248, 0x2260, 0x2265, 0};

ImWchar code_point(const char* utf8) {
  unsigned int code = 0;
  ImTextCharFromUtf8(&code, utf8, nullptr);
  return static_cast<ImWchar>(code);
}

// ImGui keeps the pointer to the ranges until the atlas is built, hence the static.
const ImWchar* icon_ranges() {
  static const ImVector<ImWchar> ranges = [] {
    ImFontGlyphRangesBuilder builder;
    for (const char* picture : icon::all)
      builder.AddChar(code_point(picture));
    ImVector<ImWchar> built;
    builder.BuildRanges(&built);
    return built;
  }();
  return ranges.Data;
}

ImFontConfig config_of(const ImWchar* ranges) {
  ImFontConfig config;
  config.FontDataOwnedByAtlas = false;
  config.OversampleH = 1;
  config.OversampleV = 1;
  config.PixelSnapH = true;
  config.GlyphRanges = ranges;
  config.FontBuilderFlags = ImGuiFreeTypeBuilderFlags_LightHinting;
  return config;
}

ImFont* add(ImFontAtlas& atlas, const File& file, float size, const ImFontConfig& config) {
  // The atlas promises not to write or free what it does not own.
  void* data = const_cast<unsigned char*>(file.begin);
  return atlas.AddFontFromMemoryTTF(data, static_cast<int>(file.end - file.begin), size, &config);
}

ImFont* add_text(ImFontAtlas& atlas, const File& file, float size) {
  ImFont* font = add(atlas, file, std::round(size), config_of(text_ranges));
  ImFontConfig merged = config_of(icon_ranges());
  merged.MergeMode = true;
  merged.GlyphOffset.y = std::round(size * 0.2F);
  add(atlas, icons_file, std::round(size * 1.15F), merged);
  return font;
}

}  // namespace

Fonts build_fonts(ImFontAtlas& atlas, float scale) {
  atlas.FontBuilderIO = ImGuiFreeType::GetBuilderForFreeType();
  atlas.FontBuilderFlags = ImGuiFreeTypeBuilderFlags_LightHinting;
  Fonts fonts;
  fonts.text = add_text(atlas, regular_file, 15 * scale);
  fonts.strong = add_text(atlas, strong_file, 15 * scale);
  fonts.title = add_text(atlas, strong_file, 19 * scale);
  fonts.caption = add_text(atlas, regular_file, 13 * scale);
  fonts.mono = add_text(atlas, mono_file, 14 * scale);
  fonts.icon = add(atlas, icons_file, std::round(21 * scale), config_of(icon_ranges()));
  atlas.Build();
  return fonts;
}

}  // namespace glasshouse::gui
