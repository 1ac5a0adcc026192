// The order, equality and hash of terms (runtime/term/term_order.cpp).

#include <fstream>
#include <limits>
#include <vector>

#include "runtime/term/parse.h"
#include "runtime/term/term.h"
#include "tests/catch.h"
#include "tests/runtime/term/random_terms.h"

namespace glasshouse::runtime {
namespace {

Term parsed(std::string_view text) {
  return parse_term(text).value();
}

// -1, 0 or 1.
int sign(std::weak_ordering order) {
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}
int order(const Term& left, const Term& right) {
  return sign(compare(left, right));
}
int exact_order(const Term& left, const Term& right) {
  return sign(compare_exactly(left, right));
}

}  // namespace

TEST_CASE("kinds are ordered as Erlang orders them", "[term_order]") {
  const std::vector<Term> ascending = {1,
                                       "a"_atom,
                                       Ref{Atom(), 1, 1},
                                       Fun{"m"_atom, "f"_atom, 1, 0, 0, Binary()},
                                       Pid(),
                                       tuple(),
                                       map(),
                                       nil(),
                                       list(1, 2),
                                       binary("")};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      REQUIRE((order(ascending[i], ascending[j]) < 0) == (i < j));
    }
  }
}

TEST_CASE("1 and 1.0 are equivalent in order and not equal", "[term_order]") {
  REQUIRE(order(1, 1.0) == 0);
  REQUIRE_FALSE(Term(1) == Term(1.0));
  REQUIRE(order(tuple(1), tuple(1.0)) == 0);
  REQUIRE_FALSE(tuple(1) == tuple(1.0));
  REQUIRE(exact_order(1, 1.0) < 0);
  REQUIRE(exact_order(2, 1.0) < 0);
}

TEST_CASE("0.0 and -0.0 are equal and hash alike", "[term_order]") {
  REQUIRE(Term(0.0) == Term(-0.0));
  REQUIRE(Term(0.0).hash() == Term(-0.0).hash());
}

TEST_CASE("what is no number equals itself and comes after all numbers", "[term_order]") {
  const Term none(std::numeric_limits<double>::quiet_NaN());
  REQUIRE(none == none);
  REQUIRE(order(none, std::numeric_limits<double>::infinity()) > 0);
  REQUIRE(order(none, parsed("1000000000000000000000000000000")) > 0);
  REQUIRE(order(none, "a"_atom) < 0);
}

TEST_CASE("integers and floats compare without rounding", "[term_order]") {
  const std::int64_t two_to_53 = std::int64_t{1} << 53;
  REQUIRE(order(two_to_53, 9007199254740992.0) == 0);
  REQUIRE(order(two_to_53 + 1, 9007199254740992.0) > 0);
  REQUIRE(order(std::numeric_limits<std::int64_t>::max(), 9223372036854775808.0) < 0);
  REQUIRE(order(std::numeric_limits<std::int64_t>::min(), -9223372036854775808.0) == 0);
  REQUIRE(order(parsed("9223372036854775808"), 9223372036854775808.0) == 0);
  REQUIRE(order(parsed("9223372036854775809"), 9223372036854775808.0) > 0);
  REQUIRE(order(parsed("-9223372036854775809"), -9223372036854775808.0) < 0);
  REQUIRE(order(1, 1.5) < 0);
  REQUIRE(order(-1, -1.5) > 0);
}

TEST_CASE("a shorter tuple is less, whatever is in it", "[term_order]") {
  REQUIRE(order(tuple(9, 9), tuple(1, 1, 1)) < 0);
  REQUIRE(order(tuple(1, 2), tuple(1, 3)) < 0);
}

TEST_CASE("lists compare element by element, and their ends as Erlang's", "[term_order]") {
  REQUIRE(order(list(1, 2), list(1, 2, 3)) < 0);
  REQUIRE(order(list(2), list(1, 2, 3)) > 0);
  REQUIRE(order(list_with_tail({1}, "x"_atom), list(1, 2)) < 0);
  REQUIRE(order(list_with_tail({1}, binary("x")), list(1, 2)) > 0);
  REQUIRE(order(list_with_tail({1}, "x"_atom), list(1)) < 0);
}

TEST_CASE("maps compare by size, then keys, then values", "[term_order]") {
  REQUIRE(order(map(1, 1), map(1, 1, 2, 2)) < 0);
  REQUIRE(order(map(1, 9, 2, 0), map(1, 0, 3, 0)) < 0);
  REQUIRE(order(map(1, 1, 2, 2), map(1, 1, 2, 3)) < 0);
  REQUIRE(order(map(1, 1), map(1.0, 0)) < 0);
  REQUIRE(order(map(1, 1), map(1, 1.0)) == 0);
}

TEST_CASE("atoms, pids and references are ordered by name, never by index", "[term_order]") {
  const Atom second("z_node");
  const Atom first("a_node");
  REQUIRE(order(first, second) < 0);
  REQUIRE(order(Pid{first, 9, 9, 9}, Pid{second, 1, 1, 1}) < 0);
  REQUIRE(order(Ref{first, 9, 9}, Ref{second, 1, 1}) < 0);
}

TEST_CASE("hashes of terms never change", "[term_order]") {
  REQUIRE(Term("ok"_atom).hash() == 0xf61638ef6f24f63c);
  REQUIRE(Term(700).hash() == 0xd7a2ab509bde41e4);
  REQUIRE(parsed("{ok, [1, 2.5, <<\"x\">>], #{a => 16#ffffffffffffffffff}}").hash() ==
          0x44cfe72e58d889a9);
}

TEST_CASE("the order of terms is total and agrees with equality and hash", "[term_order]") {
  RandomTerms random(11);
  for (int n = 0; n < 3'000; ++n) {
    const Term a = random.next(2);
    const Term b = random.next(2);
    const Term c = random.next(2);
    REQUIRE(exact_order(a, a) == 0);
    REQUIRE((exact_order(a, b) < 0) == (exact_order(b, a) > 0));
    REQUIRE((exact_order(a, b) == 0) == (a == b));
    if (exact_order(a, b) <= 0 && exact_order(b, c) <= 0) {
      REQUIRE(exact_order(a, c) <= 0);
    }
    if (order(a, b) <= 0 && order(b, c) <= 0) REQUIRE(order(a, c) <= 0);
    if (a == b) REQUIRE(a.hash() == b.hash());
  }
}

TEST_CASE("terms compare as OTP 25 compares them", "[term_order]") {
  std::ifstream file(TESTS_FOLDER "/golden/term_order.txt");
  int lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    INFO(line);
    const Term row = parsed(line);
    const Term& a = row.element(0);
    const Term& b = row.element(1);
    static constexpr std::string_view names[] = {"lt", "eq", "gt"};
    REQUIRE(row.element(2).as_atom()->text() == names[order(a, b) + 1]);
    REQUIRE(row.element(3) == Term(a == b));
  }
  REQUIRE(lines == 600);
}

}  // namespace glasshouse::runtime
