#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "scenarios/command/command_line.h"
#include "tests/scenarios/run_fixture.h"

namespace glasshouse::scenarios {

namespace {

struct Outcome {
  ExitStatus status = ExitStatus::good;
  std::string out;
  std::string err;
};

Outcome typed(std::vector<std::string> words) {
  std::ostringstream out;
  std::ostringstream err;
  const ExitStatus status = run_command_line(words, {.out = out, .err = err});
  return {status, out.str(), err.str()};
}

// A scenario of that text, gone with the test.
class ScenarioFile {
 public:
  explicit ScenarioFile(const std::string& text) { std::ofstream(file_.path()) << text; }
  const std::string& path() const { return file_.path(); }

 private:
  TemporaryTrace file_;
};

std::vector<std::string> keys_of(const nlohmann::ordered_json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items())
    keys.push_back(key);
  return keys;
}

const std::string head =
    "scenario \"t\" node { name = \"pong\", start = \"pong\" } run_for \"1s\" ";

}  // namespace

TEST_CASE("a good run has status 0 and begins and ends with seed and command", "[command]") {
  const Outcome outcome = typed({"run", shipped("ping_pong.lua"), "--seed", "5"});
  REQUIRE(outcome.status == ExitStatus::good);
  const std::string line =
      "seed 5; repeat: glasshouse run " + shipped("ping_pong.lua") + " --seed 5\n";
  REQUIRE(outcome.out.starts_with(line));
  REQUIRE(outcome.out.ends_with(line));
  REQUIRE(outcome.err.empty());
}

