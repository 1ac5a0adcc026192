#include "gui/frame/input.h"

#include <algorithm>
#include <cfloat>
#include <set>

#include <imgui/imgui.h>
#include <imgui/imgui_internal.h>

namespace glasshouse::gui {
namespace {

using Kind = InputEvent::Kind;

bool is_modifier(int code) {
  return code >= key::left_shift && code <= key::right_super;
}

}  // namespace

void InputQueue::move(float x, float y) {
  push({.kind = Kind::position, .x = x, .y = y});
}

void InputQueue::button(int number, bool is_down) {
  push({.kind = Kind::button, .is_down = is_down, .code = number});
}

void InputQueue::wheel(float x, float y) {
  push({.kind = Kind::wheel, .x = x, .y = y});
}

void InputQueue::key(int code, bool is_down) {
  push({.kind = Kind::key, .is_down = is_down, .code = code});
}

void InputQueue::type(const std::string& utf8) {
  const char* at = utf8.c_str();
  const char* end = at + utf8.size();
  while (at < end) {
    unsigned int code = 0;
    at += ImTextCharFromUtf8(&code, at, end);
    push({.kind = Kind::character, .code = static_cast<int>(code)});
  }
}

void InputQueue::stroke(const KeyPress& press) {
  if (press.control) key(key::left_control, true);
  if (press.shift) key(key::left_shift, true);
  if (press.alt) key(key::left_alt, true);
  key(press.key, true);
  key(press.key, false);
  if (press.alt) key(key::left_alt, false);
  if (press.shift) key(key::left_shift, false);
  if (press.control) key(key::left_control, false);
}

// What this frame has taken so far.
struct InputQueue::Seen {
  std::set<int> buttons;
  std::set<int> keys;
  bool wheel = false;
  bool position = false;
  bool characters = false;
};

bool InputQueue::would_hide(const InputEvent& event, const Seen& seen) const {
  switch (event.kind) {
    case Kind::position:
      return !seen.buttons.empty() || seen.wheel;
    case Kind::button:
      return seen.buttons.contains(event.code) || seen.wheel || seen.position;
    case Kind::wheel:
      return seen.wheel || !seen.buttons.empty() || seen.position;
    case Kind::key:
      if (seen.keys.contains(event.code) || seen.characters) return true;
      return is_modifier(event.code) && !seen.keys.empty();
    case Kind::character:
      return std::any_of(seen.keys.begin(), seen.keys.end(),
                         [](int code) { return code >= key::escape && !is_modifier(code); });
    case Kind::focus:
      return false;
  }
  return false;
}

void InputQueue::apply(const InputEvent& event, ImGuiIO& io, Seen& seen) {
  switch (event.kind) {
    case Kind::position:
      // A position may follow a position: only the last one counts. A button must wait for the
      // next frame, so that what is under the pointer has seen it arrive.
      io.MousePos = ImVec2(event.x, event.y);
      seen.position = true;
      break;
    case Kind::button:
      if (event.code >= 0 && event.code < 5) io.MouseDown[event.code] = event.is_down;
      seen.buttons.insert(event.code);
      break;
    case Kind::wheel:
      io.MouseWheelH += event.x;
      io.MouseWheel += event.y;
      seen.wheel = true;
      break;
    case Kind::key: {
      if (event.code < 0 || event.code > key::last) break;
      io.KeysDown[event.code] = event.is_down;
      io.KeyCtrl = io.KeysDown[key::left_control] || io.KeysDown[key::right_control];
      io.KeyShift = io.KeysDown[key::left_shift] || io.KeysDown[key::right_shift];
      io.KeyAlt = io.KeysDown[key::left_alt] || io.KeysDown[key::right_alt];
      io.KeySuper = io.KeysDown[key::left_super] || io.KeysDown[key::right_super];
      seen.keys.insert(event.code);
      if (event.is_down && !is_modifier(event.code)) {
        presses_.push_back({event.code, io.KeyCtrl, io.KeyShift, io.KeyAlt});
      }
      break;
    }
    case Kind::character:
      io.AddInputCharacter(static_cast<unsigned int>(event.code));
      seen.characters = true;
      break;
    case Kind::focus:
      io.AddFocusEvent(event.is_down);
      break;
  }
}

void InputQueue::pump(ImGuiIO& io) {
  presses_.clear();
  Seen seen;
  while (!waiting_.empty() && !would_hide(waiting_.front(), seen)) {
    apply(waiting_.front(), io, seen);
    waiting_.pop_front();
  }
}

void InputQueue::map_keys(ImGuiIO& io) {
  io.KeyMap[ImGuiKey_Tab] = -1;  // walks over all widgets (walk.h), not over ImGui's text fields
  io.KeyMap[ImGuiKey_LeftArrow] = key::left;
  io.KeyMap[ImGuiKey_RightArrow] = key::right;
  io.KeyMap[ImGuiKey_UpArrow] = key::up;
  io.KeyMap[ImGuiKey_DownArrow] = key::down;
  io.KeyMap[ImGuiKey_PageUp] = key::page_up;
  io.KeyMap[ImGuiKey_PageDown] = key::page_down;
  io.KeyMap[ImGuiKey_Home] = key::home;
  io.KeyMap[ImGuiKey_End] = key::end;
  io.KeyMap[ImGuiKey_Insert] = key::insert;
  io.KeyMap[ImGuiKey_Delete] = key::del;
  io.KeyMap[ImGuiKey_Backspace] = key::backspace;
  io.KeyMap[ImGuiKey_Space] = key::space;
  io.KeyMap[ImGuiKey_Enter] = key::enter;
  io.KeyMap[ImGuiKey_Escape] = key::escape;
  io.KeyMap[ImGuiKey_KeyPadEnter] = key::keypad_enter;
  io.KeyMap[ImGuiKey_A] = 'A';
  io.KeyMap[ImGuiKey_C] = 'C';
  io.KeyMap[ImGuiKey_V] = 'V';
  io.KeyMap[ImGuiKey_X] = 'X';
  io.KeyMap[ImGuiKey_Y] = 'Y';
  io.KeyMap[ImGuiKey_Z] = 'Z';
  // A held key comes as release and press again, at the rate the desktop says.
  io.KeyRepeatDelay = 1e9F;
}

}  // namespace glasshouse::gui
