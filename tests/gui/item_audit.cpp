#include "tests/gui/item_audit.h"

#include <imgui/imgui.h>
#include <imgui/imgui_internal.h>

namespace {

bool is_on = false;

}  // namespace

namespace glasshouse::gui {

void ItemAudit::clear() {
  items.clear();
  doubles.clear();
  strings.clear();
}

ItemAudit& item_audit() {
  static ItemAudit audit;
  return audit;
}

void switch_item_audit(bool on) {
  is_on = on;
  item_audit().clear();
}

}  // namespace glasshouse::gui

// ImGui::ItemAdd and ImGuiWindow::GetID, by the names that the linker knows them by.
extern "C" {

bool __real__ZN5ImGui7ItemAddERK6ImRectjPS1_i(const ImRect& box, ImGuiID id, const ImRect* nav,
                                              ImGuiItemFlags flags);
bool __wrap__ZN5ImGui7ItemAddERK6ImRectjPS1_i(const ImRect& box, ImGuiID id, const ImRect* nav,
                                              ImGuiItemFlags flags) {
  // ImGui's own window for what is drawn outside of any is never shown.
  if (is_on && id != 0 && !ImGui::GetCurrentContext()->CurrentWindow->IsFallbackWindow) {
    auto& audit = glasshouse::gui::item_audit();
    if (!audit.items.insert(id).second) audit.doubles.push_back(id);
  }
  return __real__ZN5ImGui7ItemAddERK6ImRectjPS1_i(box, id, nav, flags);
}

ImGuiID __real__ZN11ImGuiWindow5GetIDEPKcS1_(ImGuiWindow* window, const char* text,
                                             const char* end);
ImGuiID __wrap__ZN11ImGuiWindow5GetIDEPKcS1_(ImGuiWindow* window, const char* text,
                                             const char* end) {
  if (is_on) {
    glasshouse::gui::item_audit().strings.insert(end == nullptr ? std::string(text)
                                                                : std::string(text, end));
  }
  return __real__ZN11ImGuiWindow5GetIDEPKcS1_(window, text, end);
}

}  // extern "C"
