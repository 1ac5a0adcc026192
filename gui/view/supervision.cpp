// The supervision tree: who restarts whom, how often it had to, and how much of that is allowed.

#include <algorithm>
#include <cmath>

#include "gui/frame/icons.h"
#include "gui/model/format.h"
#include "gui/model/process_filter.h"
#include "gui/model/supervision_tree.h"
#include "gui/view/appearance.h"
#include "gui/view/table.h"

namespace glasshouse::gui {
namespace {

struct Frame {
  ImVec2 low;
  ImVec2 high;
};

// How many of the restarts that are allowed have been used: pips that fill, then words.
void draw_intensity(const Ui& ui, ImVec2 at, const SupervisorRow& row, float right) {
  ImDrawList* list = ImGui::GetWindowDrawList();
  std::int64_t allowed = std::max<std::int64_t>(row.intensity, 0);
  std::int64_t pips = std::clamp<std::int64_t>(allowed, 1, 8);
  std::int64_t filled =
      allowed == 0 ? 0 : std::min(pips, (row.used * pips + allowed - 1) / allowed);
  bool is_full = allowed > 0 && row.used >= allowed;
  Colour colour = is_full ? ui.theme.bad : ui.theme.warning;
  float x = at.x;
  for (std::int64_t i = 0; i < pips; ++i) {
    ImVec2 low(x, at.y + ui.px(3));
    ImVec2 high(x + ui.px(9), at.y + ui.px(13));
    list->AddRectFilled(low, high, Ui::col(i < filled ? colour : ui.theme.line), ui.px(2));
    x += ui.px(12);
  }
  std::string words = std::to_string(row.used) + " of " + std::to_string(row.intensity) + " in " +
                      format_span(row.period_ns);
  ui.place(ImVec2(x + ui.px(4), at.y), words, ui.fonts.caption,
           row.used > 0 ? ui.theme.text : ui.theme.dim, right);
}

// The child's life up to the moment: a line with a tick for every restart.
void draw_history(const Scene& scene, const ChildRow& child, Frame box) {
  const Ui& ui = scene.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const Picture& picture = scene.picture();
  float left = box.low.x + ui.px(32);
  float right = box.high.x - ui.px(10);
  float y = box.high.y - ui.px(8);
  list->AddRectFilled(ImVec2(left, y), ImVec2(right, y + ui.px(2)), Ui::col(ui.theme.line));
  double begin = static_cast<double>(picture.extent.begin_ns);
  double span = static_cast<double>(picture.time_ns) - begin;
  if (span <= 0) return;
  for (const RestartRow& restart : child.history) {
    double part = (static_cast<double>(restart.time_ns) - begin) / span;
    float x = left + static_cast<float>(std::clamp(part, 0.0, 1.0)) * (right - left - ui.px(3));
    Colour colour = restart.decision == "restart" ? ui.theme.warning : ui.theme.bad;
    list->AddRectFilled(ImVec2(x, y - ui.px(3)), ImVec2(x + ui.px(3), y + ui.px(4)),
                        Ui::col(colour), ui.px(1));
  }
}

std::string history_words(const ChildRow& child) {
  std::string words;
  std::size_t shown = 0;
  for (auto restart = child.history.rbegin(); restart != child.history.rend(); ++restart) {
    if (++shown > 6) break;
    words += format_time(restart->time_ns) + "  " + restart->decision + "  " + restart->why + "\n";
  }
  if (child.history.size() > 6)
    words += "and " + std::to_string(child.history.size() - 6) + " more";
  return words;
}

void draw_frame(const Scene& scene, Frame box, ProcessKey process, bool is_hovered, bool is_bad) {
  const Ui& ui = scene.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  bool is_selected = process != 0 && process == scene.observer.focus().process;
  Colour fill = is_selected ? ui.theme.selection : ui.theme.raised;
  Colour edge = is_selected  ? ui.theme.accent
                : is_bad     ? ui.theme.bad
                : is_hovered ? ui.theme.dim
                             : ui.theme.line;
  list->AddRectFilled(box.low, box.high, Ui::col(fill), ui.px(6));
  list->AddRect(box.low, box.high, Ui::col(edge), ui.px(6), 0, is_selected ? ui.px(2) : 1.0F);
}

void draw_supervisor(const Scene& scene, Frame box, const SupervisorRow& row) {
  const Ui& ui = scene.ui;
  const ProcessRow* process = scene.picture().processes.find(row.process);
  std::string name = process == nullptr ? "supervisor" : process->name;
  std::string pid = process == nullptr ? "" : process->pid;
  float left = box.low.x + ui.px(12);
  float right = box.high.x - ui.px(12);
  float pid_width = ui.measure(pid, ui.fonts.mono).x;
  Colour node = process == nullptr ? ui.theme.dim : node_colour(ui.theme, process->node);
  ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(box.low.x, box.low.y + ui.px(8)),
                                            ImVec2(box.low.x + ui.px(3), box.high.y - ui.px(8)),
                                            Ui::col(node), ui.px(2));
  ui.place(ImVec2(left, box.low.y + ui.px(7)), name, ui.fonts.strong, ui.theme.text,
           right - pid_width - ui.px(8));
  Colour ink = process == nullptr ? ui.theme.dim : node_ink(ui.theme, process->node);
  ui.place(ImVec2(right - pid_width, box.low.y + ui.px(8)), pid, ui.fonts.mono, ink);
  ui.place(ImVec2(left, box.low.y + ui.px(25)), row.strategy, ui.fonts.mono, ui.theme.dim, right);
  draw_intensity(ui, ImVec2(left, box.low.y + ui.px(44)), row, right);
}

void draw_child(const Scene& scene, Frame box, const ChildRow& child) {
  const Ui& ui = scene.ui;
  const ProcessRow* process = scene.picture().processes.find(child.process);
  Activity activity = process != nullptr ? process->activity
                      : child.is_alive   ? Activity::idle
                                         : Activity::exited;
  Look look = look_of(activity, ui.theme);
  ui.place_middle(ImVec2(box.low.x + ui.px(6), box.low.y),
                  ImVec2(box.low.x + ui.px(28), box.high.y - ui.px(10)), look.icon, ui.fonts.text,
                  look.colour);
  std::string life;
  if (child.is_alive) {
    std::int64_t age = std::max<std::int64_t>(0, scene.picture().time_ns - child.started_ns);
    life = format_span(age);
  } else {
    life = std::string(activity_word(activity));
  }
  auto restarts = std::count_if(child.history.begin(), child.history.end(),
                                [](const RestartRow& row) { return row.decision == "restart"; });
  if (restarts > 0) life = std::to_string(restarts) + "×  " + life;
  float right = box.high.x - ui.px(10);
  float life_width = ui.measure(life, ui.fonts.caption).x;
  float top = box.low.y + ui.px(9);
  ui.place(ImVec2(right - life_width, top + ui.px(1)), life, ui.fonts.caption,
           restarts == 0 ? ui.theme.dim : ui.theme.text);
  // What shares its id with others, or is known better by a name, goes by that.
  bool has_name = process != nullptr && process->name != process->behaviour;
  ui.place(ImVec2(box.low.x + ui.px(32), top), has_name ? process->name : child.id, ui.fonts.text,
           ui.theme.text, right - life_width - ui.px(8));
  draw_history(scene, child, box);
}

void draw_edge(const Ui& ui, Frame from, Frame to) {
  ImVec2 start(from.high.x, (from.low.y + from.high.y) / 2);
  ImVec2 end(to.low.x, (to.low.y + to.high.y) / 2);
  float bend = (end.x - start.x) / 2;
  ImGui::GetWindowDrawList()->AddBezierCubic(start, ImVec2(start.x + bend, start.y),
                                             ImVec2(end.x - bend, end.y), end,
                                             Ui::col(ui.theme.line), ui.px(1.5F));
}

class TreeView {
 public:
  TreeView(const Scene& scene, const SupervisionTree& tree, ImVec2 origin, float box_width)
      : scene_(scene), tree_(tree), origin_(origin), box_width_(box_width) {}

