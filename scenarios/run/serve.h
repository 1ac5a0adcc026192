#pragma once
// A scenario on many cores: its nodes run on the multicore runtime, with real sockets on the
// loopback interface, real files and real time. Times, kills and properties of the script work as
// in the simulator; the other faults cannot be made here and are refused.
//
// Threads: the one that calls `serve` runs the script; the runtime has its own.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "runtime/base/result.h"
#include "scenarios/run/report.h"
#include "scenarios/run/run.h"

namespace glasshouse::scenarios {

struct ServeOptions {
  RunOptions run;      // seed: of the script's draws; trace: recorded while it is served
  std::string folder;  // of the nodes' files; must be there
  // Where Prometheus is told the metrics of all nodes, on the loopback interface; 0: any free port.
  std::optional<std::uint16_t> metrics_port = {};
  // Recorded is what tracing::life_kinds names; with this everything, which costs those who work.
  bool records_messages = false;
  // Waits at most so long, less if it must; true: stop now. REQUIRES: it is given.
  std::function<bool(Duration)> wait;
  // Something to tell the person who runs it: what applications announce, and every line that a
  // process logs as an error. Any thread.
  std::function<void(std::string_view)> announce;
};

struct Served {
  Report report;
  std::string failure;  // of the script or of a node, if it could not go on, or of the recording
};
// Until `wait` says so, --until, a violation, an error of the script, or a node whose first process
// has ended: nobody would serve. Then the nodes are shut down in order, the last one first, each
// supervision tree in reverse order of its start; one that needs more than 10 s is ended as it
// stands. Errors: it could not begin.
Result<Served> serve(const ServeOptions& options);

}  // namespace glasshouse::scenarios
