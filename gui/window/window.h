#pragma once
// The only part of the observer that knows a display: a GLFW window, OpenGL 3.3, and a loop that
// draws when something happened and sleeps otherwise.
//
// Threads: the main thread.

#include <functional>

#include "gui/app/observer_app.h"
#include "runtime/base/result.h"

namespace glasshouse::gui {

class Automation;

struct WindowOptions {
  int width = 1600;
  int height = 1000;
  float scale = 0;  // 0: what the display says
};

// Shows the observer until its window is closed or `before_frame` returns false. An Error when
// there is no display.
runtime::Result<void> show_window(ObserverApp& app, const WindowOptions& options,
                                  const std::function<bool()>& before_frame,
                                  Automation* automation);

}  // namespace glasshouse::gui
