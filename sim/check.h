#pragma once
// The determinism check: makes one world twice and compares every event. What differs first is
// named; it is a fault of the program that was run, or of the runtime.
//
// Threads: the caller's.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "runtime/observe/tracer.h"

namespace glasshouse::sim {

struct Difference {
  std::uint64_t event = 0;  // the how manieth
  std::string first;        // in words; empty: that run ended before
  std::string second;
  // "the runs differ at event 17: first run: ..., second run: ..."
  std::string sentence() const;
};

// `run` builds a world with this tracer and runs it; called twice. Nothing: all events were equal.
// Keeps 56 bytes an event.
std::optional<Difference> find_difference(const std::function<void(runtime::Tracer&)>& run);

}  // namespace glasshouse::sim
