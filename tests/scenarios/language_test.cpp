#include <algorithm>

#include "scenarios/language/script.h"
#include "tests/scenarios/recording_stage.h"

namespace glasshouse::scenarios {

namespace {
using Deeds = std::vector<std::string>;
}

TEST_CASE("a scenario declares hosts, nodes and the options of their applications", "[language]") {
  const auto script = loaded(R"(
    scenario "two stores"
    local left = host "left"
    node { name = "a", host = left, start = "toy", shards = 8, pause = "250ms", eager = true }
    node { name = "b", host = "right", start = "toy", server = left }
    run_for "30s")");
  const Plan& plan = script->plan();
  REQUIRE(plan.name == "two stores");
  REQUIRE(plan.length == Duration::seconds(30));
  REQUIRE(plan.hosts.size() == 2);
  REQUIRE(plan.nodes[0].options.number("shards") == 8);
  REQUIRE(plan.nodes[0].options.duration("pause") == Duration::milliseconds(250));
  REQUIRE(plan.nodes[0].options.flag("eager"));
  REQUIRE(plan.nodes[1].options.number("shards") == 4);
  REQUIRE(plan.nodes[1].options.text("server") == "left");
  REQUIRE(plan.hosts[plan.nodes[1].host].name == "right");
}

TEST_CASE("a workload is so many nodes on hosts of their own", "[language]") {
  const auto script = loaded(
      "scenario \"w\" local all = workload { name = \"client\", start = \"toy\", count = 3 } "
      "assert(#all == 3 and all[2].name == \"client_2\")");
  REQUIRE(script->plan().nodes.size() == 3);
  REQUIRE(script->plan().hosts[2].name == "client_3");
}

TEST_CASE("a parameter has its default until it is set, and keeps its type", "[language]") {
  const std::string text = toy_head +
                           "local n = parameter(\"n\", 4, \"how many\") "
                           "local d = parameter(\"d\", \"2s\") "
                           "assert(n * 2 == 8 or n == 9) assert(d < 3*s)";
  REQUIRE(std::get<std::int64_t>(loaded(text)->plan().parameters[0].value) == 4);
  const auto script = loaded(text, {{"n", "9"}, {"d", "500ms"}});
  REQUIRE(std::get<std::int64_t>(script->plan().parameters[0].value) == 9);
  REQUIRE(std::get<Duration>(script->plan().parameters[1].value) == Duration::milliseconds(500));
}

TEST_CASE("what is set but no parameter is refused and the parameters are named", "[language]") {
  const std::string text = toy_head + "parameter(\"port\", 1) parameter(\"shards\", 2)";
  REQUIRE(refusal_of(text, {{"prot", "5"}}) ==
          "--set prot=5: test.lua has no parameter \"prot\" (did you mean \"port\"?); it has port "
          "and shards");
  REQUIRE(refusal_of(text, {{"port", "x"}}) ==
          "test.lua:1: --set port=x: \"x\" is not a whole number");
}

TEST_CASE("at, after and every call at their virtual times", "[language]") {
  REQUIRE(deeds_of(toy_head + R"(
    at("2s", function() say "two" after("500ms", say, "and", "a half") end)
    every("3s", { from = "1s", to = "7s" }, function() say("tick", now()) end)
  )") == Deeds{"1s tick 1s", "2s two", "2500ms and a half", "4s tick 4s", "7s tick 7s"});
}

TEST_CASE("when calls once at the first look at which its condition is true", "[language]") {
  const std::string text = "local n = 0 every(\"1s\", function() n = n + 1 end) ";
  REQUIRE(deeds_of(toy_head + text +
                   "when(function() return n == 3 end, function() say \"three\" end)") ==
          Deeds{"3s three"});
  REQUIRE(
      deeds_of(toy_head + text +
                   "when(function() return n % 2 == 1 end, { again = true, every = \"500ms\" }, "
                   "say, \"odd\")",
               Duration::seconds(4)) == Deeds{"1s odd", "3s odd"});
}

TEST_CASE("when calls with the value of a probe, each time if again is asked", "[language]") {
  auto script = loaded(toy_head +
                       "when(\"depth\", function(v) say(\"first\", v) end) "
                       "when(\"depth\", { again = true }, function(v) say(\"each\", v) end)");
  RecordingStage stage;
  script->begin(stage);
  REQUIRE(script->waits_for_probe("depth"));
  REQUIRE_FALSE(script->waits_for_probe("width"));
  script->probed("depth", 5);
  script->probed("depth", 6);
  REQUIRE(stage.did == Deeds{"0s first 5", "0s each 5", "0s each 6"});
}

TEST_CASE("faults reach the stage with their durations and sides", "[language]") {
  REQUIRE(deeds_of("scenario \"f\" local a = node { name = \"a\", start = \"toy\" } "
                   "local c = workload { name = \"c\", start = \"toy\", count = 2 } "
                   R"(
    fault.latency { least = "1ms", most = 5*ms }
    at("1s", fault.partition, { between = { a, c }, one_way = true, lasts = "500ms" })
    at("2s", function() fault.crash { node = a, lasts = 0.5*s } end)
    at("3s", fault.kill, { node = "a", process = "shard" })
    at("4s", heal)
  )") == Deeds{"0s latency { least = 1ms, most = 5ms }",
               "1s partition { between = { a, { c_1 and c_2 } }, one_way = true, lasts = 500ms }",
               "2s crash { node = a, lasts = 500ms }", "3s kill { node = a, process = shard }",
               "4s heal"});
}

TEST_CASE("a fault that cannot be ends the run with the line that asked for it", "[language]") {
  auto script =
      loaded(toy_head + "\nat(\"1s\", function()\n  fault.crash { node = \"store\" }\nend)");
  RecordingStage stage;
  stage.refusal = "the network is real here";
  script->begin(stage);
  stage.run_until(Instant::at(Duration::seconds(2)));
  REQUIRE(stage.failures == Deeds{"test.lua:3: the network is real here"});
}

TEST_CASE("draws differ by seed, stay in their bounds and repeat", "[language]") {
  const std::string text = toy_head + R"(
    every("100ms", function()
      local n, d = between(3, 7), between("1ms", "9ms")
      assert(n >= 3 and n <= 7 and d >= 1*ms and d <= 9*ms)
      say(n, d, one_of { "a", "b" }, #some_of({ 1, 2, 3 }, 2), table.concat(shuffled { 1, 2, 3 }),
          chance "1/3")
    end))";
  const Deeds first = deeds_of(text);
  REQUIRE(first == deeds_of(text));
  REQUIRE(first != deeds_of(text, Duration::seconds(10), 2));
  REQUIRE(std::count(first.begin(), first.end(), first.front()) < 5);
}

