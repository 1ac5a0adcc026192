// Shipped scenarios with something changed at random: whatever it is, the program says a sentence
// or runs.

#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "tests/fuzz/corpus.h"
#include "tests/fuzz/scenario.h"
#include "tests/scenarios/run_fixture.h"

namespace glasshouse::scenarios {

namespace {

const std::vector<std::string> snippets{"nil",
                                        "-1",
                                        "{}",
                                        "function() end",
                                        "\"\"",
                                        "1e308",
                                        "0/0",
                                        "\"500ms\"",
                                        "store",
                                        "true",
                                        "end",
                                        "(",
                                        "}",
                                        "..",
                                        "#",
                                        "every",
                                        "fault.kill",
                                        "now()",
                                        "1*s",
                                        "--",
                                        "[[",
                                        "while true do ",
                                        "for i = 1, 1e9 do ",
                                        "error()",
                                        "\"\\0\"",
                                        "local",
                                        "=",
                                        "return ",
                                        "9223372036854775807"};

std::string mutated(std::string text, runtime::Draws& draws) {
  for (std::uint64_t i = draws.below(4) + 1; i > 0; --i) {
    const std::size_t at = draws.below(text.size() + 1);
    const std::size_t size = std::min<std::size_t>(draws.below(12), text.size() - at);
    switch (draws.below(4)) {
      case 0:
        text.erase(at, size);
        break;
      case 1:
        text.insert(at, snippets[draws.below(snippets.size())]);
        break;
      case 2:
        text.replace(at, size, snippets[draws.below(snippets.size())]);
        break;
      default:
        text.insert(at, text.substr(draws.below(text.size() + 1), size));
    }
    if (text.empty()) text = " ";
  }
  return text;
}

}  // namespace

TEST_CASE("no change to a shipped scenario brings the program down", "[fuzz]") {
  runtime::Draws draws(20'26);
  std::size_t loaded = 0;
  for (const std::string name : {"ping_pong.lua", "kv_under_fire.lua"}) {
    const RunOptions original = options_of(name);
    for (int i = 0; i < 400; ++i) {
      RunOptions options = original;
      options.text = mutated(original.text, draws);
      options.until = Duration::milliseconds(300);
      CAPTURE(options.text);
      auto run = Run::create(options);
      if (!run) {
        REQUIRE(run.error().what.find("0x") == std::string::npos);
        REQUIRE(run.error().what.find(".lua") != std::string::npos);
        continue;
      }
      ++loaded;
      (*run)->run_to_end();
      REQUIRE((*run)->finish().ok());
    }
  }
  REQUIRE(loaded > 50);
}

TEST_CASE("what the fuzzer kept of scenarios is a plan or refused in a sentence", "[fuzz]") {
  tests::expect_corpus_holds("scenario", &expect_lawful_scenario);
}

}  // namespace glasshouse::scenarios
