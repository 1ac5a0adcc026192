#pragma once
// What a supervisor does when a child has ended: decided here, without a process, and done in
// supervisor.cpp. OTP: supervisor, "Supervision Principles" and "Restart intensity".

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/base/time.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

enum class Strategy : std::uint8_t { one_for_one, one_for_all, rest_for_one, simple_one_for_one };

enum class Restart : std::uint8_t {
  permanent,  // always
  transient,  // only after an abnormal exit: not normal, shutdown or {shutdown, _}
  temporary,  // never; its specification is dropped
};

// At most `intensity` restarts within any `period`; one more and the supervisor gives up.
struct RestartLimit {
  std::uint32_t intensity = 1;
  Duration period = Duration::seconds(5);
};

struct ChildState {
  Restart restart = Restart::permanent;
  bool is_up = true;
};

enum class Decision : std::uint8_t {
  restart,    // stop and start what the plan lists
  keep_down,  // it ended as it should: its specification stays, without a process
  forget,     // temporary: the specification goes, too
  give_up,    // too many restarts: stop all children, then exit with shutdown
};

struct Plan {
  Decision decision = Decision::restart;
  std::vector<std::size_t> stop;   // in the order to stop them: latest started first
  std::vector<std::size_t> start;  // in the order to start them
};

// What a supervisor has restarted so far, and how much of it is tolerated.
struct RestartHistory {
  RestartLimit limit;
  std::span<const Instant> earlier;  // the times of its restarts, oldest first
  Instant now;
};

// `children` in start order; `failed` is the index of the one that ended.
Plan plan_restart(Strategy strategy, std::span<const ChildState> children, std::size_t failed,
                  const Term& reason, const RestartHistory& history);

// How many of `restarts`, oldest first, still count at `now`.
std::size_t restarts_within(std::span<const Instant> restarts, Duration period, Instant now);

Atom strategy_name(Strategy strategy);
Atom restart_name(Restart restart);
Atom decision_name(Decision decision);

}  // namespace glasshouse::runtime
