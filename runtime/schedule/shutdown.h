#pragma once
// Ends what runs on a node of the multicore world in order, before the node itself is destroyed.
// OTP: init:stop/0.

#include "runtime/base/time.h"

namespace glasshouse::runtime {

class Node;

// Asks every process that was spawned from outside to end with `shutdown`, the highest pid first,
// and waits for each before it asks the next: a supervisor among them stops its children in reverse
// order before it ends. True: all of them ended within `within` of wall time, a year at most.
// False: some did not; they still run, and end without a word when the node is destroyed.
//
// Threads: any but those of the executor. REQUIRES: the node's executor has threads of its own.
[[nodiscard]] bool shut_down(Node& node, Duration within);

}  // namespace glasshouse::runtime
