#include <set>
#include <string>

#include "runtime/behaviour/restart_plan.h"
#include "tests/catch.h"
#include "tests/tracing/trace_file.h"
#include "tracing/causality.h"
#include "tracing/explain.h"

namespace glasshouse::tracing {

TEST_CASE("bytes that arrive are caused by the send of the last of them", "[recorder]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 1);
  told.tell(EventKind::spawn, story::key(1), {}, "client");
  told.tell(EventKind::spawn, story::key(2), {}, "server");
  told.tell(EventKind::stream_open, story::key(2), {}, "accepted", 11, 10);
  told.tell(EventKind::stream_open, story::key(1), {}, "connected", 10, 11);
  told.tell(EventKind::stream_send, story::key(1), {}, {}, 10, 100);
  told.tell(EventKind::stream_send, story::key(1), {}, {}, 10, 50);
  told.tell(EventKind::stream_arrive, story::key(2), {}, {}, 11, 60);
  told.tell(EventKind::stream_arrive, story::key(2), {}, {}, 11, 40);
  told.tell(EventKind::send, {}, story::key(2), "bytes", 1);
  told.tell(EventKind::stream_arrive, story::key(2), {}, {}, 11, 50);
  told.tell(EventKind::stream_arrive, story::key(2), {}, {}, 99, 50);
  told.tell(EventKind::stream_close, story::key(1), {}, "normal", 10);
  told.tell(EventKind::stream_close, story::key(2), {}, "normal", 11);
  REQUIRE(recorder->finish({}).ok());
  Reader reader = opened(file);
  REQUIRE(value_of(reader.event(7))->cause == 5);
  REQUIRE(value_of(reader.event(8))->cause == 5);
  REQUIRE(value_of(reader.event(9))->cause == 8);
  REQUIRE(value_of(reader.event(10))->cause == 6);
  REQUIRE(value_of(reader.event(11))->cause == 0);
  REQUIRE(value_of(reader.event(13))->cause == 12);
  const auto graph = value_of(HappensBefore::of(reader, 1, 13));
  REQUIRE(graph.leads_to(5, 9));
  REQUIRE_FALSE(graph.leads_to(6, 9));
}

TEST_CASE("a kill from outside is explained by the fault that names the process", "[causality]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 1);
  told.begin(2);
  told.tell(EventKind::fault_begin, {}, {}, "proc.kill", 1, 0, "shard_0 <1.101.0> of kv");
  told.tell(EventKind::fault_begin, {}, {}, "proc.kill", 2, 0, "shard_1 <1.102.0> of kv");
  told.tell(EventKind::exit_signal, story::key(101), {}, "fatal");
  told.tell(EventKind::exit, story::key(101), {}, {}, 0, 0, "killed");
  REQUIRE(recorder->finish({}).ok());
  Reader reader = opened(file);
  const Seq last = reader.run().events;
  const auto reasons = value_of(why_event(reader, last));
  REQUIRE(reasons.size() >= 3);
  REQUIRE(reasons[1].seq == last - 1);
  REQUIRE(reasons[2].seq == last - 3);
}

TEST_CASE("each decision of a supervisor has a sentence of its own", "[causality]") {
  using runtime::Decision;
  std::set<std::string> sentences;
  for (const Decision decision :
       {Decision::restart, Decision::keep_down, Decision::forget, Decision::give_up}) {
    EventRecord event;
    event.kind = EventKind::restart;
    event.name = std::string(runtime::decision_name(decision).text());
    const std::string sentence = explain(event);
    CAPTURE(sentence);
    REQUIRE(sentence.find("decided") == std::string::npos);
    REQUIRE(sentences.insert(sentence).second);
  }
}

namespace {

// A store whose node dies and comes back, some traffic, and a property that says no at the end.
Reader told_violation(const TraceFile& file) {
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 1);
  told.begin(2);
  told.tell(EventKind::fault_begin, {}, {}, "latency", 1, 0, "n1");
  told.tell(EventKind::fault_begin, {}, {}, "node.crash", 2, 0, "n1");
  told.tell(EventKind::node_down, {}, {}, "crashed");
  told.tell(EventKind::node_up, {}, {}, "kv@host", 0, 2);
  for (int i = 0; i < 20; ++i) {
    told.send(0, 1);
    told.receive(1);
  }
  told.tell(EventKind::property, {}, {}, "it works", 0, 1);
  told.tell(EventKind::property, {}, {}, "no write is lost", 0, 0, "key 7 was 1");
  REQUIRE(recorder->finish({}).ok());
  return opened(file);
}

}  // namespace

