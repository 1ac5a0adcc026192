#pragma once

// Terms as text, as io:format("~p") of OTP 25 writes them, on one line. Pure functions.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/term/term.h"

namespace glasshouse::runtime {

struct PrintOptions {
  // The text ends in "..." where it would have become longer than this; never shorter than 3.
  std::size_t bytes_max = static_cast<std::size_t>(-1);
  // What is nested deeper is printed as "...": a bound on the stack, beyond any sane term.
  std::size_t depth_max = 500;
  // Pids of `node` are printed with this number, <3.17.1>: for a reader who sees many nodes.
  Atom node = {};
  std::uint32_t node_number = 0;
};

std::string to_string(const Term& term, PrintOptions options = {});

// An atom in quotes where it needs them: ok, 'DOWN', 'hello world'.
std::string to_string(Atom atom);

// The shortest text that reads back as the same number, with a point: 1.0, 0.1, 1.0e10.
std::string to_string_float(double value);

}  // namespace glasshouse::runtime