TEST_CASE("the object of a run has exactly the keys that are promised", "[command]") {
  const TemporaryTrace trace;
  const Outcome outcome =
      typed({"run", shipped("ping_pong.lua"), "--json", "--trace", trace.path()});
  REQUIRE(outcome.status == ExitStatus::good);
  const auto json = nlohmann::ordered_json::parse(outcome.out);
  REQUIRE(keys_of(json) == std::vector<std::string>{"scenario", "seed", "digest", "events",
                                                    "virtual_time_ns", "wall_time_ns", "processes",
                                                    "crashes", "kills", "restarts", "faults",
                                                    "properties", "trace", "repeat"});
  REQUIRE(json["scenario"] == "ping pong");
  REQUIRE(json["virtual_time_ns"] == 10'000'000'000);
  REQUIRE(json["trace"] == trace.path());
  REQUIRE(keys_of(json["properties"][0]) == std::vector<std::string>{"name", "verdict"});
  REQUIRE(json["properties"][0]["verdict"] == "held");
}

TEST_CASE("a violated property has status 1", "[command]") {
  const ScenarioFile file(head + "always(\"never\", function() return false, \"as planned\" end)");
  const Outcome outcome = typed({"run", file.path()});
  REQUIRE(outcome.status == ExitStatus::violated);
  REQUIRE(outcome.out.find("VIOLATED   always: never") != std::string::npos);
  REQUIRE(outcome.out.find("as planned") != std::string::npos);
  REQUIRE(typed({"run", file.path(), "--seeds", "3"}).status == ExitStatus::violated);
}

TEST_CASE("why a bad seed could not be recorded is said", "[command]") {
  const ScenarioFile file(head + "always(\"never\", function() return false end)");
  const Outcome outcome =
      typed({"run", file.path(), "--seeds", "3", "--trace", "/nonexistent/x.db"});
  REQUIRE(outcome.status == ExitStatus::violated);
  REQUIRE(outcome.err.find("glasshouse: /nonexistent/x.db: cannot be opened") == 0);
}

TEST_CASE("wrong usage has status 2 and one sentence", "[command]") {
  const std::string good = shipped("ping_pong.lua");
  const std::vector<std::vector<std::string>> all{
      {},
      {"fly"},
      {"run"},
      {"run", good, "--seed", "x"},
      {"run", good, "--on", "moon"},
      {"run", good, "--set", "novalue"},
      {"run", good, "--set", "port=5"},
      {"run", good, "--until", "5 parsecs"},
      {"run", good, "--seeds", "7..5"},
      {"run", good, "--fly"},
      {"run", shipped("kv_under_fire.lua"), "--set", "clients=many"},
      {"replay"},
      {"trace", "x.db", "fly"}};
  for (const auto& words : all) {
    CAPTURE(words);
    const Outcome outcome = typed(words);
    REQUIRE(outcome.status == ExitStatus::usage);
    REQUIRE(outcome.out.empty());
    REQUIRE(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  }
}

TEST_CASE("an unknown parameter is refused with the ones there are", "[command]") {
  const Outcome outcome = typed({"run", shipped("kv.lua"), "--set", "prot=5"});
  REQUIRE(outcome.err ==
          "glasshouse: --set prot=5: " + shipped("kv.lua") +
              " has no parameter \"prot\" (did you mean \"port\"?); it has port, shards, folder "
              "and kill_every\n");
}

TEST_CASE("bad input has status 3 and one sentence", "[command]") {
  const ScenarioFile wrong(head + "nonsense(");
  const ScenarioFile failing(head + "at(\"1ms\", function() error \"oh\" end)");
  const ScenarioFile binary(
      std::string("\x7f"
                  "ELF\0\0\0",
                  7));
  const std::vector<std::vector<std::string>> all{{"run", "no_such.lua"},
                                                  {"run", wrong.path()},
                                                  {"run", binary.path()},
                                                  {"replay", "no_such.db"},
                                                  {"replay", wrong.path()},
                                                  {"trace", wrong.path(), "stats"},
                                                  {"run", "/"}};
  for (const auto& words : all) {
    CAPTURE(words);
    const Outcome outcome = typed(words);
    REQUIRE(outcome.status == ExitStatus::unreadable);
    REQUIRE(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  }
  const Outcome outcome = typed({"run", failing.path()});
  REQUIRE(outcome.status == ExitStatus::unreadable);
  REQUIRE(outcome.err == "glasshouse: " + failing.path() + ":1: oh\n");
}

TEST_CASE("a trace is replayed, asked and explained", "[command]") {
  const TemporaryTrace trace;
  REQUIRE(typed({"run", shipped("ping_pong.lua"), "--trace", trace.path()}).status ==
          ExitStatus::good);
  const Outcome verified = typed({"replay", trace.path(), "--verify"});
  REQUIRE(verified.status == ExitStatus::good);
  REQUIRE(verified.out.find("verified: ") != std::string::npos);
  const auto json =
      nlohmann::json::parse(typed({"replay", trace.path(), "--verify", "--json"}).out);
  REQUIRE(json["verified"] == true);
  REQUIRE(json["recorded_digest"] == json["digest"]);
  REQUIRE(typed({"replay", trace.path(), "--until", "1.5s"}).status == ExitStatus::good);

  const auto stats = nlohmann::json::parse(typed({"trace", trace.path(), "stats", "--json"}).out);
  REQUIRE(stats["scenario"] == "ping pong");
  REQUIRE(stats["digest"] == json["digest"]);
  const Outcome restarts = typed({"trace", trace.path(), "events", "restart", "node:pong"});
  REQUIRE(restarts.status == ExitStatus::good);
  REQUIRE(restarts.out.find("pong_sup") != std::string::npos);
  const Outcome none = typed({"trace", trace.path(), "events", "--limit", "0"});
  REQUIRE(none.status == ExitStatus::good);
  REQUIRE(none.out.empty());
  REQUIRE(typed({"trace", trace.path(), "events", "node:moon"}).status == ExitStatus::usage);
  REQUIRE(typed({"trace", trace.path(), "tree"}).out.find("pong_sup") != std::string::npos);
  REQUIRE(typed({"trace", trace.path(), "tree", "--at", "2s"}).status == ExitStatus::good);
  REQUIRE(typed({"trace", trace.path(), "why", "pong"}).status == ExitStatus::good);
  REQUIRE(typed({"trace", trace.path(), "why", "20"}).status == ExitStatus::good);
  REQUIRE(typed({"trace", trace.path(), "why", "nobody"}).status == ExitStatus::unreadable);
}

TEST_CASE("a replay says what it was compared with, and no more", "[command]") {
  const TemporaryTrace trace;
  REQUIRE(typed({"run", shipped("ping_pong.lua"), "--trace", trace.path()}).status ==
          ExitStatus::good);
  const auto replayed = [&](const std::string& until, bool verify) {
    std::vector<std::string> words{"replay", trace.path(), "--until", until};
    if (verify) words.push_back("--verify");
    const Outcome outcome = typed(words);
    REQUIRE(outcome.status == ExitStatus::good);
    return outcome.out;
  };
  REQUIRE(replayed("100", false).find("repeated: 100 events, compared with nothing; --verify") !=
          std::string::npos);
  REQUIRE(replayed("5000", true).find("equal as far as it was compared, ") != std::string::npos);
}

TEST_CASE("a violation in a trace is explained, asked for by nothing, its name or its event",
          "[command]") {
  const ScenarioFile file(head + R"(
    at("300ms", fault.crash, { node = "pong", lasts = "100ms" })
    always("five hundred", { every = "500ms" },
           function() return now() < 500*ms, "as planned" end))");
  const TemporaryTrace trace;
  REQUIRE(typed({"run", file.path(), "--trace", trace.path()}).status == ExitStatus::violated);
  const Outcome outcome = typed({"trace", trace.path(), "why"});
  REQUIRE(outcome.status == ExitStatus::good);
  REQUIRE(outcome.out.starts_with("Property five hundred is violated: as planned.  ["));
  REQUIRE(outcome.out.find("\nafter Node pong came up, life 2.  [") != std::string::npos);
  REQUIRE(outcome.out.find("\nafter Fault 1 began: node.crash") != std::string::npos);
  REQUIRE(typed({"trace", trace.path(), "why", "five hundred"}).out == outcome.out);
  const auto json = nlohmann::json::parse(typed({"trace", trace.path(), "why", "--json"}).out);
  REQUIRE(json["reasons"][0]["tie"] == "asked");
  const std::string event = std::to_string(json["reasons"][0]["seq"].get<std::uint64_t>());
  REQUIRE(typed({"trace", trace.path(), "why", event}).out == outcome.out);
  const Outcome unknown = typed({"trace", trace.path(), "why", "six hundred"});
  REQUIRE(unknown.status == ExitStatus::unreadable);
  REQUIRE(unknown.err.find("nor a property") != std::string::npos);
}

TEST_CASE("of a run in which nothing went wrong, why says that", "[command]") {
  const ScenarioFile file(head);
  const TemporaryTrace trace;
  REQUIRE(typed({"run", file.path(), "--trace", trace.path()}).status == ExitStatus::good);
  const Outcome outcome = typed({"trace", trace.path(), "why"});
  REQUIRE(outcome.status == ExitStatus::good);
  REQUIRE(outcome.out ==
          "no property is violated and nothing crashed; stats says how the run ended\n");
}

TEST_CASE("help is there everywhere", "[command]") {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--help"},
                                             {"run", "--help"},
                                             {"replay", "--help"},
                                             {"trace", "--help"},
                                             {"trace", "x.db", "events", "--help"}}) {
    CAPTURE(words);
    const Outcome outcome = typed(words);
    REQUIRE(outcome.status == ExitStatus::good);
    REQUIRE(outcome.out.find("Usage") != std::string::npos);
  }
  REQUIRE(typed({"--version"}).out.starts_with("glasshouse "));
}

}  // namespace glasshouse::scenarios
