#include "runtime/behaviour/supervisor.h"

#include <map>

#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

struct Crash {
  Term reason;
};
struct Ping {
  using Reply = std::int64_t;
};

// What children do, by name; one for each test.
struct Stage {
  Notes notes;
  std::map<std::string, int> failing_starts;  // how many starts of it are still to fail
  bool says_terminate = true;
};

// Notes its starts and stops; dies as told.
class Child {
 public:
  using Accepts = Messages<Crash, Ping>;
  Child(Self self, std::string name, Stage* stage)
      : self_(self), name_(std::move(name)), stage_(stage) {
    self_.trap_exit(true);
    int& failing = stage_->failing_starts[name_];
    if (failing > 0) {
      --failing;
      stage_->notes.push_back(name_ + " fails");
      throw ExitException(Term("why"_atom));
    }
    stage_->notes.push_back("+" + name_);
    self_.register_name(Atom(name_));
  }
  void handle(Crash crash) { self_.stop(std::move(crash.reason)); }
  std::int64_t handle(Ping) const { return 1; }
  void terminate(Term reason) {
    stage_->notes.push_back("-" + name_ + (reason == Term(atoms::shutdown) ? "" : " crashed"));
  }

 private:
  Self self_;
  std::string name_;
  Stage* stage_;
};

// Takes its time to stop.
class Slow {
 public:
  using Accepts = Messages<Ping>;
  Slow(Self self, std::int64_t milliseconds, Stage* stage)
      : self_(self), milliseconds_(milliseconds), stage_(stage) {
    self_.trap_exit(true);
  }
  std::int64_t handle(Ping) const { return 1; }
  Task<void> terminate(Term) {
    co_await self_.sleep(Duration::milliseconds(milliseconds_));
    stage_->notes.push_back("stopped");
  }

 private:
  Self self_;
  std::int64_t milliseconds_;
  Stage* stage_;
};

ChildSpec spec_of(const std::string& name, Stage* stage, Restart restart = Restart::permanent) {
  return {.id = Atom(name), .start = child<Child>(name, stage), .restart = restart};
}

SupervisorSpec three(Strategy strategy, Stage* stage, std::uint32_t intensity = 10) {
  SupervisorSpec spec{.strategy = strategy,
                      .limit = {.intensity = intensity, .period = Duration::seconds(5)}};
  for (const char* name : {"a", "b", "c"})
    spec.children.push_back(spec_of(name, stage));
  return spec;
}

// Starts the supervisor, crashes the children named, waits, and notes how the supervisor ended.
Behaviour director(Self self, Stage* stage, SupervisorSpec spec, std::vector<std::string> victims,
                   Term reason) {
  self.trap_exit(true);
  auto starting = start_supervisor(self, std::move(spec));
  const auto started = co_await starting;
  if (!started) {
    stage->notes.push_back("error " + text(started.error));
    co_return;
  }
  for (const std::string& victim : victims) {
    stage->notes.push_back("!" + victim);
    self.send<Crash>(Atom(victim), reason);
    co_await self.sleep(Duration::milliseconds(10));
  }
  const auto ended = co_await self.receive<Exit>(Duration::zero());
  if (ended) {
    stage->notes.push_back("supervisor " + text(ended->reason));
  } else {
    stage->notes.push_back("end");
    self.exit(started.pid, Term(atoms::shutdown));
    co_await self.receive<Exit>();
  }
}

Notes play(Stage& stage, SupervisorSpec spec, std::vector<std::string> victims,
           Term reason = Term("crash"_atom)) {
  OneNode one;
  one.spawn<&director>(&stage, std::move(spec), std::move(victims), std::move(reason));
  one.run();
  REQUIRE(one.node().process_count() == 0);
  return stage.notes;
}

}  // namespace

TEST_CASE("children start in order and stop in reverse", "[supervisor][SUP-002]") {
  Stage stage;
  REQUIRE(play(stage, three(Strategy::one_for_one, &stage), {}) ==
          Notes{"+a", "+b", "+c", "end", "-c", "-b", "-a"});
}

TEST_CASE("one_for_one replaces one child", "[supervisor][SUP-018]") {
  Stage stage;
  REQUIRE(play(stage, three(Strategy::one_for_one, &stage), {"b"}) ==
          Notes{"+a", "+b", "+c", "!b", "-b crashed", "+b", "end", "-c", "-b", "-a"});
}

TEST_CASE("one_for_all replaces all children", "[supervisor]") {
  Stage stage;
  REQUIRE(play(stage, three(Strategy::one_for_all, &stage), {"b"}) ==
          Notes{"+a", "+b", "+c", "!b", "-b crashed", "-c", "-a", "+a", "+b", "+c", "end", "-c",
                "-b", "-a"});
}