TEST_CASE("one function's draws do not shift those of another", "[language]") {
  const std::string other = "at(\"2s\", function() say(between(1, 1000000)) end)";
  const Deeds alone = deeds_of(toy_head + "at(\"1s\", function() between(1, 9) end)" + other);
  const Deeds crowded =
      deeds_of(toy_head + "at(\"1s\", function() between(1, 9) between(1, 9) end)" + other);
  REQUIRE(alone == crowded);
}

TEST_CASE("always is violated at the first look that fails, and held at the end", "[language]") {
  REQUIRE(deeds_of(toy_head + R"(
    always("time is short", { every = "1s" }, function() return now() < 3*s, "it is late" end)
    always("all is well", toy.is_well)
  )") == Deeds{"3s time is short: violated", "10s all is well: held"});
}

TEST_CASE("eventually must become true within its time", "[language]") {
  REQUIRE(deeds_of(toy_head + R"(
    eventually("it gets late", { within = "5s" }, function() return now() > 4*s end)
    eventually("it gets later", { from = "2s", within = "3s" }, function() return now() > 6*s end)
    eventually("it ends", function() return now() == 10*s end)
  )") == Deeds{"4100ms it gets late: held", "5s it gets later: violated", "10s it ends: held"});
}

TEST_CASE("sometimes that is never seen is no violation", "[language]") {
  auto script = loaded(toy_head + R"(
    sometimes("pigs fly", function() return false end)
    sometimes("it is two", { every = "1s" }, function() return now() == 2*s end))");
  RecordingStage stage;
  script->begin(stage);
  stage.run_until(Instant::at(Duration::seconds(5)));
  script->finish(true);
  REQUIRE(script->properties()[0].verdict == Verdict::never);
  REQUIRE(script->properties()[1].verdict == Verdict::held);
  REQUIRE_FALSE(script->is_violated());
}

TEST_CASE("eventually that had not its time is undecided when a run is cut", "[language]") {
  auto script = loaded(toy_head + "eventually(\"x\", function() return false end)");
  RecordingStage stage;
  script->begin(stage);
  script->finish(false);
  REQUIRE(script->properties()[0].verdict == Verdict::never);
}

TEST_CASE("questions take checked options and answer values", "[language]") {
  REQUIRE(deeds_of(toy_head + "at(\"1s\", function() say(toy.count { of = \"abc\" }, toy.count(), "
                              "processes(\"store\"), seen \"restart\", is_up(\"store\")) end)") ==
          Deeds{"1s 3 3 5 3 true"});
}

TEST_CASE("an error while running names file and line and ends the run", "[language]") {
  REQUIRE(deeds_of(toy_head + "\n\nat(\"1s\", function()\n  local x = nil + 1\nend)") ==
          Deeds{"failed: test.lua:4: attempt to perform arithmetic on a nil value"});
}

}  // namespace glasshouse::scenarios
