// Further laws of OTP's supervisor_SUITE; the names in brackets are its cases.

#include "runtime/behaviour/supervisor.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

Behaviour idle(Self self) {
  co_await self.receive<Exit>();
}

ChildSpec idler(Atom id, Restart restart = Restart::permanent) {
  return {.id = id, .start = child_process<&idle>(), .restart = restart};
}

// Starts once; from then on it fails while `broken`.
struct Breaks {
  bool* broken = nullptr;
  Pid operator()(Process& parent, CallFrom starter) const {
    if (!*broken) return child_process<&idle>()(parent, starter);
    answer_start(parent, starter, atoms::error, Term("broken"_atom));
    return {};
  }
};

ChildSpec breaking(Atom id, bool* broken) {
  ChildSpec spec = idler(id);
  spec.start = Breaks{broken};
  return spec;
}

Task<Pid> child_of(Self self, Pid supervisor, Atom id) {
  auto asking = which_children(self, supervisor);
  const std::vector<ChildRow> rows = co_await asking;
  for (const ChildRow& row : rows)
    if (row.id == id) co_return row.pid;
  co_return Pid();
}

// In the order started.
Task<std::string> states(Self self, Pid supervisor) {
  auto asking = which_children(self, supervisor);
  const std::vector<ChildRow> rows = co_await asking;
  std::string text;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    text += text.empty() ? "" : " ";
    text += row->id.text();
    text += row->restarting ? "?" : row->pid.is_null() ? "-" : "+";
  }
  co_return text;
}

Task<void> kill_child(Self self, Pid supervisor, Atom id) {
  auto looking = child_of(self, supervisor, id);
  const Pid pid = co_await looking;
  self.exit(pid, Term(atoms::kill));
  co_await self.sleep(Duration::microseconds(100));
}

template <auto Body, class... Args>
void expect_holds(Args&&... args) {
  OneNode one;
  Notes ends;
  one.spawn<Body>(&ends, std::forward<Args>(args)...);
  one.run();
  REQUIRE(ends == Notes{"end"});
  REQUIRE(one.node().process_count() == 0);
}

SupervisorSpec spec_of(Strategy strategy, std::uint32_t intensity,
                       std::vector<ChildSpec> children) {
  SupervisorSpec spec{.strategy = strategy,
                      .limit = {.intensity = intensity, .period = Duration::seconds(5)}};
  spec.children = std::move(children);
  return spec;
}

Behaviour bystander(Self self, Notes* ends, Strategy strategy) {
  auto starting =
      start_supervisor(self, spec_of(strategy, 5,
                                     {idler("c1"_atom), idler("t"_atom, Restart::temporary),
                                      idler("c2"_atom), idler("x"_atom, Restart::transient)}));
  const auto sup = co_await starting;
  auto killing = kill_child(self, sup.pid, "c1"_atom);
  co_await killing;
  auto looking = states(self, sup.pid);
  const std::string all = co_await looking;
  REQUIRE(all == "c1+ c2+ x+");
  ends->push_back("end");
}

}  // namespace

TEST_CASE("a temporary bystander of a group's restart is gone, a transient one is back",
          "[supervisor]") {  // [temporary_bystander]
  expect_holds<&bystander>(Strategy::one_for_all);
  expect_holds<&bystander>(Strategy::rest_for_one);
}

