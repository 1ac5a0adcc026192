// Load regulation on real threads: a regulator's limit holds among those who work, and nothing is
// lost when they are killed at any moment; a mailbox that refuses answers each call exactly once.

#include <algorithm>
#include <atomic>
#include <vector>

#include "runtime/load/permission.h"
#include "tests/stress/many_cores.h"

namespace glasshouse::stress {

struct Increment {
  using Reply = std::int64_t;
  std::int64_t number = 0;
};

namespace {

using runtime::Asked;
using runtime::LoadInfo;
using runtime::RegulatorSpec;
using runtime::Through;

constexpr std::uint32_t places = 3;

Through door() {
  return {.regulator = "load"_atom, .queue = "q"_atom};
}

struct AtWork {
  std::atomic<std::uint32_t> now{0};
  std::atomic<std::uint32_t> most{0};
  std::atomic<std::uint32_t> begun{0};
};

class Place {
 public:
  explicit Place(AtWork& at_work) : at_work_(at_work) {
    const std::uint32_t now = at_work.now.fetch_add(1) + 1;
    std::uint32_t most = at_work.most.load();
    while (most < now && !at_work.most.compare_exchange_weak(most, now)) {
    }
    at_work.begun.fetch_add(1);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { at_work_.now.fetch_sub(1); }

 private:
  AtWork& at_work_;
};

Behaviour works(Self self, AtWork* at_work, std::uint32_t rounds) {
  for (std::uint32_t i = 0; i < rounds; ++i) {
    auto asking = ask(self, door());
    const Asked asked = co_await asking;
    if (!asked) self.exit(asked.refused);
    const Place here(*at_work);
    auto turn = self.yield();
    co_await turn;
  }
}

RegulatorSpec spec_of_places() {
  RegulatorSpec spec{.limits = {.concurrency = places}};
  spec.queues.push_back({.name = "q"_atom, .wait_max = Duration::minutes(5)});
  return spec;
}

// Until all permissions are back; what the dead had may still be on its way.
runtime::Task<void> until_free(Self self) {
  for (;;) {
    auto call = self.call<runtime::GetLoad>("load"_atom);
    const LoadInfo info = co_await call;
    if (info.at_work == 0 && info.queues.front().waiting == 0) co_return;
    auto pause = self.sleep(1_ms);
    co_await pause;
  }
}

Behaviour many_work(Self self, AtWork* at_work, std::uint32_t workers, std::uint32_t kills) {
  auto starting = runtime::start_link_as<runtime::Regulator>(self, "load"_atom, spec_of_places());
  const auto regulator = co_await starting;
  if (!regulator) self.exit(regulator.error);
  std::vector<Pid> pids;
  for (std::uint32_t i = 0; i < workers; ++i)
    pids.push_back(self.spawn_monitor<works>(at_work, 200U).pid);
  for (std::uint32_t i = 0; i < kills; ++i) {
    auto turn = self.yield();
    co_await turn;
    self.exit(pids[self.random_below(pids.size())], Term(runtime::atoms::kill));
  }
  for (std::uint32_t i = 0; i < workers; ++i) {
    auto next = self.receive<runtime::Down>();
    const runtime::Down down = co_await next;
    const bool is_good =
        down.reason == Term(runtime::atoms::normal) || down.reason == Term(runtime::atoms::killed);
    if (!is_good) self.exit(down.reason);
  }
  auto free = until_free(self);
  co_await free;
}

// -- a mailbox that refuses -----------------------------------------------------------------------

class Bounded {
 public:
  using Accepts = runtime::Messages<Increment>;
  explicit Bounded(Self self) {
    self.limit_mail({.messages = 4, .then = runtime::AtMailLimit::refuse});
  }
  std::int64_t handle(Increment request) { return request.number + 1; }
};

struct Outcomes {
  std::atomic<std::int64_t> answered{0};
  std::atomic<std::int64_t> refused{0};
};

Behaviour increments(Self self, Pid server, std::int64_t calls, Outcomes* outcomes) {
  for (std::int64_t i = 0; i < calls; ++i) {
    auto calling = self.try_call<Increment>(Duration::infinity(), server, i);
    const auto result = co_await calling;
    const bool is_right = result ? *result.value == i + 1 : result.failure == Term("overload"_atom);
    if (!is_right) self.exit(Term("wrong"_atom));
    (result ? outcomes->answered : outcomes->refused).fetch_add(1);
  }
}

Behaviour many_increment(Self self, std::int64_t callers, std::int64_t calls, Outcomes* outcomes) {
  auto starting = runtime::start<Bounded>(self);
  const auto server = co_await starting;
  for (std::int64_t i = 0; i < callers; ++i)
    self.spawn_monitor<increments>(server.pid.pid, calls, outcomes);
  for (std::int64_t i = 0; i < callers; ++i) {
    auto next = self.receive<runtime::Down>();
    const runtime::Down down = co_await next;
    if (down.reason != Term(runtime::atoms::normal)) self.exit(down.reason);
  }
  auto asking = self.process_info(server.pid, "messages_refused"_atom);
  const Term counted = co_await asking;
  if (counted.element(1) != Term(outcomes->refused.load())) self.exit(counted);
}

}  // namespace

TEST_CASE("a mailbox that refuses answers each call once, with a value or with overload",
          "[mail_limit]") {
  constexpr std::int64_t callers = 40;
  constexpr std::int64_t calls = 500;
  Outcomes outcomes;
  ManyCores cores(4);
  cores.expect_normal_exit<many_increment>(callers, calls, &outcomes);
  REQUIRE(outcomes.answered.load() > 0);
  REQUIRE(outcomes.answered.load() + outcomes.refused.load() == callers * calls);
}

TEST_CASE("never more than its places are at work on all cores, whoever is killed", "[regulator]") {
  AtWork at_work;
  ManyCores cores(4);
  cores.expect_normal_exit<many_work>(&at_work, 40U, 20U);
  REQUIRE(at_work.most.load() <= places);
  REQUIRE(at_work.begun.load() >= 20U * 200U);
}

}  // namespace glasshouse::stress
