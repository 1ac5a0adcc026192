// The regulator as a process: who dies, who gives up, what is changed and seen.

#include "runtime/load/regulator.h"

#include <algorithm>
#include <vector>

#include "runtime/behaviour/supervisor.h"
#include "runtime/behaviour/sys.h"
#include "runtime/load/permission.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

struct Square {
  using Reply = std::int64_t;
  std::int64_t number = 0;
};

namespace {

const Atom regulator = "load"_atom;

Through through(Atom queue = "q"_atom, Duration within = Duration::infinity()) {
  return {.regulator = regulator, .queue = queue, .within = within};
}

RegulatorSpec places(std::uint32_t count) {
  RegulatorSpec spec{.limits = {.concurrency = count}};
  spec.queues.push_back({.name = "q"_atom, .wait_max = 10_s});
  return spec;
}

void start(OneNode& one, const RegulatorSpec& spec) {
  start_on<Regulator>(one.node(), regulator, spec);
  one.world().run_for(1_ms);
}

struct Work {
  std::vector<Instant> began;
  std::vector<std::string> refused;
  std::uint64_t at_work = 0;
  std::uint64_t at_work_max = 0;
  std::uint64_t asked = 0;
  std::uint64_t cut_short = 0;  // killed, at work or before
};

// Counts itself out however it ends.
class AtWork {
 public:
  explicit AtWork(Work& work) : work_(work) {
    work.at_work_max = std::max(work.at_work_max, ++work.at_work);
  }
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;
  ~AtWork() { --work_.at_work; }

 private:
  Work& work_;
};

Behaviour works(Self self, Through where, Duration time, Work* work) {
  ++work->asked;
  auto asking = ask(self, where);
  const Asked asked = co_await asking;
  if (!asked) {
    work->refused.push_back(text(asked.refused));
    co_return;
  }
  work->began.push_back(self.now());
  const AtWork here(*work);
  co_await self.sleep(time);
}

Behaviour asks_for_load(Self self, LoadInfo* info) {
  auto call = self.call<GetLoad>(regulator);
  *info = co_await call;
}

LoadInfo load_of(OneNode& one) {
  LoadInfo info;
  one.spawn<&asks_for_load>(&info);
  one.world().run_for(1_ms);
  return info;
}

// Kills workers at random moments, some that wait and some at work.
Behaviour kills(Self self, std::vector<Pid> victims, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    co_await self.sleep(Duration::microseconds(static_cast<std::int64_t>(self.random_below(4000))));
    self.exit(victims[self.random_below(victims.size())], Term(atoms::kill));
  }
}

Behaviour asks_twice(Self self, Notes* notes) {
  Permission kept;
  {
    auto asking = ask(self, through());
    Asked first = co_await asking;
    notes->push_back(first ? "first" : "refused");
    kept = std::move(first.permission);
  }
  auto short_asking = ask(self, through("q"_atom, 5_ms));
  const Asked second = co_await short_asking;
  notes->push_back(text(second.refused));
  kept.done();
  kept.done();
  auto last_asking = ask(self, through("q"_atom, 5_ms));
  const Asked last = co_await last_asking;
  notes->push_back(last ? "last" : "refused");
}

std::int64_t square(std::int64_t number) {
  return number * number;
}
Task<std::int64_t> square_later(Self self, std::int64_t number) {
  co_await self.sleep(1_ms);
  co_return square(number);
}
void fail() {
  throw std::runtime_error("no");
}

Behaviour runs(Self self, Notes* notes) {
  auto plain = run(self, through(), [] { return square(3); });
  const auto at_once = co_await plain;
  notes->push_back(std::to_string(at_once.value.value_or(0)));
  auto waiting = run(self, through(), [self] { return square_later(self, 4); });
  const auto later = co_await waiting;
  notes->push_back(std::to_string(later.value.value_or(0)));
  auto refused = run(self, through("none"_atom), [] { return square(5); });
  const auto none = co_await refused;
  notes->push_back(text(none.refused));
  auto failing = run(self, through(), &fail);
  co_await failing;
}

class Squares {
 public:
  using Accepts = Messages<Square>;
  explicit Squares(Self self) : self_(self) {}
  Task<std::int64_t> handle(Square request) {
    if (request.number < 0) throw std::invalid_argument("negative");
    co_await self_.sleep(Duration::milliseconds(request.number));
    co_return request.number* request.number;
  }

 private:
  Self self_;
};

Behaviour calls(Self self, Duration timeout, std::int64_t number, Notes* notes) {
  const Instant begin = self.now();
  auto calling = call_through<Square>(self, through(), timeout, "squares"_atom, number);
  const CallResult<Square> result = co_await calling;
  notes->push_back(result ? std::to_string(*result.value) : text(result.failure));
  REQUIRE(self.now() - begin <= timeout + 1_ms);
}

