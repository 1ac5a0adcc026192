#include <string>
#include <vector>

#include "scenarios/language/script.h"
#include "tests/scenarios/recording_stage.h"

namespace glasshouse::scenarios {

namespace {

struct Wrong {
  std::string text;
  std::string sentence;
};

void expect_sentences(const std::vector<Wrong>& all) {
  for (const Wrong& wrong : all) {
    CAPTURE(wrong.text);
    REQUIRE(refusal_of(toy_head + "\n" + wrong.text) == "test.lua:2: " + wrong.sentence);
  }
}

}  // namespace

TEST_CASE("a declaration that is wrong says what was expected", "[language]") {
  expect_sentences({
      {"node { name = \"b\", strat = \"toy\" }",
       "node: start is missing; it is the application to run on it, such as \"kv\""},
      {"node { start = \"toy\" }",
       "node: name is missing; it is what it is called, such as \"store\""},
      {"node { name = \"b\", start = \"toi\" }",
       "node: there is no application \"toi\" (did you mean \"toy\"?); known are toy"},
      {"node { name = \"b\", start = \"toy\", shard = 3 }",
       "node: unknown field \"shard\" (did you mean \"shards\"?); known are eager, host, name, "
       "pause, server, shards and start"},
      {"node { name = \"b\", start = \"toy\", shards = 0 }",
       "node: shards is a whole number from 1 to 64, not the number 0"},
      {"node { name = \"b\", start = \"toy\", shards = \"x\" }",
       "node: shards is a whole number, not the text \"x\""},
      {"node { name = \"b\", start = \"toy\", pause = 5 }",
       "node: pause is a duration such as \"500ms\", not the number 5"},
      {"node { name = \"store\", start = \"toy\" }", "node: there is already one called \"store\""},
      {"node { name = \"My Store\", start = \"toy\" }",
       "node: a name is made of a to z, 0 to 9 and _, begins with a letter and has at most 40 "
       "characters; \"My Store\" does not"},
      {"node \"b\"", "node takes its fields in braces, node { name = value }, not the text \"b\""},
      {"node { \"b\", name = \"b\", start = \"toy\" }",
       "node: every field is written name = value, but one has no name: the text \"b\""},
      {"host(5)", "host: the name is a text in quotes, not the number 5"},
      {"scenario \"again\"", "scenario: this file has a name already"},
      {"parameter \"x\"",
       "parameter is written parameter(name, default, \"what it is\"); it was given 1 values"},
      {"parameter(\"x\", {})",
       "parameter: the default is a number, a text, a duration, true or false, not a table"},
      {"workload { name = \"c\", start = \"toy\", count = 0 }",
       "workload: count is a whole number from 1 to 500, not 0"},
      {"run_for(30)",
       "run_for: the length of the run is a duration such as \"500ms\" or 2*s, not "
       "the number 30"},
      {"run_for \"30 parsecs\"",
       "run_for: \"30 parsecs\" is no duration: write a number and a unit, such as \"500ms\", "
       "\"2s\" or \"1.5s\" (units: ns, us, ms, s, min, h)"},
      {"network { latency_least = \"5ms\", latency_most = \"1ms\" }",
       "network: latency_least is above latency_most"},
  });
}

TEST_CASE("a time, a chance or a property that is wrong says what was expected", "[language]") {
  expect_sentences({
      {"at(\"2s\", \"x\")", "at: what happens then is a function, not the text \"x\""},
      {"at(\"2s\")", "at is written at(\"2s\", function, arguments...); it was given 1 values"},
      {"every(\"1ns\", say)", "every: a period is at least 10us"},
      {"every(\"1s\", { form = \"2s\" }, say)",
       "every: unknown field \"form\" (did you mean \"from\"?); known are from and to"},
      {"when(5, say)",
       "when: the condition is the name of a probe or a function, not the number 5"},
      {"one_of {}", "one_of: there is nothing in the list to choose from"},
      {"some_of({ 1 }, 2)", "some_of: the list has 1 things; 2 cannot be chosen"},
      {"between(5, 1)", "between: the least is above the most"},
      {"between(1, \"x\")", "between: the most is a whole number, not the text \"x\""},
      {"chance \"3/2\"",
       "chance: the probability is written \"1/10\", \"3%\" or 0.25, not the text \"3/2\""},
      {"always(\"x\", 5)", "always: the test is a function, not the number 5"},
      {"always(\"x\", say) always(\"x\", say)", "always: there is already a property \"x\""},
      {"now()", "now looks at a run; call it in a function given to at, every, when or a property"},
      {"alwyas(\"x\", say)", "nothing is called alwyas (did you mean \"always\"?)"},
      {"always(\"x\", toy.well)", "nothing is called toy.well; known are count and is_well"},
      {"local d = 5*s + 1",
       "a duration can be added to, subtracted from and compared with a duration, not the number "
       "1"},
  });
}

TEST_CASE("a list with a hole is refused, however it lies in memory", "[language]") {
  const std::string end = ": the list has a hole: its value 2 is nil, but it has a value 3";
  expect_sentences({
      {"one_of { 1, nil, 3 }", "one_of" + end},
      {"one_of { [3] = 3, x = 5, [1] = 1 }", "one_of" + end},
      {"shuffled { 1, nil, 3 }", "shuffled" + end},
      {"some_of({ 1, nil, 3 }, 1)", "some_of" + end},
      {"local list = { 1, 2, 3 } list[2] = nil table.sort(list)", "table.sort" + end},
      {"fault.partition { between = { { \"store\", nil, \"store\" }, \"store\" } }",
       "fault.partition" + end},
      {"one_of { [1] = 1, [9007199254740993] = 2 }",
       "one_of: the list has a hole: its value 2 is nil, but it has a value 9007199254740993"},
  });
}

TEST_CASE("a fault that is wrong says how it is written", "[language]") {
  expect_sentences({
      {"fault.crash {}",
       "fault.crash: node is missing; it is written fault.crash { node = store, lasts = \"1s\" }"},
      {"fault.crash { node = \"stor\" }",
       "fault.crash: there is no node \"stor\" (did you mean \"store\"?); there are store"},
      {"fault.crash { node = \"store\", last = \"1s\" }",
       "fault.crash: unknown field \"last\" (did you mean \"lasts\"?); "
       "known are lasts, node and power"},
      {"fault.isolate { host = \"moon\" }",
       "fault.isolate: there is no host \"moon\"; there are store"},
      {"fault.partition { between = { \"store\" } }",
       "fault.partition: between is a list of the two sides, { one, other }, each a host, a node "
       "or "
       "a list, not a table"},
      {"fault.partition { between = { \"store\", \"store\" } }",
       "fault.partition: store is on both sides"},
      {"fault.latency { least = \"5ms\", most = \"1ms\" }", "fault.latency: least is above most"},
      {"fault.bandwidth { bytes_per_second = 0 }",
       "fault.bandwidth: bytes_per_second is from 1 to 1000000000000"},
  });
  REQUIRE(refusal_of(toy_head + "\nfault.crahs {}")
              .starts_with("test.lua:2: nothing is called fault.crahs (did you mean \"crash\"?); "
                           "known are bad_disk,"));
}

TEST_CASE("what is declared while the run goes on is refused", "[language]") {
  REQUIRE(deeds_of(toy_head + "\nat(\"1s\", function() host \"late\" end)") ==
          std::vector<std::string>{
              "failed: test.lua:2: host declares what is there before the run begins; write it at "
              "the top of the scenario, not in a function that is called while it runs"});
}

TEST_CASE("a test that does not answer true or false ends the run", "[language]") {
  REQUIRE(deeds_of(toy_head + "always(\"x\", function() end)") ==
          std::vector<std::string>{"failed: test.lua: the test of \"x\" answers true or false, and "
                                   "why; it answered nothing"});
}

TEST_CASE("a scenario without name or node is refused", "[language]") {
  REQUIRE(refusal_of("") ==
          "test.lua: the scenario has no name; begin it with scenario \"its name\"");
  REQUIRE(refusal_of("scenario \"x\"") ==
          "test.lua: there is no node; write node { name = ..., start = ... }");
}

TEST_CASE("a script that is no Lua names the line", "[language]") {
  REQUIRE(refusal_of("scenario \"x\"\nnode { name = }") ==
          "test.lua:2: unexpected symbol near '}'");
}

}  // namespace glasshouse::scenarios
