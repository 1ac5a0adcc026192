#pragma once
// What a person did to a simulated run by hand: kill, cut, heal, crash, restart. An action is told
// in the trace, with the step and the virtual time it was done at, and a replay does it again
// there. Plain data; `apply` on the world's thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "sim/world.h"

namespace glasshouse::scenarios {

using runtime::Instant;
using runtime::Result;

enum class ActionKind : std::uint8_t {
  kill,     // what = a process as the trace names it, "<1.107.0>"
  cut,      // what = a host, other = a host: nothing goes from one to the other, nor back
  heal,     // what = a host, other = a host: the cuts of the link between them, and nothing else;
            // without hosts: everything that is cut or otherwise wrong
  crash,    // what = a node: a power cut
  restart,  // what = a node
  stop,     // the run ends here
};
std::string_view action_name(ActionKind kind);
std::optional<ActionKind> action_kind(std::string_view name);

struct Action {
  ActionKind kind = ActionKind::heal;
  std::string what = {};
  std::string other = {};
  bool one_way = false;  // cut: only from `what` to `other`
  // Filled in when it is done.
  std::uint64_t step = 0;
  Instant when = {};

  // As it stands in the trace: "<1.107.0> at step 512, 1500000000 ns".
  std::string detail() const;
  static Result<Action> parse(std::string_view name, std::string_view detail);
  // "kill <1.107.0>".
  std::string shown() const;
};

// Does it now, and tells it. Errors: there is no such process, host or node, or nothing to heal;
// one sentence, and nothing is told then.
Result<void> apply(sim::World& world, Action action);

}  // namespace glasshouse::scenarios
