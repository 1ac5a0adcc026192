// glasshouse replay: a recorded run again, from its trace alone.

#include <charconv>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "scenarios/command/commands.h"
#include "scenarios/run/replay.h"
#include "tracing/digest.h"

namespace glasshouse::scenarios {

namespace {

// A number of an event, or a time.
Result<void> read_until(const std::string& text, ReplayOptions& options) {
  std::uint64_t seq = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seq);
  if (failure == std::errc() && end == text.data() + text.size()) {
    options.until_event = seq;
    return {};
  }
  const auto time = parse_duration(text);
  if (!time) {
    return runtime::Error("--until is the number of an event or a time such as 2.5s, not \"" +
                          text + "\"");
  }
  options.until_time = Instant::at(*time);
  return {};
}

std::string replay_json(const Replay& replay, bool verified) {
  auto json = nlohmann::ordered_json::parse(report_json(replay.report));
  json["verified"] = verified && replay.divergence.empty();
  json["recorded_digest"] = nullptr;
  if (replay.recorded_digest) {
    json["recorded_digest"] = tracing::digest_text(*replay.recorded_digest);
  }
  json["recorded_by"] = replay.recorded_by;
  json["same_build"] = replay.same_build;
  json["divergence"] = nullptr;
  if (!replay.divergence.empty()) json["divergence"] = replay.divergence;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string verdict(const Replay& replay, bool verify) {
  if (!replay.divergence.empty()) return "DIFFERENT: " + replay.divergence + "\n";
  const std::string events = grouped(replay.report.events) + " events";
  if (!replay.complete && !verify) {
    return "repeated: " + events + ", compared with nothing; --verify compares on the way\n";
  }
  if (!replay.complete) return "equal as far as it was compared, " + events + "\n";
  return (verify ? "verified: " : "repeated: ") + events + ", digest " +
         tracing::digest_text(replay.report.digest.value_or(0)) + ", equal to the recording\n";
}

}  // namespace

void add_replay(CLI::App& program, Typed& typed) {
  CLI::App* replay =
      program.add_subcommand("replay", "Run again what a trace recorded, from the trace alone");
  replay->add_option("trace", typed.trace, "The trace")->required()->type_name("FILE.db");
  replay->add_flag("--verify", typed.verify,
                   "Compare on the way; name the first event that differs, with status 4");
  replay->add_option("--until", typed.until, "Stop after an event or at a time")
      ->type_name("SEQ|TIME");
  replay->add_flag("--json", typed.json, "Print one JSON object");
}

ExitStatus run_replay(Command command) {
  const Typed& typed = command.typed;
  ReplayOptions options;
  options.trace = typed.trace;
  options.verify = typed.verify;
  options.applications = &command.applications;
  if (!typed.until.empty()) {
    const auto until = read_until(typed.until, options);
    if (!until) return complain(command.console, until.error(), ExitStatus::usage);
  }
  Result<Replay> ran = [&] {
    Progress progress(command.console);
    options.progress = [&](const Run& run) {
      if (!progress.is_due()) return;
      progress.show(runtime::to_string(run.now()) + ", " + grouped(run.events()) + " events");
    };
    return replay(options);
  }();
  if (!ran) return complain(command.console, ran.error(), ExitStatus::unreadable);
  if (!ran->same_build) {
    command.console.err << "glasshouse: this trace was recorded by another build ("
                        << ran->recorded_by << "); the digests say whether it matters\n";
  }
  if (typed.json) {
    command.console.out << replay_json(*ran, typed.verify) << "\n";
  } else {
    command.console.out << report_text(ran->report) << verdict(*ran, typed.verify);
  }
  return ran->divergence.empty() ? ExitStatus::good : ExitStatus::diverged;
}

}  // namespace glasshouse::scenarios
