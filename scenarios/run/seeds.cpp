#include "scenarios/run/seeds.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <mutex>
#include <thread>

#include "runtime/schedule/system.h"

namespace glasshouse::scenarios {

using runtime::Error;

namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The work that the threads share.
class Harvest {
 public:
  explicit Harvest(const SeedsOptions& options) : options_(options), next_(options.seeds.first) {
    report_.different = std::nullopt;
  }

  void work() {
    for (;;) {
      // Relaxed: only the number counts.
      const std::uint64_t seed = next_.fetch_add(1, std::memory_order_relaxed);
      if (seed > options_.seeds.last || seed > lowest_bad_.load(std::memory_order_relaxed)) return;
      run(seed);
    }
  }

  SeedsReport take() { return std::move(report_); }
  const std::optional<Error>& failure() const { return failure_; }

 private:
  void run(std::uint64_t seed) {
    RunOptions options = options_.run;
    options.seed = seed;
    options.trace.clear();
    auto created = Run::create(options);
    if (!created) return give_up(seed, created.error());
    (*created)->run_to_end();
    auto report = (*created)->finish();
    if (!report) return give_up(seed, report.error());
    std::string failure;
    if ((*created)->state() == RunState::failed) failure = (*created)->failure().what;
    const bool differs = options_.twice && !is_repeated(options, *report->digest);
    const std::lock_guard lock(mutex_);
    add(*report);
    if (differs) note_bad(seed, *report, {}, true);
    if (!report->good) note_bad(seed, *report, failure, false);
    if (options_.progress) options_.progress(report_.run);
  }

  // REQUIRES: the run was simulated.
  static bool is_repeated(const RunOptions& options, std::uint64_t digest) {
    auto again = Run::create(options);
    if (!again) return false;
    (*again)->run_to_end();
    const auto report = (*again)->finish();
    return report && report->digest == digest;
  }

  void add(const Report& report) {
    ++report_.run;
    report_.events += report.events;
    report_.digests[report.seed] = report.digest.value_or(0);
    report_.virtual_time += report.virtual_time;
    report_.faults += report.faults;
    report_.crashes += report.crashes;
    report_.kills += report.kills;
    report_.restarts += report.restarts;
    if (report_.held.empty()) {
      for (const PropertyState& property : report.properties) {
        report_.held.push_back({property.name, 0});
      }
    }
    for (std::size_t i = 0; i < report.properties.size() && i < report_.held.size(); ++i) {
      if (report.properties[i].verdict == Verdict::held) ++report_.held[i].count;
    }
  }

  void note_bad(std::uint64_t seed, const Report& report, const std::string& failure,
                bool different) {
    if (seed > lowest_bad_.load(std::memory_order_relaxed)) return;
    lowest_bad_.store(seed, std::memory_order_relaxed);
    report_.bad = report;
    report_.failure = failure;
    report_.different = different ? std::optional(seed) : std::nullopt;
  }

  void give_up(std::uint64_t seed, const Error& error) {
    const std::lock_guard lock(mutex_);
    failure_ = error;
    lowest_bad_.store(std::min(seed, lowest_bad_.load(std::memory_order_relaxed)),
                      std::memory_order_relaxed);
  }

  const SeedsOptions& options_;
  std::atomic<std::uint64_t> next_;
  // Written under the mutex; read without it as a hint not to begin in vain.
  std::atomic<std::uint64_t> lowest_bad_{~std::uint64_t{0}};
  std::mutex mutex_;
  SeedsReport report_;
  std::optional<Error> failure_;
};

}  // namespace

Result<SeedRange> parse_seeds(std::string_view text) {
  const auto dots = text.find("..");
  SeedRange range;
  const auto first =
      dots == text.npos ? std::optional<std::uint64_t>(1) : number(text.substr(0, dots));
  const auto last = number(dots == text.npos ? text : text.substr(dots + 2));
  if (!first || !last || *first > *last || *last - *first >= seeds_max) {
    return Error("\"" + std::string(text) +
                 "\" are no seeds: write a number of seeds such as 200, or a range such as 1..200");
  }
  range.first = *first;
  range.last = *last;
  return range;
}

Result<SeedsReport> run_seeds(const SeedsOptions& options) {
  const runtime::SystemClock clock;  // of real time, for what is said about the run
  Harvest harvest(options);
  const std::uint64_t jobs = std::clamp<std::uint64_t>(options.jobs, 1, options.seeds.count());
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t i = 1; i < jobs; ++i)
      threads.emplace_back([&harvest] { harvest.work(); });
    harvest.work();
  }
  if (harvest.failure()) return *harvest.failure();
  SeedsReport report = harvest.take();
  report.wall_time = clock.now().since_origin();
  return report;
}

}  // namespace glasshouse::scenarios
