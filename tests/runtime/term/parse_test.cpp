#include "runtime/term/parse.h"

#include <vector>

#include "runtime/term/print.h"
#include "tests/catch.h"
#include "tests/runtime/term/random_terms.h"

namespace glasshouse::runtime {
namespace {

Term parsed(std::string_view text) {
  INFO(text);
  return parse_term(text).value();
}

std::string error_of(std::string_view text) {
  INFO(text);
  const auto result = parse_term(text);
  REQUIRE_FALSE(result.ok());
  return result.error().what;
}

}  // namespace

TEST_CASE("integers are read in every notation", "[parse]") {
  REQUIRE(parsed("42") == Term(42));
  REQUIRE(parsed("-42") == Term(-42));
  REQUIRE(parsed("+42") == Term(42));
  REQUIRE(parsed("16#fF") == Term(255));
  REQUIRE(parsed("-2#101") == Term(-5));
  REQUIRE(parsed("36#zz") == Term(1295));
  REQUIRE(parsed("1_000_000") == Term(1'000'000));
  REQUIRE(parsed("$a") == Term(97));
  REQUIRE(parsed("$\\n") == Term(10));
  REQUIRE(parsed("-9223372036854775808") == Term(std::numeric_limits<std::int64_t>::min()));
  REQUIRE(to_string(parsed("123456789012345678901234567890")) == "123456789012345678901234567890");
}

TEST_CASE("floats are read with a point and perhaps an exponent", "[parse]") {
  REQUIRE(parsed("1.5") == Term(1.5));
  REQUIRE(parsed("-0.25") == Term(-0.25));
  REQUIRE(parsed("1.0e10") == Term(1e10));
  REQUIRE(parsed("1.5E-3") == Term(0.0015));
  REQUIRE(parsed("1.") == Term(1));
}

TEST_CASE("texts are read with their escapes", "[parse]") {
  REQUIRE(parsed(R"("a\n\x41\x{3bb}\101\s")") == list(97, 10, 65, 955, 65, 32));
  REQUIRE(parsed("\"\"") == nil());
  REQUIRE(parsed(R"('it\'s')") == Term("it's"_atom));
  REQUIRE(parsed("'\xce\xbb'") == Term(Atom("\xce\xbb")));
}

TEST_CASE("binaries are read from texts and bytes", "[parse]") {
  REQUIRE(parsed(R"(<<"abc">>)") == binary("abc"));
  REQUIRE(parsed("<<1, 16#ff>>") == binary("\x01\xff"));
  REQUIRE(parsed("<<>>") == binary(""));
  REQUIRE(parsed(R"(<<"ab", 0, "c">>)") == binary(std::string_view("ab\0c", 4)));
  REQUIRE(parsed("<<\"\xce\xbb\"/utf8>>") == binary("\xce\xbb"));
}

TEST_CASE("compound terms are read with any space and comments between", "[parse]") {
  REQUIRE(parsed("{ok,[1,2|x],#{a=>1}}") ==
          tuple("ok"_atom, list_with_tail({1, 2}, "x"_atom), map("a"_atom, 1)));
  REQUIRE(parsed(" { ok , % why not\n [ ] , #{ } } . ") == tuple("ok"_atom, nil(), map()));
}

TEST_CASE("pids and references are those of the node that is named", "[parse]") {
  const ParseOptions options{.node = Atom("here@host"), .creation = 3};
  REQUIRE(parse_term("<0.5.7>", options).value() == Term(Pid{Atom("here@host"), 5, 7, 3}));
  REQUIRE(parse_term("#Ref<0.1.2.3>", options).value() ==
          Term(Ref{Atom("here@host"), 3, (std::uint64_t{1} << 50) + (2 << 18) + 3}));
}

TEST_CASE("an error names the place and what was expected there", "[parse]") {
  REQUIRE(error_of("") == "1:1: expected a term, found the end");
  REQUIRE(error_of("{a, b") == "1:6: expected ',' or '}'");
  REQUIRE(error_of("[a,\n  b)") == "2:4: expected ',', '|' or ']'");
  REQUIRE(error_of("#{a -> 1}") == "1:5: expected '=>'");
  REQUIRE(error_of("{a} b") == "1:5: expected the end of the term");
  REQUIRE(error_of("end") == "1:1: 'end' is reserved: write it in quotes");
  REQUIRE(error_of("Variable") == "1:1: expected a term");
}

TEST_CASE("what is no term is refused", "[parse]") {
  for (const char* text : {"{",
                           "}",
                           "[1|",
                           "[|1]",
                           "[1|2,3]",
                           "[1|2|3]",
                           "#{a}",
                           "#{a => 1,}",
                           "{,}",
                           "{1,}",
                           "[1,]",
                           "\"abc",
                           "'abc",
                           "\"\\",
                           "\"\\x4",
                           "\"\\x{110000}\"",
                           "\"\\x{}\"",
                           "<<",
                           "<<256>>",
                           "<<-1>>",
                           "<<a>>",
                           "<<\"\xce\xbb\">>",
                           "<<1",
                           "16#",
                           "16#g",
                           "1#0",
                           "37#1",
                           "1a",
                           "1.5x",
                           "-",
                           "- 1",
                           "1.0e999",
                           "$",
                           "<0.1>",
                           "<0.1.4294967296>",
                           "<0.1.2",
                           "#Ref<0.1.2>",
                           "#Ref<0.16384.0.0>",
                           "#",
                           "#x",
                           "\xff",
                           "_x",
                           "fun lists:map/2",
                           "a b",
                           "1 2",
                           "..",
                           "@"}) {
    INFO(text);
    REQUIRE_FALSE(parse_term(text).ok());
  }
}

TEST_CASE("a byte that is no UTF-8 is refused wherever it is", "[parse]") {
  REQUIRE(error_of("{a,\n\"b\xff\"}") == "2:3: a byte that is no UTF-8");
  REQUIRE(error_of("ok % \xc3") == "1:6: a byte that is no UTF-8");
}

TEST_CASE("depth, size and digits are bounded, and the bound itself is allowed", "[parse]") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  REQUIRE(parse_term(nested(500)).ok());
  REQUIRE(parse_term(nested(502)).error().what.find("nested") != std::string::npos);
  REQUIRE_FALSE(parse_term(std::string(1'000'000, '[')).ok());
  const ParseOptions few{.terms_max = 3};
  REQUIRE(parse_term("{1,2}", few).ok());
  REQUIRE_FALSE(parse_term("{1,2,3}", few).ok());
  REQUIRE_FALSE(parse_term("\"abc\"", few).ok());
  REQUIRE(parse_term(std::string(5'000, '9')).ok());
  REQUIRE_FALSE(parse_term(std::string(5'001, '9')).ok());
  REQUIRE_FALSE(parse_term(std::string(1'021, 'a')).ok());
}

TEST_CASE("every term that is printed reads back as the same term", "[parse]") {
  const ParseOptions options{.node = Atom("here@host"), .creation = 3};
  RandomTerms random(5);
  for (int n = 0; n < 5'000; ++n) {
    const Term term = random.next();
    const std::string text = to_string(term);
    INFO(text);
    const auto again = parse_term(text, options);
    REQUIRE(again.ok());
    REQUIRE(again.value() == term);
  }
}

TEST_CASE("every prefix of a term is refused or another term, never a crash", "[parse]") {
  const std::string text = R"({ok,[1,2.5|x],#{a => <<"b",0>>},"c\x{3bb}",'D',<0.1.2>,16#ff})";
  for (std::size_t length = 0; length < text.size(); ++length) {
    REQUIRE_FALSE(parse_term(std::string_view(text).substr(0, length)).ok());
  }
  REQUIRE(parse_term(text).ok());
}

}  // namespace glasshouse::runtime
