#include "runtime/base/build_identity.h"

#include "tests/catch.h"

namespace glasshouse::runtime {

TEST_CASE("a build knows its commit, its compiler and its kind", "[build_identity]") {
  const BuildIdentity identity = build_identity();
  REQUIRE_FALSE(identity.commit.empty());
  REQUIRE_FALSE(identity.compiler.empty());
  REQUIRE_FALSE(identity.build.empty());
}

}  // namespace glasshouse::runtime
