#include "gui/command/key_text.h"

#include <algorithm>
#include <array>

#include "gui/model/format.h"

namespace glasshouse::gui {
namespace {

struct NamedKey {
  int code;
  std::string_view name;  // as shown; scripts use it in lower case
};

constexpr std::array named_keys = {
    NamedKey{key::space, "Space"},         NamedKey{key::escape, "Esc"},
    NamedKey{key::enter, "Enter"},         NamedKey{key::tab, "Tab"},
    NamedKey{key::backspace, "Backspace"}, NamedKey{key::del, "Delete"},
    NamedKey{key::right, "Right"},         NamedKey{key::left, "Left"},
    NamedKey{key::down, "Down"},           NamedKey{key::up, "Up"},
    NamedKey{key::page_up, "PageUp"},      NamedKey{key::page_down, "PageDown"},
    NamedKey{key::home, "Home"},           NamedKey{key::end, "End"},
    NamedKey{key::insert, "Insert"},       NamedKey{key::keypad_enter, "KeypadEnter"},
};

std::string name_of(int code) {
  for (const NamedKey& named : named_keys) {
    if (named.code == code) return std::string(named.name);
  }
  if (code >= key::f1 && code < key::f1 + 25) return "F" + std::to_string(code - key::f1 + 1);
  return std::string(1, static_cast<char>(code));
}

std::optional<int> code_of(std::string_view name) {
  for (const NamedKey& named : named_keys) {
    if (lower_case(named.name) == lower_case(name)) return named.code;
  }
  if (name.size() == 1) {
    char c = name.front();
    return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
  }
  if (name.size() > 1 && (name.front() == 'f' || name.front() == 'F')) {
    int number = std::atoi(std::string(name.substr(1)).c_str());
    if (number >= 1 && number <= 25) return key::f1 + number - 1;
  }
  return std::nullopt;
}

}  // namespace

std::string key_text(const KeyPress& press) {
  if (press.key == key::slash && press.shift && !press.control && !press.alt) return "?";
  std::string text;
  if (press.control) text += "Ctrl+";
  if (press.alt) text += "Alt+";
  if (press.shift) text += "Shift+";
  return text + name_of(press.key);
}

std::optional<KeyPress> parse_key(std::string_view text) {
  if (text == "?") return KeyPress{.key = key::slash, .shift = true};
  KeyPress press;
  while (true) {
    std::size_t plus = text.find('+');
    if (plus == std::string_view::npos || plus == 0 || plus + 1 == text.size()) break;
    std::string modifier = lower_case(text.substr(0, plus));
    if (modifier == "ctrl") {
      press.control = true;
    } else if (modifier == "shift") {
      press.shift = true;
    } else if (modifier == "alt") {
      press.alt = true;
    } else {
      return std::nullopt;
    }
    text.remove_prefix(plus + 1);
  }
  std::optional<int> code = code_of(text);
  if (!code) return std::nullopt;
  press.key = *code;
  return press;
}

}  // namespace glasshouse::gui
