#include "runtime/term/atom.h"

#include <stdexcept>
#include <string>

#include "tests/catch.h"

namespace glasshouse::runtime {

TEST_CASE("atoms of one text are one atom", "[atom]") {
  REQUIRE(Atom("some_name") == Atom(std::string("some_") + "name"));
  REQUIRE(Atom("some_name").index() == Atom("some_name").index());
  REQUIRE(Atom("some_name") != Atom("other_name"));
}

TEST_CASE("an atom gives back its text, with any bytes in it", "[atom]") {
  const std::string text("a\0b\xff", 4);
  REQUIRE(Atom(text).text() == text);
  REQUIRE(Atom("").text().empty());
}

TEST_CASE("the default atom is undefined", "[atom]") {
  REQUIRE(Atom() == atoms::undefined);
  REQUIRE(Atom().text() == "undefined");
}

TEST_CASE("a literal is the atom of its text", "[atom]") {
  REQUIRE("some_name"_atom == Atom("some_name"));
  REQUIRE("ok"_atom == atoms::ok);
  REQUIRE("ok"_atom.text() == "ok");
}

TEST_CASE("the common atoms are constants and in the table", "[atom]") {
  static_assert(atoms::ok != atoms::error);
  for (const std::string_view text : detail::predefined_atoms) {
    REQUIRE(Atom(text).index() < detail::predefined_atom_count);
    REQUIRE(Atom(text).text() == text);
  }
}

TEST_CASE("atoms are ordered by text, never by who came first", "[atom]") {
  const Atom late("zzz_first_interned");
  const Atom early("aaa_second_interned");
  REQUIRE(early.index() > late.index());
  REQUIRE(early < late);
  REQUIRE_FALSE(late < late);
}

TEST_CASE("the hash of an atom is one of its text", "[atom]") {
  REQUIRE(Atom("ok").hash() == hash_bytes("ok", 1));
  REQUIRE(Atom("never_seen_before").hash() == hash_bytes("never_seen_before", 1));
}

TEST_CASE("looking for an atom does not make it", "[atom]") {
  const std::uint32_t before = atom_count();
  REQUIRE_FALSE(Atom::existing("nobody interned this").has_value());
  REQUIRE(atom_count() == before);
  REQUIRE(Atom::existing("ok") == atoms::ok);
}

TEST_CASE("an atom may have 1020 bytes and no more", "[atom]") {
  const std::string longest(Atom::text_bytes_max, 'x');
  REQUIRE(Atom(longest).text() == longest);
  REQUIRE_THROWS_AS(Atom(longest + "x"), std::length_error);
}

TEST_CASE("many atoms keep their texts", "[atom]") {
  for (int n = 0; n < 5'000; ++n)
    REQUIRE(Atom("many_" + std::to_string(n)).index() > 0);
  for (int n = 0; n < 5'000; ++n) {
    const std::string text = "many_" + std::to_string(n);
    REQUIRE(Atom::existing(text).value().text() == text);
  }
}

}  // namespace glasshouse::runtime
