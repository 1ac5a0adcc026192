#pragma once
// The one table of what can be done. The palette, menus, tooltips, the `?` sheet, the manual's page
// of keys and the tests are all made from it.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gui/frame/input.h"

namespace glasshouse::gui {

class Observer;

// Where a key means this command. `widgets`: while the keyboard stands on a widget; then its keys
// come before those of the shell. `anywhere` is in force under every overlay as well.
enum class CommandScope : std::uint8_t { shell, widgets, palette, help, leader, anywhere };

struct Command {
  std::string id;     // "transport.play"
  std::string title;  // "Play or pause"
  std::string group;  // heading in the `?` sheet
  CommandScope scope = CommandScope::shell;
  std::vector<KeyPress> keys;  // the first one is shown
  std::function<void(Observer&)> run;
  std::function<bool(const Observer&)> when = nullptr;  // empty: always
  bool acts_in_text = false;                            // also while a text field has the keyboard
};

class CommandTable {
 public:
  explicit CommandTable(std::vector<Command> commands);

  const std::vector<Command>& all() const { return commands_; }
  const Command* find(std::string_view id) const;

  // The command that this key means now; null when it means none.
  const Command* command_of(const KeyPress& press, const Observer& observer, bool is_typing) const;

  // "Play or pause  Space"
  std::string tooltip(std::string_view id) const;
  std::string title(std::string_view id) const;
  std::string key_text(std::string_view id) const;  // of the first key; empty when there is none
  bool is_enabled(std::string_view id, const Observer& observer) const;

  // Pairs that share a key in one scope, as sentences. Empty in a good table.
  std::vector<std::string> conflicts() const;

 private:
  const Command* command_in(CommandScope scope, const KeyPress& press, const Observer& observer,
                            bool is_typing) const;

  std::vector<Command> commands_;
};

// Everything the observer can do.
CommandTable observer_commands();

}  // namespace glasshouse::gui
