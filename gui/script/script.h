#pragma once
// Scripts that use the observer as a person would: the language of GUI tests, demonstrations and
// lessons. One command a line, `#` begins a comment.
//
//   click ID                 dblclick ID              rclick ID
//   drag ID DX DY            wheel ID TURNS           hover ID
//   key ctrl+k               type TEXT                wait FRAMES
//   expect NAME OP VALUE     until NAME OP VALUE      (== != ~ !~ > >= < <=; ~ is "contains")
//   expect-visible ID        expect-hidden ID
//   shot FILE.png            dump FILE
//
// A script is run a frame at a time, so that it works alike with a window and without one.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gui/frame/input.h"
#include "gui/frame/probe.h"
#include "runtime/base/result.h"

namespace glasshouse::gui {

struct ScriptCommand {
  int line = 0;
  std::string verb;
  std::vector<std::string> words;  // behind the verb; TEXT is one word
};

// The Error names line and fault.
runtime::Result<std::vector<ScriptCommand>> parse_script(std::string_view text);

// What a script acts on.
class ScriptStage {
 public:
  ScriptStage() = default;
  ScriptStage(const ScriptStage&) = delete;
  ScriptStage& operator=(const ScriptStage&) = delete;
  virtual ~ScriptStage() = default;

  virtual InputQueue& input() = 0;
  virtual const Probe& probe() const = 0;
  // A named value of what is shown; an Error for an unknown name.
  virtual runtime::Result<std::string> value(std::string_view name) = 0;
  // Brings a row of a long list onto the screen; it is drawn a frame later.
  virtual void reveal(std::string_view id) = 0;
  virtual runtime::Result<void> shot(const std::string& path) = 0;
  virtual runtime::Result<void> dump(const std::string& path) = 0;
};

class ScriptRun {
 public:
  enum class State : std::uint8_t { going, done, failed };

  ScriptRun(std::vector<ScriptCommand> commands, ScriptStage& stage);

  // Called before each frame.
  State step();

  State state() const { return state_; }
  // Why it failed: one sentence with the line.
  const std::string& failure() const { return failure_; }
  std::size_t commands_done() const { return next_; }

 private:
  void perform(const ScriptCommand& command);
  void point(const ScriptCommand& command);
  void use_keyboard(const ScriptCommand& command);
  void judge(const ScriptCommand& command);
  void picture(const ScriptCommand& command);
  void finish() { ++next_, tries_ = 0; }
  void fail(const ScriptCommand& command, const std::string& why);
  // The widget's place when it can be clicked; null while it is being revealed, or failed.
  const Mark* target(const ScriptCommand& command);

  std::vector<ScriptCommand> commands_;
  ScriptStage& stage_;
  std::size_t next_ = 0;
  int pause_ = 1;  // frames until the next command
  int tries_ = 0;
  State state_ = State::going;
  std::string failure_;
};

// "5", ">", "3": as numbers when both are, else as text. Unknown operators hold never.
bool holds(std::string_view left, std::string_view op, std::string_view right);

}  // namespace glasshouse::gui
