// The table itself: what the observer can do, how it is called, and its keys.

#include <utility>

#include "gui/command/command.h"
#include "gui/model/observer.h"

namespace glasshouse::gui {
namespace {

constexpr KeyPress plain(int code) {
  return {.key = code};
}
constexpr KeyPress ctrl(int code) {
  return {.key = code, .control = true};
}
constexpr KeyPress shift(int code) {
  return {.key = code, .shift = true};
}
constexpr KeyPress alt(int code) {
  return {.key = code, .alt = true};
}
constexpr KeyPress ctrl_shift(int code) {
  return {.key = code, .control = true, .shift = true};
}

using Commands = std::vector<Command>;

bool has_process(const Observer& observer) {
  return observer.focus().process != 0;
}

bool is_live_process(const Observer& observer) {
  return observer.is_live() && observer.focus().process != 0;
}

void add_views(Commands& table) {
  auto view = [&](const char* id, const char* title, ViewName name, int code) {
    table.push_back({.id = id,
                     .title = title,
                     .group = "Views",
                     .keys = {plain(code)},
                     .run = [name](Observer& observer) { observer.show(name); }});
  };
  view("view.processes", "Processes", ViewName::processes, '1');
  view("view.supervision", "Supervision", ViewName::supervision, '2');
  view("view.messages", "Messages", ViewName::messages, '3');
  view("view.crashes", "Crashes", ViewName::crashes, '4');
}

void add_shell(Commands& table) {
  auto add = [&](const char* id, const char* title, std::vector<KeyPress> keys,
                 std::function<void(Observer&)> run) {
    table.push_back({.id = id,
                     .title = title,
                     .group = "Window",
                     .keys = std::move(keys),
                     .run = std::move(run),
                     .acts_in_text = true});
  };
  add("palette.open", "Commands", {ctrl('K'), ctrl_shift('P')},
      [](Observer& observer) { observer.open(Overlay::palette); });
  add("process.find", "Go to process", {ctrl('P')},
      [](Observer& observer) { observer.open(Overlay::palette, "@"); });
  add("theme.toggle", "Light or dark", {ctrl('T')},
      [](Observer& observer) { observer.toggle_theme(); });
  add("scale.up", "Larger", {ctrl(key::equal)},
      [](Observer& observer) { observer.change_scale(1.25F); });
  add("scale.down", "Smaller", {ctrl(key::minus)},
      [](Observer& observer) { observer.change_scale(0.8F); });
  add("scale.reset", "Normal size", {ctrl('0')},
      [](Observer& observer) { observer.change_scale(0); });
  add("focus.copy", "Copy a link to this moment", {ctrl_shift('C')},
      [](Observer& observer) { observer.wants_clipboard = true; });

  auto quiet = [&](const char* id, const char* title, KeyPress press,
                   std::function<void(Observer&)> run) {
    add(id, title, {press}, std::move(run));
    table.back().acts_in_text = false;
  };
  quiet("filter.focus", "Filter this view", plain(key::slash),
        [](Observer& observer) { observer.wants_filter = true; });
  quiet("help.open", "All keys", shift(key::slash),
        [](Observer& observer) { observer.open(Overlay::help); });
  quiet("leader.open", "Act on the focus", plain(key::semicolon),
        [](Observer& observer) { observer.open(Overlay::leader); });
  quiet("focus.clear", "Clear", plain(key::escape), [](Observer& observer) { observer.clear(); });
}

void add_transport(Commands& table) {
  auto add = [&](const char* id, const char* title, std::vector<KeyPress> keys,
                 std::function<void(Observer&)> run) {
    table.push_back({.id = id,
                     .title = title,
                     .group = "Time",
                     .keys = std::move(keys),
                     .run = std::move(run)});
  };
  add("transport.play", "Play or pause", {plain(key::space)},
      [](Observer& observer) { observer.toggle_playing(); });
  add("step.back", "Step back in scope", {plain(key::left), plain(key::comma), plain('K')},
      [](Observer& observer) { observer.step(Direction::back, observer.scope()); });
  add("step.forward", "Step forward in scope", {plain(key::right), plain(key::period), plain('J')},
      [](Observer& observer) { observer.step(Direction::forward, observer.scope()); });
  add("step.back_run", "Step back, any process", {shift(key::left)},
      [](Observer& observer) { observer.step(Direction::back, StepScope::run); });
  add("step.forward_run", "Step forward, any process", {shift(key::right)},
      [](Observer& observer) { observer.step(Direction::forward, StepScope::run); });
  add("notable.back", "Previous crash, restart or violation", {ctrl(key::left)},
      [](Observer& observer) { observer.step_notable(Direction::back); });
  add("notable.forward", "Next crash, restart or violation", {ctrl(key::right)},
      [](Observer& observer) { observer.step_notable(Direction::forward); });
  add("transport.first", "Beginning of the run", {plain(key::home)},
      [](Observer& observer) { observer.go_to_first(); });
  add("transport.latest", "Newest moment", {plain(key::end), plain('L')},
      [](Observer& observer) { observer.go_to_latest(); });
  add("speed.down", "Slower", {plain(key::minus)},
      [](Observer& observer) { observer.change_speed(Direction::back); });
  add("speed.up", "Faster", {plain(key::equal)},
      [](Observer& observer) { observer.change_speed(Direction::forward); });
  add("scope.next", "Change the scope of steps", {shift('G')},
      [](Observer& observer) { observer.next_scope(); });
}

void add_causality(Commands& table) {
  auto add = [&](const char* id, const char* title, KeyPress press,
                 std::function<void(Observer&)> run, std::function<bool(const Observer&)> when) {
    table.push_back({.id = id,
                     .title = title,
                     .group = "Focus",
                     .keys = {press},
                     .run = std::move(run),
                     .when = std::move(when)});
  };
  auto has_event = [](const Observer& observer) { return observer.focus().event != 0; };
  add(
      "event.cause", "Go to the cause", plain(key::backspace),
      [](Observer& observer) { observer.select_cause(); }, has_event);
  add(
      "event.effect", "Go to the effect", plain(key::enter),
      [](Observer& observer) { observer.select_effect(); }, has_event);
  add(
      "history.back", "Back", alt(key::left), [](Observer& observer) { observer.go_back(); },
      [](const Observer& observer) { return observer.can_go_back(); });
  add(
      "history.forward", "Forward", alt(key::right),
      [](Observer& observer) { observer.go_forward(); },
      [](const Observer& observer) { return observer.can_go_forward(); });
  add(
      "row.next", "Next row", plain(key::down),
      [](Observer& observer) { observer.select_row(Direction::forward); }, nullptr);
  add(
      "row.previous", "Previous row", plain(key::up),
      [](Observer& observer) { observer.select_row(Direction::back); }, nullptr);
  add(
      "process.messages", "Its messages only", plain('M'),
      [](Observer& observer) {
        observer.messages.only_process = !observer.messages.only_process;
        observer.show(ViewName::messages);
      },
      has_process);
}

void add_widgets(Commands& table) {
  auto add = [&](const char* id, const char* title, CommandScope scope, std::vector<KeyPress> keys,
                 std::function<void(Observer&)> run) {
    table.push_back({.id = id,
                     .title = title,
                     .group = "Keyboard only",
                     .scope = scope,
                     .keys = std::move(keys),
                     .run = std::move(run)});
  };
  auto go = [](Walk how) { return [how](Observer& observer) { observer.wants_walk = how; }; };
  add("widget.next", "Next button or list", CommandScope::shell, {plain(key::tab)}, go(Walk::next));
  add("widget.previous", "Previous button or list", CommandScope::shell, {shift(key::tab)},
      go(Walk::previous));
  for (std::size_t i = table.size() - 2; i < table.size(); ++i)
    table[i].acts_in_text = true;
  add("widget.press", "Press it", CommandScope::widgets,
      {plain(key::enter), plain(key::space), plain(key::keypad_enter)},
      [](Observer& observer) { observer.wants_press = true; });
  add("widget.left", "To the left", CommandScope::widgets, {plain(key::left)}, go(Walk::left));
  add("widget.right", "To the right", CommandScope::widgets, {plain(key::right)}, go(Walk::right));
  add("widget.up", "Up", CommandScope::widgets, {plain(key::up)}, go(Walk::up));
  add("widget.down", "Down", CommandScope::widgets, {plain(key::down)}, go(Walk::down));
  add("widget.leave", "Back to the keys of time", CommandScope::widgets, {plain(key::escape)},
      [](Observer& observer) { observer.widget.clear(); });
}

void add_lists(Commands& table) {
  auto add = [&](const char* id, const char* title, KeyPress press,
                 std::function<void(Observer&)> run) {
    table.push_back(
        {.id = id, .title = title, .group = "Lists", .keys = {press}, .run = std::move(run)});
  };
  add("processes.tree", "Tree or flat list", plain('T'),
      [](Observer& observer) { observer.processes.is_tree = !observer.processes.is_tree; });
  add("processes.exited", "Show processes that are gone", plain('E'), [](Observer& observer) {
    observer.processes.shows_exited = !observer.processes.shows_exited;
  });
  add("processes.settle", "Put the rows in order now", plain(key::f5),
      [](Observer& observer) { observer.settle_rows(); });
  add("process.fold", "Fold or unfold its children", plain('Z'),
      [](Observer& observer) { observer.toggle_fold(observer.focus().process); });
  add("messages.follow", "Keep the list at the moment", plain('F'), [](Observer& observer) {
    observer.messages.follows = !observer.messages.follows;
    observer.reveal_event = observer.messages.follows;
  });
}

void add_actions(Commands& table) {
  table.push_back({.id = "act.kill",
                   .title = "Kill the process",
                   .group = "Act (after ;)",
                   .scope = CommandScope::leader,
                   .keys = {plain('K')},
                   .run =
                       [](Observer& observer) {
                         observer.close_overlay();
                         observer.kill_process();
                       },
                   .when = is_live_process});
  table.push_back({.id = "act.cut",
                   .title = "Cut or heal a link",
                   .group = "Act (after ;)",
                   .scope = CommandScope::leader,
                   .keys = {plain('P')},
                   .run = [](Observer& observer) { observer.open(Overlay::palette, "link "); },
                   .when = [](const Observer& observer) { return observer.is_live(); }});
}

void add_overlays(Commands& table) {
  auto add = [&](const char* id, const char* title, CommandScope scope, int code,
                 std::function<void(Observer&)> run) {
    table.push_back({.id = id,
                     .title = title,
                     .group = "Overlays",
                     .scope = scope,
                     .keys = {plain(code)},
                     .run = std::move(run),
                     .acts_in_text = true});
  };
  auto close = [](Observer& observer) { observer.close_overlay(); };
  add("palette.close", "Close the palette", CommandScope::palette, key::escape, close);
  add("palette.next", "Next entry", CommandScope::palette, key::down,
      [](Observer& observer) { ++observer.palette.selected; });
  add("palette.previous", "Previous entry", CommandScope::palette, key::up, [](Observer& observer) {
    if (observer.palette.selected > 0) --observer.palette.selected;
  });
  add("palette.accept", "Do it", CommandScope::palette, key::enter,
      [](Observer& observer) { observer.palette.is_accepted = true; });
  add("help.close", "Close the sheet of keys", CommandScope::help, key::escape, close);
  add("leader.close", "Do nothing", CommandScope::leader, key::escape, close);
}

}  // namespace

CommandTable observer_commands() {
  Commands table;
  add_views(table);
  add_shell(table);
  add_transport(table);
  add_causality(table);
  add_widgets(table);
  add_lists(table);
  add_actions(table);
  add_overlays(table);
  return CommandTable(std::move(table));
}

}  // namespace glasshouse::gui
