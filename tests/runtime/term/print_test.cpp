#include "runtime/term/print.h"

#include <fstream>
#include <limits>

#include "runtime/term/parse.h"
#include "tests/catch.h"
#include "tests/runtime/term/random_terms.h"

namespace glasshouse::runtime {

TEST_CASE("atoms are quoted only where Erlang quotes them", "[print]") {
  REQUIRE(to_string("ok"_atom) == "ok");
  REQUIRE(to_string("a@b_C9"_atom) == "a@b_C9");
  REQUIRE(to_string("DOWN"_atom) == "'DOWN'");
  REQUIRE(to_string("hello world"_atom) == "'hello world'");
  REQUIRE(to_string("a.b"_atom) == "'a.b'");
  REQUIRE(to_string("_x"_atom) == "'_x'");
  REQUIRE(to_string("9lives"_atom) == "'9lives'");
  REQUIRE(to_string(Atom("")) == "''");
  REQUIRE(to_string("case"_atom) == "'case'");
  REQUIRE(to_string("maybe"_atom) == "maybe");
}

TEST_CASE("what cannot be read in an atom is escaped", "[print]") {
  REQUIRE(to_string(Atom("it's\n\\")) == R"('it\'s\n\\')");
  REQUIRE(to_string(Atom(std::string_view("\0", 1))) == R"('\000')");
  REQUIRE(to_string(Atom("\x7f")) == R"('\d')");
  REQUIRE(to_string(Atom("\xc2\x80")) == R"('\200')");
  REQUIRE(to_string(Atom("\xce\xbb")) == R"('\x{3BB}')");
  REQUIRE(to_string(Atom("\xc3\xa9t\xc3\xa9")) == "\xc3\xa9t\xc3\xa9");
}

TEST_CASE("floats are the shortest that read back, with a point", "[print]") {
  REQUIRE(to_string(Term(1.0)) == "1.0");
  REQUIRE(to_string(Term(0.1)) == "0.1");
  REQUIRE(to_string(Term(1.0e10)) == "1.0e10");
  REQUIRE(to_string(Term(100.0)) == "100.0");
  REQUIRE(to_string(Term(1000.0)) == "1.0e3");
  REQUIRE(to_string(Term(0.001)) == "0.001");
  REQUIRE(to_string(Term(0.00001)) == "1.0e-5");
  REQUIRE(to_string(Term(-0.0)) == "-0.0");
  REQUIRE(to_string(Term(9007199254740991.0)) == "9007199254740991.0");
  REQUIRE(to_string(Term(9007199254740992.0)) == "9.007199254740992e15");
  REQUIRE(to_string(Term(5e-324)) == "5.0e-324");
  REQUIRE(to_string(Term(std::numeric_limits<double>::max())) == "1.7976931348623157e308");
}

TEST_CASE("integers of any size are printed in decimal", "[print]") {
  REQUIRE(to_string(Term(-1)) == "-1");
  REQUIRE(to_string(Term(std::numeric_limits<std::uint64_t>::max())) == "18446744073709551615");
  const std::uint8_t magnitude[] = {0, 0, 0, 0, 0, 0, 0, 0, 0x40};
  REQUIRE(to_string(big_integer({.negative = true, .magnitude = magnitude})) ==
          "-1180591620717411303424");
}

TEST_CASE("a list of printable bytes is printed as a string, any other as a list", "[print]") {
  REQUIRE(to_string(list(97, 98, 99)) == R"("abc")");
  REQUIRE(to_string(list(104, 10, 34, 92)) == R"("h\n\"\\")");
  REQUIRE(to_string(list(97, 127)) == "[97,127]");
  REQUIRE(to_string(list(7)) == "[7]");
  REQUIRE(to_string(list(955)) == "[955]");
  REQUIRE(to_string(nil()) == "[]");
  REQUIRE(to_string(list_with_tail({97, 98}, "c"_atom)) == "[97,98|c]");
}

TEST_CASE("a binary of printable bytes is printed as a text, any other as bytes", "[print]") {
  REQUIRE(to_string(binary("abc")) == R"(<<"abc">>)");
  REQUIRE(to_string(binary("say \"hi\"")) == R"(<<"say \"hi\"">>)");
  REQUIRE(to_string(binary("\x01\x02\x03")) == "<<1,2,3>>");
  REQUIRE(to_string(binary("")) == "<<>>");
  REQUIRE(to_string(binary("\xe4")) == "<<\"\xc3\xa4\">>");
}

TEST_CASE("pids of the node that is named are printed with its number", "[print]") {
  const Term term = tuple(Pid{Atom("n@h"), 5, 7, 1}, Pid{Atom("other@h"), 5, 7, 1});
  REQUIRE(to_string(term, {.node = Atom("n@h"), .node_number = 3}) == "{<3.5.7>,<0.5.7>}");
}

TEST_CASE("tuples, maps, pids, references and funs are printed as Erlang's", "[print]") {
  REQUIRE(to_string(tuple("ok"_atom, 1, tuple())) == "{ok,1,{}}");
  REQUIRE(to_string(map("b"_atom, 2, "a"_atom, 1)) == "#{a => 1,b => 2}");
  REQUIRE(to_string(map()) == "#{}");
  REQUIRE(to_string(Term(Pid{Atom("n@h"), 5, 7, 1})) == "<0.5.7>");
  REQUIRE(to_string(Term(Ref{Atom("n@h"), 1, 7})) == "#Ref<0.0.0.7>");
  REQUIRE(to_string(Term(Fun{"lists"_atom, "map"_atom, 2, 0, 0, {}})) == "fun lists:map/2");
  REQUIRE(to_string(Term(Fun{"shell"_atom, {}, 1, 42, 77, {}})) == "#Fun<shell.42.77>");
}

TEST_CASE("a text that would be too long is cut between characters", "[print]") {
  const Term term = list("first"_atom, "second"_atom);
  REQUIRE(to_string(term, {.bytes_max = 14}) == "[first,second]");
  REQUIRE(to_string(term, {.bytes_max = 13}) == "[first,sec...");
  REQUIRE(to_string(binary("\xe4\xe4\xe4\xe4"), {.bytes_max = 9}) == "<<\"\xc3\xa4...");
  REQUIRE(to_string(term, {.bytes_max = 0}) == "...");
}

TEST_CASE("a large term costs no more than the text that is wanted", "[print]") {
  Term term = list_of(std::vector<Term>(1'000, "x"_atom));
  for (int n = 0; n < 5; ++n)
    term = list_of(std::vector<Term>(1'000, term));  // 10^18 atoms
  REQUIRE(to_string(term, {.bytes_max = 10}) == "[[[[[[x...");
}

TEST_CASE("what is nested too deeply to be printed is dots", "[print]") {
  Term term = nil();
  for (int n = 0; n < 100'000; ++n)
    term = tuple(term);
  REQUIRE(to_string(term, {.depth_max = 2}) == "{{...}}");
  REQUIRE(to_string(term).size() == 1'003);
}

TEST_CASE("terms print as OTP 25 prints them", "[print]") {
  std::ifstream file(TESTS_FOLDER "/golden/terms.txt");
  int terms = 0;
  for (std::string written, printed; std::getline(file, written) && std::getline(file, printed);
       ++terms) {
    REQUIRE(to_string(parse_term(written).value()) == printed);
  }
  REQUIRE(terms == 400);
}

}  // namespace glasshouse::runtime
