#include "runtime/term/term.h"

#include <limits>
#include <string>

#include "tests/catch.h"

namespace glasshouse::runtime {

// A pointer must not become a truth value, nor a character a number.
static_assert(!std::convertible_to<const char*, Term>);
static_assert(!std::convertible_to<char, Term>);
static_assert(!std::convertible_to<void*, Term>);

TEST_CASE("the default term is the atom undefined", "[term]") {
  REQUIRE(Term().is_undefined());
  REQUIRE(Term() == Term(atoms::undefined));
}

TEST_CASE("a term gives back the plain value it was made from", "[term]") {
  REQUIRE(Term("ok"_atom).as_atom() == "ok"_atom);
  REQUIRE(Term(-7).as_integer() == -7);
  REQUIRE(Term(2.5).as_float() == 2.5);
  REQUIRE(Term(true).as_bool() == true);
  REQUIRE(Term(false).is_atom(atoms::false_));
  REQUIRE(binary("text").as_bytes() == "text");
  REQUIRE(binary("").as_bytes().empty());
  REQUIRE(binary("").as_binary().value().empty());
}

TEST_CASE("pids and references come back whole from 16 bytes", "[term]") {
  constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
  const Pid pid{Atom("far@away"), most, most - 1, most - 2};
  REQUIRE(Term(pid).as_pid() == pid);
  const Ref ref{Atom("far@away"), most, std::numeric_limits<std::uint64_t>::max()};
  REQUIRE(Term(ref).as_ref() == ref);
  REQUIRE(Term(Pid()).as_pid() == Pid());
}

TEST_CASE("a term of another kind gives nothing", "[term]") {
  const Term term = tuple("ok"_atom, 1);
  REQUIRE_FALSE(term.as_atom().has_value());
  REQUIRE_FALSE(term.as_integer().has_value());
  REQUIRE_FALSE(term.as_float().has_value());
  REQUIRE_FALSE(term.as_bool().has_value());
  REQUIRE_FALSE(term.as_pid().has_value());
  REQUIRE_FALSE(term.as_ref().has_value());
  REQUIRE_FALSE(term.as_binary().has_value());
  REQUIRE(term.as_list().empty());
  REQUIRE(term.as_map().empty());
  REQUIRE(term.as_fun() == nullptr);
  REQUIRE(term.find(1) == nullptr);
  REQUIRE(Term(1).size() == 0);
}

TEST_CASE("a tuple has its elements in order, from 0", "[term]") {
  const Term term = tuple("ok"_atom, 700, binary("alice"));
  REQUIRE(term.size() == 3);
  REQUIRE(term.element(1) == Term(700));
  REQUIRE(term.is_tuple("ok"_atom, 3));
  REQUIRE_FALSE(term.is_tuple("ok"_atom, 2));
  REQUIRE_FALSE(term.is_tuple("error"_atom, 3));
  REQUIRE(tuple().is_tuple());
  REQUIRE(tuple().size() == 0);
}

TEST_CASE("a list without elements is nil", "[term]") {
  REQUIRE(list().kind() == Kind::nil);
  REQUIRE(list_of({}) == nil());
  REQUIRE(nil().is_proper_list());
  REQUIRE(nil().tail() == nil());
}

TEST_CASE("a list has elements and ends in its tail", "[term]") {
  const Term proper = list(1, 2, 3);
  REQUIRE(proper.as_list().size() == 3);
  REQUIRE(proper.is_proper_list());
  const Term improper = list_with_tail({1, 2}, "end"_atom);
  REQUIRE(improper.as_list().size() == 2);
  REQUIRE(improper.tail() == Term("end"_atom));
  REQUIRE_FALSE(improper.is_proper_list());
}

TEST_CASE("a list whose tail is a list goes on in it", "[term]") {
  REQUIRE(list_with_tail({1, 2}, list(3, 4)) == list(1, 2, 3, 4));
  REQUIRE(list_with_tail({1}, list_with_tail({2}, 3)) == list_with_tail({1, 2}, 3));
  REQUIRE(list_with_tail({}, 3) == Term(3));
}

TEST_CASE("a map finds the value of a key, and only of exactly that key", "[term]") {
  const Term term = map("term"_atom, 8, 1, "one"_atom);
  REQUIRE(*term.find("term"_atom) == Term(8));
  REQUIRE(*term.find(1) == Term("one"_atom));
  REQUIRE(term.find(1.0) == nullptr);
  REQUIRE(term.find("nothing"_atom) == nullptr);
  REQUIRE(map().is_map());
  REQUIRE(map().size() == 0);
}

TEST_CASE("of a key given twice to a map the last value counts", "[term]") {
  const Term term = map("a"_atom, 1, "b"_atom, 2, "a"_atom, 3);
  REQUIRE(term.size() == 2);
  REQUIRE(*term.find("a"_atom) == Term(3));
}

TEST_CASE("the order in which a map is made does not matter", "[term]") {
  REQUIRE(map(1, 2, 3, 4) == map(3, 4, 1, 2));
  REQUIRE(map(1, 2, 3, 4).hash() == map(3, 4, 1, 2).hash());
}

TEST_CASE("integers are small when they fit 64 bits and big otherwise", "[term]") {
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  REQUIRE(Term(least).as_integer() == least);
  REQUIRE(Term(static_cast<std::uint64_t>(most)).as_integer() == most);
  const Term above(static_cast<std::uint64_t>(most) + 1);
  REQUIRE(above.kind() == Kind::big_integer);
  REQUIRE(above.is_integer());
  REQUIRE(above.as_unsigned() == static_cast<std::uint64_t>(most) + 1);
  REQUIRE_FALSE(Term(-1).as_unsigned().has_value());
}

TEST_CASE("a big integer that fits 64 bits becomes small", "[term]") {
  const std::uint8_t one[] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  REQUIRE(big_integer({.negative = true, .magnitude = one}) == Term(-1));
  const std::uint8_t two_to_63[] = {0, 0, 0, 0, 0, 0, 0, 0x80};
  REQUIRE(big_integer({.negative = true, .magnitude = two_to_63}) ==
          Term(std::numeric_limits<std::int64_t>::min()));
  REQUIRE(big_integer({.negative = false, .magnitude = two_to_63}).kind() == Kind::big_integer);
  REQUIRE(big_integer({}) == Term(0));
}

TEST_CASE("any number can be had as a float", "[term]") {
  REQUIRE(Term(3).as_number() == 3.0);
  REQUIRE(Term(2.5).as_number() == 2.5);
  REQUIRE(Term(std::uint64_t{1} << 63).as_number() == 9223372036854775808.0);
  REQUIRE_FALSE(nil().as_number().has_value());
}

TEST_CASE("a whole binary becomes a term without a copy, and so does a slice", "[term]") {
  const Binary whole("hello world");
  REQUIRE(Term(whole).as_bytes().data() == whole.view().data());
  REQUIRE(Term(whole).as_binary().value().view().data() == whole.view().data());
  const Binary slice = whole.slice(6, 5);
  REQUIRE(Term(slice).as_bytes().data() == slice.view().data());
  REQUIRE(Term(slice) == binary("world"));
}

TEST_CASE("a fun is carried and given back", "[term]") {
  const Fun fun{"lists"_atom, "map"_atom, 2, 0, 0, Binary("bytes")};
  const Term term(fun);
  REQUIRE(*term.as_fun() == fun);
  REQUIRE(term == Term(fun));
}

TEST_CASE("a term moved from is undefined, and assigning to itself changes nothing", "[term]") {
  Term first = list(1, 2);
  Term second = std::move(first);
  REQUIRE(first.is_undefined());  // NOLINT(bugprone-use-after-move): the law is about it
  const Term& same = second;
  second = same;
  REQUIRE(second == list(1, 2));
}

TEST_CASE("terms nested a million deep are compared, hashed and destroyed", "[term]") {
  const auto deep = [](auto wrap) {
    Term term = nil();
    for (int n = 0; n < 1'000'000; ++n)
      term = wrap(std::move(term));
    return term;
  };
  const auto in_list = [](Term inner) { return list(std::move(inner)); };
  const auto in_tuple = [](Term inner) { return tuple(1, std::move(inner)); };
  const auto in_map = [](Term inner) { return map("in"_atom, std::move(inner)); };
  REQUIRE(deep(in_list) == deep(in_list));
  REQUIRE(deep(in_tuple) == deep(in_tuple));
  REQUIRE(deep(in_map).hash() == deep(in_map).hash());
}

}  // namespace glasshouse::runtime
