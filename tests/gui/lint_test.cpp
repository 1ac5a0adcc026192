// What must hold in every frame, whatever is shown.

#include <imgui/imgui.h>
#include <imgui/imgui_internal.h>

#include "gui/frame/icons.h"
#include "tests/catch.h"
#include "tests/gui/item_audit.h"
#include "tests/gui/stage.h"

namespace glasshouse::gui {
namespace {

// Brings the observer into every state worth a look, each given by a script.
const std::vector<std::string>& scenes() {
  static const std::vector<std::string> all = {
      "key 1",
      "key 1\nclick procs/row/<1.105.0>\nrclick procs/row/<1.105.0>",
      "key 1\nkey /\ntype nothing_matches",
      "key 2\nclick sup/2/kv_shard_3<1.105.0>",
      "key 3\nkey ctrl+left",
      "key 4",
      "key ctrl+k\ntype a",
      "key ?",
      "key ;",
  };
  return all;
}

TEST_CASE("every widget has a semantic id of its own and a label", "[lint]") {
  for (bool is_live : {false, true}) {
    for (const std::string& scene : scenes()) {
      INFO(scene);
      auto app = make_app({.is_live = is_live});
      if (!is_live || scene.find("sup/") == std::string::npos) {
        REQUIRE(failure_of(*app, scene) == "");
      }
      switch_item_audit(true);
      app->frame();
      switch_item_audit(false);
      app->frame();
      switch_item_audit(true);
      app->frame();
      std::set<std::uint32_t> marked;
      for (const auto& [id, mark] : app->probe().marks()) {
        INFO(id);
        REQUIRE_FALSE(mark.label.empty());
        if (mark.item != 0) marked.insert(mark.item);
      }
      REQUIRE(app->screen().probe().doubles() == std::vector<std::string>{});
      REQUIRE(item_audit().doubles == std::vector<std::uint32_t>{});
      std::size_t unknown = 0;
      for (std::uint32_t item : item_audit().items)
        unknown += marked.contains(item) ? 0 : 1;
      REQUIRE(unknown == 0);
      REQUIRE_FALSE(item_audit().items.empty());
      switch_item_audit(false);
    }
  }
}

// The code points of a text that a font cannot draw.
std::string missing_glyphs(ImFont* font, const std::string& text) {
  std::string missing;
  const char* at = text.c_str();
  while (*at != 0) {
    unsigned int code = 0;
    int length = ImTextCharFromUtf8(&code, at, nullptr);
    bool is_blank = code == '\n' || code == '\t';
    if (!is_blank && font->FindGlyphNoFallback(static_cast<ImWchar>(code)) == nullptr) {
      missing.append(at, static_cast<std::size_t>(length));
    }
    at += length;
  }
  return missing;
}

TEST_CASE("every label has its glyphs", "[lint]") {
  for (const std::string& scene : scenes()) {
    auto app = make_app();
    REQUIRE(failure_of(*app, scene) == "");
    app->screen().make_current();
    for (const auto& [id, mark] : app->probe().marks()) {
      INFO(id << " " << mark.label);
      REQUIRE(missing_glyphs(app->screen().fonts().text, mark.label) == "");
    }
    for (const char* text : {"·×–…µ°→←≥≤“”", "äöüßéñøłčžα‐Ωж"}) {
      REQUIRE(missing_glyphs(app->screen().fonts().text, text) == "");
      REQUIRE(missing_glyphs(app->screen().fonts().mono, text) == "");
    }
  }
}

TEST_CASE("every icon is in the fonts", "[lint]") {
  auto app = make_app();
  app->screen().make_current();
  for (const char* picture : icon::all) {
    REQUIRE(missing_glyphs(app->screen().fonts().icon, picture) == "");
    REQUIRE(missing_glyphs(app->screen().fonts().text, picture) == "");
  }
}

TEST_CASE("nothing that can be clicked lies outside the window, at any scale", "[lint]") {
  for (float scale : {1.0F, 1.5F, 2.0F}) {
    auto app = make_app({}, {.width = 1280, .height = 720, .scale = scale});
    for (const char* id : {"cmd/view.processes", "cmd/transport.play", "cmd/theme.toggle",
                           "transport/minimap", "header/filter", "transport/latest"}) {
      const Mark* mark = app->probe().find(id);
      INFO(id << " at " << scale);
      REQUIRE(mark != nullptr);
      REQUIRE(mark->box.left >= 0);
      REQUIRE(mark->box.right <= 1280);
      REQUIRE(mark->box.bottom <= 720);
    }
  }
}

}  // namespace
}  // namespace glasshouse::gui
