// The whole run in one strip: how dense it is, what faults were in force, crashes, restarts and
// violations, and where we are. Pressing or dragging moves there.

#include <algorithm>
#include <cmath>

#include "gui/frame/icons.h"
#include "gui/model/format.h"
#include "gui/view/appearance.h"
#include "gui/view/scene.h"

namespace glasshouse::gui {
namespace {

struct Axis {
  float left;
  float right;
  double begin;
  double end;

  float x(std::int64_t time) const {
    double part = (static_cast<double>(time) - begin) / (end - begin);
    return left + static_cast<float>(part) * (right - left);
  }
  std::int64_t time(float x) const {
    double part = std::clamp(static_cast<double>((x - left) / (right - left)), 0.0, 1.0);
    return static_cast<std::int64_t>(begin + part * (end - begin));
  }
};

// Fault bands, each in the first row where it meets no other, at most three.
void draw_bands(const Scene& scene, const Axis& axis, float top, float bottom) {
  const Ui& ui = scene.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  float ends[3] = {axis.left - 1, axis.left - 1, axis.left - 1};
  for (const Band& band : scene.picture().overview.bands) {
    float left = axis.x(band.begin_ns);
    float right = std::max(axis.x(band.end_ns), left + ui.px(3));
    int row = 0;
    while (row < 2 && ends[row] > left)
      ++row;
    ends[row] = right;
    float y = top + static_cast<float>(row) * ui.px(15);
    list->AddRectFilled(ImVec2(left, top), ImVec2(right, bottom),
                        Ui::col(ui.theme.bad.faded(0.08)));
    list->AddRectFilled(ImVec2(left, y), ImVec2(right, y + ui.px(14)),
                        Ui::col(ui.theme.bad.faded(0.24)), ui.px(2));
    // A name that does not fit is in the tooltip only.
    if (right - left >= ui.measure(band.kind, ui.fonts.caption).x + ui.px(8)) {
      ui.place(ImVec2(left + ui.px(4), y), band.kind, ui.fonts.caption, ui.theme.text);
    }
    if (ImGui::IsMouseHoveringRect(ImVec2(left, y), ImVec2(right, y + ui.px(14)))) {
      ui.tooltip(band.kind + "  " + band.text + "\n" + format_time(band.begin_ns) + " to " +
                 format_time(band.end_ns));
    }
  }
}

// Heights are on a log scale, so that a quiet time with a few events is still seen.
void draw_density(const Scene& scene, const Axis& axis, float top, float bottom) {
  const Ui& ui = scene.ui;
  const std::vector<std::uint32_t>& density = scene.picture().overview.density;
  if (density.empty()) return;
  std::uint32_t most = std::max(1U, *std::max_element(density.begin(), density.end()));
  double full = std::log1p(static_cast<double>(most));
  ImDrawList* list = ImGui::GetWindowDrawList();
  float now = axis.x(scene.picture().time_ns);
  float step = (axis.right - axis.left) / static_cast<float>(density.size());
  for (std::size_t i = 0; i < density.size(); ++i) {
    if (density[i] == 0) continue;
    float part = static_cast<float>(std::log1p(static_cast<double>(density[i])) / full);
    float left = axis.left + static_cast<float>(i) * step;
    Colour colour = left <= now ? ui.theme.accent.faded(0.55) : ui.theme.dim.faded(0.40);
    list->AddRectFilled(
        ImVec2(std::floor(left), bottom - std::max(1.0F, std::round(part * (bottom - top)))),
        ImVec2(std::floor(left + step), bottom), Ui::col(colour));
  }
}

// Marks closer than their width become one with a count; the most serious one is shown.
void draw_marks(const Scene& scene, const Axis& axis, float top, float bottom) {
  const Ui& ui = scene.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const std::vector<TimeMark>& marks = scene.picture().overview.marks;
  auto serious = [](MarkKind kind) {
    bool is_loss = kind == MarkKind::crash || kind == MarkKind::node_lost;
    return kind == MarkKind::violation ? 3 : is_loss ? 2 : kind == MarkKind::restart ? 1 : 0;
  };
  for (std::size_t i = 0; i < marks.size();) {
    float x = axis.x(marks[i].time_ns);
    std::size_t first = i;
    std::size_t shown = i;
    for (; i < marks.size() && axis.x(marks[i].time_ns) < x + ui.px(15); ++i) {
      if (serious(marks[i].kind) > serious(marks[shown].kind)) shown = i;
    }
    Look look = look_of(marks[shown].kind, ui.theme);
    float middle = (top + bottom) / 2;
    list->AddRectFilled(ImVec2(x, top - ui.px(4)), ImVec2(x + 1, top), Ui::col(look.colour));
    ui.place_middle(ImVec2(x - ui.px(8), top), ImVec2(x + ui.px(8), bottom), look.icon,
                    ui.fonts.text, look.colour);
    bool is_hovered = ImGui::IsMouseHoveringRect(ImVec2(x - ui.px(8), middle - ui.px(9)),
                                                 ImVec2(x + ui.px(8), middle + ui.px(9)));
    if (!is_hovered) continue;
    std::string text = format_time(marks[shown].time_ns) + "  " + word_of(marks[shown].kind) +
                       "  " + marks[shown].text;
    if (i - first > 1) text += "\nand " + std::to_string(i - first - 1) + " more";
    ui.tooltip(text);
  }
}

// Times at round places: 1, 2 or 5 times a power of ten apart.
void draw_scale(const Scene& scene, const Axis& axis, float bottom) {
  const Ui& ui = scene.ui;
  double span = axis.end - axis.begin;
  double wanted = span * ui.px(120) / std::max(1.0F, axis.right - axis.left);
  double step = std::pow(10, std::floor(std::log10(std::max(1.0, wanted))));
  while (step < wanted)
    step *= step * 2 < wanted ? 5 : 2;
  ImDrawList* list = ImGui::GetWindowDrawList();
  for (double at = std::ceil(axis.begin / step) * step; at <= axis.end; at += step) {
    float x = axis.x(static_cast<std::int64_t>(at));
    std::string text = at == 0 ? "0" : format_span(static_cast<std::int64_t>(at));
    float width = ui.measure(text, ui.fonts.caption).x;
    list->AddRectFilled(ImVec2(x, bottom - ui.px(16)), ImVec2(x + 1, bottom - ui.px(11)),
                        Ui::col(ui.theme.line));
    if (x + ui.px(4) + width > axis.right) continue;
    ui.place(ImVec2(x + ui.px(4), bottom - ui.px(16)), text, ui.fonts.caption, ui.theme.dim);
  }
}

void draw_cursor(const Scene& scene, const Axis& axis, float top, float bottom) {
  const Ui& ui = scene.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  float x = std::round(axis.x(scene.picture().time_ns));
  ImU32 colour = Ui::col(ui.theme.accent);
  list->AddRectFilled(ImVec2(x - 1, top), ImVec2(x + 1, bottom), colour);
  list->AddTriangleFilled(ImVec2(x - ui.px(6), top - ui.px(4)),
                          ImVec2(x + ui.px(6), top - ui.px(4)), ImVec2(x, top + ui.px(4)), colour);
}

}  // namespace

void draw_minimap(const Scene& scene, ImVec2 low, ImVec2 high) {
  const Ui& ui = scene.ui;
  const Extent& extent = scene.picture().extent;
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(low, high, Ui::col(ui.theme.background), ui.px(4));
  if (extent.end_ns <= extent.begin_ns) {
    ui.place_middle(low, high, "Nothing has happened yet.", ui.fonts.caption, ui.theme.dim);
    return;
  }
  Axis axis{low.x + ui.px(8), high.x - ui.px(8), static_cast<double>(extent.begin_ns),
            static_cast<double>(extent.end_ns)};
  float marks_top = high.y - ui.px(36);
  draw_density(scene, axis, low.y + ui.px(4), marks_top - ui.px(2));
  draw_bands(scene, axis, low.y, high.y - ui.px(17));
  draw_marks(scene, axis, marks_top, high.y - ui.px(17));
  draw_scale(scene, axis, high.y);
  draw_cursor(scene, axis, low.y + ui.px(4), high.y);
  Interaction seen = ui.area("transport/minimap", "The whole run", low, high);
  if (!seen.is_held) return;
  std::int64_t time = axis.time(ImGui::GetIO().MousePos.x);
  if (time != scene.picture().time_ns) scene.observer.go_to_time(time);
}

}  // namespace glasshouse::gui
