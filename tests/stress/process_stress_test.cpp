#include <array>
#include <atomic>
#include <thread>

#include "runtime/behaviour/supervisor.h"
#include "tests/stress/many_cores.h"

namespace glasshouse::stress {

struct Numbered {
  std::uint32_t sender = 0;
  std::uint32_t number = 0;
};
struct Born {
  Pid pid;
};
struct Stop {};
struct Alarm {
  std::uint64_t number = 0;
};

namespace {

using runtime::Down;
using runtime::Exit;

// -- mailboxes ------------------------------------------------------------------------------------

Behaviour collector(Self self, std::promise<Pid>* here, std::uint32_t senders, std::uint32_t each) {
  here->set_value(self.pid());
  std::vector<std::uint32_t> expected(senders, 0);
  for (std::uint32_t i = 0; i < senders * each; ++i) {
    auto next = self.receive<Numbered>();
    const Numbered got = co_await next;
    if (got.number != expected[got.sender]++) self.exit(Term("out_of_order"_atom));
  }
}

Behaviour sender(Self self, Pid to, std::uint32_t index, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    self.send<Numbered>(to, index, i);
    if (i % 64 != 0) continue;
    auto turn = self.yield();
    co_await turn;
  }
}

TEST_CASE("each start of a node is another life of it", "[node]") {
  ManyCores first;
  ManyCores second;
  REQUIRE(first.node.name() == second.node.name());
  REQUIRE(first.node.creation() != second.node.creation());
}

TEST_CASE("what threads and processes send arrives once, and in order from each", "[mailbox]") {
  constexpr std::uint32_t threads = 3;
  constexpr std::uint32_t processes = 5;
  constexpr std::uint32_t each = 5000;
  ManyCores cores(3);
  std::promise<Pid> here;
  auto end = cores.start<collector>(&here, threads + processes, each);
  const Pid to = here.get_future().get();
  for (std::uint32_t i = 0; i < processes; ++i)
    cores.node.spawn<sender>(to, threads + i, each);
  std::vector<std::jthread> pushers;
  for (std::uint32_t i = 0; i < threads; ++i) {
    pushers.emplace_back([&node = cores.node, to, i] {
      for (std::uint32_t n = 0; n < each; ++n)
        node.deliver<Numbered>(to, i, n);
    });
  }
  cores.expect_normal(std::move(end));
}

// -- births and deaths ----------------------------------------------------------------------------

Behaviour leaf(Self self, Pid parent) {
  self.send<Born>(parent, self.pid());
  co_return;
}

Behaviour storm(Self self, int depth) {
  constexpr int width = 6;
  if (depth == 0) co_return;
  for (int i = 0; i < width; ++i) {
    self.spawn_monitor<storm>(depth - 1);
    self.spawn<leaf>(self.pid());
  }
  for (int i = 0; i < width; ++i) {
    auto down = self.receive<Down>();
    const Down seen = co_await down;
    if (seen.reason != Term(runtime::atoms::normal)) self.exit(seen.reason);
    auto born = self.receive<Born>();
    co_await born;
  }
}

TEST_CASE("processes are born and die on all workers at once", "[process]") {
  ManyCores cores(4);
  cores.expect_normal_exit<storm>(5);
  // Nothing is left, in time: the last ones may still be on their way out.
  while (cores.node.process_count() != 0)
    std::this_thread::yield();
}

TEST_CASE("who looks at processes that come and go sees whole ones", "[process]") {
  ManyCores cores(2);
  std::future<Term> end = cores.start<storm>(GLASSHOUSE_SANITIZED ? 4 : 5);
  std::size_t torn = 0;
  while (end.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    for (const runtime::ProcessInfo& info : cores.node.list()) {
      const bool is_leaf = info.initial == Atom("leaf");
      if ((is_leaf || info.initial == Atom("storm")) && info.parent.is_null()) ++torn;
      if (info.initial == Atom()) ++torn;
    }
  }
  cores.expect_normal(std::move(end));
  REQUIRE(torn == 0);
}

Behaviour sleeper(Self self) {
  auto stop = self.receive<Stop>();
  co_await stop;
}

// Links to and monitors processes that die at the same time; hears of each exactly once.
Behaviour mourner(Self self, int rounds) {
  self.trap_exit(true);
  for (int i = 0; i < rounds; ++i) {
    const Pid linked = self.spawn_link<sleeper>();
    const auto monitored = self.spawn_monitor<sleeper>();
    const runtime::Ref second = self.monitor(monitored.pid);
    self.link(monitored.pid);
    self.exit(linked, Term(runtime::atoms::kill));
    self.node().exit(monitored.pid, Term("out"_atom));
    int exits = 0;
    int downs = 0;
    while (exits < 2 || downs < 2) {
      auto next = self.receive<Exit, Down>();
      const auto message = co_await next;
      if (const Down* down = std::get_if<Down>(&message)) {
        ++downs;
        if (down->ref != second && down->ref != monitored.ref) self.exit(Term("whose"_atom));
      } else {
        ++exits;
      }
    }
    auto more = self.receive<Exit, Down>(Duration::zero());
    const auto nothing = co_await more;
    if (nothing) self.exit(Term("twice"_atom));
  }
}

TEST_CASE("each link and each monitor tells of a death once, however it races", "[process]") {
  ManyCores cores(4);
  std::vector<std::future<Term>> mourners;
  for (int i = 0; i < 8; ++i)
    mourners.push_back(cores.start<mourner>(100));
  for (std::future<Term>& each : mourners)
    cores.expect_normal(std::move(each));
}

Behaviour chatter(Self self, Pid* partners, int count, int index) {
  for (std::uint32_t n = 0;; ++n) {
    self.send<Numbered>(partners[(static_cast<int>(n) + index) % count], 0u, n);
    auto next = self.receive<Numbered>(Duration::zero());
    co_await next;
    auto turn = self.yield();
    co_await turn;
  }
}

TEST_CASE("processes can be killed from outside while they run", "[process]") {
  ManyCores cores(3);
  static std::array<Pid, 60> pids;
  for (std::size_t i = 0; i < pids.size(); ++i) {
    pids[i] = cores.node.spawn<sleeper>();
  }
  std::vector<Pid> running;
  for (int i = 0; i < 60; ++i)
    running.push_back(cores.node.spawn<chatter>(pids.data(), 60, i));
  for (const Pid pid : running)
    cores.node.exit(pid, Term(runtime::atoms::kill));
  for (const Pid pid : pids)
    cores.node.exit(pid, Term(runtime::atoms::kill));
  for (const Pid pid : running) {
    const Term reason = cores.end_of(pid);
    const bool is_dead =
        reason == Term(runtime::atoms::killed) || reason == Term(runtime::atoms::noproc);
    REQUIRE(is_dead);
  }
}

// Takes long to leave, so that whoever is told too early sees something left.
struct SlowToLeave {
  ~SlowToLeave() { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }
};

struct Scene {
  std::atomic<bool> begun{false};
  std::atomic<bool> asked{false};
};

// The fatal signal and what is asked after it come in one batch.
void wait_until_asked(Scene& scene) {
  scene.begun.store(true);
  while (!scene.asked.load())
    std::this_thread::yield();
}

Behaviour victim(Self self, Scene* scene) {
  const SlowToLeave slow;
  wait_until_asked(*scene);
  auto nothing = self.receive<Stop>();
  co_await nothing;
}

// Takes in its mail, and gives back what it can do without before it ends.
Behaviour frugal_victim(Self self, Scene* scene) {
  const SlowToLeave slow;
  wait_until_asked(*scene);
  auto question = self.process_info(self.pid());
  static_cast<void>(co_await question);
  auto rest = self.hibernate();
  co_await rest;
}

Behaviour asks_after_the_fatal_signal(Self self, Pid doomed, Scene* scene) {
  self.exit(doomed, Term(runtime::atoms::kill));
  const auto ref = self.monitor(doomed);
  scene->asked.store(true);
  // Looks without a pause: who waits may be woken behind the one that ends.
  std::optional<Down> down;
  while (!down) {
    auto next = self.receive<Down>(Duration::zero());
    down = co_await next;
  }
  const bool is_told = down->ref == ref && down->reason == Term(runtime::atoms::noproc);
  if (!is_told) self.exit(Term("another"_atom));
  if (self.whereis("victim"_atom)) self.exit(Term("too_early"_atom));
}

// How the one who asked ended: normal if it was told what it should be.
template <auto Victim>
Term end_of_asking() {
  ManyCores cores(2);
  Scene scene;
  const Pid doomed = cores.node.spawn<Victim>(&scene);
  REQUIRE(cores.node.register_name("victim"_atom, doomed));
  while (!scene.begun.load())
    std::this_thread::yield();
  return cores.start<asks_after_the_fatal_signal>(doomed, &scene).get();
}

TEST_CASE("who asks after a fatal signal hears noproc when nothing is left", "[process]") {
  REQUIRE(end_of_asking<victim>() == Term(runtime::atoms::normal));
  REQUIRE(end_of_asking<frugal_victim>() == Term(runtime::atoms::normal));
}

// -- timers ---------------------------------------------------------------------------------------

Behaviour timekeeper(Self self, int rounds) {
  std::uint64_t fired = 0;
  std::uint64_t cancelled = 0;
  for (int i = 0; i < rounds; ++i) {
    const auto first = self.send_after<Alarm>(Duration::microseconds(i % 7), self.pid(), 1u);
    const auto second = self.send_after<Alarm>(Duration::microseconds(50), self.pid(), 2u);
    self.send_after<Alarm>(Duration::hours(1), self.pid(), 3u);
    auto turn = self.yield();
    co_await turn;
    for (const auto timer : {first, second}) {
      if (self.cancel_timer(timer)) ++cancelled;
    }
    auto nap = self.receive<Stop>(Duration::microseconds(5));
    co_await nap;
  }
  // Each one either fired or was cancelled.
  while (fired + cancelled < 2 * static_cast<std::uint64_t>(rounds)) {
    auto next = self.receive<Alarm>();
    const Alarm alarm = co_await next;
    if (alarm.number == 3) self.exit(Term("early"_atom));
    ++fired;
  }
  auto more = self.receive<Alarm>(Duration::zero());
  const auto nothing = co_await more;
  if (nothing) self.exit(Term("twice"_atom));
}

TEST_CASE("a timer fires or is cancelled, never both", "[timers]") {
  ManyCores cores(4);
  std::vector<std::future<Term>> keepers;
  for (int i = 0; i < 6; ++i)
    keepers.push_back(cores.start<timekeeper>(200));
  for (std::future<Term>& each : keepers)
    cores.expect_normal(std::move(each));
}

// -- names ----------------------------------------------------------------------------------------

Behaviour claimant(Self self, std::atomic<int>* holders, int rounds) {
  const Atom name("throne");
  for (int i = 0; i < rounds; ++i) {
    if (self.register_name(name)) {
      if (holders->fetch_add(1, std::memory_order_acq_rel) != 0) self.exit(Term("two"_atom));
      if (self.whereis(name) != self.pid()) self.exit(Term("usurped"_atom));
      holders->fetch_sub(1, std::memory_order_acq_rel);
      self.unregister_name(name);
    }
    auto turn = self.yield();
    co_await turn;
  }
}

TEST_CASE("a name has one holder at a time", "[registry]") {
  ManyCores cores(4);
  std::atomic<int> holders{0};
  std::vector<std::future<Term>> claimants;
  for (int i = 0; i < 8; ++i)
    claimants.push_back(cores.start<claimant>(&holders, 500));
  for (std::future<Term>& each : claimants)
    cores.expect_normal(std::move(each));
}

// -- supervision ----------------------------------------------------------------------------------

class Announcer {
 public:
  using Accepts = runtime::Messages<>;
  Announcer(Self self, Pid main) { self.send<Born>(main, self.pid()); }
};

Behaviour killer(Self self, int kills) {
  runtime::SupervisorSpec spec{.limit = {.intensity = 1'000'000, .period = 1_s}};
  spec.children.push_back({.id = Atom("child"),
                           .start = runtime::child<Announcer>(self.pid()),
                           .shutdown = runtime::Shutdown::brutal_kill()});
  auto starting = runtime::start_supervisor(self, std::move(spec));
  co_await starting;
  for (int i = 0; i < kills; ++i) {
    auto next = self.receive<Born>();
    const Born born = co_await next;
    self.exit(born.pid, Term(runtime::atoms::kill));
  }
  auto last = self.receive<Born>();
  co_await last;
}

TEST_CASE("a child that is killed as soon as it is born is restarted each time", "[supervisor]") {
  ManyCores cores(3);
  cores.expect_normal_exit<killer>(500);
}

// -- timers of those who end ----------------------------------------------------------------------

Behaviour ends_soon(Self self) {
  auto turn = self.yield();
  co_await turn;
}

Behaviour times_the_dying(Self self, int rounds, std::size_t* left) {
  for (int round = 0; round < rounds; ++round) {
    const auto one = self.spawn_monitor<&ends_soon>();
    // Some before its end, some after, and some in between.
    for (int i = 0; i < round % 20; ++i)
      self.send_after<Alarm>(Duration::seconds(1000), one.pid, 1u);
    auto end = self.receive<Down>();
    co_await end;
    self.send_after<Alarm>(Duration::seconds(1000), one.pid, 2u);
  }
  *left = self.node().timers().size();
}

TEST_CASE("no timer is left of those who have ended", "[process]") {
  ManyCores cores(2);
  std::size_t left = 1;
  cores.expect_normal_exit<times_the_dying>(GLASSHOUSE_SANITIZED ? 2'000 : 20'000, &left);
  REQUIRE(left == 0);
}

}  // namespace

}  // namespace glasshouse::stress