TEST_CASE("rest_for_one replaces the later children", "[supervisor][SUP-020]") {
  Stage stage;
  REQUIRE(play(stage, three(Strategy::rest_for_one, &stage), {"b"}) ==
          Notes{"+a", "+b", "+c", "!b", "-b crashed", "-c", "+b", "+c", "end", "-c", "-b", "-a"});
}

TEST_CASE("more restarts than intensity allows end the supervisor", "[supervisor][SUP-022]") {
  Stage stage;
  REQUIRE(play(stage, three(Strategy::one_for_one, &stage, 2), {"a", "b", "c"}) ==
          Notes{"+a", "+b", "+c", "!a", "-a crashed", "+a", "!b", "-b crashed", "+b", "!c",
                "-c crashed", "-b", "-a", "supervisor shutdown"});
}

TEST_CASE("a failed start stops those before it and is the error", "[supervisor][SUP-003]") {
  Stage stage;
  stage.failing_starts["c"] = 1;
  REQUIRE(
      play(stage, three(Strategy::one_for_one, &stage), {}) ==
      Notes{"+a", "+b", "c fails", "-b", "-a", "error {shutdown,{failed_to_start_child,c,why}}"});
}

namespace {

// Crashes b, whose next `failures` starts will fail; notes it if the supervisor gave up.
Behaviour crashes_b(Self self, Stage* stage, int failures) {
  self.trap_exit(true);
  auto starting = start_supervisor(self, three(Strategy::one_for_one, stage, 3));
  const auto started = co_await starting;
  stage->failing_starts["b"] = failures;
  self.send<Crash>("b"_atom, Term("crash"_atom));
  const auto ended = co_await self.receive<Exit>(Duration::milliseconds(10));
  if (ended) {
    stage->notes.push_back("supervisor " + text(ended->reason));
  } else {
    self.exit(started.pid, Term(atoms::shutdown));
  }
}

Notes with_failing_restarts(int failures) {
  Stage stage;
  OneNode one;
  one.spawn<&crashes_b>(&stage, failures);
  one.run();
  return stage.notes;
}

}  // namespace

TEST_CASE("a failing restart is tried again and each try counts", "[supervisor][SUP-027]") {
  REQUIRE(with_failing_restarts(2) ==
          Notes{"+a", "+b", "+c", "-b crashed", "b fails", "b fails", "+b", "-c", "-b", "-a"});
  REQUIRE(with_failing_restarts(100) == Notes{"+a", "+b", "+c", "-b crashed", "b fails", "b fails",
                                              "b fails", "-c", "-a", "supervisor shutdown"});
}

TEST_CASE("a transient child that ends as it should stays down", "[supervisor][SUP-016]") {
  Stage stage;
  SupervisorSpec spec{.strategy = Strategy::one_for_one};
  spec.children.push_back(spec_of("a", &stage, Restart::transient));
  REQUIRE(play(stage, std::move(spec), {"a"}, tuple(Term(atoms::shutdown), Term("x"_atom))) ==
          Notes{"+a", "!a", "-a crashed", "end"});
}

TEST_CASE("a temporary child never comes back", "[supervisor][SUP-017]") {
  Stage stage;
  SupervisorSpec spec{.strategy = Strategy::one_for_all};
  spec.children.push_back(spec_of("a", &stage, Restart::temporary));
  spec.children.push_back(spec_of("b", &stage));
  REQUIRE(play(stage, std::move(spec), {"a"}) ==
          Notes{"+a", "+b", "!a", "-a crashed", "end", "-b"});
}

namespace {

Behaviour stops_slow(Self self, Stage* stage, Shutdown shutdown) {
  SupervisorSpec spec;
  spec.children.push_back(
      {.id = "slow"_atom, .start = child<Slow>(std::int64_t{500}, stage), .shutdown = shutdown});
  self.trap_exit(true);
  auto starting = start_supervisor(self, std::move(spec));
  const auto started = co_await starting;
  const Instant began = self.now();
  const auto answer = co_await self.call_within<TerminateChild>(Duration::infinity(), started.pid,
                                                                "slow"_atom, Pid());
  REQUIRE(answer.ok());
  stage->notes.push_back(
      to_string(Duration::milliseconds((self.now() - began).nanoseconds() / 1'000'000)));
  self.exit(started.pid, Term(atoms::shutdown));
}

Notes stop_with(Shutdown shutdown) {
  Stage stage;
  OneNode one;
  one.spawn<&stops_slow>(&stage, shutdown);
  one.run();
  return stage.notes;
}

}  // namespace

TEST_CASE("a child has its time to stop, and is killed after it", "[supervisor][SUP-033]") {
  REQUIRE(stop_with(Duration::seconds(1)) == Notes{"stopped", "500 ms"});
  REQUIRE(stop_with(Duration::milliseconds(100)) == Notes{"100 ms"});
  REQUIRE(stop_with(Shutdown::brutal_kill()) == Notes{"0 s"});
  REQUIRE(stop_with(Shutdown::infinity()) == Notes{"stopped", "500 ms"});
}

