// glasshouse run: one seed, many seeds, or many cores.

#include <algorithm>
#include <thread>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "scenarios/command/commands.h"
#include "scenarios/command/whole_number.h"
#include "scenarios/run/repeat.h"
#include "scenarios/run/seeds.h"
#include "scenarios/run/settings.h"
#include "tracing/digest.h"

namespace glasshouse::scenarios {

using runtime::Error;

namespace {

Error usage(std::string sentence) {
  return Error(std::move(sentence), "usage");
}

ExitStatus status_of(const Error& error) {
  return error.code == "usage" ? ExitStatus::usage : ExitStatus::unreadable;
}

// Where lines for people go: beside a JSON object only standard error is left.
std::ostream& lines(const Command& command) {
  return command.typed.json ? command.console.err : command.console.out;
}

std::string seed_line(std::uint64_t seed, const std::string& repeat) {
  return "seed " + std::to_string(seed) + "; repeat: " + repeat + "\n";
}

void show_progress(Progress& progress, const Run& run) {
  if (!progress.is_due()) return;
  progress.show(runtime::to_string(run.now()) + " of " + runtime::to_string(run.end()) + ", " +
                grouped(run.events()) + " events");
}

ExitStatus run_one(Command command, RunOptions options) {
  const std::string repeat = repeat_command(options);
  const std::uint64_t seed = options.seed;
  auto created = Run::create(std::move(options));
  if (!created) return complain(command.console, created.error(), status_of(created.error()));
  Run& run = **created;
  lines(command) << seed_line(seed, repeat) << std::flush;
  {
    Progress progress(command.console);
    run.run_to_end([&](const Run& now) { show_progress(progress, now); });
  }
  auto report = run.finish();
  if (!report) return complain(command.console, report.error(), ExitStatus::unreadable);
  if (run.state() == RunState::failed) {
    complain(command.console, run.failure(), ExitStatus::unreadable);
    lines(command) << seed_line(seed, repeat);
    return ExitStatus::unreadable;
  }
  if (command.typed.json) {
    command.console.out << report_json(*report) << "\n";
  } else {
    command.console.out << report_text(*report);
  }
  if (!report->recording_failure.empty()) {
    complain(command.console, Error(report->recording_failure), ExitStatus::unreadable);
  }
  lines(command) << seed_line(seed, repeat);
  if (!report->recording_failure.empty()) return ExitStatus::unreadable;
  return report->good ? ExitStatus::good : ExitStatus::violated;
}

std::string seeds_json(const SeedsReport& report, const SeedsOptions& options) {
  nlohmann::ordered_json json;
  json["scenario"] = options.run.file;
  json["seeds"] = {{"first", options.seeds.first}, {"last", options.seeds.last}};
  json["run"] = report.run;
  json["events"] = report.events;
  json["virtual_time_ns"] = report.virtual_time.nanoseconds();
  json["wall_time_ns"] = report.wall_time.nanoseconds();
  json["crashes"] = report.crashes;
  json["kills"] = report.kills;
  json["restarts"] = report.restarts;
  json["faults"] = report.faults;
  json["held"] = nlohmann::ordered_json::array();
  for (const NamedCount& property : report.held) {
    json["held"].push_back({{"name", property.name}, {"seeds", property.count}});
  }
  json["digests"] = nlohmann::ordered_json::object();
  for (const auto& [seed, digest] : report.digests) {
    json["digests"][std::to_string(seed)] = tracing::digest_text(digest);
  }
  json["bad"] = nullptr;
  if (report.bad) json["bad"] = nlohmann::ordered_json::parse(report_json(*report.bad));
  json["different"] = nullptr;
  if (report.different) json["different"] = *report.different;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string seeds_text(const SeedsReport& report) {
  std::string text = grouped(report.run) + " seeds, " + grouped(report.events) + " events, " +
                     runtime::to_string(report.virtual_time) + " of virtual time in " +
                     runtime::to_string(report.wall_time) + "; " + grouped(report.faults) +
                     " faults, " + grouped(report.crashes) + " crashes, " + grouped(report.kills) +
                     " kills, " + grouped(report.restarts) + " restarts\n";
  for (const NamedCount& property : report.held) {
    text += "  held in " + grouped(property.count) + ": " + property.name + "\n";
  }
  return text;
}

// The first bad seed again, this time with a recording.
void record_bad(Command command, RunOptions options, const Report& bad) {
  if (options.trace.empty()) return;
  options.seed = bad.seed;
  auto created = Run::create(std::move(options));
  if (!created) {
    complain(command.console, created.error(), ExitStatus::unreadable);
    return;
  }
  (*created)->run_to_end();
  const auto report = (*created)->finish();
  if (!report) {
    complain(command.console, report.error(), ExitStatus::unreadable);
  } else if (!report->recording_failure.empty()) {
    complain(command.console, Error(report->recording_failure), ExitStatus::unreadable);
  } else if (report->trace) {
    lines(command) << "recorded in " << *report->trace << "\n";
  }
}

ExitStatus run_many(Command command, const RunOptions& options) {
  const auto seeds = parse_seeds(command.typed.seeds);
  if (!seeds) return complain(command.console, seeds.error(), ExitStatus::usage);
  SeedsOptions all{.run = options,
                   .seeds = *seeds,
                   .jobs = command.typed.jobs.value_or(0),
                   .twice = command.typed.twice,
                   .progress = {}};
  if (all.jobs == 0) all.jobs = std::max(1U, std::thread::hardware_concurrency());
  Result<SeedsReport> ran = [&] {
    Progress progress(command.console);
    all.progress = [&](std::uint64_t done) {
      if (!progress.is_due()) return;
      progress.show(grouped(done) + " of " + grouped(seeds->count()) + " seeds");
    };
    return run_seeds(all);
  }();
  if (!ran) return complain(command.console, ran.error(), status_of(ran.error()));
  const SeedsReport& report = *ran;
  if (report.bad) record_bad(command, options, *report.bad);
  if (command.typed.json) {
    command.console.out << seeds_json(report, all) << "\n";
  } else {
    command.console.out << seeds_text(report);
    if (report.bad) command.console.out << report_text(*report.bad);
  }
  if (!report.bad) return ExitStatus::good;
  const bool failed = !report.failure.empty();
  if (failed) complain(command.console, Error(report.failure), ExitStatus::unreadable);
  if (report.different) {
    complain(command.console,
             Error("seed " + std::to_string(*report.different) +
                   " run twice gave two different digests: this run is not deterministic"),
             ExitStatus::diverged);
  }
  lines(command) << seed_line(report.bad->seed, report.bad->repeat);
  if (report.different) return ExitStatus::diverged;
  return failed ? ExitStatus::unreadable : ExitStatus::violated;
}

}  // namespace

void add_run(CLI::App& program, Typed& typed) {
  CLI::App* run = program.add_subcommand("run", "Run a scenario, simulated or on many cores");
  run->add_option("scenario", typed.scenario, "The scenario, a .lua file")
      ->required()
      ->type_name("SCENARIO.lua");
  run->add_option("--on", typed.on, "sim: simulated (default); multicore: for real")
      ->check(CLI::IsMember({"sim", "multicore"}))
      ->type_name("WORLD");
  run->add_option("--seed", typed.seed, "What everything left to chance is drawn from; default 1")
      ->check(whole_number<std::uint64_t>())
      ->type_name("N");
  run->add_option("--set", typed.set, "Give a parameter of the scenario a value")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  run->add_option("--trace", typed.trace, "Record to this file")
      ->check(a_name())
      ->type_name("FILE.db");
  run->add_option(
         "--record", typed.record,
         "With --on multicore and --trace: lives, of processes, and what failed (default); "
         "all: every message with what it says")
      ->check(CLI::IsMember({"lives", "all"}))
      ->type_name("WHAT");
  run->add_option("--until", typed.until, "How long, such as 30s; instead of the scenario's length")
      ->type_name("TIME");
  run->add_option("--seeds", typed.seeds,
                  "Run many seeds, 1..200 or 200, and stop at the first that is not good; --trace "
                  "records that one")
      ->type_name("FIRST..LAST");
  run->add_option("--jobs", typed.jobs, "With --seeds: how many at once; default one a core")
      ->check(whole_number<std::uint32_t>())
      ->type_name("N");
  run->add_flag("--twice", typed.twice, "With --seeds: each seed twice, digests must be equal");
  run->add_option("--data", typed.data,
                  "With --on multicore: the folder of the nodes' files; default one that is "
                  "removed at the end")
      ->type_name("FOLDER");
  run->add_option("--metrics", typed.metrics,
                  "With --on multicore: tell Prometheus the metrics of all nodes, at this port of "
                  "the loopback interface; 0: any free one")
      ->check(whole_number<std::uint16_t>())
      ->type_name("PORT");
  run->add_flag("--json", typed.json, "Print one JSON object");
}

Result<RunOptions> typed_run(const Typed& typed) {
  RunOptions options;
  options.file = typed.scenario;
  auto settings = parse_settings(typed.set);
  if (!settings) return settings.error();
  options.set = std::move(*settings);
  if (!typed.until.empty()) {
    auto until = parse_duration(typed.until);
    if (!until) return usage("--until: " + until.error().what);
    options.until = *until;
  }
  options.seed = typed.seed.value_or(1);
  options.trace = typed.trace;
  auto text = read_scenario(typed.scenario);
  if (!text) return text.error();
  options.text = std::move(*text);
  return options;
}

// An option that would say nothing is refused: who typed it believes that it was heard.
Result<void> check_options(const Typed& typed) {
  const bool is_multicore = typed.on == "multicore";
  const bool has_seeds = !typed.seeds.empty();
  const struct {
    bool is_given;
    bool fits;
    std::string_view sentence;
  } options[] = {
      {has_seeds, !is_multicore, "--seeds is for simulated runs"},
      {typed.jobs.has_value(), has_seeds, "--jobs is for --seeds"},
      {typed.twice, has_seeds, "--twice is for --seeds"},
      {typed.seed.has_value(), !has_seeds, "--seed is for one run, --seeds for many"},
      {!typed.data.empty(), is_multicore, "--data is for --on multicore"},
      {typed.metrics.has_value(), is_multicore, "--metrics is for --on multicore"},
      {typed.record.has_value(), is_multicore, "--record is for --on multicore"},
      {typed.record.has_value(), !typed.trace.empty(), "--record is for --trace"},
  };
  for (const auto& option : options) {
    if (option.is_given && !option.fits) return usage(std::string(option.sentence));
  }
  return {};
}

ExitStatus run_run(Command command) {
  const auto fitting = check_options(command.typed);
  if (!fitting) return complain(command.console, fitting.error(), ExitStatus::usage);
  auto options = typed_run(command.typed);
  if (!options) return complain(command.console, options.error(), status_of(options.error()));
  options->applications = &command.applications;
  if (command.typed.on == "multicore") return run_multicore(command, std::move(*options));
  if (!command.typed.seeds.empty()) return run_many(command, *options);
  return run_one(command, std::move(*options));
}

}  // namespace glasshouse::scenarios
