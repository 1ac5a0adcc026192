#pragma once

// What must hold for every input of the parser of terms; shared by the fuzzer and by the test that
// needs none.

#include <string_view>

#include "runtime/base/check.h"
#include "runtime/term/parse.h"
#include "runtime/term/print.h"

namespace glasshouse::runtime {

inline void expect_lawful_parsing(std::string_view text) {
  ParseOptions options{.digits_max = 200, .node = Atom("fuzz@host"), .creation = 1};
  const auto first = parse_term(text, options);
  if (!first.ok()) {
    CHECK(!first.error().what.empty());
    return;
  }
  options.digits_max *= 2;  // what was read in base 36 is longer in base 10
  const std::string printed = to_string(first.value());
  const auto second = parse_term(printed, options);
  CHECK(second.ok());
  CHECK(second.value() == first.value());
  CHECK(second.value().hash() == first.value().hash());
  CHECK(to_string(second.value()) == printed);
}

}  // namespace glasshouse::runtime
