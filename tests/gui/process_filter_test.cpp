#include "gui/model/process_filter.h"

#include "tests/catch.h"

namespace glasshouse::gui {
namespace {

ProcessRow shard() {
  ProcessRow row;
  row.key = 7;
  row.pid = "<2.107.0>";
  row.name = "kv_shard_3";
  row.behaviour = "kv::Shard";
  row.activity = Activity::waiting;
  row.mailbox = 250;
  row.reductions = 12'000;
  row.restarts = 1;
  return row;
}

bool accepts(const char* filter) {
  return ProcessFilter::parse(filter).accepts(shard(), {.node = "n2", .waiting_for = "raft_b"});
}

TEST_CASE("an empty filter accepts every process", "[process_filter]") {
  REQUIRE(ProcessFilter::parse("").is_empty());
  REQUIRE(ProcessFilter::parse("   ").is_empty());
  REQUIRE(accepts(""));
}

TEST_CASE("a word is sought in name, pid and behaviour, in any case", "[process_filter]") {
  REQUIRE(accepts("SHARD"));
  REQUIRE(accepts("<2.107"));
  REQUIRE(accepts("kv::"));
  REQUIRE_FALSE(accepts("acceptor"));
}

TEST_CASE("all terms of a filter must hold", "[process_filter]") {
  REQUIRE(accepts("node:n2 restarts>0 shard"));
  REQUIRE_FALSE(accepts("node:n1 restarts>0"));
}

TEST_CASE("conditions compare as written, at the edges too", "[process_filter]") {
  REQUIRE(accepts("mq>249"));
  REQUIRE_FALSE(accepts("mq>250"));
  REQUIRE(accepts("mq>=250"));
  REQUIRE(accepts("mq<251"));
  REQUIRE_FALSE(accepts("mq<250"));
  REQUIRE(accepts("mq<=250"));
  REQUIRE(accepts("mailbox=250"));
  REQUIRE(accepts("reductions>11k"));
  REQUIRE_FALSE(accepts("reductions>1M"));
}

TEST_CASE("waiting: names whom a process waits for", "[process_filter]") {
  REQUIRE(accepts("waiting:raft"));
  REQUIRE_FALSE(accepts("waiting:kv_2"));
  REQUIRE(accepts("state:waiting"));
  REQUIRE_FALSE(accepts("state:idle"));
}

TEST_CASE("a minus before a term means not", "[process_filter]") {
  REQUIRE(accepts("-acceptor"));
  REQUIRE_FALSE(accepts("-shard"));
  REQUIRE_FALSE(accepts("-mq>100"));
}

TEST_CASE("what is no condition is a word", "[process_filter]") {
  REQUIRE_FALSE(accepts("mq>many"));
  REQUIRE_FALSE(accepts("colour:red"));
  REQUIRE(accepts("kv::Shard"));
}

}  // namespace
}  // namespace glasshouse::gui