TEST_CASE("a violation is explained by what it names, the last events and what went wrong before",
          "[causality]") {
  TraceFile file;
  Reader reader = told_violation(file);
  const Seq violation = reader.run().events;
  const auto reasons = value_of(why_event(reader, violation));
  REQUIRE(reasons[0].seq == violation);
  REQUIRE(reasons[0].tie == Tie::asked);
  REQUIRE(reasons[0].sentence == "Property no write is lost is violated: key 7 was 1.");
  std::string text;
  for (std::size_t i = 1; i < reasons.size(); ++i) {
    INFO(reasons[i].sentence);
    REQUIRE(reasons[i].tie == Tie::after);
    REQUIRE(reasons[i].seq < reasons[i - 1].seq);
    text += reasons[i].sentence + "\n";
  }
  // The last thing that was said, then what went wrong, the newest first.
  REQUIRE(text.starts_with("shard_0 <1.101.0> sent get to shard_1 <1.102.0>"));
  REQUIRE(
      text.ends_with("Node kv@host came up, life 2.\nNode 1 went down (crashed).\n"
                     "Fault 2 began: node.crash: n1.\nFault 1 began: latency: n1.\n"));
  REQUIRE(reasons.size() == 1 + last_events_max + 4);
}

TEST_CASE("a property is asked about by its name, and one that is not violated says so",
          "[causality]") {
  TraceFile file;
  Reader reader = told_violation(file);
  const auto violated = value_of(why_property(reader, "no write is lost"));
  REQUIRE(violated.front().seq == reader.run().events);
  REQUIRE(violated.size() > 1);
  const auto held = value_of(why_property(reader, "it works"));
  REQUIRE(held.size() == 1);
  REQUIRE(held.front().sentence == "Property it works held.");
  REQUIRE(why_property(reader, "nothing like it").error().code == "noproperty");
}

TEST_CASE("what went wrong in a run are its violations, else its first crash, else nothing",
          "[causality]") {
  TraceFile violated;
  Reader broken = told_violation(violated);
  REQUIRE(value_of(what_went_wrong(broken)).front().seq == broken.run().events);

  TraceFile crashed;
  auto recorder = recorder_to(crashed);
  story::Story told(*recorder, 1);
  told.begin(2);
  told.crash(0);
  told.crash(1);
  REQUIRE(recorder->finish({}).ok());
  Reader crashes = opened(crashed);
  REQUIRE(value_of(what_went_wrong(crashes)).front().sentence.starts_with("shard_0"));

  TraceFile good;
  auto peaceful = recorder_to(good);
  story::Story(*peaceful, 1).begin(1);
  REQUIRE(peaceful->finish({}).ok());
  Reader peace = opened(good);
  REQUIRE(value_of(what_went_wrong(peace)).empty());
}

TEST_CASE("streams of a node that went down are closed by that", "[reader]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 1);
  told.begin(1);
  told.tell(EventKind::stream_open, told.server(0), {}, "accepted", 11);
  told.tell(EventKind::node_down, {}, {}, "crashed");
  REQUIRE(recorder->finish({}).ok());
  Reader reader = opened(file);
  const auto streams = value_of(reader.streams());
  REQUIRE(streams[0].closed == reader.run().events);
  REQUIRE(streams[0].close_reason == "the node went down");
}

}  // namespace glasshouse::tracing
