// Exits, links and the order of signals. The ids are those of docs/conformance.md.

#include "tests/conformance/both_worlds.h"

namespace glasshouse::conformance {

namespace {

Behaviour returns(Self) {
  co_return;
}

Behaviour returning_is_normal(Self self, Verdict* verdict) {
  self.trap_exit(true);
  const Pid child = self.spawn_link<&returns>();
  const Exit exit = co_await self.receive<Exit>();
  verdict->holds(exit.from == child, "the exit is the child's");
  verdict->equal(exit.reason, "normal");
  const auto more = co_await self.receive<Exit>(10_ms);
  verdict->holds(!more, "there is one exit message");
}

}  // namespace

CONFORMANCE("PRC-002", "returning from the entry function is exit reason normal",
            returning_is_normal)

}  // namespace glasshouse::conformance