Notes notes_of_calls(const std::vector<std::pair<Duration, std::int64_t>>& wanted) {
  Notes notes;
  OneNode one;
  start(one, places(1));
  start_on<Squares>(one.node(), "squares"_atom);
  for (const auto& [timeout, number] : wanted) {
    one.spawn<&calls>(timeout, number, &notes);
    one.world().run_for(1_ms);
  }
  one.run();
  REQUIRE(load_of(one).at_work == 0);
  return notes;
}

Behaviour changes(Self self, Work* work, Notes* notes) {
  const auto note = [&](Atom answer) { notes->push_back(text(Term(answer))); };
  const LoadQueue queue{.name = "new"_atom, .limits = {.concurrency = 0}};
  note(co_await self.call<AddLoadQueue>(regulator, queue));
  note(co_await self.call<AddLoadQueue>(regulator, queue));
  const Pid waits = self.spawn_monitor<&works>(through("new"_atom), 1_ms, work).pid;
  co_await self.sleep(1_ms);
  notes->push_back(text(co_await self.process_info(waits, "status"_atom)));
  const LoadQueue open{.name = "new"_atom};
  note(co_await self.call<ModifyLoadQueue>(regulator, open));
  const Down down = co_await self.receive<Down>();
  notes->push_back(text(down.reason));
  const LoadQueue bad{.name = "new"_atom, .limits = {.concurrency = 1, .rate = Rate{}}};
  note(co_await self.call<ModifyLoadQueue>(regulator, bad));
  note(co_await self.call<DeleteLoadQueue>(regulator, "new"_atom));
  note(co_await self.call<DeleteLoadQueue>(regulator, "new"_atom));
  note(co_await self.call<ModifyLoadLimits>(regulator, bad.limits));
}

Behaviour supervises(Self self, RegulatorSpec spec) {
  SupervisorSpec sup{.name = "sup"_atom};
  sup.children.push_back({.id = regulator, .start = named_child<Regulator>(regulator, spec)});
  co_await start_supervisor(self, sup);
  co_await self.receive<Exit>();
}

Behaviour looks_at_state(Self self, Notes* notes) {
  auto asking = sys::get_state(self, regulator);
  const Term state = co_await asking;
  auto status = sys::get_status(self, regulator);
  const Term whole = co_await status;
  const Term* const queue = state.find("queues"_atom)->find("q"_atom);
  for (const Atom key : {"waiting"_atom, "at_work"_atom, "ok"_atom, "shed"_atom})
    notes->push_back(text(*queue->find(key)));
  notes->push_back(text(*state.find("no_queue"_atom)));
  notes->push_back(text(whole).find(text(state)) != std::string::npos ? "in status" : "not");
}

}  // namespace

TEST_CASE("never more are at work than may, whoever is killed, and no permission is lost",
          "[regulator]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    Work work;
    OneNode one(seed);
    start(one, places(3));
    std::vector<Pid> workers;
    for (int i = 0; i < 40; ++i)
      workers.push_back(one.spawn<&works>(through(), 2_ms, &work));
    one.spawn<&kills>(workers, 25);
    one.run();
    REQUIRE(work.at_work_max == 3);
    REQUIRE(work.refused.empty());
    const LoadInfo info = load_of(one);
    REQUIRE(info.at_work == 0);
    REQUIRE(info.queues.front().waiting == 0);
    const LoadCounts& counts = info.queues.front().counts;
    REQUIRE(counts.ok >= work.began.size());
    REQUIRE(counts.ok + counts.gave_up <= work.asked);
    // All places are free again: as many begin at once.
    const std::size_t before = work.began.size();
    for (int i = 0; i < 3; ++i)
      one.spawn<&works>(through(), 1_s, &work);
    one.world().run_for(1_ms);
    REQUIRE(work.began.size() == before + 3);
  }
}

TEST_CASE("a rate holds in every span of virtual time, and none of it is wasted", "[regulator]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Work work;
    OneNode one(seed);
    RegulatorSpec spec;
    const Rate rate{.permits = 100, .burst = 5};
    spec.queues.push_back({.name = "q"_atom, .limits = {.rate = rate}});
    start(one, spec);
    for (int i = 0; i < 205; ++i)
      one.spawn<&works>(through(), 1_ms, &work);
    one.run();
    REQUIRE(work.began.size() == 205);
    REQUIRE(work.began.back() - work.began.front() >= 2_s - 1_ms);
    REQUIRE(work.began.back() - work.began.front() < 2_s + 1_ms);
    // A turn of an asker comes a little after its permission.
    for (std::size_t i = 0; i + 105 < work.began.size(); ++i)
      REQUIRE(work.began[i + 105] - work.began[i] > 1_s - 1_ms);
  }
}

TEST_CASE("who waits too long is refused with timeout, by the queue or by itself", "[regulator]") {
  Work work;
  OneNode one;
  start(one, places(1));
  one.spawn<&works>(through(), 30_s, &work);
  one.world().run_for(1_ms);
  one.spawn<&works>(through("q"_atom, 2_s), 1_s, &work);  // its own patience
  one.spawn<&works>(through(), 1_s, &work);               // the queue's, 10 s
  one.world().run_for(3_s);
  REQUIRE(work.refused == std::vector<std::string>{"timeout"});
  one.world().run_for(8_s);
  REQUIRE(work.refused.size() == 2);
  const LoadCounts counts = load_of(one).queues.front().counts;
  REQUIRE(counts.gave_up == 1);
  REQUIRE(counts.timeout == 1);
}

