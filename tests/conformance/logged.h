#pragma once
// What a case logged.

#include <memory>

#include "runtime/observe/logger.h"
#include "tests/conformance/both_worlds.h"
#include "tests/runtime/observe/log_collector.h"

namespace glasshouse::conformance {

using tests::LogCollector;

// All that is logged on the node from now on, whatever its level.
inline std::shared_ptr<LogCollector> log_everything(Self self) {
  auto log = std::make_shared<LogCollector>();
  self.node().logger().set_level(LogThreshold::all());
  static_cast<void>(self.node().logger().add_handler("log"_atom, log));
  return log;
}

// Of a map; undefined where it has no such key.
inline Term field(const Term& map, Atom key) {
  const Term* const found = map.find(Term(key));
  return found == nullptr ? Term() : *found;
}

}  // namespace glasshouse::conformance
