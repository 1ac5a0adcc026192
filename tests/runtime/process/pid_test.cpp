#include "runtime/process/pid.h"

#include <unordered_set>

#include "tests/catch.h"

namespace glasshouse::runtime {

TEST_CASE("a pid is printed with 0 for its own node, or the number it is given", "[pid]") {
  const Pid pid{Atom("n@h"), 5, 7, 1};
  REQUIRE(to_string(pid) == "<0.5.7>");
  REQUIRE(to_string(pid, 3) == "<3.5.7>");
  REQUIRE(to_string(Pid{Atom("n@h"), 4294967295, 4294967295, 1}) == "<0.4294967295.4294967295>");
}

TEST_CASE("only the default pid is nobody", "[pid]") {
  REQUIRE(Pid().is_null());
  REQUIRE_FALSE(Pid{Atom("n@h"), 0, 0, 0}.is_null());
  REQUIRE_FALSE(Pid{Atom(), 1, 0, 0}.is_null());
}

TEST_CASE("pids differ when any part of them does", "[pid]") {
  const Pid pid{Atom("a@h"), 1, 2, 3};
  const Pid others[] = {{Atom("b@h"), 1, 2, 3},
                        {Atom("a@h"), 2, 2, 3},
                        {Atom("a@h"), 1, 3, 3},
                        {Atom("a@h"), 1, 2, 4}};
  for (const Pid& other : others) {
    REQUIRE(other != pid);
    REQUIRE(other > pid);
    REQUIRE(other.hash() != pid.hash());
  }
}

TEST_CASE("pids are ordered by the name of the node first", "[pid]") {
  const Atom late("zz@h");
  const Atom early("aa@h");
  REQUIRE(Pid{early, 9, 9, 9} < Pid{late, 1, 1, 1});
  REQUIRE(Pid{early, 1, 9, 9} < Pid{early, 2, 1, 1});
}

TEST_CASE("pids can be keys of a hashed table", "[pid]") {
  std::unordered_set<Pid> pids;  // unordered: never iterated
  for (std::uint32_t id = 0; id < 100; ++id)
    pids.insert(Pid{Atom("n@h"), id, 1, 1});
  REQUIRE(pids.size() == 100);
  REQUIRE(pids.contains(Pid{Atom("n@h"), 42, 1, 1}));
}

}  // namespace glasshouse::runtime
