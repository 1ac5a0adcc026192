#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <thread>

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

#include "runtime/behaviour/supervisor.h"
#include "tests/stress/many_cores.h"

namespace glasshouse::stress {

struct Ball {
  Pid from;
  std::uint64_t left = 0;
};
struct Finished {};
struct Tick {};

namespace {

using runtime::EventKind;

// Plays until a ball has nothing left, then tells `main`.
Behaviour player(Self self, Pid main) {
  for (;;) {
    auto next = self.receive<Ball>();
    const Ball ball = co_await next;
    if (ball.left == 0) {
      self.send<Finished>(main);
    } else {
      self.send<Ball>(ball.from, self.pid(), ball.left - 1);
    }
  }
}

Behaviour play_many(Self self, std::size_t pairs, std::uint64_t rounds) {
  std::vector<Pid> pids;
  for (std::size_t i = 0; i < 2 * pairs; ++i)
    pids.push_back(self.spawn<player>(self.pid()));
  for (std::size_t i = 0; i < pairs; ++i)
    self.send<Ball>(pids[2 * i], pids[2 * i + 1], rounds);
  for (std::size_t i = 0; i < pairs; ++i) {
    auto next = self.receive<Finished>();
    co_await next;
  }
}

TEST_CASE("every pair plays to its end, with more and with fewer pairs than workers",
          "[multicore]") {
  ManyCores cores(4);
  cores.expect_normal_exit<play_many>(std::size_t{1}, std::uint64_t{2000});
  cores.expect_normal_exit<play_many>(std::size_t{3}, std::uint64_t{1000});
  cores.expect_normal_exit<play_many>(std::size_t{200}, std::uint64_t{50});
}

TEST_CASE("one worker is enough", "[multicore]") {
  ManyCores cores(1);
  cores.expect_normal_exit<play_many>(std::size_t{50}, std::uint64_t{50});
}

// -- fairness -------------------------------------------------------------------------------------

constexpr std::size_t couples = 2000;
constexpr std::size_t hops_of_all = 80 * couples;

struct Court {
  std::atomic<std::size_t> hops{0};
  std::array<std::atomic<std::size_t>, couples> hops_of{};
};

// Turns are slow here: whoever waits for two hundred of the others' waits for long.
void be_slow(std::chrono::microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
}

// Plays on until all together have made so many hops.
Behaviour dancer(Self self, Pid main, Court* court, std::size_t couple) {
  for (;;) {
    auto next = self.receive<Ball>();
    const Ball ball = co_await next;
    be_slow(std::chrono::microseconds(20));
    if (court->hops.fetch_add(1, std::memory_order_relaxed) >= hops_of_all) {
      self.send<Finished>(main);
    } else {
      court->hops_of[couple].fetch_add(1, std::memory_order_relaxed);
      self.send<Ball>(ball.from, self.pid(), 0u);
    }
  }
}

Behaviour dance(Self self, Court* court) {
  for (std::size_t i = 0; i < couples; ++i) {
    const Pid first = self.spawn<dancer>(self.pid(), court, i);
    const Pid second = self.spawn<dancer>(self.pid(), court, i);
    self.send<Ball>(first, second, 0u);
  }
  for (std::size_t i = 0; i < couples; ++i) {
    auto next = self.receive<Finished>();
    co_await next;
  }
}

TEST_CASE("among many that always have work each has its turns", "[multicore]") {
  ManyCores cores(1);
  Court court;
  cores.expect_normal_exit<dance>(&court);
  std::size_t least = hops_of_all;
  for (const auto& hops : court.hops_of)
    least = std::min(least, hops.load());
  REQUIRE(least > 0);
}

struct Mill {
  std::atomic<int> served{0};
  std::atomic<bool> is_over{false};
};

Behaviour toiler(Self self, Mill* mill) {
  while (!mill->is_over.load()) {
    be_slow(std::chrono::milliseconds(1));
    auto turn = self.yield();
    co_await turn;
  }
}

Behaviour miller(Self self, Mill* mill) {
  for (;;) {
    auto next = self.receive<Tick>();
    co_await next;
    ++mill->served;
  }
}

// So many others are runnable that its next turn is more than a second away.
Behaviour customer(Self self, Pid server, Mill* mill) {
  for (int asked = 1; asked <= 3; ++asked) {
    self.send<Tick>(server);
    auto turn = self.yield();
    co_await turn;
    if (mill->served.load() < asked) self.exit(Term("not_served"_atom));
  }
}

TEST_CASE("who is woken by one of many that never wait has its turn before they all had theirs",
          "[multicore]") {
  ManyCores cores(1);
  Mill mill;
  const Pid server = cores.node.spawn<miller>(&mill);
  for (int i = 0; i < 1200; ++i)
    cores.node.spawn<toiler>(&mill);
  auto end = cores.start<customer>(server, &mill);
  end.wait();
  mill.is_over.store(true);
  cores.expect_normal(std::move(end));
}

// -- held workers ---------------------------------------------------------------------------------

struct Hold {
  std::atomic<bool> begun{false};
  std::atomic<bool> let_go{false};
  std::atomic<int> progressed{0};
  std::latch all_progressed{1000};
};

Behaviour bystander(Self self, Hold* hold) {
  // Several turns, so that the worker really goes on.
  for (int i = 0; i < 5; ++i) {
    auto turn = self.yield();
    co_await turn;
  }
  hold->progressed.fetch_add(1, std::memory_order_relaxed);
  hold->all_progressed.count_down();
}

Behaviour holder(Self self, Hold* hold) {
  for (int i = 0; i < 1000; ++i)
    self.spawn<bystander>(hold);
  hold->begun.store(true, std::memory_order_release);
  while (!hold->let_go.load(std::memory_order_acquire)) {
  }
  co_return;
}

TEST_CASE("a process that holds its worker is reported, and a thousand others go on",
          "[multicore]") {
  ManyCores cores(1, runtime::kind_bit(EventKind::held));
  for (int time = 0; time < 2; ++time) {
    Hold hold;
    const Pid pid = cores.node.spawn<holder>(&hold);
    hold.all_progressed.wait();
    REQUIRE(hold.begun.load(std::memory_order_acquire));
    REQUIRE(hold.progressed.load(std::memory_order_relaxed) == 1000);
    hold.let_go.store(true, std::memory_order_release);
    static_cast<void>(cores.end_of(pid));
    const auto events = cores.witness.events();
    REQUIRE(!events.empty());
    REQUIRE(events.back().name == Atom("holder"));
    REQUIRE(events.back().argument >= (20_ms).nanoseconds());
    REQUIRE(events.back().subject == cores.node.key_of(pid));
  }
  // The thread that was held before stands by for the next time.
  REQUIRE(cores.world.executor().spares_made() <= 2);
}

// A node that ends waits for its jobs, and nobody looks at a held process meanwhile.
class EndingNode {
 public:
  explicit EndingNode(ManyCores& cores)
      : node_(std::make_unique<runtime::Node>(
            cores.world.environment(),
            runtime::NodeOptions{.name = Atom("ending@localhost"), .trace_index = 2})) {
    cores.world.executor().offload(*node_, [this] {
      job_began_.count_down();
      job_ends_.wait();
    });
    job_began_.wait();
    thread_ = std::thread([this] { node_.reset(); });
  }
  void end() {
    job_ends_.count_down();
    thread_.join();
  }

