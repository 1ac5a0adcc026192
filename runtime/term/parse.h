#pragma once

// Terms from text as Erlang writes them, for scripts, tests and the observer's filters.
// Pure functions, safe on any bytes.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/base/result.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

struct ParseOptions {
  // Refused beyond these, with an error.
  std::size_t depth_max = 500;
  std::size_t terms_max = 1'000'000;
  std::size_t digits_max = 5'000;  // of one integer
  // Whose <0.5.0> and #Ref<0.0.0.7> are. Their first number is not looked at.
  Atom node{};
  std::uint32_t creation = 0;
};

// One term in UTF-8, perhaps followed by a full stop; spaces, line ends and comments from % may be
// anywhere between. Understands integers (-5, 16#ff, 1_000, $a, of any size), floats, atoms,
// strings, binaries (<<"text">>, <<"text"/utf8>>, <<1,2>>), tuples, lists, maps, pids and
// references. The error begins with the place: "1:7: expected ',' or '}'".
Result<Term> parse_term(std::string_view text, const ParseOptions& options = {});

}  // namespace glasshouse::runtime
