#pragma once
// The observer without a window: a screen, the state, the commands and the views, one frame at a
// time. The window, screenshots, scripts and tests are all drivers of this.
//
// Threads: one.

#include <memory>
#include <string>

#include "gui/command/command.h"
#include "gui/frame/screen.h"
#include "gui/model/observer.h"
#include "gui/script/script.h"

namespace glasshouse::gui {

class Ui;

class ObserverApp final : public ScriptStage {
 public:
  ObserverApp(const ScreenOptions& options, std::unique_ptr<Source> source, Desk::Mode mode);

  // Input, keys, update, drawing. `seconds` since the last frame.
  void frame(double seconds = 1.0 / 60);
  // Frames until nothing changes any more, at most `frames_max`.
  void settle(int frames_max = 8);

  // Runs a whole script; the Error says where it failed.
  runtime::Result<void> run_script(std::string_view text);

  Observer& observer() { return observer_; }
  Screen& screen() { return screen_; }
  const CommandTable& commands() const { return commands_; }
  // What was copied by a command in the last frame; empty otherwise.
  const std::string& clipboard() const { return clipboard_; }
  void set_base_scale(float scale) { base_scale_ = scale; }

  InputQueue& input() override { return screen_.input(); }
  const Probe& probe() const override { return const_cast<ObserverApp*>(this)->screen_.probe(); }
  runtime::Result<std::string> value(std::string_view name) override;
  void reveal(std::string_view id) override;
  runtime::Result<void> shot(const std::string& path) override;
  runtime::Result<void> dump(const std::string& path) override;

 private:
  void use_keys();
  void walk_widgets(const Ui& ui);

  float base_scale_;
  Screen screen_;
  Observer observer_;
  CommandTable commands_;
  std::string clipboard_;
  std::string copied_;  // the last that was not empty
};

}  // namespace glasshouse::gui