namespace {

Behaviour answers_between_attempts(Self self, Notes* ends) {
  bool broken = false;
  auto starting = start_supervisor(
      self, spec_of(Strategy::one_for_one, 1'000'000, {breaking("b"_atom, &broken)}));
  const auto sup = co_await starting;
  broken = true;
  auto killing = kill_child(self, sup.pid, "b"_atom);
  co_await killing;
  auto looking = states(self, sup.pid);
  const std::string trying = co_await looking;
  REQUIRE(trying == "b?");
  auto restarting = restart_child(self, sup.pid, "b"_atom);
  const ChildAnswer restart = co_await restarting;
  REQUIRE(text(restart.error) == "restarting");
  auto deleting = delete_child(self, sup.pid, "b"_atom);
  const ChildAnswer deletion = co_await deleting;
  REQUIRE(text(deletion.error) == "restarting");
  auto counting = count_children(self, sup.pid);
  const ChildCount count = co_await counting;
  REQUIRE(count.specs == 1);
  REQUIRE(count.active == 0);
  auto stopping = terminate_child(self, sup.pid, "b"_atom);
  const ChildAnswer stop = co_await stopping;
  REQUIRE(stop.ok());
  auto seeing = states(self, sup.pid);
  const std::string stopped = co_await seeing;
  REQUIRE(stopped == "b-");
  broken = false;
  auto again = restart_child(self, sup.pid, "b"_atom);
  const ChildAnswer back = co_await again;
  REQUIRE(back.ok());
  ends->push_back("end");
}

Behaviour comes_back(Self self, Notes* ends, Strategy strategy, std::string meanwhile) {
  bool broken = false;
  auto starting = start_supervisor(
      self, spec_of(strategy, 1'000'000,
                    {idler("a"_atom), breaking("b"_atom, &broken), idler("c"_atom)}));
  const auto sup = co_await starting;
  broken = true;
  auto killing = kill_child(self, sup.pid, "b"_atom);
  co_await killing;
  auto looking = states(self, sup.pid);
  const std::string trying = co_await looking;
  REQUIRE(trying == meanwhile);
  broken = false;
  co_await self.sleep(Duration::microseconds(100));
  auto seeing = states(self, sup.pid);
  const std::string all = co_await seeing;
  REQUIRE(all == "a+ b+ c+");
  ends->push_back("end");
}

}  // namespace

TEST_CASE("a supervisor answers between attempts, and terminate_child ends them",
          "[supervisor]") {  // [hanging_restart_loop, count_restarting_children]
  expect_holds<&answers_between_attempts>();
}

TEST_CASE("a child that fails to restart for a while holds back whom it should",
          "[supervisor]") {  // [*_other_child_fails_restart]
  expect_holds<&comes_back>(Strategy::one_for_one, "a+ b? c+");
  expect_holds<&comes_back>(Strategy::rest_for_one, "a+ b? c-");
  expect_holds<&comes_back>(Strategy::one_for_all, "a+ b? c-");
}

namespace {

Behaviour simple_retries(Self self, Notes* ends) {
  bool broken = false;
  auto starting = start_supervisor(
      self, spec_of(Strategy::simple_one_for_one, 1'000'000, {idler("pattern"_atom)}));
  const auto sup = co_await starting;
  std::vector<Pid> pids;
  for (int i = 0; i < 2; ++i) {
    auto adding = start_child(self, sup.pid, breaking("b"_atom, &broken));
    const ChildAnswer answer = co_await adding;
    pids.push_back(answer.pid);
  }
  broken = true;
  self.exit(pids[0], Term(atoms::kill));
  co_await self.sleep(Duration::microseconds(100));
  auto looking = states(self, sup.pid);
  const std::string trying = co_await looking;
  REQUIRE(trying == "undefined? undefined+");  // the other way round
  auto counting = count_children(self, sup.pid);
  const ChildCount count = co_await counting;
  REQUIRE(count.active == 1);
  REQUIRE(count.workers == 2);
  // By the pid that ended; then by that of a process that nobody knows any more.
  for (int i = 0; i < 2; ++i) {
    auto stopping = terminate_child(self, sup.pid, pids[0]);
    const ChildAnswer stopped = co_await stopping;
    REQUIRE(stopped.ok());
  }
  auto other = terminate_child(self, sup.pid, self.pid());
  const ChildAnswer not_ours = co_await other;
  REQUIRE(text(not_ours.error) == "not_found");
  auto seeing = states(self, sup.pid);
  const std::string left = co_await seeing;
  REQUIRE(left == "undefined+");
  for (const Atom id : {"pattern"_atom, "b"_atom}) {
    auto deleting = delete_child(self, sup.pid, id);
    const ChildAnswer refused = co_await deleting;
    REQUIRE(text(refused.error) == "simple_one_for_one");
    auto restarting = restart_child(self, sup.pid, id);
    const ChildAnswer refused_too = co_await restarting;
    REQUIRE(text(refused_too.error) == "simple_one_for_one");
  }
  ends->push_back("end");
}

}  // namespace

