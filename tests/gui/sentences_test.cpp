#include "gui/model/sentences.h"

#include "tests/catch.h"

namespace glasshouse::gui {
namespace {

ProcessRow waiting(ProcessKey key, const char* name, ProcessKey for_whom) {
  ProcessRow row;
  row.key = key;
  row.name = name;
  row.activity = Activity::waiting;
  row.waiting_what = "call";
  row.waiting_for = for_whom;
  return row;
}

TEST_CASE("why follows whom a process waits for", "[sentences]") {
  auto table = ProcessTable::of({waiting(1, "kv_1", 2), waiting(2, "raft_b", 3), ProcessRow{}});
  REQUIRE(why(table.rows[0], table, 1'200'000'000) ==
          "Blocked 1.2 s in call to raft_b, which waits for a process that is not there.");
}

TEST_CASE("why names a cycle", "[sentences]") {
  auto table = ProcessTable::of({waiting(1, "a", 2), waiting(2, "b", 1)});
  REQUIRE(why(table.rows[0], table, 0) ==
          "Blocked 0 ns in call to b, which waits for a: a cycle, so none of them goes on.");
}

TEST_CASE("why counts what waits in the mailbox", "[sentences]") {
  ProcessRow row;
  row.mailbox = 1;
  ProcessTable none;
  REQUIRE(why(row, none, 5'000'000) ==
          "Idle for 5.0 ms: waits for any message. 1 message waits in its mailbox.");
}

TEST_CASE("every kind of event has a sentence", "[sentences]") {
  for (int kind = 0; kind < runtime::event_kind_count; ++kind) {
    EventRow event;
    event.kind = static_cast<EventKind>(kind);
    event.subject = 1;
    event.subject_name = "kv_1";
    event.peer = 2;
    event.peer_name = "raft_b";
    event.name = "word";
    std::string said = sentence(event);
    INFO(kind_words(event.kind) << ": " << said);
    REQUIRE(said.size() > 8);
    REQUIRE(said.find("  ") == std::string::npos);
  }
}

}  // namespace
}  // namespace glasshouse::gui
