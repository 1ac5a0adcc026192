#include "scenarios/kv/store.h"

#include "tests/catch.h"

namespace glasshouse::scenarios::kv {

namespace {

using Said = StepResult::Said;

// A store, its log, and what the last step said and needs.
struct Fixture {
  StepResult step(Verb verb, std::string_view key, std::string_view value = {}) {
    needs = 0;
    return store.apply({.verb = verb, .key = Binary(key), .value = Binary(value)}, batch, log,
                       needs);
  }
  std::string get(std::string_view key) {
    const StepResult result = step(Verb::get, key);
    return result.said == Said::nil ? "nothing" : std::string(result.bytes.view());
  }
  std::int64_t count() { return step(Verb::count, "").number; }

  Store store;
  LogWriter log{1};
  Store::BatchNumber batch = 1;
  Store::BatchNumber needs = 0;
};

}  // namespace

TEST_CASE("a store does what each verb says", "[kv][store]") {
  Fixture at;
  REQUIRE(at.get("a") == "nothing");
  REQUIRE(at.step(Verb::set, "a", "1").said == Said::ok);
  REQUIRE(at.get("a") == "1");
  REQUIRE(at.step(Verb::incr, "a").number == 2);
  REQUIRE(at.step(Verb::incr, "new").number == 1);
  REQUIRE(at.step(Verb::set_if_absent, "a", "x").said == Said::nil);
  REQUIRE(at.step(Verb::set_if_present, "b", "x").said == Said::nil);
  REQUIRE(at.step(Verb::set_if_present, "a", "x").said == Said::ok);
  REQUIRE(at.count() == 2);
  REQUIRE(at.store.bytes() == 6);
  REQUIRE(at.step(Verb::incr, "a").bytes.view() == "ERR value is not an integer or out of range");
  REQUIRE(at.step(Verb::del, "a").number == 1);
  REQUIRE(at.step(Verb::del, "a").number == 0);
  REQUIRE(at.store.bytes() == 4);
}

TEST_CASE("counting stops at the largest number", "[kv][store]") {
  Fixture at;
  at.step(Verb::set, "a", "9223372036854775807");
  REQUIRE(at.step(Verb::incr, "a").bytes.view() == "ERR increment or decrement would overflow");
  REQUIRE(at.get("a") == "9223372036854775807");
}

TEST_CASE("what is seen needs the batch that changed it", "[kv][store]") {
  Fixture at;
  at.step(Verb::set, "a", "1");
  REQUIRE(at.needs == 1);
  at.batch = 2;
  at.get("a");
  REQUIRE(at.needs == 1);
  at.get("b");
  REQUIRE(at.needs == 0);
  at.step(Verb::set, "c", "1");
  REQUIRE(at.needs == 2);
  at.count();
  REQUIRE(at.needs == 2);
  at.store.settle(1);
  at.get("a");
  REQUIRE(at.needs == 0);
  at.step(Verb::set_if_absent, "c", "2");
  REQUIRE(at.needs == 2);
  at.step(Verb::del, "a");
  at.store.settle(1);
  at.get("a");
  REQUIRE(at.needs == 2);
  at.step(Verb::del, "a");
  REQUIRE(at.needs == 2);
  at.store.settle(2);
  at.count();
  REQUIRE(at.needs == 0);
}

TEST_CASE("rolling back leaves what was settled", "[kv][store]") {
  Fixture at;
  at.step(Verb::set, "kept", "1");
  at.step(Verb::set, "gone", "1");
  at.store.settle(1);
  at.batch = 2;
  at.step(Verb::set, "kept", "2");
  at.step(Verb::incr, "kept");
  at.step(Verb::del, "gone");
  at.step(Verb::set, "new", "1");
  at.batch = 3;
  at.step(Verb::set, "gone", "3");
  at.step(Verb::del, "kept");
  at.store.roll_back();
  REQUIRE(at.get("kept") == "1");
  REQUIRE(at.needs == 0);
  REQUIRE(at.get("gone") == "1");
  REQUIRE(at.get("new") == "nothing");
  REQUIRE(at.count() == 2);
  REQUIRE(at.store.bytes() == 10);
}

TEST_CASE("a store laid down and restored is the same", "[kv][store]") {
  Fixture at;
  for (const char* key : {"b", "a", "c"})
    at.step(Verb::set, key, "v");
  at.step(Verb::del, "b");
  LogWriter log(7);
  at.store.lay_down(log);
  log.add({.kind = LogRecord::Kind::complete});
  const std::string bytes = log.take();
  Store restored;
  const LogReading reading =
      read_log(7, bytes, [&](const LogRecord& record) { restored.restore(record); });
  REQUIRE(reading.complete);
  REQUIRE(restored.size() == 2);
  LogWriter again(7);
  restored.lay_down(again);
  again.add({.kind = LogRecord::Kind::complete});
  REQUIRE(again.take() == bytes);
}

TEST_CASE("the log replays to the table it came from", "[kv][store]") {
  Fixture at;
  at.step(Verb::set, "a", "1");
  at.step(Verb::incr, "a");
  at.step(Verb::set, "b", "x");
  at.step(Verb::del, "b");
  at.step(Verb::set_if_absent, "c", "y");
  Store replayed;
  read_log(1, at.log.take(), [&](const LogRecord& record) { replayed.restore(record); });
  LogWriter left(3);
  LogWriter right(3);
  at.store.lay_down(left);
  replayed.lay_down(right);
  REQUIRE(left.take() == right.take());
}

}  // namespace glasshouse::scenarios::kv
