#include "scenarios/application.h"

#include <array>
#include <charconv>
#include <utility>

namespace glasshouse::scenarios {

using runtime::Error;

namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
// From large to small: duration_text takes the largest that divides.
constexpr std::array<Unit, 6> units{{{"h", 3'600'000'000'000},
                                     {"min", 60'000'000'000},
                                     {"s", 1'000'000'000},
                                     {"ms", 1'000'000},
                                     {"us", 1'000},
                                     {"ns", 1}}};

Error not_a_duration(std::string_view text) {
  return Error(
      "\"" + std::string(text) +
      "\" is no duration: write a number and a unit, such as \"500ms\", \"2s\" or \"1.5s\" "
      "(units: ns, us, ms, s, min, h)");
}

std::optional<std::int64_t> whole_number(std::string_view digits) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failure != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

// `digits` after the point, of a unit; nothing when that is no whole number of nanoseconds.
std::optional<std::int64_t> fraction_of(std::string_view digits, std::int64_t unit) {
  std::int64_t nanoseconds = 0;
  for (const char digit : digits) {
    if (unit % 10 != 0) {
      if (digit != '0') return std::nullopt;
      continue;
    }
    unit /= 10;
    nanoseconds += (digit - '0') * unit;
  }
  return nanoseconds;
}

bool are_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const auto end_of_number = text.find_first_not_of("0123456789.");
  if (end_of_number == 0 || end_of_number == std::string_view::npos) return not_a_duration(text);
  std::string_view number = text.substr(0, end_of_number);
  std::string_view unit_name = text.substr(end_of_number);
  if (unit_name.front() == ' ') unit_name.remove_prefix(1);
  for (const Unit& unit : units) {
    if (unit.name != unit_name) continue;
    const auto point = number.find('.');
    const std::string_view before = number.substr(0, point);
    const auto whole = whole_number(before);
    if (!are_digits(before) || !whole) return not_a_duration(text);
    std::int64_t rest = 0;
    if (point != std::string_view::npos) {
      const std::string_view after = number.substr(point + 1);
      const auto fraction = are_digits(after) ? fraction_of(after, unit.nanoseconds) : std::nullopt;
      if (!fraction) return not_a_duration(text);
      rest = *fraction;
    }
    const Duration duration =
        Duration::nanoseconds(unit.nanoseconds) * *whole + Duration::nanoseconds(rest);
    if (duration.is_infinite()) return Error("\"" + std::string(text) + "\" is too long");
    return duration;
  }
  return not_a_duration(text);
}

std::string duration_text(Duration duration) {
  if (duration.is_infinite()) return "infinity";
  const std::int64_t nanoseconds = duration.nanoseconds();
  if (nanoseconds == 0) return "0s";
  for (const Unit& unit : units) {
    if (nanoseconds % unit.nanoseconds != 0) continue;
    return std::to_string(nanoseconds / unit.nanoseconds) + std::string(unit.name);
  }
  return std::to_string(nanoseconds) + "ns";
}

std::string_view type_of(const Value& value) {
  constexpr std::array<std::string_view, 4> names{"true or false", "a whole number",
                                                  "a duration such as \"500ms\"", "a text"};
  return names[value.index()];
}

std::string to_string(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* duration = std::get_if<Duration>(&value)) return duration_text(*duration);
  return *std::get_if<std::string>(&value);
}

Result<Value> parse_value(std::string_view text, const Value& like) {
  if (std::holds_alternative<std::string>(like)) return Value(std::string(text));
  if (std::holds_alternative<Duration>(like)) {
    auto duration = parse_duration(text);
    if (!duration) return std::move(duration).error();
    return Value(*duration);
  }
  if (std::holds_alternative<bool>(like) && (text == "true" || text == "false")) {
    return Value(text == "true");
  }
  if (std::holds_alternative<std::int64_t>(like)) {
    if (const auto number = whole_number(text)) return Value(*number);
  }
  return Error("\"" + std::string(text) + "\" is not " + std::string(type_of(like)));
}

Options::Options(const std::vector<Option>& defaults) {
  for (const Option& option : defaults)
    values_.emplace(option.name, option.by_default);
}

void Options::set(std::string_view name, Value value) {
  const auto found = values_.find(name);
  CHECK(found != values_.end());
  CHECK(found->second.index() == value.index());
  found->second = std::move(value);
}

void Applications::add(Application application) {
  if (application.family.empty()) application.family = application.name;
  std::string name = application.name;
  const bool is_new = by_name_.emplace(std::move(name), std::move(application)).second;
  CHECK(is_new);
}

const Application* Applications::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

std::vector<const Application*> Applications::all() const {
  std::vector<const Application*> result;
  for (const auto& [name, application] : by_name_)
    result.push_back(&application);
  return result;
}

}  // namespace glasshouse::scenarios
