#include "gui/script/script.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "gui/command/key_text.h"

namespace glasshouse::gui {
namespace {

constexpr int reveal_tries_max = 6;      // frames a row may take to come into view
constexpr int until_frames_max = 1'200;  // twenty seconds of frames

struct Verb {
  std::string_view name;
  std::size_t words;
  bool takes_rest;  // the last word goes to the end of the line
};

constexpr std::array verbs = {
    Verb{"click", 1, false},         Verb{"dblclick", 1, false}, Verb{"rclick", 1, false},
    Verb{"hover", 1, false},         Verb{"drag", 3, false},     Verb{"wheel", 2, false},
    Verb{"key", 1, false},           Verb{"type", 1, true},      Verb{"wait", 1, false},
    Verb{"expect", 3, true},         Verb{"until", 3, true},     Verb{"expect-visible", 1, false},
    Verb{"expect-hidden", 1, false}, Verb{"shot", 1, false},     Verb{"dump", 1, false},
};

std::string_view next_word(std::string_view& line) {
  std::size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
  line.remove_prefix(begin);
  std::size_t end = std::min(line.find_first_of(" \t"), line.size());
  std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return value;
}

float to_float(const std::string& text) {
  return static_cast<float>(number(text).value_or(0));
}

runtime::Result<ScriptCommand> parse_line(std::string_view line, int number) {
  ScriptCommand command{.line = number, .verb = std::string(next_word(line)), .words = {}};
  auto known = std::find_if(verbs.begin(), verbs.end(),
                            [&](const Verb& verb) { return verb.name == command.verb; });
  std::string place = "script line " + std::to_string(number) + ": ";
  if (known == verbs.end()) {
    return runtime::Error(place + "there is no command \"" + command.verb + "\"");
  }
  for (std::size_t i = 0; i < known->words; ++i) {
    bool is_rest = known->takes_rest && i + 1 == known->words;
    std::string_view word = is_rest ? trimmed(std::exchange(line, {})) : next_word(line);
    if (word.empty() && !is_rest) {
      return runtime::Error(place + command.verb + " needs " + std::to_string(known->words) +
                            (known->words == 1 ? " word" : " words"));
    }
    command.words.emplace_back(word);
  }
  if (!trimmed(line).empty()) {
    return runtime::Error(place + "\"" + std::string(trimmed(line)) + "\" is too much");
  }
  return command;
}

}  // namespace

runtime::Result<std::vector<ScriptCommand>> parse_script(std::string_view text) {
  std::vector<ScriptCommand> commands;
  int number = 0;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.front() == '#') continue;
    runtime::Result<ScriptCommand> command = parse_line(line, number);
    if (!command.ok()) return command.error();
    commands.push_back(*std::move(command));
  }
  return commands;
}

bool holds(std::string_view left, std::string_view op, std::string_view right) {
  if (op == "~") return left.find(right) != std::string_view::npos;
  if (op == "!~") return left.find(right) == std::string_view::npos;
  std::optional<double> a = number(left);
  std::optional<double> b = number(right);
  if (a && b) {
    if (op == "==") return *a == *b;
    if (op == "!=") return *a != *b;
    if (op == ">") return *a > *b;
    if (op == ">=") return *a >= *b;
    if (op == "<") return *a < *b;
    return op == "<=" && *a <= *b;
  }
  return op == "==" ? left == right : op == "!=" && left != right;
}

ScriptRun::ScriptRun(std::vector<ScriptCommand> commands, ScriptStage& stage)
    : commands_(std::move(commands)), stage_(stage) {}

void ScriptRun::fail(const ScriptCommand& command, const std::string& why) {
  state_ = State::failed;
  failure_ = "script line " + std::to_string(command.line) + ": " + why;
}

