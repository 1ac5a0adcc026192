// Time: step, play, where we are, and the whole run below it to be scrubbed.

#include <algorithm>
#include <cmath>

#include "gui/frame/icons.h"
#include "gui/model/format.h"
#include "gui/view/appearance.h"
#include "gui/view/scene.h"

namespace glasshouse::gui {
namespace {

const char* scope_word(StepScope scope) {
  switch (scope) {
    case StepScope::process:
      return "process";
    case StepScope::node:
      return "node";
    case StepScope::run:
      return "whole run";
  }
  return "";
}

void draw_buttons(const Scene& scene) {
  struct Entry {
    const char* command;
    const char* icon;
  };
  const char* play = scene.observer.is_playing() ? icon::pause : icon::play;
  const Entry entries[] = {
      {"transport.first", icon::first},     {"notable.back", icon::notable_back},
      {"step.back", icon::step_back},       {"transport.play", play},
      {"step.forward", icon::step_forward}, {"notable.forward", icon::notable_forward},
      {"transport.latest", icon::last},
  };
  for (const Entry& entry : entries) {
    bool is_play = entry.icon == play;
    scene.command_button(entry.command, entry.icon, is_play ? ButtonLook::raised : ButtonLook::flat,
                         30);
    ImGui::SameLine(0, scene.ui.px(3));
  }
}

// Time and event, each with its label, in a field of its own; nothing lies on top of it.
void draw_position(const Scene& scene, bool has_room) {
  const Ui& ui = scene.ui;
  const Picture& picture = scene.picture();
  std::string time = format_time(picture.time_ns);
  std::string event =
      "event " + format_count(picture.moment) + " / " + format_count(picture.extent.last);
  ImVec2 low = ImGui::GetCursorScreenPos();
  ImVec2 time_size = ui.measure(time, ui.fonts.title);
  ImVec2 event_size = ui.measure(event, ui.fonts.mono);
  float middle = low.y + ui.px(15);
  ui.place(ImVec2(low.x, middle - time_size.y / 2), time, ui.fonts.title, ui.theme.text);
  float right = low.x + std::max(time_size.x, ui.px(84));
  if (has_room) {
    ui.place(ImVec2(right + ui.px(14), middle - event_size.y / 2), event, ui.fonts.mono,
             ui.theme.dim);
    right += ui.px(14) + event_size.x;
  }
  ui.probe.mark_place("transport/position", time + " " + event,
                      {low.x, low.y, right, low.y + ui.px(30)});
  ImGui::Dummy(ImVec2(right - low.x, ui.px(30)));
}

void draw_options(const Scene& scene, bool has_room) {
  const Ui& ui = scene.ui;
  const Observer& observer = scene.observer;
  ImGui::SameLine(0, ui.px(14));
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + ui.px(3));
  if (has_room) {
    std::string speed = format_speed(observer.speed());
    if (ui.chip("transport/speed", speed, false,
                "Speed.  Slower " + scene.commands.key_text("speed.down") + "   Faster " +
                    scene.commands.key_text("speed.up"))) {
      scene.run("speed.up");
    }
    ImGui::SameLine(0, ui.px(6));
    std::string scope = std::string("steps: ") + scope_word(observer.scope());
    if (ui.chip("transport/scope", scope, false, scene.commands.tooltip("scope.next"))) {
      scene.run("scope.next");
    }
    ImGui::SameLine(0, ui.px(6));
  }
  const char* word = observer.is_live() ? "LIVE" : "newest";
  if (ui.chip("transport/latest", word, observer.focus().is_latest,
              scene.commands.tooltip("transport.latest"))) {
    scene.run("transport.latest");
  }
}

// From the right as far as there is room.
void draw_counts(const Scene& scene, ImVec2 top_right, float left) {
  const Ui& ui = scene.ui;
  std::size_t counts[mark_kind_count] = {};
  for (const TimeMark& mark : scene.picture().overview.marks) {
    ++counts[static_cast<std::size_t>(mark.kind)];
  }
  float x = top_right.x;
  for (MarkKind kind : {MarkKind::action, MarkKind::violation, MarkKind::restart,
                        MarkKind::node_lost, MarkKind::crash}) {
    std::size_t count = counts[static_cast<std::size_t>(kind)];
    bool is_rare = kind == MarkKind::action || kind == MarkKind::node_lost;
    if (count == 0 && is_rare) continue;
    std::string words = format_count(count) + " " + word_of(kind, count);
    ImVec2 size = ui.measure(words, ui.fonts.text);
    Look look = look_of(kind, ui.theme);
    if (count == 0) look.colour = ui.theme.dim;
    float middle = top_right.y + ui.px(15);
    if (x - size.x - ui.px(30) < left) return;
    x -= size.x;
    ui.place(ImVec2(x, middle - size.y / 2), words, ui.fonts.text,
             count == 0 ? ui.theme.dim : ui.theme.text);
    x -= ui.px(22);
    ui.place_middle(ImVec2(x, middle - ui.px(10)), ImVec2(x + ui.px(18), middle + ui.px(10)),
                    look.icon, ui.fonts.text, look.colour);
    x -= ui.px(16);
  }
}

}  // namespace

void draw_transport(const Scene& scene) {
  const Ui& ui = scene.ui;
  ImVec2 low = ImGui::GetCursorScreenPos();
  float width = ImGui::GetContentRegionAvail().x;
  draw_buttons(scene);
  ImGui::SameLine(0, ui.px(16));
  // In a narrow window the essential stays: buttons, time, newest.
  draw_position(scene, width > ui.px(720));
  draw_options(scene, width > ui.px(600));
  draw_counts(scene, ImVec2(low.x + width, low.y), ImGui::GetItemRectMax().x);
  ImVec2 map_low(low.x, low.y + ui.px(40));
  ImVec2 map_high(low.x + width, ImGui::GetWindowPos().y + ImGui::GetWindowSize().y - ui.px(10));
  draw_minimap(scene, map_low, map_high);
}

}  // namespace glasshouse::gui
