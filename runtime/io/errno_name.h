#pragma once
// Errno numbers as Erlang spells them: enoent, econnrefused. Any thread.

#include "runtime/term/atom.h"

namespace glasshouse::runtime {

// "ok" for 0; "e<number>" for one the C library has no name for.
Atom errno_atom(int number);

}  // namespace glasshouse::runtime
