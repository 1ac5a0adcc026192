#include "runtime/behaviour/supervisor_bridge.h"

#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

Behaviour engine(Self self) {
  co_await self.receive<Exit>();
}

enum class How { starts, is_ignored, fails, throws };

// Something with ways of its own: a process that knows no supervisor.
class Library {
 public:
  Library(How how, Notes* notes) : how_(how), notes_(notes) {}
  Task<BridgeStart> init(Self self) {
    self_ = &self.process();
    notes_->push_back("init");
    BridgeStart started;
    if (how_ == How::is_ignored) throw Ignore{};
    if (how_ == How::throws) self.exit(Term("thrown"_atom));
    if (how_ == How::fails) {
      started.error = Term("why"_atom);
    } else {
      engine_ = self.spawn<&engine>();
      self.register_name("engine"_atom, engine_);
      started.pid = engine_;
    }
    co_return started;
  }
  void terminate(Term reason) {
    notes_->push_back("terminate " + text(reason));
    Self(*self_).exit(engine_, Term(atoms::shutdown));
    Self(*self_).unregister_name("engine"_atom);
  }

 private:
  How how_;
  Notes* notes_;
  Process* self_ = nullptr;
  Pid engine_;
};

Behaviour starts_bridge(Self self, How how, Notes* notes) {
  self.trap_exit(true);
  auto starting = start_bridge<Library>(self, "bridge"_atom, how, notes);
  const auto started = co_await starting;
  notes->push_back(started ? "ok" : started.ignored ? "ignore" : "error " + text(started.error));
  if (started) self.exit(started.pid.pid, Term(atoms::shutdown));
  const Exit exit = co_await self.receive<Exit>();
  notes->push_back("exit " + text(exit.reason));
}

Notes start_with(How how) {
  Notes notes;
  OneNode one;
  one.spawn<&starts_bridge>(how, &notes);
  one.run();
  REQUIRE(one.node().process_count() == 0);
  return notes;
}

Behaviour supervises_bridge(Self self, Notes* notes) {
  SupervisorSpec spec{.limit = {.intensity = 1, .period = Duration::seconds(5)}};
  spec.children.push_back({.id = "library"_atom,
                           .start = bridge_child<Library>(How::starts, notes),
                           .shutdown = Shutdown::infinity(),
                           .type = ChildType::supervisor});
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  const Pid before = self.whereis("engine"_atom).value_or(Pid());
  self.exit(before, Term("broken"_atom));
  co_await self.sleep(Duration::milliseconds(1));
  REQUIRE(self.whereis("engine"_atom) != before);
  auto counting = count_children(self, sup.pid);
  const ChildCount count = co_await counting;
  REQUIRE(count.active == 1);
  REQUIRE(count.supervisors == 1);
}

}  // namespace

TEST_CASE("a bridge starts what it bridges and stops it when it is told to",
          "[supervisor_bridge]") {
  REQUIRE(start_with(How::starts) == Notes{"init", "ok", "terminate shutdown", "exit shutdown"});
}

TEST_CASE("a bridge whose init ignores, fails or throws tells its starter", "[supervisor_bridge]") {
  REQUIRE(start_with(How::is_ignored) == Notes{"init", "ignore", "exit normal"});
  REQUIRE(start_with(How::fails) == Notes{"init", "error why", "exit why"});
  REQUIRE(start_with(How::throws) == Notes{"init", "error thrown", "exit thrown"});
}

TEST_CASE("a bridge ends with what it bridges, and is restarted as any child",
          "[supervisor_bridge]") {
  Notes notes;
  OneNode one;
  one.spawn<&supervises_bridge>(&notes);
  one.run();
  REQUIRE(notes == Notes{"init", "terminate broken", "init", "terminate shutdown"});
}

}  // namespace glasshouse::tests