TEST_CASE("simple_one_for_one retries, counts who restarts, and stops by pid", "[supervisor]") {
  expect_holds<&simple_retries>();
}

namespace {

Task<ChildAnswer> start_ignored(Self self, Pid supervisor, Restart restart) {
  ChildSpec spec = idler("ignored"_atom, restart);
  spec.start = [](Process& parent, CallFrom starter) {
    answer_start(parent, starter, atoms::ignore);
    return Pid();
  };
  auto adding = start_child(self, supervisor, spec);
  co_return co_await adding;
}

Behaviour ignored_children(Self self, Notes* ends) {
  auto starting = start_supervisor(self, spec_of(Strategy::one_for_one, 1, {}));
  const auto sup = co_await starting;
  auto first = start_ignored(self, sup.pid, Restart::temporary);
  const ChildAnswer temporary = co_await first;
  REQUIRE(text(temporary.term()) == "{ok,undefined}");
  auto looking = states(self, sup.pid);
  const std::string none = co_await looking;
  REQUIRE(none.empty());
  auto second = start_ignored(self, sup.pid, Restart::transient);
  const ChildAnswer transient = co_await second;
  REQUIRE(text(transient.term()) == "{ok,undefined}");
  auto seeing = states(self, sup.pid);
  const std::string kept = co_await seeing;
  REQUIRE(kept == "ignored-");
  ends->push_back("end");
}

}  // namespace

TEST_CASE("an ignored child keeps its specification unless it is temporary",
          "[supervisor]") {  // [sup_start_ignore_child, ignore temporary]
  expect_holds<&ignored_children>();
}

namespace {

// As OTP 25 answers.
Behaviour newest_first(Self self, Notes* ends) {
  auto starting = start_supervisor(
      self,
      spec_of(Strategy::rest_for_one, 1, {idler("a"_atom), idler("b"_atom), idler("c"_atom)}));
  const auto sup = co_await starting;
  auto adding = start_child(self, sup.pid, idler("d"_atom));
  co_await adding;
  auto killing = kill_child(self, sup.pid, "b"_atom);
  co_await killing;
  auto asking = which_children(self, sup.pid);
  const std::vector<ChildRow> rows = co_await asking;
  std::string ids;
  for (const ChildRow& row : rows)
    ids += row.id.text();
  REQUIRE(ids == "dcba");
  ends->push_back("end");
}

}  // namespace

TEST_CASE("which_children answers the newest first", "[supervisor]") {
  expect_holds<&newest_first>();
}

namespace {

Behaviour starts_nobody(Self self, Notes* ends) {
  auto starting = start_supervisor(self, spec_of(Strategy::one_for_one, 1, {}));
  const auto sup = co_await starting;
  ChildSpec silent = idler("silent"_atom);
  silent.start = [](Process&, CallFrom) { return Pid(); };
  auto adding = start_child(self, sup.pid, silent);
  const ChildAnswer answer = co_await adding;
  REQUIRE(text(answer.error.element(0)) == "{bad_return_value,undefined}");
  bool broken = true;
  auto breaking_one = start_child(self, sup.pid, breaking("b"_atom, &broken));
  const ChildAnswer said = co_await breaking_one;
  REQUIRE(text(said.error.element(0)) == "broken");
  ends->push_back("end");
}

}  // namespace

TEST_CASE("a start function that starts nobody and says nothing has failed", "[supervisor]") {
  expect_holds<&starts_nobody>();
}

}  // namespace glasshouse::tests
