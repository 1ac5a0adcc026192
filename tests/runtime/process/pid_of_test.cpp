#include "runtime/process/pid_of.h"

#include "runtime/term/convert.h"
#include "tests/catch.h"

namespace glasshouse::runtime {
namespace {

struct Ask {};
struct Door {
  using Accepts = Messages<Ask>;
};
struct Visit {
  PidOf<Door> door;
};

}  // namespace

TEST_CASE("a typed pid is sent as the plain pid", "[pid_of]") {
  const Pid pid{Atom("n@h"), 1, 2, 3};
  static_assert(Sendable<Visit>);
  REQUIRE(to_term(PidOf<Door>{pid}) == Term(pid));
  REQUIRE(to_term(Visit{{pid}}) == tuple("visit"_atom, pid));
  REQUIRE(from_term<Visit>(tuple("visit"_atom, pid)).value().door.pid == pid);
  REQUIRE_FALSE(from_term<PidOf<Door>>(Term(1)).ok());
}

}  // namespace glasshouse::runtime
