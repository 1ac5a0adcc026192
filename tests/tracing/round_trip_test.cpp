#include <fstream>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/tracing/trace_file.h"

namespace glasshouse::tracing {

TEST_CASE("every event is read as it was emitted, in the order emitted", "[recorder]") {
  Recorded recorded(3'000);
  Reader reader = recorded.open();
  const auto& told = recorded.told.told();
  REQUIRE(reader.run().events == told.size());
  const auto events = value_of(reader.events({.limit = told.size()}));
  REQUIRE(events.size() == told.size());
  for (std::size_t i = 0; i < told.size(); ++i) {
    const auto& expected = told[i].event;
    const auto& event = events[i];
    REQUIRE(event.seq == i + 1);
    REQUIRE(event.kind == expected.kind);
    REQUIRE(event.time == expected.time);
    REQUIRE(event.node == expected.node);
    REQUIRE(event.subject.key == expected.subject);
    REQUIRE(event.peer.key == expected.peer);
    REQUIRE(event.name == (expected.name == runtime::Atom() ? "" : expected.name.text()));
    REQUIRE(event.message == expected.message);
    REQUIRE(event.argument == expected.argument);
    REQUIRE(event.detail == told[i].text);
  }
}

TEST_CASE("a finished trace tells what was run and how it ended", "[recorder]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 1);
  told.begin(2);
  told.run(50);
  PropertyInfo property{"no_write_lost", "always", "held", 0, ""};
  REQUIRE(recorder
              ->finish({.words = "finished",
                        .digest = 0xabcdef,
                        .digest_events = 12,
                        .properties = {property}})
              .ok());
  Reader reader = opened(file);
  const RunInfo& run = reader.run();
  REQUIRE(run.scenario == "story");
  REQUIRE(run.scenario_text == "host 'a'\n");
  REQUIRE(run.seed == 7);
  REQUIRE(run.parameters.size() == 2);
  REQUIRE(run.parameters[0].name == "port");
  REQUIRE(run.world == WorldKind::sim);
  REQUIRE(run.kinds == runtime::all_event_kinds);
  REQUIRE(run.digest == 0xabcdef);
  REQUIRE(run.digest_events == 12);
  REQUIRE(run.outcome == "finished");
  REQUIRE_FALSE(run.cut);
  REQUIRE(run.end == told.told().back().event.time);
  REQUIRE(run.nodes.size() == 1);
  REQUIRE(run.nodes[0].name == "kv@host");
  REQUIRE(run.properties.size() == 1);
  REQUIRE(run.properties[0].verdict == "held");
  REQUIRE_FALSE(run.build.empty());
}

TEST_CASE("a trace that nobody finished opens and says that it was cut", "[recorder]") {
  TraceFile file;
  {
    auto recorder = recorder_to(file);
    story::Story told(*recorder, 1);
    told.begin(2);
  }
  Reader reader = opened(file);
  REQUIRE(reader.run().cut);
  REQUIRE(reader.run().outcome.empty());
  REQUIRE(reader.run().events > 0);
}

TEST_CASE("what is flushed can be read while recording goes on", "[recorder]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 1);
  told.begin(2);
  REQUIRE(recorder->flush().ok());
  Reader reader = opened(file);
  REQUIRE(reader.run().events == told.told().size());
  told.run(500);
  REQUIRE(recorder->flush().ok());
  REQUIRE(reader.run().events < told.told().size());
  REQUIRE(value_of(reader.refresh()));
  REQUIRE(reader.run().events == told.told().size());
  REQUIRE_FALSE(value_of(reader.refresh()));
  REQUIRE(recorder->finish({}).ok());
  REQUIRE(value_of(reader.refresh()));
  REQUIRE_FALSE(reader.run().cut);
}

TEST_CASE("a recording replaces a trace of its name but no other file", "[recorder]") {
  Recorded first(10);
  auto second = Recorder::create({.path = first.file.path()}, described());
  REQUIRE(second.ok());
  second->reset();
  TraceFile text;
  std::ofstream(text.path()) << "dear diary";
  auto refused = Recorder::create({.path = text.path()}, described());
  REQUIRE_FALSE(refused.ok());
  REQUIRE(refused.error().code == "eexist");
}

TEST_CASE("only the kinds that are asked for are wanted and recorded", "[recorder]") {
  const auto kinds = runtime::kind_bit(EventKind::spawn) | runtime::kind_bit(EventKind::exit);
  Recorded recorded(500, 7, {.path = {}, .kinds = kinds});
  Reader reader = recorded.open();
  REQUIRE(reader.run().kinds == kinds);
  const auto events = value_of(reader.events({.limit = 100'000}));
  REQUIRE_FALSE(events.empty());
  for (const auto& event : events) {
    REQUIRE((event.kind == EventKind::spawn || event.kind == EventKind::exit));
  }
}

TEST_CASE("a text beyond the limit is cut and says how much is missing", "[recorder]") {
  TraceFile file;
  auto recorder = recorder_to(file, {.path = {}, .detail_bytes_max = 10});
  story::Story told(*recorder, 1);
  told.tell(EventKind::log, {}, {}, "info", 0, 0, "0123456789abcdef");
  told.tell(EventKind::log, {}, {}, "info", 0, 0, "0123456789");
  REQUIRE(recorder->finish({}).ok());
  Reader reader = opened(file);
  REQUIRE(value_of(reader.event(1))->detail == "0123456789...+6 bytes");
  REQUIRE(value_of(reader.event(2))->detail == "0123456789");
}

TEST_CASE("message numbers are never used twice", "[recorder]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  std::vector<std::uint64_t> numbers;
  for (int i = 0; i < 70'000; ++i)
    numbers.push_back(recorder->new_message_id());
  REQUIRE(numbers.front() == 1);
  for (std::size_t i = 1; i < numbers.size(); ++i)
    REQUIRE(numbers[i] == numbers[i - 1] + 1);
}

TEST_CASE("a pid that comes back after a restart of its node is another process", "[recorder]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 1);
  for (int life = 1; life <= 2; ++life) {
    told.tell(EventKind::node_up, {}, {}, "kv@host", 0, life);
    told.tell(EventKind::spawn, story::key(5), {}, "server");
    told.tell(EventKind::node_down, {}, {}, "crashed");
  }
  REQUIRE(recorder->finish({}).ok());
  Reader reader = opened(file);
  const auto found = value_of(reader.find_processes("<1.5.0>"));
  REQUIRE(found.size() == 2);
  REQUIRE(value_of(reader.processes(2)).size() == 1);
  REQUIRE(value_of(reader.processes(3)).empty());
  REQUIRE(value_of(reader.processes(5))[0].number == found[1]);
  REQUIRE(value_of(reader.process(found[0], 6)).exit_reason == "the node went down");
  REQUIRE(reader.run().nodes[0].starts == 2);
}

}  // namespace glasshouse::tracing