ScriptRun::State ScriptRun::step() {
  if (state_ != State::going) return state_;
  // What was put into the queue must be seen, and drawn, before anything is judged.
  if (!stage_.input().is_empty()) {
    pause_ = std::max(pause_, 2);
    return state_;
  }
  if (pause_ > 0) {
    --pause_;
    return state_;
  }
  if (next_ == commands_.size()) {
    state_ = State::done;
    return state_;
  }
  perform(commands_[next_]);
  return state_;
}

void ScriptRun::perform(const ScriptCommand& command) {
  const std::string& verb = command.verb;
  if (verb == "key" || verb == "type") {
    use_keyboard(command);
  } else if (verb == "wait") {
    pause_ = static_cast<int>(to_float(command.words[0]));
    finish();
  } else if (verb == "shot" || verb == "dump") {
    picture(command);
  } else if (verb == "expect" || verb == "until" || verb.starts_with("expect-")) {
    judge(command);
  } else {
    point(command);
  }
}

const Mark* ScriptRun::target(const ScriptCommand& command) {
  const std::string& id = command.words[0];
  const Mark* mark = stage_.probe().find(id);
  if (mark != nullptr && !mark->visible.is_empty()) return mark;
  if (++tries_ > reveal_tries_max) {
    fail(command, mark == nullptr ? "\"" + id + "\" is not on the screen"
                                  : "\"" + id + "\" is hidden by the edge of its panel");
    return nullptr;
  }
  stage_.reveal(id);
  pause_ = 1;
  return nullptr;
}

void ScriptRun::point(const ScriptCommand& command) {
  const Mark* mark = target(command);
  if (mark == nullptr) return;
  InputQueue& input = stage_.input();
  float x = mark->visible.x();
  float y = mark->visible.y();
  auto click = [&](int button) {
    input.button(button, true);
    input.button(button, false);
  };
  input.move(x, y);
  if (command.verb == "click") click(0);
  if (command.verb == "rclick") click(1);
  if (command.verb == "dblclick") {
    click(0);
    click(0);
  }
  if (command.verb == "wheel") input.wheel(0, to_float(command.words[1]));
  if (command.verb == "drag") {
    float dx = to_float(command.words[1]);
    float dy = to_float(command.words[2]);
    input.button(0, true);
    for (int part = 1; part <= 4; ++part) {
      float done = static_cast<float>(part) / 4;
      input.move(x + dx * done, y + dy * done);
    }
    input.button(0, false);
  }
  finish();
}

void ScriptRun::use_keyboard(const ScriptCommand& command) {
  if (command.verb == "type") {
    stage_.input().type(command.words[0]);
    finish();
    return;
  }
  std::optional<KeyPress> press = parse_key(command.words[0]);
  if (!press) {
    fail(command, "there is no key \"" + command.words[0] + "\"");
    return;
  }
  stage_.input().stroke(*press);
  finish();
}

void ScriptRun::judge(const ScriptCommand& command) {
  if (command.verb.starts_with("expect-")) {
    const Mark* mark = stage_.probe().find(command.words[0]);
    bool is_visible = mark != nullptr && !mark->visible.is_empty();
    if (is_visible != (command.verb == "expect-visible")) {
      fail(command, "\"" + command.words[0] + "\" is " +
                        (is_visible ? "on the screen" : "not on the screen"));
      return;
    }
    finish();
    return;
  }
  runtime::Result<std::string> value = stage_.value(command.words[0]);
  if (!value.ok()) {
    fail(command, value.error().what);
    return;
  }
  if (holds(*value, command.words[1], command.words[2])) {
    finish();
    return;
  }
  bool may_wait = command.verb == "until" && ++tries_ < until_frames_max;
  if (!may_wait) {
    fail(command, command.words[0] + " is \"" + *value + "\", expected " + command.words[1] +
                      " \"" + command.words[2] + "\"");
  }
}

void ScriptRun::picture(const ScriptCommand& command) {
  runtime::Result<void> done =
      command.verb == "shot" ? stage_.shot(command.words[0]) : stage_.dump(command.words[0]);
  if (done.ok()) {
    finish();
  } else {
    fail(command, done.error().what);
  }
}

}  // namespace glasshouse::gui
