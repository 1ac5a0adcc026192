// The snippets of docs/manual/supervisors.md, run.

#include "runtime/behaviour/supervisor_bridge.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests::manual_supervisors {

namespace {

// region children
struct Serve {
  using Reply = std::int64_t;
};
class Cook {
 public:
  using Accepts = Messages<Serve>;
  explicit Cook(std::int64_t dish) : dish_(dish) {}
  std::int64_t handle(Serve) const { return dish_; }

 private:
  std::int64_t dish_;
};

// A process that is no server.
Behaviour radio(Self self) {
  for (;;)
    co_await self.sleep(1_s);
}

SupervisorSpec kitchen_sup() {
  SupervisorSpec spec{.name = "kitchen_sup"_atom,
                      .strategy = Strategy::rest_for_one,
                      .limit = {.intensity = 3, .period = 10_s}};
  spec.children.push_back({.id = "cook"_atom,
                           .start = named_child<Cook>("cook"_atom, std::int64_t{7}),
                           .shutdown = 2_s});
  spec.children.push_back({.id = "radio"_atom,
                           .start = child_process<&radio>(),
                           .restart = Restart::temporary,
                           .shutdown = Shutdown::brutal_kill()});
  return spec;
}
// endregion

// region administer
Behaviour manager(Self self, Notes* notes) {
  auto starting = start_supervisor(self, kitchen_sup());
  const auto kitchen = co_await starting;

  auto stopping = terminate_child(self, kitchen.pid, "cook"_atom);
  co_await stopping;  // stopped; its specification stays
  auto hiring = restart_child(self, kitchen.pid, "cook"_atom);
  ChildAnswer cook = co_await hiring;  // {ok,Pid}

  ChildSpec waiter{.id = "waiter"_atom, .start = child<Cook>(std::int64_t{8})};
  auto adding = start_child(self, kitchen.pid, waiter);
  co_await adding;
  auto again = start_child(self, kitchen.pid, waiter);
  ChildAnswer refused = co_await again;  // {error,{already_started,Pid}}

  auto counting = count_children(self, kitchen.pid);
  ChildCount count = co_await counting;  // specs 3, active 3, workers 3

  notes->push_back(cook.ok() ? "ok" : "error");
  notes->push_back(text(refused.error.element(0)));
  notes->push_back(std::to_string(count.specs) + " " + std::to_string(count.active));
}
// endregion

// region dynamic
SupervisorSpec guests_sup() {
  SupervisorSpec spec{.strategy = Strategy::simple_one_for_one};
  // The pattern: what all have in common. Each brings its own start.
  spec.children.push_back({.id = "guest"_atom, .start = nullptr, .restart = Restart::transient});
  return spec;
}

Behaviour door(Self self, Notes* notes) {
  auto starting = start_supervisor(self, guests_sup());
  const auto guests = co_await starting;
  std::vector<Pid> pids;
  for (std::int64_t dish = 1; dish <= 1000; ++dish) {
    ChildSpec guest;
    guest.start = child<Cook>(dish);
    auto adding = start_child(self, guests.pid, guest);
    ChildAnswer answer = co_await adding;
    pids.push_back(answer.pid);
  }
  auto leaving = terminate_child(self, guests.pid, pids[500]);  // by pid
  co_await leaving;
  auto counting = count_children(self, guests.pid);
  ChildCount count = co_await counting;
  notes->push_back(std::to_string(count.active));  // 999
}
// endregion

// region significant
Behaviour writer(Self self) {
  co_await self.sleep(10_ms);  // done
}

SupervisorSpec job_sup() {
  SupervisorSpec spec{.auto_shutdown = AutoShutdown::any_significant};
  spec.children.push_back({.id = "scratch"_atom, .start = child<Cook>(std::int64_t{1})});
  spec.children.push_back({.id = "writer"_atom,
                           .start = child_process<&writer>(),
                           .restart = Restart::transient,
                           .significant = true});
  return spec;  // when the writer is through, the supervisor stops scratch and ends
}
// endregion

Behaviour runs_job(Self self, Notes* notes) {
  self.trap_exit(true);
  auto starting = start_supervisor(self, job_sup());
  co_await starting;
  const Exit exit = co_await self.receive<Exit>();
  notes->push_back(text(exit.reason));
}

// region bridge
Behaviour engine(Self self) {
  co_await self.receive<Exit>();
}

class Engine {
 public:
  Task<BridgeStart> init(Self self) {
    BridgeStart started;
    started.pid = self.spawn<engine>();  // its own way of starting
    co_return started;
  }
  void terminate(Term) {}  // and of stopping
};

SupervisorSpec garage_sup() {
  SupervisorSpec spec;
  spec.children.push_back({.id = "engine"_atom, .start = bridge_child<Engine>()});
  return spec;
}
// endregion

Behaviour runs_garage(Self self, Notes* notes) {
  auto starting = start_supervisor(self, garage_sup());
  const auto garage = co_await starting;
  auto counting = count_children(self, garage.pid);
  const ChildCount count = co_await counting;
  notes->push_back(std::to_string(count.active));
}

template <auto Body>
Notes notes_of() {
  Notes notes;
  OneNode one;
  one.spawn<Body>(&notes);
  one.world().run_until(Instant() + Duration::seconds(1));
  return notes;
}

}  // namespace

TEST_CASE("the snippets about supervisors do what their page says", "[manual]") {
  REQUIRE(notes_of<&manager>() == Notes{"ok", "already_started", "3 3"});
  REQUIRE(notes_of<&door>() == Notes{"999"});
  REQUIRE(notes_of<&runs_job>() == Notes{"shutdown"});
  REQUIRE(notes_of<&runs_garage>() == Notes{"1"});
}

TEST_CASE("a specification is checked without a supervisor", "[manual]") {
  // region check
  SupervisorSpec spec = kitchen_sup();
  spec.children[1].id = "cook"_atom;
  REQUIRE(text(check_childspecs(spec.children)) == "{error,{duplicate_child_name,cook}}");
  // endregion
}

}  // namespace glasshouse::tests::manual_supervisors
