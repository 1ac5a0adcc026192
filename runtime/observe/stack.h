#pragma once
// Where the last exception of this thread was thrown, seen from inside a process.
//
// The stack is for reading only: it is told in crash reports and is no part of an exit reason or a
// digest, because it depends on the compiler.

#include "runtime/term/term.h"

namespace glasshouse::runtime {

inline constexpr int stack_frames_max = 32;

// The functions of the last throw in a process on this thread, innermost first, as a list of
// binaries. Empty in builds with sanitizers, which see throws themselves.
Term last_throw_stack();

}  // namespace glasshouse::runtime
