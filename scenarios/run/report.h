#pragma once
// What a run says at its end, for people and for programs. Plain data.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/time.h"
#include "scenarios/language/script.h"
#include "scenarios/run/watcher.h"
#include "tracing/digest.h"

namespace glasshouse::scenarios {

using runtime::Duration;

struct Report {
  std::string scenario;  // its name
  std::string file;
  std::uint64_t seed = 0;
  std::optional<std::uint64_t> digest;  // of a simulated run
  std::uint64_t events = 0;
  Duration virtual_time;
  Duration wall_time;
  std::uint64_t processes = 0;  // ever spawned
  std::uint64_t crashes = 0;    // crash reports
  std::uint64_t kills = 0;      // exits with the reason `killed`, which make none
  std::uint64_t restarts = 0;
  std::uint64_t faults = 0;  // injected
  std::vector<NamedCount> injected;
  std::vector<NamedCount> crashed;
  std::vector<NamedCount> killed;
  std::vector<NamedCount> restarted;
  std::vector<PropertyState> properties;
  std::optional<std::string> trace;
  std::string recording_failure;  // why the trace is not complete; empty: it is, or there is none
  std::string repeat;             // the command
  std::string ended;              // how, in words: "at 20 s", "all n property..."
  bool good = true;               // no property is violated, and it ended as it should
  std::optional<tracing::Divergence> divergence;
};

// A few lines for a stranger, each ended by a line break.
std::string report_text(const Report& report);
// One object; the keys of docs/manual/scenarios.md.
std::string report_json(const Report& report);

// "kv_shard_1 3, kv_acceptor 1".
std::string counted(const std::vector<NamedCount>& counts);
// 1234567 as 1,234,567.
std::string grouped(std::uint64_t number);

}  // namespace glasshouse::scenarios