 private:
  std::unique_ptr<runtime::Node> node_;
  std::latch job_began_{1};
  std::latch job_ends_{1};
  std::thread thread_;
};

TEST_CASE("who holds its worker while a node ends is replaced at once and reported later, once",
          "[multicore]") {
  bool was_late = false;
  for (int round = 0; round < 10 && !was_late; ++round) {
    ManyCores cores(1, runtime::kind_bit(EventKind::held));
    EndingNode ending(cores);
    Hold hold;
    const Pid pid = cores.node.spawn<holder>(&hold);
    hold.all_progressed.wait();
    was_late = cores.witness.events().empty();  // else the node began to end too late
    ending.end();
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (cores.witness.events().empty() && std::chrono::steady_clock::now() < patience)
      std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // some ticks
    const auto events = cores.witness.events();
    hold.let_go.store(true, std::memory_order_release);
    static_cast<void>(cores.end_of(pid));
    REQUIRE(events.size() == 1);
    REQUIRE(events.front().subject == cores.node.key_of(pid));
  }
  REQUIRE(was_late);
}

// Until it is reported; in vain, for a minute.
Behaviour blocker(Self, const Witness* witness) {
  const timespec nap{.tv_sec = 0, .tv_nsec = 10'000'000};
  for (int i = 0; i < 6'000 && witness->events().empty(); ++i)
    nanosleep(&nap, nullptr);
  co_return;
}

TEST_CASE("a process that blocks in the kernel holds its worker, too", "[multicore]") {
  ManyCores cores(1, runtime::kind_bit(EventKind::held));
  cores.expect_normal_exit<blocker>(&cores.witness);
  const auto events = cores.witness.events();
  REQUIRE(events.size() == 1);
  REQUIRE(events.front().name == Atom("blocker"));
  REQUIRE(events.front().argument >= (20_ms).nanoseconds());
}

std::chrono::nanoseconds clock_now(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

void stay_on_first_processor() {
  cpu_set_t all;
  cpu_set_t one;
  CPU_ZERO(&one);
  sched_getaffinity(0, sizeof(all), &all);
  int first = 0;
  while (!CPU_ISSET(first, &all))
    ++first;
  CPU_SET(first, &one);
  sched_setaffinity(0, sizeof(one), &one);
}

// Asks for little, and gets it slowly: whoever else wants the processor goes first.
Behaviour preempted(Self, std::atomic<std::int64_t>* lasted) {
  stay_on_first_processor();
  const sched_param none{};
  pthread_setschedparam(pthread_self(), SCHED_IDLE, &none);
  const auto began = clock_now(CLOCK_MONOTONIC);
  const auto ran = clock_now(CLOCK_THREAD_CPUTIME_ID);
  while (clock_now(CLOCK_THREAD_CPUTIME_ID) - ran < std::chrono::milliseconds(3)) {
  }
  lasted->store((clock_now(CLOCK_MONOTONIC) - began).count(), std::memory_order_relaxed);
  co_return;
}

TEST_CASE("a process whose worker is preempted holds nothing", "[multicore]") {
  std::atomic<bool> over{false};
  std::thread greedy([&over] {
    stay_on_first_processor();
    while (!over.load(std::memory_order_relaxed)) {
    }
  });
  std::int64_t longest = 0;
  std::size_t reports = 0;
  for (int round = 0; round < 20 && longest < 60'000'000; ++round) {
    ManyCores cores(1, runtime::kind_bit(EventKind::held));
    std::atomic<std::int64_t> lasted{0};
    cores.expect_normal_exit<preempted>(&lasted);
    longest = std::max(longest, lasted.load(std::memory_order_relaxed));
    reports += cores.witness.events().size();
  }
  over.store(true, std::memory_order_relaxed);
  greedy.join();
  INFO("preempted for " << longest << " ns");
  REQUIRE(longest > 60'000'000);
  REQUIRE(reports == 0);
}

TEST_CASE("a node with nothing to do uses no processor", "[multicore]") {
  ManyCores cores(4);
  cores.expect_normal_exit<play_many>(std::size_t{20}, std::uint64_t{20});
  const auto processor_time = [] {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto us = [](const timeval& time) { return time.tv_sec * 1'000'000 + time.tv_usec; };
    return us(used.ru_utime) + us(used.ru_stime);
  };
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // the monitor falls asleep too
  const auto before = processor_time();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  REQUIRE(processor_time() - before < 20'000);
}

// -- blocking -------------------------------------------------------------------------------------

Behaviour blocked(Self self, std::latch* opened) {
  auto job = [opened] {
    opened->wait();
    return 7;
  };
  auto blocking = self.blocking(job);
  const int seven = co_await blocking;
  CHECK(seven == 7);  // Catch2 asserts on one thread only
}

Behaviour opener(Self, std::latch* opened) {
  opened->count_down();
  co_return;
}

TEST_CASE("processes run while others block, and blocked ones go on when the job is done",
          "[multicore]") {
  ManyCores cores(1);
  std::latch opened(1);
  std::vector<Pid> waiting;
  for (int i = 0; i < 30; ++i)  // more than there are threads for it
    waiting.push_back(cores.node.spawn<blocked>(&opened));
  cores.expect_normal_exit<play_many>(std::size_t{10}, std::uint64_t{10});
  cores.expect_normal_exit<opener>(&opened);
  for (const Pid pid : waiting)
    static_cast<void>(cores.end_of(pid));
}

// -- the end of a node ----------------------------------------------------------------------------

Behaviour restless(Self self, int depth) {
  self.send_after<Tick>(1_ms, self.pid());
  if (depth > 0) self.spawn<restless>(depth - 1);
  auto job = [] { return 1; };
  auto blocking = self.blocking(job);
  co_await blocking;
  for (;;) {
    self.spawn_link<restless>(-1);
    auto next = self.receive<Tick>(100_us);
    co_await next;
    if (depth < 0) co_return;
  }
}

TEST_CASE("a node can end while its processes, timers and jobs are busy", "[multicore]") {
  Witness witness;
  runtime::MulticoreWorldOptions options;
  options.executor.workers = 3;
  options.folder = std::filesystem::temp_directory_path().string();
  runtime::MulticoreWorld world(options, witness);
  runtime::Node other(world.environment(), {.name = Atom("other@localhost")});
  std::promise<Term> end;
  const Pid game = other.spawn<play_many>(std::size_t{20}, std::uint64_t{2000});
  other.spawn<detail::watch>(game, &end);
  for (int life = 1; life <= 20; ++life) {
    runtime::Node node(world.environment(), {.name = Atom("short@localhost"),
                                             .creation = static_cast<std::uint32_t>(life)});
    for (int i = 0; i < 20; ++i)
      node.spawn<restless>(3);
    if (life % 2 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  // What runs on the same workers in another node did not notice.
  const Term reason = end.get_future().get();
  const bool is_good =
      reason == Term(runtime::atoms::normal) || reason == Term(runtime::atoms::noproc);
  REQUIRE(is_good);
}

}  // namespace

}  // namespace glasshouse::stress
