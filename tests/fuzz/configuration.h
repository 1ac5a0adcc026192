#pragma once
// What must hold for every text that is read as a configuration, and for every word that changes
// one. For the test of its corpus alone: a fuzzer stops in the parser of TOML itself, whose version
// 3.3 reaches what it calls unreachable at the first letter outside of ASCII.

#include <string_view>

#include "runtime/application/configuration.h"
#include "runtime/base/check.h"

namespace glasshouse::runtime {

// Terms or a sentence that says where, and the same again; and what a word takes back, or refuses,
// leaves the rest alone.
inline void expect_lawful_configuration(std::string_view bytes) {
  const auto first = read_configuration(bytes, "fuzz.toml");
  const auto second = read_configuration(bytes, "fuzz.toml");
  CHECK(static_cast<bool>(first) == static_cast<bool>(second));
  if (first) {
    CHECK(*first == *second);
  } else {
    CHECK(first.error().what.starts_with("fuzz.toml:"));
    CHECK(first.error().what == second.error().what);
  }
  const Configuration before = first ? *first : Configuration();
  Configuration changed = before;
  const auto done = override_configuration(changed, bytes);
  if (done) {
    CHECK(!changed.empty());
  } else {
    CHECK(done.error().what.starts_with("`"));
    CHECK(changed == before);
  }
}

}  // namespace glasshouse::runtime
