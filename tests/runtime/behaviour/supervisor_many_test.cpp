// Many children, and what a supervisor reports.

#include <set>

#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

Behaviour idle(Self self) {
  co_await self.receive<Exit>();
}

ChildSpec idler(Atom id) {
  return {.id = id, .start = child_process<&idle>()};
}

SupervisorSpec many(Strategy strategy, std::uint32_t intensity) {
  SupervisorSpec spec{.strategy = strategy,
                      .limit = {.intensity = intensity, .period = Duration::seconds(100)}};
  if (strategy == Strategy::simple_one_for_one) spec.children.push_back(idler("pattern"_atom));
  return spec;
}

// What came of it: how many ran after the start, and after all were killed.
struct Census {
  std::uint64_t started = 0;
  std::uint64_t restarted = 0;
  std::uint64_t renewed = 0;  // pids that are not those of before
  Term end;
};

Behaviour kills_all(Self self, Strategy strategy, int count, Census* census) {
  self.trap_exit(true);
  auto starting = start_supervisor(self, many(strategy, static_cast<std::uint32_t>(count)));
  const auto sup = co_await starting;
  std::vector<Pid> pids;
  for (int i = 0; i < count; ++i) {
    auto adding = start_child(self, sup.pid, idler(Atom("c" + std::to_string(i))));
    const ChildAnswer answer = co_await adding;
    pids.push_back(answer.pid);
  }
  auto counting = count_children(self, sup.pid);
  const ChildCount before = co_await counting;
  census->started = before.active;
  for (const Pid pid : pids)
    self.exit(pid, Term(atoms::kill));
  co_await self.sleep(Duration::seconds(10));
  auto asking = which_children(self, sup.pid);
  const auto rows = co_await asking;
  census->restarted = rows.size();
  const std::set<Pid> old(pids.begin(), pids.end());
  for (const ChildRow& row : rows) {
    const bool is_new = !row.pid.is_null() && !old.contains(row.pid);
    census->renewed += is_new ? 1U : 0U;
  }
  self.exit(sup.pid, Term(atoms::shutdown));
  const Exit exit = co_await self.receive<Exit>();
  census->end = exit.reason;
}

Census census_of(Strategy strategy, int count) {
  Census census;
  OneNode one;
  one.spawn<&kills_all>(strategy, count, &census);
  one.run();
  REQUIRE(one.node().process_count() == 0);
  return census;
}

}  // namespace

TEST_CASE("a hundred thousand dynamic children are started, restarted and stopped",
          "[supervisor]") {
  const Census census = census_of(Strategy::simple_one_for_one, 100'000);
  REQUIRE(census.started == 100'000);
  REQUIRE(census.restarted == 100'000);
  REQUIRE(census.renewed == 100'000);
  REQUIRE(text(census.end) == "shutdown");
}

TEST_CASE("thousands of children with names of their own are, too", "[supervisor]") {
  const Census census = census_of(Strategy::one_for_one, 3'000);
  REQUIRE(census.started == 3'000);
  REQUIRE(census.renewed == 3'000);
  REQUIRE(text(census.end) == "shutdown");
}

namespace {

// Keeps what supervisors report.
class Reports final : public Tracer {
 public:
  Reports() { want_kinds(kind_bit(EventKind::log) | kind_bit(EventKind::restart)); }
  using Tracer::emit;
  void emit(const Event& event, std::string_view text) override {
    reports.push_back(std::string(event.name.text()) + " " + std::string(text));
  }
  std::uint64_t new_message_id() override { return 1; }
  std::vector<std::string> reports;
};

class Odd {
 public:
  using Accepts = Messages<>;
  explicit Odd(Self self) : self_(self) { self_.trap_exit(true); }
  void terminate(Term) { self_.exit(Term("odd"_atom)); }

 private:
  Self self_;
};

Behaviour makes_errors(Self self) {
  SupervisorSpec spec{.limit = {.intensity = 1, .period = Duration::seconds(5)}};
  spec.children.push_back({.id = "odd"_atom, .start = child<Odd>()});
  spec.children.push_back(idler("idle"_atom));
  self.trap_exit(true);
  auto starting = start_supervisor(self, std::move(spec));
  const auto sup = co_await starting;
  auto stopping = terminate_child(self, sup.pid, "odd"_atom);
  co_await stopping;
  ChildSpec bad = idler("bad"_atom);
  bad.start = [](Process&, CallFrom) -> Pid { throw ExitException(Term("why"_atom)); };
  auto adding = start_child(self, sup.pid, bad);
  const ChildAnswer answer = co_await adding;
  REQUIRE(text(answer.error.element(0)) == "{'EXIT',why}");
  for (int i = 0; i < 2; ++i) {
    auto asking = which_children(self, sup.pid);
    const auto rows = co_await asking;
    self.exit(rows.front().pid, Term(atoms::kill));
    co_await self.sleep(Duration::milliseconds(1));
  }
  const Exit exit = co_await self.receive<Exit>();
  REQUIRE(text(exit.reason) == "shutdown");
}

}  // namespace

TEST_CASE("a supervisor reports start_error, shutdown_error, what ended and that it gives up",
          "[supervisor][SUP-036]") {
  Reports reports;
  {
    sim::World world({.tracer = &reports});
    world.start_node(world.add_host("h"), "a@h", [](Node& node) { node.spawn<&makes_errors>(); });
    world.run_until(Instant::max());
  }
  REQUIRE(reports.reports.size() == 4);
  REQUIRE(reports.reports[0].starts_with("error shutdown_error: odd <0."));
  REQUIRE(reports.reports[0].ends_with(", reason odd"));
  REQUIRE(reports.reports[1] == "error start_error: bad, reason {'EXIT',why}");
  REQUIRE(reports.reports[2] == "restart idle ended with killed: restart (1 of 1 in 5 s)");
  REQUIRE(reports.reports[3] == "give_up idle ended with killed: give_up (2 of 1 in 5 s)");
}

}  // namespace glasshouse::tests
