// The snippets of docs/manual/load_regulation.md, run.

#include "runtime/behaviour/supervisor.h"
#include "runtime/load/permission.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests::manual {

struct Search {
  using Reply = std::int64_t;
  std::string words;
};

namespace {

using namespace runtime::literals;

// region spec
RegulatorSpec doors() {
  RegulatorSpec spec{.limits = {.concurrency = 8}};  // all queues together
  spec.queues.push_back({.name = "web"_atom,
                         .priority = 1,
                         .length_max = 500,
                         .wait_max = 1_s,
                         .shed = CodelTimes{.target = 20_ms, .interval = 200_ms}});
  spec.queues.push_back({.name = "batch"_atom,
                         .limits = {.concurrency = 2, .rate = Rate{.permits = 50, .burst = 10}}});
  return spec;
}

SupervisorSpec shop() {
  SupervisorSpec spec{.name = "shop"_atom};
  spec.children.push_back(
      {.id = "load"_atom, .start = named_child<Regulator>("load"_atom, doors())});
  return spec;
}
// endregion

class Index {
 public:
  using Accepts = Messages<Search>;
  std::int64_t handle(Search search) const {
    return static_cast<std::int64_t>(search.words.size());
  }
};

std::int64_t reindex() {
  return 7;
}

// region call
Behaviour visitor(Self self, Notes* notes) {
  const Through web{.regulator = "load"_atom, .queue = "web"_atom, .within = 300_ms};
  auto calling = call_through<Search>(self, web, 1_s, "index"_atom, "glass houses");
  const CallResult<Search> found = co_await calling;
  notes->push_back(found ? std::to_string(*found.value) : text(found.failure));
}
// endregion

// region ask
Behaviour night_work(Self self, Notes* notes) {
  const Through batch{.regulator = "load"_atom, .queue = "batch"_atom};
  auto asking = ask(self, batch);
  Asked asked = co_await asking;
  if (!asked) self.exit(overload(asked.refused));  // {overload, timeout} and others
  co_await self.sleep(10_ms);                      // the work
  asked.permission.done();                         // or at the end of the scope

  auto running = run(self, batch, &reindex);  // the same in one
  const RunResult<std::int64_t> result = co_await running;
  notes->push_back(result ? std::to_string(*result.value) : text(result.refused));
}
// endregion

// region change
Behaviour operates(Self self, Notes* notes) {
  LoadInfo load = co_await self.call<GetLoad>("load"_atom);
  LoadQueue batch = load.queues.back().queue;
  batch.limits.concurrency = 0;  // a pause: who asks waits
  co_await self.call<ModifyLoadQueue>("load"_atom, batch);
  const LoadLimits wider{.concurrency = 16};
  co_await self.call<ModifyLoadLimits>("load"_atom, wider);
  load = co_await self.call<GetLoad>("load"_atom);
  notes->push_back(text(to_term(load.queues.front().counts)));
}
// endregion

// region mailbox
class Careful {
 public:
  using Accepts = Messages<Search>;
  explicit Careful(Self self) {
    self.limit_mail({.messages = 1000, .then = AtMailLimit::refuse, .report_to = "ops"_atom});
  }
  std::int64_t handle(Search search) { return static_cast<std::int64_t>(search.words.size()); }
};
// endregion

Behaviour begins(Self self, Notes* notes) {
  co_await start_supervisor(self, shop());
  const Pid careful = start_on<Careful>(self.node(), "careful"_atom);
  co_await self.sleep(1_ms);
  notes->push_back(std::to_string(co_await self.call<Search>(careful, "ab")));
  self.spawn<&visitor>(notes);
  self.spawn<&night_work>(notes);
  co_await self.sleep(100_ms);
  self.spawn<&operates>(notes);
  co_await self.sleep(100_ms);
}

}  // namespace

TEST_CASE("the manual's regulator regulates", "[manual]") {
  Notes notes;
  OneNode one;
  start_on<Index>(one.node(), "index"_atom);
  one.spawn<&begins>(&notes);
  one.run();
  REQUIRE(notes == Notes{"2", "12", "7", "{load_counts,1,0,0,0,0}"});
}

}  // namespace glasshouse::tests::manual
