#pragma once
// An observer over the invented run, for tests: no display, no worker thread, a clock that goes
// a sixtieth of a second a frame.

#include <memory>
#include <string>

#include "gui/app/observer_app.h"
#include "tests/gui/fake_source.h"

namespace glasshouse::gui {

inline std::unique_ptr<ObserverApp> make_app(FakeOptions fake = {}, ScreenOptions screen = {}) {
  auto app = std::make_unique<ObserverApp>(screen, std::make_unique<FakeSource>(fake),
                                           Desk::Mode::in_line);
  app->settle(4);
  return app;
}

// Empty when the script went through, else why not.
inline std::string failure_of(ObserverApp& app, const std::string& script) {
  runtime::Result<void> done = app.run_script(script);
  return done.ok() ? "" : done.error().what;
}

}  // namespace glasshouse::gui
