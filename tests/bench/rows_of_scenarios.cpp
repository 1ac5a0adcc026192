// sim_kv: how many events a second the simulator makes of the key-value store and its clients.

#include <filesystem>
#include <stdexcept>

#include <unistd.h>

#include "scenarios/run/run.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"

namespace glasshouse::bench {

namespace {

constexpr std::string_view scenario_text = R"lua(
scenario "sim_kv"
local operations = parameter("operations", 1000, "of each client")
local store = node { name = "store", start = "kv", shards = 4 }
workload {
  name = "client", start = "kv_client", count = 8,
  server = store, operations = operations, pause = "0s",
}
run_for "1000s"
)lua";

void sim_kv(const Arguments& arguments) {
  const std::uint64_t operations = arguments.number(0);
  const std::string mode = arguments.text(1, "plain");
  const auto file = std::filesystem::temp_directory_path() /
                    ("glasshouse-bench-" + std::to_string(getpid()) + ".db");
  scenarios::RunOptions options;
  options.file = "sim_kv.lua";
  options.text = std::string(scenario_text);
  options.set = {{"operations", std::to_string(operations)}};
  if (mode == "recorded") options.trace = file.string();
  auto run = scenarios::Run::create(std::move(options));
  if (!run) throw std::runtime_error(run.error().what);
  const Time begin = now();
  run.value()->run_to_end();
  const std::uint64_t events = run.value()->events();
  const auto simulated = now() - begin;
  const auto report = run.value()->finish();
  const auto took = mode == "recorded" ? now() - begin : simulated;
  run.value().reset();
  std::filesystem::remove(file);
  if (!report) throw std::runtime_error(report.error().what);
  print({.bench = "sim_kv",
         .params = Fields().add("operations", operations).add("mode", mode),
         .took = took,
         .operations = events,
         .more = Fields().add("ended", report.value().ended)});
}

}  // namespace

std::vector<LoneRow> rows_of_scenarios() {
  return {{"sim_kv", "OPERATIONS [plain|recorded]", &sim_kv}};
}

}  // namespace glasshouse::bench
