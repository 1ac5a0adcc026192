#pragma once
// The one queue that all input goes through: window, scripts and replays.
//
// ImGui 1.86 reads the state of keys and buttons once a frame, so a press and release that fall
// into one frame vanish. Here events wait in order, and a frame takes only as many as it can see:
// nothing is lost however slow the frames are.
//
// Threads: the UI thread only.

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

struct ImGuiIO;

namespace glasshouse::gui {

// Key codes are GLFW's, which are ASCII where there is a printable sign.
namespace key {
inline constexpr int space = 32, apostrophe = 39, comma = 44, minus = 45, period = 46, slash = 47,
                     semicolon = 59, equal = 61, left_bracket = 91, backslash = 92,
                     right_bracket = 93, escape = 256, enter = 257, tab = 258, backspace = 259,
                     insert = 260, del = 261, right = 262, left = 263, down = 264, up = 265,
                     page_up = 266, page_down = 267, home = 268, end = 269, f1 = 290, f5 = 294,
                     keypad_enter = 335, left_shift = 340, left_control = 341, left_alt = 342,
                     left_super = 343, right_shift = 344, right_control = 345, right_alt = 346,
                     right_super = 347, last = 348;
}  // namespace key

struct InputEvent {
  enum class Kind : std::uint8_t { position, button, wheel, key, character, focus };
  Kind kind = Kind::position;
  bool is_down = false;  // button and key; focus: gained
  int code = 0;          // button number, key code or Unicode character
  float x = 0;           // position, or wheel
  float y = 0;
};

// A key that went down in this frame, with the modifiers held then.
struct KeyPress {
  int key = 0;
  bool control = false;
  bool shift = false;
  bool alt = false;
  friend bool operator==(const KeyPress&, const KeyPress&) = default;
};

class InputQueue {
 public:
  void push(const InputEvent& event) { waiting_.push_back(event); }
  void move(float x, float y);
  void button(int number, bool is_down);
  void wheel(float x, float y);
  void key(int code, bool is_down);
  void type(const std::string& utf8);
  // Press and release with modifiers around them.
  void stroke(const KeyPress& press);

  bool is_empty() const { return waiting_.empty(); }

  // Applies events until one would hide another of this frame. Called before ImGui::NewFrame.
  void pump(ImGuiIO& io);

  // The key presses of this frame, in order.
  const std::vector<KeyPress>& presses() const { return presses_; }

  // Tells ImGui which codes its own widgets mean.
  static void map_keys(ImGuiIO& io);

 private:
  struct Seen;
  bool would_hide(const InputEvent& event, const Seen& seen) const;
  void apply(const InputEvent& event, ImGuiIO& io, Seen& seen);

  std::deque<InputEvent> waiting_;
  std::vector<KeyPress> presses_;
};

}  // namespace glasshouse::gui
