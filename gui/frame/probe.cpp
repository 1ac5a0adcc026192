#include "gui/frame/probe.h"

#include <algorithm>

#include <imgui/imgui.h>
#include <imgui/imgui_internal.h>

namespace glasshouse::gui {
namespace {

Box box_of(const ImRect& rect) {
  return {rect.Min.x, rect.Min.y, rect.Max.x, rect.Max.y};
}

Box clip_box() {
  return box_of(ImGui::GetCurrentWindow()->ClipRect);
}

}  // namespace

Box intersect(const Box& a, const Box& b) {
  return {std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right),
          std::min(a.bottom, b.bottom)};
}

void Probe::begin_frame() {
  marks_.clear();
  doubles_.clear();
}

void Probe::note(std::string_view id, Mark mark) {
  mark.order = marks_.size();
  mark.visible = intersect(mark.box, clip_box());
  auto [place, is_new] = marks_.emplace(id, std::move(mark));
  if (!is_new) doubles_.push_back(place->first);
}

void Probe::mark(std::string_view id, std::string_view label) {
  const ImGuiLastItemData& item = ImGui::GetCurrentContext()->LastItemData;
  note(id, Mark{.order = 0,
                .item = item.ID,
                .box = box_of(item.Rect),
                .visible = {},
                .label = std::string(label)});
}

void Probe::mark_place(std::string_view id, std::string_view label, const Box& box) {
  note(id, Mark{.order = 0, .item = 0, .box = box, .visible = {}, .label = std::string(label)});
}

const Mark* Probe::find(std::string_view id) const {
  auto found = marks_.find(id);
  return found == marks_.end() ? nullptr : &found->second;
}

}  // namespace glasshouse::gui