  void draw() const {
    for (const SupervisionBox& box : tree_.boxes) {
      if (box.parent < tree_.boxes.size()) {
        draw_edge(scene_.ui, frame(tree_.boxes[box.parent]), frame(box));
      }
    }
    for (const SupervisionBox& box : tree_.boxes)
      draw_box(box);
  }

 private:
  Frame frame(const SupervisionBox& box) const {
    float x = origin_.x + static_cast<float>(box.x);
    float y = origin_.y + static_cast<float>(box.y);
    float half = static_cast<float>(box.height) / 2;
    return {ImVec2(std::floor(x), std::floor(y - half)),
            ImVec2(std::floor(x + box_width_), std::floor(y + half))};
  }

  void draw_box(const SupervisionBox& box) const {
    const Ui& ui = scene_.ui;
    Frame place = frame(box);
    if (!ImGui::IsRectVisible(place.low, place.high)) return;
    const SupervisorRow& supervisor = scene_.picture().supervisors[box.supervisor];
    if (box.kind == SupervisionBox::Kind::more) {
      ui.place_middle(place.low, place.high, "and " + format_count(box.hidden) + " more children",
                      ui.fonts.caption, ui.theme.dim);
      return;
    }
    bool is_child = box.kind == SupervisionBox::Kind::child;
    const ProcessRow* process = scene_.picture().processes.find(box.process);
    std::string pid = process == nullptr ? "" : process->pid;
    std::string key = is_child ? supervisor.children[box.child].id + pid : pid;
    Interaction seen = ui.area("sup/" + std::to_string(supervisor.process) + "/" + key, key,
                               place.low, place.high);
    bool is_gone = process != nullptr && process->activity == Activity::crashed;
    bool is_bad = is_child ? !supervisor.children[box.child].is_alive || is_gone
                           : supervisor.intensity > 0 && supervisor.used >= supervisor.intensity;
    draw_frame(scene_, place, box.process, seen.is_hovered, is_bad);
    if (is_child) {
      const ChildRow& child = supervisor.children[box.child];
      draw_child(scene_, place, child);
      std::string words = history_words(child);
      if (seen.is_hovered && !words.empty()) ui.tooltip(words);
    } else {
      draw_supervisor(scene_, place, supervisor);
    }
    if (seen.is_clicked && box.process != 0) scene_.observer.select_process(box.process);
  }

