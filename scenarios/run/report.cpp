#include "scenarios/run/report.h"

#include <nlohmann/json.hpp>

#include "runtime/base/time.h"

namespace glasshouse::scenarios {

namespace {

std::string_view mark(Verdict verdict) {
  switch (verdict) {
    case Verdict::held:
      return "held    ";
    case Verdict::violated:
      return "VIOLATED";
    default:
      return "never   ";
  }
}

void add_line(std::string& text, std::string_view title, const std::string& line) {
  text += "  ";
  text += title;
  text.append(title.size() < 11 ? 11 - title.size() : 1, ' ');
  text += line + "\n";
}

}  // namespace

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t place = digits.size(); place > 3;) {
    place -= 3;
    digits.insert(place, ",");
  }
  return digits;
}

std::string counted(const std::vector<NamedCount>& counts) {
  constexpr std::size_t shown_max = 8;
  std::string text;
  for (std::size_t i = 0; i < counts.size() && i < shown_max; ++i) {
    text += (i > 0 ? ", " : "") + counts[i].name + " " + std::to_string(counts[i].count);
  }
  if (counts.size() > shown_max) {
    text += " and " + std::to_string(counts.size() - shown_max) + " more";
  }
  return text.empty() ? "nothing" : text;
}

std::string report_text(const Report& report) {
  std::string text = report.scenario + " " + report.ended + ", after " + grouped(report.events) +
                     " events of " + grouped(report.processes) + " processes (" +
                     runtime::to_string(report.wall_time) + " of real time)\n";
  add_line(text, "injected", counted(report.injected));
  add_line(text, "crashed", counted(report.crashed));
  add_line(text, "killed", counted(report.killed));
  add_line(text, "restarted", counted(report.restarted));
  for (const PropertyState& property : report.properties) {
    add_line(text, mark(property.verdict),
             std::string(property_kind_name(property.kind)) + ": " + property.name);
    if (property.verdict == Verdict::violated) {
      add_line(text, "",
               "at " + runtime::to_string(property.when) +
                   (property.why.empty() ? "" : ": " + property.why));
    }
  }
  if (report.digest) add_line(text, "digest", tracing::digest_text(*report.digest));
  if (report.trace) add_line(text, "trace", *report.trace);
  return text;
}

std::string report_json(const Report& report) {
  nlohmann::ordered_json json;
  json["scenario"] = report.scenario;
  json["seed"] = report.seed;
  json["digest"] = nullptr;
  if (report.digest) json["digest"] = tracing::digest_text(*report.digest);
  json["events"] = report.events;
  json["virtual_time_ns"] = report.virtual_time.nanoseconds();
  json["wall_time_ns"] = report.wall_time.nanoseconds();
  json["processes"] = report.processes;
  json["crashes"] = report.crashes;
  json["kills"] = report.kills;
  json["restarts"] = report.restarts;
  json["faults"] = report.faults;
  json["properties"] = nlohmann::ordered_json::array();
  for (const PropertyState& property : report.properties) {
    json["properties"].push_back(
        {{"name", property.name}, {"verdict", std::string(verdict_name(property.verdict))}});
  }
  json["trace"] = report.trace ? nlohmann::ordered_json(*report.trace) : nullptr;
  json["repeat"] = report.repeat;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace glasshouse::scenarios
