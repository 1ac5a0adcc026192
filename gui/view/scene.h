#pragma once
// What every panel is given for one frame. A panel is one function that draws; it changes nothing
// but the observer, and that only through its actions and the options of its own view.

#include <string_view>

#include "gui/command/command.h"
#include "gui/frame/ui.h"
#include "gui/model/observer.h"

namespace glasshouse::gui {

struct Scene {
  const Ui& ui;
  Observer& observer;
  const CommandTable& commands;

  const Picture& picture() const { return observer.picture(); }
  // Does what the command does.
  void run(std::string_view id) const;
  // An icon button that stands for a command: its tooltip, whether it can be pressed, its effect.
  bool command_button(std::string_view command, const char* icon,
                      ButtonLook look = ButtonLook::flat, float size = 30) const;
};

// The panels, from the outside in.
void draw_shell(const Scene& scene);
void draw_header(const Scene& scene, ImVec2 low, ImVec2 high);
void draw_rail(const Scene& scene, ImVec2 low, ImVec2 high);
void draw_transport(const Scene& scene);
void draw_minimap(const Scene& scene, ImVec2 low, ImVec2 high);
void draw_inspector(const Scene& scene);
void draw_processes(const Scene& scene);
void draw_supervision(const Scene& scene);
void draw_messages(const Scene& scene);
void draw_crashes(const Scene& scene);
void draw_palette(const Scene& scene);
void draw_help(const Scene& scene);
void draw_leader(const Scene& scene);

}  // namespace glasshouse::gui
