#include <algorithm>

#include "scenarios/run/live.h"
#include "scenarios/run/replay.h"
#include "scenarios/run/seeds.h"
#include "scenarios/run/sim_stage.h"
#include "sim/faults.h"
#include "tests/scenarios/run_fixture.h"
#include "tracing/reader.h"

namespace glasshouse::scenarios {

namespace {

Verdict verdict_of(const Report& report, const std::string& name) {
  for (const PropertyState& property : report.properties) {
    if (property.name == name) return property.verdict;
  }
  return Verdict::running;
}

RunOptions with_text(const std::string& text) {
  RunOptions options;
  options.file = "test.lua";
  options.text = text;
  return options;
}

const std::string pair_of_nodes =
    "scenario \"t\" node { name = \"pong\", start = \"pong\" } "
    "node { name = \"ping\", start = \"ping\" } ";

}  // namespace

TEST_CASE("the first scenario of the readme holds", "[run]") {
  const Report report = finished(options_of("ping_pong.lua"));
  REQUIRE(report.good);
  REQUIRE(verdict_of(report, "200 pings are answered") == Verdict::held);
  REQUIRE(report.restarts > 0);
  REQUIRE(report.crashes == 0);
  REQUIRE(report.kills >= report.restarts);
  REQUIRE(report.faults == report.injected[0].count + report.injected[1].count);
}

TEST_CASE("the scenario of the manual holds", "[run]") {
  RunOptions options = options_of("../tests/docs/scenario_tour.lua", 2);
  const Report report = finished(std::move(options));
  INFO(report_text(report));
  REQUIRE(report.good);
  REQUIRE(verdict_of(report, "the store is down") == Verdict::held);
}

TEST_CASE("equal seeds give equal digests and others do not", "[run]") {
  const Report first = finished(options_of("ping_pong.lua", 7));
  REQUIRE(first.digest == finished(options_of("ping_pong.lua", 7)).digest);
  REQUIRE(first.digest != finished(options_of("ping_pong.lua", 8)).digest);
}

TEST_CASE("a recording changes nothing of what happens", "[run]") {
  const TemporaryTrace trace;
  RunOptions recorded = options_of("kv_under_fire.lua", 3);
  recorded.until = Duration::seconds(5);
  RunOptions unrecorded = recorded;
  recorded.trace = trace.path();
  REQUIRE(finished(std::move(recorded)).digest == finished(std::move(unrecorded)).digest);
}

TEST_CASE("a report counts as crashed and killed what its trace does", "[run]") {
  const TemporaryTrace trace;
  RunOptions options = options_of("kv_under_fire.lua", 3);
  options.trace = trace.path();
  const Report report = finished(std::move(options));
  auto reader = tracing::Reader::open(trace.path()).value();
  REQUIRE(report.kills > 0);
  REQUIRE(report.crashes == reader.crashes().value().size());
  std::uint64_t killed = 0;
  const auto rows = reader.processes(reader.run().events, true).value();
  for (const auto& row : rows)
    killed += row.reason == "killed" ? 1 : 0;
  REQUIRE(report.kills == killed);
  std::uint64_t named = 0;
  for (const NamedCount& each : report.killed)
    named += each.count;
  REQUIRE(report.kills == named);
}

TEST_CASE("steps, slices and one go lead to the same run", "[run]") {
  const Report whole = finished(options_of("ping_pong.lua"));
  auto stepped = Run::create(options_of("ping_pong.lua")).value();
  while (stepped->run_steps(7) == RunState::going)
    continue;
  REQUIRE(stepped->finish().value().digest == whole.digest);
  auto sliced = Run::create(options_of("ping_pong.lua")).value();
  while (sliced->run_until(sliced->now() + Duration::milliseconds(333)) == RunState::going)
    continue;
  REQUIRE(sliced->finish().value().digest == whole.digest);
}

TEST_CASE("a trace alone is enough to run again and verify", "[replay]") {
  const TemporaryTrace trace;
  RunOptions options = options_of("kv_under_fire.lua", 5);
  options.set = {{"clients", "2"}, {"fire", "3s"}};
  options.until = Duration::seconds(6);
  options.trace = trace.path();
  const Report recorded = finished(std::move(options));
  const auto again = replay({.trace = trace.path(), .verify = true});
  INFO((again ? std::string() : again.error().what));
  REQUIRE(again.ok());
  REQUIRE(again->divergence.empty());
  REQUIRE(again->complete);
  REQUIRE(again->same_build);
  REQUIRE(again->report.digest == recorded.digest);
}

TEST_CASE("a run that another seed drives is said to differ, by event", "[replay]") {
  const TemporaryTrace trace;
  RunOptions options = options_of("ping_pong.lua", 1);
  options.trace = trace.path();
  finished(std::move(options));
  auto recording = tracing::Reader::open(trace.path()).value();
  RunOptions other = recorded_run(recording).value();
  other.seed = 2;
  other.compare_with = &recording;
  const Report report = finished(std::move(other));
  REQUIRE(report.divergence.has_value());
  REQUIRE(report.divergence->event > 0);
  REQUIRE_FALSE(report.good);
}

TEST_CASE("what is done by hand is told, and a replay does it again", "[live][threads]") {
  const TemporaryTrace trace;
  RunOptions options = options_of("ping_pong.lua");
  options.trace = trace.path();
  auto live = Live::start(std::move(options)).value();
  live->run_until(Instant::at(Duration::milliseconds(700)));
  live->settle();
  REQUIRE(live->status().now == Instant::at(Duration::milliseconds(700)));
  live->kill("<2.100.1>");
  live->step(5);
  live->cut("ping", "pong");
  live->run_until(Instant::at(Duration::seconds(3)));
  live->settle();
  live->heal_all();
  live->crash("pong");
  live->run_until(Instant::at(Duration::seconds(4)));
  live->settle();
  REQUIRE_FALSE(live->status().nodes[0].up);
  live->restart("pong");
  live->kill("<9.9.9>");
  live->settle();
  REQUIRE(live->status().message == "there is no process <9.9.9>");
  REQUIRE(live->status().actions == 5);
  live->step(100);
  live->stop();
  live->settle();
  REQUIRE(live->status().mode == LiveStatus::Mode::ended);
  live.reset();
  const auto again = replay({.trace = trace.path(), .verify = true});
  REQUIRE(again.ok());
  INFO(again->divergence);
  REQUIRE(again->divergence.empty());
  REQUIRE(again->complete);
}

TEST_CASE("everything that happened can be read whenever a live run is paused", "[live][threads]") {
  const TemporaryTrace trace;
  RunOptions options = options_of("ping_pong.lua");
  options.trace = trace.path();
  auto live = Live::start(std::move(options)).value();
  for (int i = 1; i <= 3; ++i) {
    live->step(50);
    live->settle();
    auto reader = tracing::Reader::open(trace.path()).value();
    REQUIRE(reader.run().events == live->status().events);
  }
  live->run_to_end();
  live->settle();
  REQUIRE(live->status().state == RunState::reached);
}

TEST_CASE("live refuses a scenario that cannot be loaded", "[live]") {
  const TemporaryTrace trace;
  RunOptions options = with_text("nonsense(");
  options.trace = trace.path();
  const auto live = Live::start(std::move(options));
  REQUIRE_FALSE(live.ok());
  REQUIRE(live.error().what.starts_with("test.lua:1: "));
}

TEST_CASE("every fault of the language is one of the simulator's", "[run]") {
  for (const char* word : {"kill", "crash", "pause", "partition", "isolate", "latency", "stall",
                           "reset", "forget", "split", "refuse", "hang", "bandwidth", "slow_disk",
                           "full_disk", "stuck_disk", "bad_disk", "clock", "drift"}) {
    CAPTURE(word);
    REQUIRE(sim::find_fault_kind(sim_fault_kind(word)) != nullptr);
  }
}

TEST_CASE("every fault of the language can be made", "[run]") {
  const Report report = finished(with_text(pair_of_nodes + R"(
    local t = "100ms"
    at("1s", function()
      fault.pause { node = "pong", lasts = t }
      fault.partition { between = { "ping", "pong" }, lasts = t }
      fault.partition { between = { "ping", "pong" }, one_way = true, lasts = t }
      fault.isolate { host = "pong", lasts = t }
      fault.latency { least = "1ms", most = "2ms", chance = "1/2", lasts = t }
      fault.stall { least = "1ms", most = "2ms", chance = "1/2", lasts = t }
      fault.reset { between = { "ping", "pong" } }
      fault.forget { between = { "ping", "pong" } }
      fault.split { chance = "1/2", lasts = t }
      fault.refuse { host = "pong", lasts = t }
      fault.hang { host = "pong", lasts = t }
      fault.bandwidth { bytes_per_second = 1000, lasts = t }
      fault.slow_disk { host = "pong", least = "1ms", most = "2ms", lasts = t }
      fault.full_disk { host = "pong", bytes = 10, lasts = t }
      fault.stuck_disk { host = "pong", lasts = t }
      fault.bad_disk { host = "pong", chance = "1/2", lasts = t }
      fault.clock { host = "pong", by = -5*s, lasts = t }
      fault.drift { host = "pong", ppm = 100, lasts = t }
      assert(fault.kill { node = "pong", process = "pong" })
      assert(not fault.kill { node = "pong", process = "nobody" })
      assert(fault.crash { node = "pong", lasts = t })
      assert(not fault.crash { node = "pong", lasts = t })
    end)
    at("1050ms", function() assert(not is_up "pong") end)
    at("2s", function() assert(is_up "pong" and processes "pong" == 2) end)
    at("3s", fault.crash, { node = "pong", power = false, lasts = t })
    run_for "4s")"));
  INFO(report.ended);
  REQUIRE(report.good);
  REQUIRE(report.faults == 21);
}

TEST_CASE("an error while it runs ends the run as failed", "[run]") {
  auto run = Run::create(
      with_text(pair_of_nodes + "run_for \"3s\" at(\"1s\", function() error \"no\" end)"));
  REQUIRE(run.ok());
  REQUIRE((*run)->run_to_end() == RunState::failed);
  REQUIRE((*run)->failure().what == "test.lua:1: no");
  REQUIRE_FALSE((*run)->finish().value().good);
}

TEST_CASE("a run without a length is refused", "[run]") {
  const auto run = Run::create(with_text(pair_of_nodes));
  REQUIRE_FALSE(run.ok());
  REQUIRE(run.error().what ==
          "test.lua: how long does it run? Write run_for \"30s\", or say --until 30s");
}

TEST_CASE("seeds are read as a number or a range", "[seeds]") {
  REQUIRE(parse_seeds("200")->count() == 200);
  REQUIRE(parse_seeds("5..7")->first == 5);
  for (const std::string wrong : {"", "7..5", "x", "1..", "..5", "1-5", "1..99999999999"}) {
    CAPTURE(wrong);
    REQUIRE_FALSE(parse_seeds(wrong).ok());
  }
}

TEST_CASE("many seeds stop at the lowest one that is not good", "[seeds][threads]") {
  SeedsOptions options{
      .run =
          with_text(pair_of_nodes + "run_for \"1s\" local n = between(1, 5) "
                                    "always(\"luck\", function() return n > 1, \"it is 1\" end)"),
      .seeds = {.first = 1, .last = 200},
      .jobs = 2,
      .progress = {}};
  const auto two = run_seeds(options).value();
  REQUIRE(two.bad.has_value());
  options.jobs = 1;
  REQUIRE(run_seeds(options).value().bad->seed == two.bad->seed);
  REQUIRE(two.bad->properties[0].why == "it is 1");
}

}  // namespace glasshouse::scenarios
