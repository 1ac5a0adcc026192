#include "runtime/observe/log_format.h"

#include <chrono>
#include <cmath>
#include <cstdio>

#include "runtime/term/print.h"
#include "runtime/term/text.h"

namespace glasshouse::runtime {

namespace {

constexpr int json_depth_max = 100;
constexpr std::size_t cut_text_bytes = 1024;

std::string_view title_of(const LogEvent& event) {
  const Term label = event.label();
  if (!label.is_tuple() || label.size() != 2) return {};
  const auto kind = label.element(0).as_atom();
  const auto what = label.element(1).as_atom();
  if (kind == "proc_lib"_atom && what == "crash"_atom) return "CRASH REPORT ";
  if (kind != atoms::supervisor) return {};
  return what == "progress"_atom ? "PROGRESS REPORT " : "SUPERVISOR REPORT ";
}

// OTP: logger:format_report/1 with single_line.
std::string message_text(const Term& message) {
  if (message.is_binary()) return std::string(message.as_bytes());
  if (!message.is_map()) return to_string(message, {.bytes_max = log_line_bytes_max});
  std::string text;
  for (const MapEntry& entry : message.as_map()) {
    if (!text.empty()) text += ", ";
    text += to_string(entry.key, {.bytes_max = log_line_bytes_max}) + ": " +
            to_string(entry.value, {.bytes_max = log_line_bytes_max});
  }
  return text;
}

void cut(std::string& line) {
  if (line.size() <= log_line_bytes_max) return;
  line.resize(log_line_bytes_max - 3);
  line += "...";
}

std::string time_of(const LogEvent& event) {
  return log_time(event.about("time"_atom).as_integer().value_or(0));
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::uint32_t character = detail::next_character(text);
    if (character == '"' || character == '\\') {
      out += '\\';
      out += static_cast<char>(character);
    } else if (character == '\n') {
      out += "\\n";
    } else if (character < 0x20) {
      static constexpr char digits[] = "0123456789abcdef";
      out += "\\u00";
      out += digits[character >> 4];
      out += digits[character & 0xf];
    } else {
      detail::append_utf8(out, character);
    }
  }
  out += '"';
}

std::string key_text(const Term& key) {
  if (const auto atom = key.as_atom()) return std::string(atom->text());
  if (key.is_binary()) return std::string(key.as_bytes());
  return to_string(key);
}

void append_json(std::string& out, const Term& term, int depth);

void append_array(std::string& out, std::span<const Term> elements, int depth) {
  out += '[';
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (i > 0) out += ',';
    append_json(out, elements[i], depth + 1);
  }
  out += ']';
}

void append_object(std::string& out, std::span<const MapEntry> entries, int depth) {
  out += '{';
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, key_text(entries[i].key));
    out += ':';
    append_json(out, entries[i].value, depth + 1);
  }
  out += '}';
}

void append_json(std::string& out, const Term& term, int depth) {
  if (depth > json_depth_max) {
    append_json_string(out, to_string(term, {.bytes_max = cut_text_bytes}));
  } else if (const auto truth = term.as_bool()) {
    out += *truth ? "true" : "false";
  } else if (const auto atom = term.as_atom()) {
    append_json_string(out, atom->text());
  } else if (term.is_binary()) {
    append_json_string(out, term.as_bytes());
  } else if (term.as_integer()) {
    out += to_string(term);
  } else if (const auto number = term.as_float(); number && std::isfinite(*number)) {
    out += to_string(term);
  } else if (term.is_tuple()) {
    append_array(out, term.as_tuple(), depth);
  } else if (term.is_list() && term.is_proper_list()) {
    append_array(out, term.as_list(), depth);
  } else if (term.is_map()) {
    append_object(out, term.as_map(), depth);
  } else {
    append_json_string(out, to_string(term));
  }
}

std::string json_line(const LogEvent& event, const Term& message) {
  std::string line = "{\"level\":\"" + std::string(log_level_name(event.level)) + "\",\"time\":\"" +
                     time_of(event) + "\",\"" + (message.is_binary() ? "msg" : "report") +
                     "\":" + to_json(message);
  return line + ",\"meta\":" + to_json(event.meta) + "}";
}

}  // namespace

std::string log_time(std::int64_t microseconds) {
  using namespace std::chrono;
  const sys_time<std::chrono::microseconds> time{std::chrono::microseconds(microseconds)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  char text[40];
  // Years of four digits; the range of 64 bits has up to six.
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", int{date.year()},
                unsigned{date.month()}, unsigned{date.day()},
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text;
}

std::string format_text(const LogEvent& event) {
  std::string line = time_of(event) + " " + std::string(log_level_name(event.level));
  if (const Term pid = event.about("pid"_atom); pid.is_pid()) line += " " + to_string(pid);
  if (const auto module = event.about("module"_atom).as_atom(); module && *module != Atom()) {
    line += " " + std::string(module->text());
  }
  line += ": " + std::string(title_of(event)) + message_text(event.message);
  for (char& character : line) {
    if (character == '\n' || character == '\r') character = ' ';
  }
  cut(line);
  return line;
}

std::string format_json(const LogEvent& event) {
  std::string line = json_line(event, event.message);
  if (line.size() <= log_line_bytes_max) return line;
  const Term shorter = binary(to_string(event.message, {.bytes_max = cut_text_bytes}));
  line = json_line(event, shorter);
  if (line.size() <= log_line_bytes_max) return line;
  const Term time = map(Term("time"_atom), event.about("time"_atom));
  return json_line({.level = event.level, .message = shorter, .meta = time}, shorter);
}

std::string to_json(const Term& term) {
  std::string text;
  append_json(text, term, 0);
  return text;
}

}  // namespace glasshouse::runtime
