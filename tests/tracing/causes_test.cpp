#include <string>

#include "tests/catch.h"
#include "tests/tracing/trace_file.h"
#include "tracing/causality.h"

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
