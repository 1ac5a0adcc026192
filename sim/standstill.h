#pragma once
// Who waits for whom when nothing is due any more. Plain data.

#include <string>
#include <vector>

#include "runtime/process/pid.h"
#include "runtime/term/atom.h"

namespace glasshouse::sim {

// One process that waits.
struct Waiting {
  runtime::Pid pid;
  std::string shown;   // "kv_store <1.107.0>"
  runtime::Atom what;  // receive, call, sleep, ...
  runtime::Pid whom;   // null if that is not known
  std::string whom_shown;
};

struct StandStill {
  std::vector<Waiting> waiting;    // by node and pid; who only receives or sleeps is left out
  std::size_t idle = 0;            // how many were left out
  std::vector<std::string> cycle;  // who waits in a ring, each for the next; empty without one

  bool is_deadlock() const { return !waiting.empty(); }
  // "2 processes wait in calls that nobody will answer: a <1.100.0> waits for b <1.101.0>, ..."
  std::string sentence() const;
};

}  // namespace glasshouse::sim