  const Scene& scene_;
  const SupervisionTree& tree_;
  ImVec2 origin_;
  float box_width_;
};

}  // namespace

void draw_supervision(const Scene& scene) {
  const Ui& ui = scene.ui;
  const Picture& picture = scene.picture();
  std::size_t children = 0;
  for (const SupervisorRow& row : picture.supervisors)
    children += row.children.size();
  ui.title("Supervision", format_counted(picture.supervisors.size(), "supervisor", "supervisors") +
                              " · " + format_counted(children, "child", "children") + " · at " +
                              format_time(picture.time_ns));
  ImGui::Dummy(ui.px(0, 2));
  SupervisionMeasures measures{.column = ui.px(300),
                               .supervisor_height = ui.px(68),
                               .child_height = ui.px(42),
                               .gap = ui.px(8)};
  SupervisionTree tree = lay_out_supervision(picture.supervisors, picture.processes,
                                             scene.observer.processes.filter, measures);
  if (tree.boxes.empty()) {
    bool is_filtered = !scene.observer.processes.filter.empty();
    draw_empty(ui, icon::supervision,
               is_filtered ? "Nothing matches the filter" : "No supervisor is alive here",
               is_filtered ? "Esc clears the filter." : "Step or play to a later moment.");
    return;
  }
  ImGui::BeginChild("supervision/canvas", ImVec2(0, 0), false,
                    ImGuiWindowFlags_HorizontalScrollbar);
  ImVec2 origin = ImGui::GetCursorScreenPos();
  TreeView(scene, tree, ImVec2(origin.x + 1, origin.y + ui.px(4)), ui.px(252)).draw();
  ImGui::SetCursorScreenPos(origin);
  ImGui::Dummy(ImVec2(static_cast<float>(tree.width) - ui.px(40),
                      static_cast<float>(tree.height) + ui.px(12)));
  ImGui::EndChild();
}

}  // namespace glasshouse::gui
