// Everything about the focus: the process (why it does not go on, mailbox, state, relations, crash)
// and the event. With nothing selected, the run itself.

#include <algorithm>

#include "gui/frame/icons.h"
#include "gui/model/format.h"
#include "gui/model/process_filter.h"
#include "gui/model/sentences.h"
#include "gui/model/state_fields.h"
#include "gui/view/appearance.h"
#include "gui/view/scene.h"

namespace glasshouse::gui {
namespace {

// One line of two columns in the flow; the second is cut at the edge and told in a tooltip.
void draw_pair(const Ui& ui, std::string_view name, std::string_view value, Colour ink,
               float column) {
  ImVec2 low = ImGui::GetCursorScreenPos();
  float right = low.x + ImGui::GetContentRegionAvail().x;
  ui.place(low, name, ui.fonts.mono, ui.theme.dim, low.x + column - ui.px(8));
  ui.place(ImVec2(low.x + column, low.y), value, ui.fonts.mono, ink, right);
  ImVec2 high(right, low.y + ui.px(20));
  bool is_cut = ui.measure(value, ui.fonts.mono).x > right - low.x - column;
  if (is_cut && ImGui::IsMouseHoveringRect(low, high) && ImGui::IsWindowHovered()) {
    ui.tooltip(value);
  }
  ImGui::Dummy(ImVec2(0, ui.px(14)));
}

// A process that can be clicked.
void draw_relation(const Scene& scene, const RelationRow& relation, std::size_t n) {
  const Ui& ui = scene.ui;
  ImVec2 low = ImGui::GetCursorScreenPos();
  ImVec2 high(low.x + ImGui::GetContentRegionAvail().x, low.y + ui.px(20));
  std::string id = "insp/relation/" + std::to_string(n);
  Interaction seen = ui.area(id, relation.what + " " + relation.name, low, high);
  if (seen.is_hovered) {
    ImGui::GetWindowDrawList()->AddRectFilled(low, high, Ui::col(ui.theme.raised), ui.px(3));
  }
  float pid_width = ui.measure(relation.pid, ui.fonts.mono).x;
  float y = low.y + ui.px(3);
  ui.place(ImVec2(low.x, y), relation.what, ui.fonts.caption, ui.theme.dim);
  ui.place(ImVec2(low.x + ui.px(96), y), relation.name, ui.fonts.text, ui.theme.text,
           high.x - pid_width - ui.px(10));
  ui.place(ImVec2(high.x - pid_width, y), relation.pid, ui.fonts.mono, ui.theme.dim);
  ImGui::Dummy(ImVec2(0, ui.px(20)));
  if (seen.is_clicked) {
    scene.observer.reveal_process = relation.process;
    scene.observer.select_process(relation.process);
  }
}

void draw_figures(const Scene& scene, const ProcessRow& process) {
  const Ui& ui = scene.ui;
  struct Figure {
    const char* name;
    std::string value;
    Colour ink;
  };
  Colour full = process.mailbox >= 100 ? ui.theme.warning : ui.theme.text;
  Colour restarted = process.restarts > 0 ? ui.theme.warning : ui.theme.text;
  const Figure figures[] = {
      {"Mailbox", format_count(process.mailbox), full},
      {"Reductions", format_reductions(process), ui.theme.text},
      {"Restarts", format_count(process.restarts), restarted},
  };
  ImVec2 low = ImGui::GetCursorScreenPos();
  float width = ImGui::GetContentRegionAvail().x / 3;
  for (std::size_t i = 0; i < std::size(figures); ++i) {
    float x = low.x + width * static_cast<float>(i);
    ui.place(ImVec2(x, low.y), figures[i].name, ui.fonts.caption, ui.theme.dim);
    ui.place(ImVec2(x, low.y + ui.px(16)), figures[i].value, ui.fonts.title, figures[i].ink,
             x + width - ui.px(6));
  }
  ImGui::Dummy(ImVec2(0, ui.px(38)));
}

void draw_identity(const Scene& scene, const ProcessRow& process) {
  const Ui& ui = scene.ui;
  Look look = look_of(process.activity, ui.theme);
  ImVec2 low = ImGui::GetCursorScreenPos();
  float right = low.x + ImGui::GetContentRegionAvail().x;
  ui.place(low, process.name, ui.fonts.title, ui.theme.text, right);
  ui.probe.mark_place("insp/name", process.name, {low.x, low.y, right, low.y + ui.px(22)});
  float y = low.y + ui.px(28);
  ui.place(ImVec2(low.x, y), process.pid, ui.fonts.mono, node_ink(ui.theme, process.node));
  float x = low.x + ui.measure(process.pid, ui.fonts.mono).x + ui.px(12);
  ui.place(ImVec2(x, y), process.behaviour, ui.fonts.mono, ui.theme.dim, right - ui.px(100));
  std::string word(activity_word(process.activity));
  float word_width = ui.measure(word, ui.fonts.text).x;
  ui.place(ImVec2(right - word_width, y), word, ui.fonts.text, ui.theme.text);
  ui.place_middle(ImVec2(right - word_width - ui.px(22), y),
                  ImVec2(right - word_width - ui.px(4), y + ui.fonts.text->FontSize), look.icon,
                  ui.fonts.text, look.colour);
  ImGui::Dummy(ImVec2(0, ui.px(48)));
}

void draw_actions(const Scene& scene) {
  const Ui& ui = scene.ui;
  if (scene.observer.is_live()) {
    if (ui.button("insp/kill", "Kill", ButtonLook::danger)) scene.observer.kill_process();
    ImGui::SameLine(0, ui.px(6));
  }
  if (ui.button("insp/messages", "Its messages")) scene.run("process.messages");
  ImGui::SameLine(0, ui.px(6));
  if (ui.button("insp/previous", "Previous step")) {
    scene.observer.step(Direction::back, StepScope::process);
  }
  ImGui::SameLine(0, ui.px(6));
  if (ImGui::GetContentRegionAvail().x > ui.px(60) && ui.button("insp/next", "Next step")) {
    scene.observer.step(Direction::forward, StepScope::process);
  }
}

void draw_event(const Scene& scene) {
  const Ui& ui = scene.ui;
  const Picture& picture = scene.picture();
  if (!picture.event) return;
  const EventRow& event = *picture.event;
  ui.section("Event " + format_count(event.moment), format_time(event.time_ns));
  ui.wrapped(sentence(event), ui.fonts.text, ui.theme.text);
  bool has_cause = picture.cause.has_value();
  bool has_effect = picture.effect.has_value();
  if (ui.button("insp/cause", "Cause", ButtonLook::raised, has_cause)) {
    scene.observer.select_cause();
  }
  if (has_cause && ImGui::IsItemHovered()) ui.tooltip(sentence(*picture.cause));
  ImGui::SameLine(0, ui.px(6));
  if (ui.button("insp/effect", "Effect", ButtonLook::raised, has_effect)) {
    scene.observer.select_effect();
  }
  if (has_effect && ImGui::IsItemHovered()) ui.tooltip(sentence(*picture.effect));
}

void draw_mailbox(const Scene& scene, const ProcessDetail& detail) {
  const Ui& ui = scene.ui;
  std::size_t shown = std::min<std::size_t>(detail.mailbox.size(), 8);
  std::string note = detail.mailbox_length == 0 ? "empty"
                                                : "first " + std::to_string(shown) + " of " +
                                                      format_count(detail.mailbox_length);
  ui.section("Mailbox", note);
  for (std::size_t i = 0; i < shown; ++i) {
    const MailboxRow& message = detail.mailbox[i];
    std::string text = message.text.empty() ? message.type : message.text;
    draw_pair(ui, std::to_string(i + 1), text, ui.theme.text, ui.px(24));
  }
  if (shown > 0) {
    std::int64_t age = scene.picture().time_ns - detail.mailbox.front().sent_ns;
    ui.wrapped("The oldest has waited " + format_span(std::max<std::int64_t>(0, age)) +
                   "; it was sent by " + detail.mailbox.front().from_name + ".",
               ui.fonts.caption, ui.theme.dim);
  }
}

void draw_state(const Scene& scene, const ProcessDetail& detail) {
  const Ui& ui = scene.ui;
  if (detail.state.empty()) {
    ui.section("State", "not recorded");
    return;
  }
  ui.section("State", "since " + format_time(detail.state_ns));
  float column = ui.px(60);
  std::vector<StateField> fields = state_fields(detail.state, detail.state_before);
  for (const StateField& field : fields) {
    column = std::max(column, ui.measure(field.name, ui.fonts.mono).x + ui.px(28));
  }
  column = std::min(column, ImGui::GetContentRegionAvail().x * 0.45F);
  for (const StateField& field : fields) {
    ImVec2 low = ImGui::GetCursorScreenPos();
    if (field.is_changed) {
      ImGui::GetWindowDrawList()->AddCircleFilled(ImVec2(low.x + ui.px(4), low.y + ui.px(8)),
                                                  ui.px(3.5F), Ui::col(ui.theme.good), 16);
    }
    std::string value = field.value;
    if (field.is_changed && !field.before.empty()) value += "   was " + field.before;
    ImGui::SetCursorScreenPos(ImVec2(low.x + ui.px(14), low.y));
    draw_pair(ui, field.name, value, field.is_changed ? ui.theme.good : ui.theme.text,
              column - ui.px(14));
    ImGui::SetCursorScreenPos(ImVec2(low.x, ImGui::GetCursorScreenPos().y));
  }
}

// Long terms are broken at the width of the inspector.
void draw_crash(const Scene& scene, const CrashRow& crash) {
  const Ui& ui = scene.ui;
  ui.section("Crash", format_time(crash.time_ns));
  ui.wrapped(crash.reason, ui.fonts.mono, ui.theme.bad);
  if (ui.button("insp/crash", "Go to the moment")) {
    scene.observer.select_event(crash.moment);
    scene.observer.reveal_event = true;
  }
  constexpr std::size_t report_max = 4'000;
  ui.wrapped(shorten(crash.report, report_max), ui.fonts.mono, ui.theme.dim);
}

void draw_process(const Scene& scene, const ProcessRow& process) {
  const Ui& ui = scene.ui;
  const Picture& picture = scene.picture();
  draw_identity(scene, process);
  draw_actions(scene);
  ImGui::Dummy(ui.px(0, 2));
  ui.wrapped(why(process, picture.processes, picture.time_ns), ui.fonts.text, ui.theme.text);
  ImGui::Dummy(ui.px(0, 2));
  draw_figures(scene, process);
  draw_event(scene);
  const ProcessDetail& detail = picture.detail;
  if (detail.process != process.key) return;
  if (detail.crash) draw_crash(scene, *detail.crash);
  draw_mailbox(scene, detail);
  draw_state(scene, detail);
  ui.section("Links & monitors", detail.relations.empty() ? "none" : "");
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
  for (std::size_t i = 0; i < detail.relations.size(); ++i) {
    draw_relation(scene, detail.relations[i], i);
  }
  ImGui::PopStyleVar();
}

void draw_links(const Scene& scene) {
  const Ui& ui = scene.ui;
  const Picture& picture = scene.picture();
  const auto& cuts = picture.live.cuts;
  ui.section("Links", "press to cut or heal");
  for (const NodeRow& a : picture.run.nodes) {
    for (const NodeRow& b : picture.run.nodes) {
      if (a.index >= b.index) continue;
      bool is_cut = std::find(cuts.begin(), cuts.end(), std::pair(a.index, b.index)) != cuts.end();
      std::string label = a.name + " – " + b.name + (is_cut ? "  cut" : "");
      ButtonLook look = is_cut ? ButtonLook::danger : ButtonLook::raised;
      if (ui.button("insp/link/" + a.name + "/" + b.name, label, look)) {
        scene.observer.toggle_cut(a.index, b.index);
      }
    }
  }
}

void draw_run(const Scene& scene) {
  const Ui& ui = scene.ui;
  const RunInfo& run = scene.picture().run;
  ui.text(run.name, ui.fonts.title, ui.theme.text);
  ui.wrapped("Select a process to see why it waits, its mailbox and its state.", ui.fonts.caption,
             ui.theme.dim);
  ImGui::Dummy(ui.px(0, 2));
  float column = ui.px(76);
  if (!run.world.empty()) draw_pair(ui, "world", run.world, ui.theme.text, column);
  if (!run.seed.empty()) draw_pair(ui, "seed", run.seed, ui.theme.text, column);
  if (!run.digest.empty()) draw_pair(ui, "digest", run.digest, ui.theme.text, column);
  if (!run.outcome.empty()) draw_pair(ui, "outcome", run.outcome, ui.theme.text, column);
  draw_event(scene);
  ui.section("Nodes", "");
  for (const NodeRow& node : run.nodes) {
    ImVec2 low = ImGui::GetCursorScreenPos();
    ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(low.x, low.y + ui.px(2)),
                                              ImVec2(low.x + ui.px(4), low.y + ui.px(15)),
                                              Ui::col(node_colour(ui.theme, node.index)), ui.px(1));
    ImGui::SetCursorScreenPos(ImVec2(low.x + ui.px(12), low.y));
    draw_pair(ui, node.name, node.is_up ? "up" : "down", node.is_up ? ui.theme.text : ui.theme.bad,
              ui.px(120));
    ImGui::SetCursorScreenPos(ImVec2(low.x, ImGui::GetCursorScreenPos().y));
  }
  if (!run.properties.empty()) ui.section("Properties", "");
  for (const PropertyRow& property : run.properties) {
    Colour ink = property.verdict == "violated" ? ui.theme.bad : ui.theme.text;
    draw_pair(ui, property.verdict.empty() ? "open" : property.verdict, property.name, ink, column);
  }
  if (scene.observer.is_live() && run.nodes.size() > 1) draw_links(scene);
}

}  // namespace

void draw_inspector(const Scene& scene) {
  const Ui& ui = scene.ui;
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ui.px(14, 12));
  ImGui::BeginChild("inspector/scroll", ImVec2(0, 0), false,
                    ImGuiWindowFlags_AlwaysUseWindowPadding);
  ImGui::PopStyleVar();
  const ProcessRow* process = scene.observer.focused_process();
  if (process != nullptr) {
    draw_process(scene, *process);
  } else {
    draw_run(scene);
  }
  ImGui::EndChild();
}

}  // namespace glasshouse::gui
