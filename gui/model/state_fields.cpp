#include "gui/model/state_fields.h"

#include <algorithm>

namespace glasshouse::gui {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  return text;
}

// Calls `visit(position)` for every character outside quotes and brackets.
template <class Visit>
void at_outermost_level(std::string_view text, Visit visit) {
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (quote != 0) {
      if (c == '\\') ++i;
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '{' || c == '[' || c == '(') {
      ++depth;
    } else if (c == '}' || c == ']' || c == ')') {
      --depth;
    } else if (depth == 0) {
      visit(i);
    }
  }
}

bool is_between(std::string_view text, std::string_view open, char close) {
  return text.size() >= open.size() + 1 && text.starts_with(open) && text.back() == close;
}

bool is_atom(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z';
}

struct Part {
  std::string name;
  std::string value;
};

Part map_entry(std::string_view entry) {
  std::size_t arrow = std::string_view::npos;
  at_outermost_level(entry, [&](std::size_t i) {
    bool found = entry.substr(i).starts_with("=>") || entry.substr(i).starts_with(":=");
    if (found && arrow == std::string_view::npos) arrow = i;
  });
  if (arrow == std::string_view::npos) return {.name = "", .value = std::string(entry)};
  return {.name = std::string(trimmed(entry.substr(0, arrow))),
          .value = std::string(trimmed(entry.substr(arrow + 2)))};
}

std::vector<Part> parts_of(std::string_view state) {
  state = trimmed(state);
  std::vector<Part> parts;
  if (is_between(state, "#{", '}')) {
    for (std::string_view entry : split_term(state.substr(2, state.size() - 3))) {
      parts.push_back(map_entry(entry));
    }
    return parts;
  }
  if (!is_between(state, "{", '}')) {
    if (!state.empty()) parts.push_back({.name = "state", .value = std::string(state)});
    return parts;
  }
  std::vector<std::string_view> elements = split_term(state.substr(1, state.size() - 2));
  bool is_tagged = !elements.empty() && is_atom(elements.front()) && elements.size() > 1;
  // {tag, #{...}}: the map says more than its place.
  if (is_tagged && elements.size() == 2 && elements[1].starts_with("#{")) {
    return parts_of(elements[1]);
  }
  for (std::size_t i = is_tagged ? 1 : 0; i < elements.size(); ++i) {
    std::string place = std::to_string(is_tagged ? i : i + 1);
    parts.push_back({.name = place, .value = std::string(elements[i])});
  }
  return parts;
}

}  // namespace

std::vector<std::string_view> split_term(std::string_view inside) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  at_outermost_level(inside, [&](std::size_t i) {
    if (inside[i] != ',') return;
    parts.push_back(trimmed(inside.substr(begin, i - begin)));
    begin = i + 1;
  });
  std::string_view rest = trimmed(inside.substr(std::min(begin, inside.size())));
  if (!rest.empty() || !parts.empty()) parts.push_back(rest);
  return parts;
}

std::vector<StateField> state_fields(std::string_view state, std::string_view before) {
  std::vector<Part> old = parts_of(before);
  std::vector<StateField> fields;
  for (Part& part : parts_of(state)) {
    StateField field{.name = part.name, .value = part.value, .before = {}, .is_changed = false};
    auto same_name = [&](const Part& other) { return other.name == part.name; };
    auto earlier = std::find_if(old.begin(), old.end(), same_name);
    if (!before.empty()) {
      field.is_changed = earlier == old.end() || earlier->value != part.value;
      if (field.is_changed && earlier != old.end()) field.before = earlier->value;
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

}  // namespace glasshouse::gui
