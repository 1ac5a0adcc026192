#include "gui/model/format.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace glasshouse::gui {
namespace {

template <class... Values>
std::string print(const char* format, Values... values) {
  std::array<char, 64> buffer{};
  int length = std::snprintf(buffer.data(), buffer.size(), format, values...);
  return std::string(buffer.data(), static_cast<std::size_t>(length));
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string format_count(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t place = digits.size(); place > 3; place -= 3)
    digits.insert(place - 3, ",");
  return digits;
}

std::string format_counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return format_count(count) + " " + std::string(count == 1 ? one : many);
}

std::string format_reductions(const ProcessRow& process) {
  bool is_gone = process.activity == Activity::exited || process.activity == Activity::crashed;
  return is_gone && process.reductions == 0 ? "–" : format_count(process.reductions);
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array units = {"B", "KB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1000 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  bool whole = unit == 0 || value >= 10;
  return whole ? print("%.0f %s", value, units[unit]) : print("%.1f %s", value, units[unit]);
}

std::string format_time(std::int64_t nanoseconds) {
  std::int64_t milliseconds = nanoseconds / 1'000'000;
  return print("%lld.%03lld s", static_cast<long long>(milliseconds / 1000),
               static_cast<long long>(std::abs(milliseconds % 1000)));
}

std::string format_span(std::int64_t nanoseconds) {
  double value = static_cast<double>(nanoseconds);
  const char* unit = "ns";
  if (nanoseconds >= 1'000'000'000) {
    value /= 1e9;
    unit = "s";
  } else if (nanoseconds >= 1'000'000) {
    value /= 1e6;
    unit = "ms";
  } else if (nanoseconds >= 1'000) {
    value /= 1e3;
    unit = "µs";
  }
  bool whole = value >= 100 || nanoseconds < 1'000;
  return whole ? print("%.0f %s", value, unit) : print("%.1f %s", value, unit);
}

std::string format_speed(double speed) {
  return print("%g×", speed);
}

std::string shorten(std::string_view text, std::size_t columns) {
  std::size_t seen = 0;
  std::size_t cut = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;
    if (seen + 1 == columns) cut = i;
    if (++seen > columns) return std::string(text.substr(0, cut)) + "…";
  }
  return std::string(text);
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  auto found = std::search(text.begin(), text.end(), part.begin(), part.end(),
                           [](char a, char b) { return lower(a) == lower(b); });
  return found != text.end();
}

}  // namespace glasshouse::gui
