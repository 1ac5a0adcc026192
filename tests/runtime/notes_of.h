#pragma once
// What a body notes down that runs as the first process of one simulated node.

#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

// Until nothing is due any more.
template <auto Body>
Notes notes_of(std::uint64_t seed = 1) {
  Notes notes;
  OneNode one(seed);
  one.spawn<Body>(&notes);
  one.run();
  return notes;
}

// The same, and no process may be left.
template <auto Body>
Notes notes_of_all_gone(std::uint64_t seed = 1) {
  Notes notes;
  OneNode one(seed);
  one.spawn<Body>(&notes);
  one.run();
  REQUIRE(one.node().process_count() == 0);
  return notes;
}

}  // namespace glasshouse::tests
