#pragma once
// What is typed after an option, checked by ourselves: CLI11 alone takes -1 for the largest number
// there is, and no name for a name. For the programs of this project.

#include <charconv>
#include <functional>
#include <limits>
#include <string>

namespace glasshouse::scenarios {

// What is wrong with a text; empty: nothing.
using TypedCheck = std::function<std::string(const std::string&)>;

// Digits and nothing else, within the bounds of the number.
template <class Number>
TypedCheck whole_number() {
  return [](const std::string& text) -> std::string {
    Number number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure == std::errc() && end == text.data() + text.size()) return {};
    return "\"" + text + "\" is not a whole number from 0 to " +
           std::to_string(std::numeric_limits<Number>::max());
  };
}

// Of a file or a folder.
inline TypedCheck a_name() {
  return [](const std::string& text) -> std::string {
    return text.empty() ? "a name is missing" : "";
  };
}

}  // namespace glasshouse::scenarios
