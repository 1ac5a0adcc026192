#include "gui/command/command.h"

#include <algorithm>
#include <utility>

#include "gui/command/key_text.h"
#include "gui/model/observer.h"

namespace glasshouse::gui {
namespace {

CommandScope scope_of(Overlay overlay) {
  switch (overlay) {
    case Overlay::none:
      return CommandScope::shell;
    case Overlay::palette:
      return CommandScope::palette;
    case Overlay::help:
      return CommandScope::help;
    case Overlay::leader:
      return CommandScope::leader;
  }
  return CommandScope::shell;
}

bool meet(CommandScope a, CommandScope b) {
  return a == b || a == CommandScope::anywhere || b == CommandScope::anywhere;
}

}  // namespace

CommandTable::CommandTable(std::vector<Command> commands) : commands_(std::move(commands)) {}

const Command* CommandTable::find(std::string_view id) const {
  auto found = std::find_if(commands_.begin(), commands_.end(),
                            [&](const Command& command) { return command.id == id; });
  return found == commands_.end() ? nullptr : &*found;
}

const Command* CommandTable::command_of(const KeyPress& press, const Observer& observer,
                                        bool is_typing) const {
  CommandScope scope = scope_of(observer.overlay());
  if (scope == CommandScope::shell && !observer.widget.empty()) {
    const Command* command = command_in(CommandScope::widgets, press, observer, is_typing);
    if (command != nullptr) return command;
  }
  return command_in(scope, press, observer, is_typing);
}

const Command* CommandTable::command_in(CommandScope scope, const KeyPress& press,
                                        const Observer& observer, bool is_typing) const {
  for (const Command& command : commands_) {
    if (!meet(command.scope, scope)) continue;
    if (is_typing && !command.acts_in_text) continue;
    bool has_key = std::find(command.keys.begin(), command.keys.end(), press) != command.keys.end();
    if (has_key && (!command.when || command.when(observer))) return &command;
  }
  return nullptr;
}

std::string CommandTable::title(std::string_view id) const {
  const Command* command = find(id);
  return command == nullptr ? std::string(id) : command->title;
}

std::string CommandTable::key_text(std::string_view id) const {
  const Command* command = find(id);
  if (command == nullptr || command->keys.empty()) return {};
  return gui::key_text(command->keys.front());
}

std::string CommandTable::tooltip(std::string_view id) const {
  std::string keys = key_text(id);
  return keys.empty() ? title(id) : title(id) + "   " + keys;
}

bool CommandTable::is_enabled(std::string_view id, const Observer& observer) const {
  const Command* command = find(id);
  return command != nullptr && (!command->when || command->when(observer));
}

std::vector<std::string> CommandTable::conflicts() const {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < commands_.size(); ++i) {
    for (std::size_t j = i + 1; j < commands_.size(); ++j) {
      const Command& a = commands_[i];
      const Command& b = commands_[j];
      if (a.id == b.id) found.push_back("two commands are called " + a.id);
      if (!meet(a.scope, b.scope)) continue;
      for (const KeyPress& press : a.keys) {
        if (std::find(b.keys.begin(), b.keys.end(), press) == b.keys.end()) continue;
        found.push_back(gui::key_text(press) + " means both " + a.id + " and " + b.id);
      }
    }
  }
  return found;
}

}  // namespace glasshouse::gui
