#pragma once
// In which order applications start: whatever one needs comes before it. Decided here, without a
// process.

#include <map>
#include <vector>

#include "runtime/application/application_spec.h"
#include "runtime/base/result.h"

namespace glasshouse::runtime {

// What one application needs, as its specification says.
struct ApplicationNeeds {
  std::vector<Atom> applications;
  std::vector<Atom> optional_applications;
};
using NeedsOf = std::map<Atom, ApplicationNeeds>;  // of all that are loaded

// `wanted` and all it needs, each after what it needs itself and otherwise in the order named.
// Optional ones that are not loaded are left out. Errors, each one sentence: code not_loaded where
// one is missing, code cycle where applications need each other in a circle.
Result<std::vector<Atom>> start_order(const NeedsOf& loaded, Atom wanted);

}  // namespace glasshouse::runtime