namespace {

Behaviour administers(Self self, Stage* stage) {
  auto starting = start_supervisor(self, three(Strategy::one_for_one, stage));
  const auto started = co_await starting;
  const auto sup = started.pid;
  auto taken = offer_of(spec_of("a", stage));
  const auto running = co_await self.call<StartChild>(sup, taken);
  REQUIRE(running.error.is_tuple(atoms::already_started, 2));
  const auto no_delete = co_await self.call<DeleteChild>(sup, "a"_atom);
  REQUIRE(text(no_delete.error) == "running");
  const auto no_restart = co_await self.call<RestartChild>(sup, "a"_atom);
  REQUIRE(text(no_restart.error) == "running");
  const auto stopped = co_await self.call<TerminateChild>(sup, "a"_atom, Pid());
  REQUIRE(stopped.ok());
  const auto again = co_await self.call<TerminateChild>(sup, "a"_atom, Pid());
  REQUIRE(again.ok());
  const auto present = co_await self.call<StartChild>(sup, taken);
  REQUIRE(text(present.error) == "already_present");
  const ChildCount count = co_await self.call<CountChildren>(sup);
  REQUIRE(count.specs == 3);
  REQUIRE(count.active == 2);
  const auto back = co_await self.call<RestartChild>(sup, "a"_atom);
  REQUIRE(back.ok());
  co_await self.call<TerminateChild>(sup, "a"_atom, Pid());
  const auto gone = co_await self.call<DeleteChild>(sup, "a"_atom);
  REQUIRE(gone.ok());
  const auto unknown = co_await self.call<DeleteChild>(sup, "a"_atom);
  REQUIRE(text(unknown.error) == "not_found");
  auto extra = offer_of(spec_of("d", stage));
  const auto fresh = co_await self.call<StartChild>(sup, extra);
  REQUIRE(fresh.ok());
  const auto rows = co_await self.call<WhichChildren>(sup);
  REQUIRE(rows.size() == 3);
  REQUIRE(rows.front().id == "d"_atom);
  stage->notes.push_back("end");
  self.exit(sup, Term(atoms::shutdown));
}

}  // namespace

TEST_CASE("children are started, stopped, deleted and restarted by hand",
          "[supervisor][SUP-010][SUP-012][SUP-013]") {
  Stage stage;
  OneNode one;
  one.spawn<&administers>(&stage);
  one.run();
  REQUIRE(std::count(stage.notes.begin(), stage.notes.end(), "end") == 1);
}

namespace {

Behaviour simple(Self self, Stage* stage) {
  self.trap_exit(true);
  SupervisorSpec spec{.strategy = Strategy::simple_one_for_one,
                      .limit = {.intensity = 5, .period = Duration::seconds(5)}};
  spec.children.push_back(spec_of("pattern", stage));
  auto starting = start_supervisor(self, std::move(spec));
  const auto started = co_await starting;
  for (const char* name : {"x", "y"}) {
    auto offer = offer_of(spec_of(name, stage));
    const auto answer = co_await self.call<StartChild>(started.pid, offer);
    REQUIRE(answer.ok());
  }
  self.send<Crash>("x"_atom, Term("crash"_atom));
  co_await self.sleep(Duration::milliseconds(10));
  const ChildCount count = co_await self.call<CountChildren>(started.pid);
  REQUIRE(count.specs == 1);
  REQUIRE(count.active == 2);
  self.exit(started.pid, Term(atoms::shutdown));
  co_await self.receive<Exit>();
}

}  // namespace

TEST_CASE("simple_one_for_one restarts each child with its own arguments",
          "[supervisor][SUP-040][SUP-042]") {
  Stage stage;
  OneNode one;
  one.spawn<&simple>(&stage);
  one.run();
  REQUIRE(one.node().process_count() == 0);
  const Notes begin{"+x", "+y", "-x crashed", "+x"};
  REQUIRE(stage.notes.size() == 6);
  REQUIRE(Notes(stage.notes.begin(), stage.notes.begin() + 4) == begin);
}

TEST_CASE("a supervisor below gives up and the one above restarts it", "[supervisor]") {
  Stage stage;
  SupervisorSpec inner = three(Strategy::one_for_one, &stage, 0);
  SupervisorSpec outer{.strategy = Strategy::one_for_one,
                       .limit = {.intensity = 1, .period = Duration::seconds(5)}};
  outer.children.push_back(supervisor_child("inner"_atom, std::move(inner)));
  REQUIRE(play(stage, std::move(outer), {"b"}) == Notes{"+a", "+b", "+c", "!b", "-b crashed", "-c",
                                                        "-a", "+a", "+b", "+c", "end", "-c", "-b",
                                                        "-a"});
}

}  // namespace glasshouse::tests
