// The law of tests/fuzz/term_parse.h on a fixed corpus and on mutations of it from a seed.

#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "tests/catch.h"
#include "tests/fuzz/corpus.h"
#include "tests/fuzz/term_parse.h"
#include "tests/runtime/term/random_terms.h"

namespace glasshouse::runtime {
namespace {

const std::vector<std::string> corpus = {
    "",
    "ok",
    "{ok, 700, <<\"alice\">>}",
    "[1,2.5e-3|tail]",
    "#{a => #{}, 1 => \"text\", 1.0 => []}.",
    "'it\\'s \\x{3bb} \\000'",
    "<<1,2,\"abc\",\"\xce\xbb\"/utf8>>",
    "-16#ffffffffffffffffffffffff",
    "[$a, $\\n, 2#1010_1010, -0.0]",
    "{<0.1.2>, #Ref<0.1.2.3>} % comment\n",
    "[[[[[[{{{{#{[] => {}}}}}}]]]]]]",
};

std::string mutated(std::string text, Draws& draws) {
  static constexpr std::string_view pieces[] = {
      "{", "}", "[", "]", "|", ",",    "<<",   ">>", "#{", "=>",  "\"", "'",    "\\",
      "$", "#", ".", "e", "_", "\xff", "\xc3", "%",  "\n", "999", "-",  "/utf8"};
  for (std::uint64_t count = 1 + draws.below(4); count > 0; --count) {
    const std::size_t at = draws.below(text.size() + 1);
    switch (draws.below(4)) {
      case 0:
        text.insert(at, pieces[draws.below(std::size(pieces))]);
        break;
      case 1:
        text.erase(at, 1 + draws.below(3));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(draws.below(256));
        break;
      default:
        text.insert(at, text.substr(draws.below(text.size() + 1), draws.below(10)));
    }
  }
  return text;
}

}  // namespace

TEST_CASE("a corpus of texts is parsed to the same terms again and again", "[parse]") {
  for (const std::string& text : corpus)
    expect_lawful_parsing(text);
}

TEST_CASE("what the fuzzer of terms has found is a term or an error", "[parse]") {
  tests::expect_corpus_holds("term_parse",
                             [](const std::string& text) { expect_lawful_parsing(text); });
}

TEST_CASE("20,000 mutated texts are a term or an error", "[parse]") {
  Draws draws(2026);
  RandomTerms random(4);
  std::vector<std::string> seeds = corpus;
  for (int n = 0; n < 200; ++n)
    seeds.push_back(to_string(random.next(3)));
  for (int n = 0; n < 20'000; ++n) {
    const std::string text = mutated(seeds[draws.below(seeds.size())], draws);
    INFO(text);
    expect_lawful_parsing(text);
  }
}

}  // namespace glasshouse::runtime
