#include "tracing/causality.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/tracing/trace_file.h"
#include "tracing/explain.h"

namespace glasshouse::tracing {

namespace {

// A process has no other way to know of the past than its own events, its spawn and what caused
// them: the obvious fixed point.
std::set<Seq> naive_past(const std::vector<EventRecord>& events, Seq of) {
  std::set<Seq> past{of};
  for (std::size_t i = of; i-- > 0;) {
    const EventRecord& event = events[i];
    if (!past.count(event.seq)) continue;
    const auto actor = event.kind == EventKind::spawn ? event.peer.number : event.subject.number;
    if (event.cause != 0) past.insert(event.cause);
    for (std::size_t j = i; j-- > 0 && actor != 0;) {
      const bool acts = events[j].kind == EventKind::spawn
                            ? events[j].peer.number == actor || events[j].subject.number == actor
                            : events[j].subject.number == actor;
      if (!acts) continue;
      past.insert(events[j].seq);
      break;
    }
  }
  past.erase(of);
  return past;
}

std::string joined(const std::vector<Reason>& reasons) {
  std::string text;
  for (const auto& reason : reasons)
    text += reason.sentence + "\n";
  return text;
}

}  // namespace

TEST_CASE("the causal past is what own events, spawns and causes lead back to", "[causality]") {
  Recorded recorded(400);
  Reader reader = recorded.open();
  const Seq last = reader.run().events;
  const auto events = value_of(reader.events({.limit = last}));
  const auto graph = value_of(HappensBefore::of(reader, 1, last));
  for (Seq seq = 3; seq <= last; seq += 37) {
    const auto past = graph.past(seq);
    const auto expected = naive_past(events, seq);
    REQUIRE(std::set<Seq>(past.begin(), past.end()) == expected);
    REQUIRE(value_of(causal_past(reader, seq)) == past);
    const auto nearest = value_of(causal_past(reader, seq, 5));
    REQUIRE(nearest.size() == std::min<std::size_t>(5, past.size()));
    REQUIRE(std::equal(nearest.rbegin(), nearest.rend(), past.rbegin()));
  }
}

TEST_CASE("past and future are two sides of one relation, and the rest is concurrent",
          "[causality]") {
  Recorded recorded(100);
  Reader reader = recorded.open();
  const Seq last = reader.run().events;
  const auto graph = value_of(HappensBefore::of(reader, 1, last));
  for (Seq a = 1; a <= last; a += 13) {
    const auto future = graph.future(a);
    for (Seq b = 1; b <= last; b += 7) {
      const auto past = graph.past(b);
      const bool leads = std::count(past.begin(), past.end(), a) != 0;
      REQUIRE(leads == (std::count(future.begin(), future.end(), b) != 0));
      REQUIRE(leads == graph.leads_to(a, b));
      const auto chain = graph.chain(a, b);
      REQUIRE((leads || a == b) == !chain.empty());
      if (leads) {
        REQUIRE(chain.front() == a);
        REQUIRE(chain.back() == b);
        REQUIRE(std::is_sorted(chain.begin(), chain.end()));
      }
      REQUIRE(graph.concurrent(a, b) == (a != b && !leads && !graph.leads_to(b, a)));
    }
  }
}

TEST_CASE("a window beyond the limit is refused with a sentence", "[causality]") {
  Recorded recorded(10);
  Reader reader = recorded.open();
  REQUIRE(value_of(HappensBefore::of(reader, 5, 4)).edges().empty());
  REQUIRE(value_of(HappensBefore::of(reader, 1, window_max * 2)).past(1).empty());
}

TEST_CASE("a circle of calls is a deadlock, and a chain is none", "[causality]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 1);
  told.begin(4);
  told.tell(EventKind::wait, told.server(0), told.server(1), "call");
  told.tell(EventKind::wait, told.server(1), told.server(2), "call");
  told.tell(EventKind::wait, told.server(3), told.server(0), "call");
  const Seq chain = told.told().size();
  told.tell(EventKind::wait, told.server(2), told.server(0), "call");
  const Seq circle = told.told().size();
  REQUIRE(recorder->finish({}).ok());
  Reader reader = opened(file);
  const auto before = value_of(who_waits(reader, chain));
  REQUIRE(before.edges.size() == 3);
  REQUIRE(before.cycles.empty());
  const auto after = value_of(who_waits(reader, circle));
  REQUIRE(after.edges.size() == 4);
  REQUIRE(after.cycles.size() == 1);
  REQUIRE(after.cycles[0].size() == 3);
  REQUIRE(after.cycles[0][0].label == "shard_0");
  REQUIRE(after.cycles[0][1].label == "shard_1");
  const auto number = value_of(reader.find_processes("shard_3"))[0];
  const auto why = joined(value_of(why_process(reader, number, circle)));
  REQUIRE(why.find("shard_3 <1.104.0> has waited since") == 0);
  REQUIRE(why.find("a deadlock") != std::string::npos);
}

TEST_CASE("why a process was restarted leads from the decision to the message that broke it",
          "[causality]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 1);
  told.begin(2);
  told.tell(EventKind::fault_begin, {}, {}, "partition", 1, 0, "{n1,n2}");
  told.send(0, 1);
  told.receive(1);
  told.crash(1);
  told.tell(EventKind::fault_end, {}, {}, "partition", 1);
  REQUIRE(recorder->finish({}).ok());
  Reader reader = opened(file);
  const auto child = value_of(
      reader.previous(reader.run().events, {.kinds = runtime::kind_bit(EventKind::child)}));
  const auto reasons = value_of(why_event(reader, child->seq));
  std::vector<std::string> starts = {
      "kv_sup <1.100.0> started shard_1 <1.103.0>",  "kv_sup <1.100.0> restarts shard_1",
      "shard_1 <1.102.0> exited: {badmatch,7}",      "shard_1 <1.102.0> crashed",
      "shard_1 <1.102.0> received get from shard_0", "shard_0 <1.101.0> sent get"};
  REQUIRE(reasons.size() > starts.size());
  for (std::size_t i = 0; i < starts.size(); ++i) {
    INFO(joined(reasons));
    REQUIRE(reasons[i].sentence.starts_with(starts[i]));
  }
  REQUIRE(reasons.back().sentence.find("the fault partition {n1,n2} was in force") !=
          std::string::npos);
  const auto missing = why_event(reader, 99'999);
  REQUIRE(missing.error().code == "noevent");
}

TEST_CASE("a process that accepts none of its messages says so", "[causality]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 1);
  told.begin(2);
  told.send(0, 1);
  told.wait(told.server(1));
  REQUIRE(recorder->finish({}).ok());
  Reader reader = opened(file);
  const auto number = value_of(reader.find_processes("shard_1"))[0];
  const auto why = joined(value_of(why_process(reader, number, reader.run().events)));
  REQUIRE(why.find("one message is in its mailbox and it accepts none of them") !=
          std::string::npos);
}

TEST_CASE("every kind of event is explained by one sentence", "[explain]") {
  std::set<std::string> sentences;
  for (int i = 0; i < runtime::event_kind_count; ++i) {
    EventRecord event;
    event.kind = static_cast<EventKind>(i);
    event.node = 1;
    event.subject = {1, story::key(5), "<1.5.0>", "server"};
    event.peer = {2, story::key(6), "<1.6.0>", ""};
    event.name = "thing";
    event.detail = "{some,\nterm}";
    const std::string sentence = explain(event);
    INFO(sentence);
    REQUIRE(sentence.ends_with('.'));
    REQUIRE(sentence.find('\n') == std::string::npos);
    REQUIRE(sentence.find("..") == std::string::npos);
    REQUIRE(sentences.insert(sentence).second);
    EventRecord bare;
    bare.kind = event.kind;
    REQUIRE_FALSE(explain(bare).empty());
  }
}

TEST_CASE("a term that is a name is shown as the name, any other as it is", "[explain]") {
  REQUIRE(plain_name("<<\"client_3\">>") == "client_3");
  REQUIRE(plain_name("\"client_3\"") == "client_3");
  REQUIRE(plain_name("'a b'") == "a b");
  REQUIRE(plain_name("kv_shard") == "kv_shard");
  for (const char* other : {"", "<<>>", "<<\"\">>", "\"\"", "{a,\"b\"}", "<<1,2>>",
                            "<<\"a\\\"b\">>", "<<\"a\",\"b\">>"}) {
    REQUIRE(plain_name(other) == other);
  }
}

TEST_CASE("a label names a process that has registered no name", "[recorder]") {
  TraceFile file;
  auto recorder = recorder_to(file);
  story::Story told(*recorder, 1);
  told.begin(2);
  const auto labelled = story::key(900);
  told.tell(EventKind::spawn, labelled, told.supervisor(), "connection");
  told.tell(EventKind::label, labelled, {}, {}, 0, 0, "<<\"client_3\">>");
  told.tell(EventKind::label, told.supervisor(), {}, {}, 0, 0, "<<\"not shown\">>");
  REQUIRE(recorder->finish({}).ok());
  Reader reader = opened(file);
  const auto last = reader.run().events;
  REQUIRE(value_of(reader.event(last - 1))->subject.label == "client_3");
  REQUIRE(value_of(reader.event(last))->subject.label != "not shown");
}

TEST_CASE("a long text is cut between characters", "[explain]") {
  REQUIRE(shortened("short", 10) == "short");
  REQUIRE(shortened("0123456789", 10) == "0123456789");
  REQUIRE(shortened("0123456789a", 10) == "0123456789…");
  REQUIRE(shortened("äöü", 2) == "äö…");
  REQUIRE(shortened("a\nb", 10) == "a b");
}

}  // namespace glasshouse::tracing
