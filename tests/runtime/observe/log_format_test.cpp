#include "runtime/observe/log_format.h"

#include "tests/catch.h"

namespace glasshouse::tests {

using namespace runtime;

namespace {

LogEvent event_with(Term message) {
  const Pid pid{"a@h"_atom, 3, 1, 1};
  Term meta = map("time"_atom, 1'700'000'000'000'042, "pid"_atom, pid, "module"_atom, "store"_atom);
  return {.level = LogLevel::error, .message = std::move(message), .meta = std::move(meta)};
}

}  // namespace

TEST_CASE("times are of the proleptic calendar, in UTC", "[log_format]") {
  REQUIRE(log_time(0) == "1970-01-01T00:00:00.000000Z");
  REQUIRE(log_time(1'700'000'000'000'042) == "2023-11-14T22:13:20.000042Z");
  REQUIRE(log_time(951'782'400'000'000) == "2000-02-29T00:00:00.000000Z");
  REQUIRE(log_time(-1) == "1969-12-31T23:59:59.999999Z");
}

TEST_CASE("an event is one line of text", "[log_format]") {
  REQUIRE(format_text(event_with(binary("cannot open\nthe store"))) ==
          "2023-11-14T22:13:20.000042Z error <0.3.1> store: cannot open the store");
}

TEST_CASE("a report is its keys and values, under its title", "[log_format]") {
  const Term label = tuple("supervisor"_atom, "progress"_atom);
  const std::string line = format_text(event_with(map("label"_atom, label, "x"_atom, 1)));
  REQUIRE(line ==
          "2023-11-14T22:13:20.000042Z error <0.3.1> store: "
          "PROGRESS REPORT label: {supervisor,progress}, x: 1");
}

TEST_CASE("a line has a bound", "[log_format]") {
  const Term much = binary(std::string(log_line_bytes_max, '"'));
  const std::string line = format_text(event_with(much));
  REQUIRE(line.size() == log_line_bytes_max);
  REQUIRE(line.ends_with("..."));
  REQUIRE(format_json(event_with(much)).size() <= log_line_bytes_max);
  LogEvent talkative = event_with(much);
  talkative.meta = map("time"_atom, 0, "k"_atom, much);
  REQUIRE(format_json(talkative).size() <= log_line_bytes_max);
}

TEST_CASE("an event is one object of JSON", "[log_format]") {
  REQUIRE(format_json(event_with(binary("it said \"no\""))) ==
          R"({"level":"error","time":"2023-11-14T22:13:20.000042Z","msg":"it said \"no\"",)"
          R"("meta":{"module":"store","pid":"<0.3.1>","time":1700000000000042}})");
  REQUIRE(format_json(event_with(map("a"_atom, 1))).find(R"("report":{"a":1})") !=
          std::string::npos);
}

TEST_CASE("every term is JSON", "[log_format]") {
  REQUIRE(to_json(tuple("ok"_atom, 1, 2.5, true)) == R"(["ok",1,2.5,true])");
  REQUIRE(to_json(nil()) == "[]");
  REQUIRE(to_json(list(binary("a\tb\n"))) == "[\"a\\u0009b\\n\"]");
  REQUIRE(to_json(binary("\xff")) == "\"\xc3\xbf\"");
  REQUIRE(to_json(map(tuple(1), Term())) == R"({"{1}":"undefined"})");
  REQUIRE(to_json(list_with_tail({Term(1)}, Term(2))) == R"("[1|2]")");
  Term deep = nil();
  for (int i = 0; i < 1000; ++i)
    deep = list(deep);
  REQUIRE(to_json(deep).size() < 3000);
}

}  // namespace glasshouse::tests
