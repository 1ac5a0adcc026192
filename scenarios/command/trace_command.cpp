// glasshouse trace: questions about a recorded run.

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "runtime/observe/event.h"
#include "scenarios/command/commands.h"
#include "scenarios/command/event_filter.h"
#include "scenarios/command/whole_number.h"
#include "scenarios/run/report.h"
#include "tracing/causality.h"
#include "tracing/digest.h"
#include "tracing/explain.h"
#include "tracing/reader.h"

namespace glasshouse::scenarios {

using runtime::Error;
using runtime::EventKind;
using Json = nlohmann::ordered_json;

namespace {

std::string printed(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// -- stats ----------------------------------------------------------------------------------------

Result<void> stats(Command command, tracing::Reader& trace) {
  const tracing::RunInfo& run = trace.run();
  std::vector<NamedCount> kinds;
  for (int i = 0; i < runtime::event_kind_count; ++i) {
    const auto kind = static_cast<EventKind>(i);
    tracing::EventFilter filter;
    filter.kinds = runtime::kind_bit(kind);
    const auto count = trace.count(filter);
    if (!count) return count.error();
    if (*count > 0) kinds.push_back({std::string(runtime::event_kind_name(kind)), *count});
  }
  if (command.typed.json) {
    Json json;
    json["scenario"] = run.scenario;
    json["world"] = run.world == tracing::WorldKind::sim ? "sim" : "multicore";
    json["seed"] = run.seed;
    json["build"] = run.build;
    json["events"] = run.events;
    json["processes"] = run.processes;
    json["time_ns"] = run.end.nanoseconds();
    json["dropped"] = run.dropped;
    json["cut"] = run.cut;
    json["digest"] = run.digest ? Json(tracing::digest_text(*run.digest)) : Json(nullptr);
    json["kinds"] = Json::object();
    for (const NamedCount& kind : kinds)
      json["kinds"][kind.name] = kind.count;
    json["properties"] = Json::array();
    for (const tracing::PropertyInfo& property : run.properties) {
      json["properties"].push_back({{"name", property.name}, {"verdict", property.verdict}});
    }
    command.console.out << printed(json);
    return {};
  }
  std::ostream& out = command.console.out;
  out << run.scenario << ", "
      << (run.world == tracing::WorldKind::sim ? "simulated, seed " + std::to_string(run.seed)
                                               : std::string("on many cores"))
      << "; recorded by " << run.build << "\n"
      << grouped(run.events) << " events of " << grouped(run.processes) << " processes in "
      << runtime::to_string(run.end) << (run.cut ? "; the recording was cut" : "")
      << (run.dropped > 0 ? "; " + grouped(run.dropped) + " events were dropped" : "") << "\n";
  if (!run.outcome.empty()) out << run.scenario << " " << run.outcome << "\n";
  for (const tracing::PropertyInfo& property : run.properties) {
    out << "  " << property.verdict << "  " << property.kind << ": " << property.name << "\n";
  }
  for (const NamedCount& kind : kinds) {
    const std::string count = grouped(kind.count);
    out << std::string(count.size() < 14 ? 14 - count.size() : 0, ' ') << count << "  " << kind.name
        << "\n";
  }
  if (run.digest) out << "digest " << tracing::digest_text(*run.digest) << "\n";
  return {};
}

// -- events ---------------------------------------------------------------------------------------

Json event_json(const tracing::EventRecord& event) {
  Json json;
  json["seq"] = event.seq;
  json["time_ns"] = event.time.nanoseconds();
  json["kind"] = std::string(runtime::event_kind_name(event.kind));
  json["node"] = event.node;
  json["subject"] = event.subject.pid;
  json["peer"] = event.peer.pid;
  json["name"] = event.name;
  json["message"] = event.message;
  json["argument"] = event.argument;
  json["detail"] = event.detail;
  return json;
}

Result<void> events(Command command, tracing::Reader& trace) {
  const auto filter = parse_event_filter(command.typed.filter, trace);
  if (!filter) return filter.error();
  tracing::EventRange range;
  range.limit = command.typed.limit;
  if (!command.typed.filter_from.empty()) {
    const auto first = number(command.typed.filter_from);
    if (!first) return Error("--from is the number of an event", "usage");
    range.first = std::max<std::uint64_t>(*first, 1);
  }
  const auto found = trace.events(range, *filter);
  if (!found) return found.error();
  if (command.typed.json) {
    Json json = {{"events", Json::array()}};
    for (const auto& event : *found)
      json["events"].push_back(event_json(event));
    command.console.out << printed(json);
    return {};
  }
  for (const auto& event : *found) {
    const std::string time = runtime::to_string(event.time);
    const std::string seq = std::to_string(event.seq);
    command.console.out << std::string(seq.size() < 9 ? 9 - seq.size() : 0, ' ') << seq << "  "
                        << std::string(time.size() < 11 ? 11 - time.size() : 0, ' ') << time << "  "
                        << tracing::explain(event) << "\n";
  }
  if (range.limit == 0) return {};  // nothing was asked for
  if (found->empty()) command.console.out << "no event passes this filter\n";
  if (found->size() == range.limit) {
    command.console.out << "there may be more: --from " << found->back().seq + 1 << " goes on, "
                        << "--limit N shows more at once\n";
  }
  return {};
}

// -- tree -----------------------------------------------------------------------------------------

Result<tracing::Seq> moment(const std::string& text, tracing::Reader& trace) {
  if (text.empty()) return trace.run().events;
  if (const auto seq = number(text)) return std::min<std::uint64_t>(*seq, trace.run().events);
  const auto time = parse_duration(text);
  if (!time) {
    return Error("--at is the number of an event or a time such as 2.5s, not \"" + text + "\"",
                 "usage");
  }
  return trace.seq_at(Instant::at(*time));
}

std::string process_line(const tracing::ProcessRow& row) {
  std::string line = row.pid + " " + (row.name.empty() ? row.behaviour : row.name);
  if (!row.label.empty() && row.label != row.name) line += " " + row.label;
  if (row.state == tracing::ProcessState::waiting && !row.waiting_for.empty()) {
    line += ", waits: " + row.waiting_for;
  }
  if (row.mailbox > 0) line += ", mailbox " + grouped(row.mailbox);
  if (row.restarts > 0) line += ", restarts " + grouped(row.restarts);
  return line;
}

Result<void> tree(Command command, tracing::Reader& trace) {
  const auto at = moment(command.typed.at, trace);
  if (!at) return at.error();
  const auto rows = trace.processes(*at);
  if (!rows) return rows.error();
  std::map<tracing::ProcessNumber, std::vector<const tracing::ProcessRow*>> children;
  std::map<tracing::ProcessNumber, bool> alive;
  for (const auto& row : *rows)
    alive[row.number] = true;
  for (const auto& row : *rows) {
    children[alive.contains(row.parent) ? row.parent : 0].push_back(&row);
  }
  const std::function<Json(tracing::ProcessNumber)> as_json = [&](tracing::ProcessNumber parent) {
    Json list = Json::array();
    for (const auto* row : children[parent]) {
      list.push_back({{"pid", row->pid},
                      {"name", row->name},
                      {"behaviour", row->behaviour},
                      {"waiting_for", row->waiting_for},
                      {"mailbox", row->mailbox},
                      {"restarts", row->restarts},
                      {"children", as_json(row->number)}});
    }
    return list;
  };
  if (command.typed.json) {
    command.console.out << printed({{"at", *at}, {"processes", as_json(0)}});
    return {};
  }
  const std::function<void(tracing::ProcessNumber, std::string)> draw =
      [&](tracing::ProcessNumber parent, const std::string& indent) {
        const auto& list = children[parent];
        for (std::size_t i = 0; i < list.size(); ++i) {
          const bool last = i + 1 == list.size();
          command.console.out << indent << (last ? "└─ " : "├─ ") << process_line(*list[i]) << "\n";
          draw(list[i]->number, indent + (last ? "   " : "│  "));
        }
      };
  command.console.out << grouped(rows->size()) << " processes after event " << *at << "\n";
  draw(0, "");
  return {};
}

// -- why ------------------------------------------------------------------------------------------

using Reasons = Result<std::vector<tracing::Reason>>;

// What was asked about: nothing in particular, an event, a process or a property.
Reasons reasons_for(Command command, tracing::Reader& trace) {
  const std::string& what = command.typed.what;
  if (what.empty()) return tracing::what_went_wrong(trace);
  if (const auto seq = number(what)) {
    if (*seq == 0 || *seq > trace.run().events) {
      return Error("there is no event " + what + "; this trace has 1 to " +
                   std::to_string(trace.run().events));
    }
    return tracing::why_event(trace, *seq);
  }
  const auto found = trace.find_processes(what);
  if (!found) return found.error();
  if (!found->empty()) {
    const auto at = moment(command.typed.at, trace);
    if (!at) return at.error();
    return tracing::why_process(trace, found->back(), *at);
  }
  auto property = tracing::why_property(trace, what);
  if (property || property.error().code != "noproperty") return property;
  return Error("there is no process \"" + what +
               "\" nor a property so called; name a process by "
               "its pid, \"<1.107.0>\", by its registered name or by what it was spawned as");
}

std::string_view tie_name(tracing::Tie tie) {
  switch (tie) {
    case tracing::Tie::asked:
      return "asked";
    case tracing::Tie::because:
      return "because";
    case tracing::Tie::after:
      return "after";
  }
  return {};
}

std::string json_of(const std::vector<tracing::Reason>& reasons) {
  Json json = {{"reasons", Json::array()}};
  for (const tracing::Reason& reason : reasons) {
    json["reasons"].push_back({{"seq", reason.seq},
                               {"time_ns", reason.time.nanoseconds()},
                               {"tie", tie_name(reason.tie)},
                               {"sentence", reason.sentence}});
  }
  return printed(json);
}

Result<void> why(Command command, tracing::Reader& trace) {
  const Reasons reasons = reasons_for(command, trace);
  if (!reasons) return reasons.error();
  std::ostream& out = command.console.out;
  if (command.typed.json) {
    out << json_of(*reasons);
    return {};
  }
  for (const tracing::Reason& reason : *reasons) {
    if (reason.tie != tracing::Tie::asked) out << tie_name(reason.tie) << " ";
    out << reason.sentence;
    if (reason.seq > 0) {
      out << "  [" << reason.seq << ", " << runtime::to_string(reason.time) << "]";
    }
    out << "\n";
  }
  if (reasons->empty()) {
    out << "no property is violated and nothing crashed; stats says how the run ended\n";
  }
  return {};
}

}  // namespace

void add_trace(CLI::App& program, Typed& typed) {
  CLI::App* trace = program.add_subcommand("trace", "Ask a trace file");
  trace->add_option("trace", typed.trace, "The trace")->required()->type_name("FILE.db");
  trace->require_subcommand(1);
  CLI::App* stats = trace->add_subcommand("stats", "What it is, and how many events of each kind");
  CLI::App* events = trace->add_subcommand("events", "Its events, one sentence each");
  events
      ->add_option("filter", typed.filter,
                   "Words that an event must fit: a kind (crash, restart), node:NAME, "
                   "process:NAME|PID, name:NAME, after:2s, before:3s; any other word is looked "
                   "for in its text")
      ->type_name("FILTER");
  events->add_option("--limit", typed.limit, "At most so many; default 100")
      ->check(whole_number<std::uint64_t>())
      ->type_name("N");
  events->add_option("--from", typed.filter_from, "Begin with this event")->type_name("SEQ");
  CLI::App* tree = trace->add_subcommand("tree", "The processes alive, as a tree");
  tree->add_option("--at", typed.at, "After this event, or at this time; default the end")
      ->type_name("SEQ|TIME");
  CLI::App* why = trace->add_subcommand("why", "Why something happened, or a process is as it is");
  why->add_option("what", typed.what,
                  "A process, the number of an event or the name of a property; default what went "
                  "wrong: the violations, else the first crash")
      ->type_name("PID|SEQ|PROPERTY");
  why->add_option("--at", typed.at, "Of a process: at which moment; default the end")
      ->type_name("SEQ|TIME");
  for (CLI::App* question : {stats, events, tree, why}) {
    question->add_flag("--json", typed.json, "Print one JSON object");
  }
}

ExitStatus run_trace(Command command, const std::string& question) {
  auto trace = tracing::Reader::open(command.typed.trace);
  if (!trace) return complain(command.console, trace.error(), ExitStatus::unreadable);
  Result<void> done = question == "stats"    ? stats(command, *trace)
                      : question == "events" ? events(command, *trace)
                      : question == "tree"   ? tree(command, *trace)
                                             : why(command, *trace);
  if (done) return ExitStatus::good;
  const bool is_usage = done.error().code == "usage";
  return complain(command.console, done.error(),
                  is_usage ? ExitStatus::usage : ExitStatus::unreadable);
}

}  // namespace glasshouse::scenarios
