// A real simulated run, acted on through the observer's keys, and run again from its trace.

#include <span>

#include "gui/model/live_source.h"
#include "scenarios/run/replay.h"
#include "tests/catch.h"
#include "tests/gui/stage.h"
#include "tests/scenarios/run_fixture.h"
#include "tracing/causality.h"
#include "tracing/reader.h"

namespace glasshouse::gui {
namespace {

using runtime::EventKind;

std::unique_ptr<ObserverApp> live_app(const scenarios::TemporaryTrace& trace,
                                      const char* scenario) {
  scenarios::RunOptions options = scenarios::options_of(scenario);
  options.trace = trace.path();
  auto source = LiveSource::open(std::move(options));
  REQUIRE(source.ok());
  auto app =
      std::make_unique<ObserverApp>(ScreenOptions{}, *std::move(source), Desk::Mode::in_line);
  app->settle(4);
  return app;
}

std::vector<tracing::EventRecord> actions_of(tracing::Reader& trace) {
  return trace.events({}, {.kinds = runtime::kind_bit(EventKind::action)}).value();
}

void verify(const scenarios::TemporaryTrace& trace) {
  const auto again = scenarios::replay({.trace = trace.path(), .verify = true});
  REQUIRE(again.ok());
  INFO(again->divergence);
  REQUIRE(again->divergence.empty());
  REQUIRE(again->complete);
}

// Equal that far, which is not the end: how many events that were.
std::uint64_t verify_until(const scenarios::TemporaryTrace& trace, std::uint64_t seq) {
  const auto again = scenarios::replay({.trace = trace.path(), .verify = true, .until_event = seq});
  INFO((again ? std::string() : again.error().what));
  REQUIRE(again.ok());
  INFO(again->divergence);
  REQUIRE(again->divergence.empty());
  REQUIRE_FALSE(again->complete);
  return again->report.events;
}

TEST_CASE("what is done by hand in the observer is in the trace and replays", "[live]") {
  const scenarios::TemporaryTrace trace;
  auto app = live_app(trace, "kv_under_fire.lua");
  REQUIRE(failure_of(*app,
                     "expect live == true\nexpect running == false\n"
                     "key space\nuntil seconds > 0.3\nkey space\nexpect running == false\n"
                     "key right\nkey right\n"
                     "key ctrl+p\ntype kv_shard_1\nkey enter\nexpect process == kv_shard_1\n"
                     "key ;\nkey k\nexpect notice == \n"
                     "key ctrl+k\ntype cut link\nkey enter\nexpect cuts == 2\n"
                     "key right\n"
                     "key ctrl+k\ntype cut link\nkey enter\nexpect cuts == 4\n"
                     "key space\nwait 12\nkey space\n"
                     "key ctrl+k\ntype heal link\nkey enter\nexpect cuts == 2\nexpect notice == \n"
                     "key space\nuntil seconds > 2\nkey space") == "");
  app.reset();

  auto recorded = tracing::Reader::open(trace.path()).value();
  const auto actions = actions_of(recorded);
  std::vector<std::string> names;
  for (const auto& action : actions)
    names.push_back(action.name);
  REQUIRE(names == std::vector<std::string>{"kill", "cut", "cut", "heal", "stop"});
  for (const auto& action : std::span(actions).first(4)) {
    const auto effect = recorded.effect(action.seq).value();
    INFO(action.name);
    REQUIRE(effect.has_value());
    REQUIRE(recorded.cause(effect->seq).value()->seq == action.seq);
    REQUIRE(tracing::why_event(recorded, effect->seq).value()[1].sentence.find("By hand: ") == 0);
  }
  // The heal ended the fault of the first cut and no other.
  const auto begun = recorded.effect(actions[1].seq).value();
  const auto ended = recorded.effect(actions[3].seq).value();
  REQUIRE(begun->kind == EventKind::fault_begin);
  REQUIRE(ended->kind == EventKind::fault_end);
  REQUIRE(ended->message == begun->message);
  verify(trace);
  REQUIRE(verify_until(trace, ended->seq + 100) >= ended->seq + 100);
}

TEST_CASE("of a run that nobody touched the trace tells only where it was stopped", "[live]") {
  const scenarios::TemporaryTrace trace;
  auto app = live_app(trace, "ping_pong.lua");
  REQUIRE(failure_of(*app, "key space\nuntil seconds > 0.5\nkey space\nkey right") == "");
  app.reset();
  auto recorded = tracing::Reader::open(trace.path()).value();
  const auto actions = actions_of(recorded);
  REQUIRE(actions.size() == 1);
  REQUIRE(actions[0].name == "stop");
  verify(trace);
}

TEST_CASE("reductions grow with what a process does, in a live run too", "[live]") {
  const scenarios::TemporaryTrace trace;
  auto app = live_app(trace, "ping_pong.lua");
  REQUIRE(failure_of(*app, "key space\nuntil seconds > 0.2\nkey space") == "");
  std::uint64_t before = 0;
  for (const ProcessRow& row : app->observer().picture().processes.rows)
    before += row.reductions;
  REQUIRE(before > 0);
  REQUIRE(failure_of(*app, "key space\nuntil seconds > 0.6\nkey space") == "");
  std::uint64_t after = 0;
  for (const ProcessRow& row : app->observer().picture().processes.rows)
    after += row.reductions;
  REQUIRE(after > before);
}

}  // namespace
}  // namespace glasshouse::gui
