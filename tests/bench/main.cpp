// glasshouse-bench BENCH ARG...: runs one row of docs/benchmarks.md and prints one line of JSON.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <future>
#include <stdexcept>

#include "runtime/schedule/system.h"
#include "runtime/term/print.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"

namespace glasshouse::bench {

std::uint64_t Arguments::number(std::size_t index) const {
  if (index >= words_.size()) throw std::invalid_argument("an argument is missing");
  std::size_t end = 0;
  const std::uint64_t value = std::stoull(words_[index], &end);
  if (end != words_[index].size()) throw std::invalid_argument(words_[index] + " is no number");
  return value;
}

std::string Arguments::text(std::size_t index, std::string_view otherwise) const {
  return index < words_.size() ? words_[index] : std::string(otherwise);
}

namespace {

std::vector<Row> all_rows() {
  std::vector<Row> rows = rows_of_messages();
  for (const auto& more :
       {rows_of_spawns(), rows_of_servers(), rows_of_latency(), rows_of_tables()})
    rows.insert(rows.end(), more.begin(), more.end());
  return rows;
}

std::vector<LoneRow> all_lone_rows() {
  std::vector<LoneRow> rows = rows_of_sim();
  for (const auto& more : {rows_of_scenarios(), rows_of_tracing(), rows_of_machine()})
    rows.insert(rows.end(), more.begin(), more.end());
  return rows;
}

// Tells the thread that waits in run() how the row ended.
Behaviour watcher(Self self, const Row* row, Arguments arguments, std::promise<std::string>* end) {
  const Pid pid = row->spawn(self.node(), std::move(arguments));
  self.monitor(pid);
  auto next = self.receive<runtime::Down>();
  const runtime::Down down = co_await next;
  const bool is_good = down.reason == runtime::Term(runtime::atoms::normal) ||
                       down.reason == runtime::Term(runtime::atoms::noproc);
  end->set_value(is_good ? std::string() : to_string(down.reason));
}

int run(const Row& row, Arguments arguments) {
  runtime::MulticoreWorldOptions options;
  options.folder = std::filesystem::temp_directory_path().string();
  // What the other runtimes' programs understand too.
  if (const char* threads = std::getenv("PEER_THREADS")) {
    options.executor.workers = std::stoul(threads);
  }
  runtime::NullTracer tracer;
  runtime::MulticoreWorld world(options, tracer);
  runtime::Node node(world.environment(), {.name = runtime::Atom("bench@localhost")});
  std::promise<std::string> end;
  node.spawn<watcher>(&row, std::move(arguments), &end);
  const std::string failure = end.get_future().get();
  if (failure.empty()) return 0;
  std::fprintf(stderr, "%s\n", failure.c_str());
  return 1;
}

int usage() {
  std::fprintf(stderr, "usage: glasshouse-bench BENCH ARG...\n");
  for (const Row& row : all_rows()) {
    std::fprintf(stderr, "  %.*s %.*s\n", static_cast<int>(row.name.size()), row.name.data(),
                 static_cast<int>(row.arguments.size()), row.arguments.data());
  }
  for (const LoneRow& row : all_lone_rows()) {
    std::fprintf(stderr, "  %.*s %.*s\n", static_cast<int>(row.name.size()), row.name.data(),
                 static_cast<int>(row.arguments.size()), row.arguments.data());
  }
  std::fprintf(stderr, "  calibrate NANOSECONDS\n");
  return 2;
}

std::string names_of_rows() {
  std::string names;
  for (const Row& row : all_rows())
    names += std::string(row.name) + ", ";
  for (const LoneRow& row : all_lone_rows())
    names += std::string(row.name) + ", ";
  return names + "calibrate";
}

// The line of JSON is for the peers' runner, to which a program says what it does not measure.
int refuse(const std::string& row) {
  std::printf("{\"impl\":\"glasshouse\",\"bench\":\"%s\",\"na\":\"no such row\"}\n", row.c_str());
  std::fprintf(stderr, "glasshouse-bench: there is no row '%s'; there are %s\n", row.c_str(),
               names_of_rows().c_str());
  return 2;
}

int main_of(const std::vector<std::string>& words) {
  if (words.empty()) return usage();
  const Arguments arguments(std::vector<std::string>(words.begin() + 1, words.end()));
  if (words[0] == "calibrate") {
    const auto iterations = calibrate(static_cast<double>(arguments.number(0)));
    std::printf("%llu\n", static_cast<unsigned long long>(iterations));
    return 0;
  }
  for (const Row& row : all_rows()) {
    if (row.name == words[0]) return run(row, arguments);
  }
  for (const LoneRow& row : all_lone_rows()) {
    if (row.name != words[0]) continue;
    row.run(arguments);
    return 0;
  }
  return refuse(words[0]);
}

}  // namespace

}  // namespace glasshouse::bench

int main(int argc, char** argv) {
  try {
    return glasshouse::bench::main_of(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "glasshouse-bench: %s\n", failure.what());
    return 2;
  }
}