TEST_CASE("a permission is given back once, by done or at the end of its scope", "[regulator]") {
  Notes notes;
  OneNode one;
  start(one, places(1));
  one.spawn<&asks_twice>(&notes);
  one.run();
  REQUIRE(notes == Notes{"first", "timeout", "last"});
  REQUIRE(load_of(one).at_work == 0);
}

TEST_CASE("run gives the permission back whatever the job does", "[regulator]") {
  Notes notes;
  OneNode one;
  start(one, places(1));
  one.spawn<&runs>(&notes);
  one.run();
  REQUIRE(notes == Notes{"9", "16", "no_queue"});
  REQUIRE(load_of(one).at_work == 0);
  REQUIRE(load_of(one).queues.front().counts.ok == 3);
}

TEST_CASE("a call through a regulator asks, calls and gives back within one deadline",
          "[regulator]") {
  REQUIRE(notes_of_calls({{1_s, 20}, {1_s, 30}}) == Notes{"400", "900"});
  // The second waits for the first, and has 20 ms in all.
  REQUIRE(notes_of_calls({{1_s, 100}, {20_ms, 1}}) == Notes{"{overload,timeout}", "10000"});
  // What the server does wrong is told as ever.
  REQUIRE(notes_of_calls({{20_ms, 100}}) == Notes{"timeout"});
  REQUIRE(notes_of_calls({{1_s, -1}}) == Notes{"{invalid_argument,<<\"negative\">>}"});
}

TEST_CASE("queues and limits are changed while it runs", "[regulator]") {
  Notes notes;
  OneNode one;
  start(one, places(5));
  Work work;
  one.spawn<&changes>(&work, &notes);
  one.run();
  REQUIRE(notes == Notes{"ok", "already_present", "{status,waiting}", "ok", "normal", "badarg",
                         "ok", "not_found", "badarg"});
}

TEST_CASE("without a regulator one is refused with noproc", "[regulator]") {
  Work work;
  OneNode one;
  one.spawn<&works>(through(), 1_ms, &work);
  one.run();
  REQUIRE(work.refused == std::vector<std::string>{"noproc"});
}

TEST_CASE("a regulator that crashes fails who waits, and begins anew with all places free",
          "[regulator]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Work work;
    OneNode one(seed);
    one.spawn<&supervises>(places(2));
    one.world().run_for(1_ms);
    for (int i = 0; i < 5; ++i)
      one.spawn<&works>(through(), 100_ms, &work);
    one.world().run_for(10_ms);
    REQUIRE(work.at_work == 2);
    one.node().exit(*one.node().registry().find(regulator), Term("crash"_atom));
    one.world().run_for(10_ms);
    REQUIRE(work.refused == std::vector<std::string>{"crash", "crash", "crash"});
    for (int i = 0; i < 5; ++i)
      one.spawn<&works>(through(), 100_ms, &work);
    one.world().run_for(2_s);
    REQUIRE(work.began.size() == 7);
    REQUIRE(work.at_work_max == 4);  // two of the former one, and two
    REQUIRE(load_of(one).at_work == 0);
  }
}

TEST_CASE("a regulator that makes no sense does not start", "[regulator]") {
  OneNode one;
  RegulatorSpec spec;
  spec.queues.push_back({.name = "q"_atom, .limits = {.rate = Rate{}}});
  const Pid pid = start_on<Regulator>(one.node(), regulator, spec);
  one.run();
  REQUIRE_FALSE(one.node().find(pid)->is_alive());
}

TEST_CASE("an idle regulator has no timer, and one that waits for time has one", "[regulator]") {
  Work work;
  OneNode one;
  start(one, places(1));
  REQUIRE(one.node().timers().size() == 0);
  one.spawn<&works>(through(), 1_s, &work);
  one.world().run_for(1_ms);
  REQUIRE(one.node().timers().size() == 1);  // the worker's sleep
  one.spawn<&works>(through(), 1_s, &work);
  one.world().run_for(1_ms);
  REQUIRE(one.node().timers().size() == 2);
  one.run();
  REQUIRE(one.node().timers().size() == 0);
  REQUIRE(one.node().now() < Instant::at(3_s));
}

TEST_CASE("its state says what waits, what is at work and what was refused", "[regulator]") {
  Work work;
  Notes notes;
  OneNode one;
  start(one, places(1));
  for (int i = 0; i < 3; ++i)
    one.spawn<&works>(through(), 1_s, &work);
  one.spawn<&works>(through("none"_atom), 1_s, &work);
  one.world().run_for(1_ms);
  one.spawn<&looks_at_state>(&notes);
  one.world().run_for(1_ms);
  REQUIRE(notes == Notes{"2", "1", "1", "0", "1", "in status"});
}

}  // namespace glasshouse::tests
