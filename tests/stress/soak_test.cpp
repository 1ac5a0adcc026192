// A tree of ten thousand supervised servers on real threads, at work, while servers and supervisors
// are killed at random: no restart is lost, no memory either, and the tree is whole at the end.
//
// GLASSHOUSE_SOAK_SECONDS says how long it is under fire; default 3. The ctest of the label `soak`
// asks for ten minutes.

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

#include "runtime/behaviour/supervisor.h"
#include "tests/stress/many_cores.h"

namespace glasshouse::stress {

struct Add {
  using Reply = std::uint64_t;
  std::uint64_t amount = 0;
};
struct Chat {
  std::uint64_t hops = 0;
};
struct Tick {};

namespace {

using runtime::ChildSpec;
using runtime::CountChildren;
using runtime::Messages;
using runtime::RestartLimit;
using runtime::SupervisorSpec;

constexpr std::size_t groups = 100;
constexpr std::size_t servers_of_a_group = 100;
constexpr std::size_t servers = groups * servers_of_a_group;
constexpr RestartLimit never_gives_up = {.intensity = 100'000'000, .period = Duration::seconds(1)};

struct Names {
  std::vector<Atom> groups;
  std::vector<Atom> servers;
};

const Names& names() {
  static const Names all = [] {
    Names made;
    for (std::size_t i = 0; i < groups; ++i)
      made.groups.emplace_back("soak_group_" + std::to_string(i));
    for (std::size_t i = 0; i < servers; ++i)
      made.servers.emplace_back("soak_server_" + std::to_string(i));
    return made;
  }();
  return all;
}

struct Counts {
  std::atomic<std::int64_t> made{0};
  std::atomic<std::int64_t> gone{0};
  std::atomic<std::uint64_t> chats{0};
  std::atomic<std::uint64_t> ticks{0};
};

// Adds what it is asked to, chats with others and has a timer running.
class Member {
 public:
  using Accepts = Messages<Add, Chat, Tick>;
  Member(Self self, Counts* counts) : self_(self), counts_(counts) {
    counts_->made.fetch_add(1, std::memory_order_relaxed);
    // Not all at once, and not so many that the machine does nothing else.
    const auto first = static_cast<std::int64_t>(self_.random_below(1000));
    self_.send_after<Tick>(Duration::milliseconds(first), self_.pid());
  }
  ~Member() { counts_->gone.fetch_add(1, std::memory_order_relaxed); }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  std::uint64_t handle(Add add) { return sum_ += add.amount; }
  void handle(Chat chat) {
    counts_->chats.fetch_add(1, std::memory_order_relaxed);
    if (chat.hops > 0)
      self_.send<Chat>(names().servers[self_.random_below(servers)], chat.hops - 1);
  }
  void handle(Tick) {
    counts_->ticks.fetch_add(1, std::memory_order_relaxed);
    self_.send<Chat>(names().servers[self_.random_below(servers)], std::uint64_t{3});
    self_.send_after<Tick>(Duration::seconds(1), self_.pid());
  }

 private:
  Self self_;
  Counts* counts_;
  std::uint64_t sum_ = 0;
};

SupervisorSpec group_of(std::size_t group, Counts* counts) {
  SupervisorSpec spec{.name = names().groups[group], .limit = never_gives_up};
  for (std::size_t i = 0; i < servers_of_a_group; ++i) {
    const Atom name = names().servers[group * servers_of_a_group + i];
    spec.children.push_back({.id = name, .start = runtime::named_child<Member>(name, counts)});
  }
  return spec;
}

SupervisorSpec tree(Counts* counts) {
  SupervisorSpec spec{.name = "soak_root"_atom, .limit = never_gives_up};
  for (std::size_t i = 0; i < groups; ++i) {
    spec.children.push_back(runtime::supervisor_child(names().groups[i], group_of(i, counts)));
  }
  return spec;
}

std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t all = 0;
  std::int64_t resident = 0;
  statm >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

struct Findings {
  std::uint64_t kills = 0;
  std::int64_t bytes_warm = 0;
  std::int64_t bytes_end = 0;
  std::size_t answered = 0;
  std::uint64_t active = 0;
  std::int64_t alive = 0;
  std::string silent;  // the first that did not answer
};

void kill_someone(Self self, Findings* findings) {
  const bool a_group = self.random_below(500) == 0;
  const Atom name = a_group ? names().groups[self.random_below(groups)]
                            : names().servers[self.random_below(servers)];
  const auto pid = self.whereis(name);
  if (!pid) return;
  self.exit(*pid, Term(runtime::atoms::kill));
  ++findings->kills;
}

runtime::Task<void> under_fire(Self self, Duration time, Findings* findings) {
  const runtime::Instant begin = self.now();
  while (self.now() - begin < time) {
    for (int i = 0; i < 20; ++i)
      kill_someone(self, findings);
    auto pause = self.sleep(Duration::milliseconds(5));
    co_await pause;
    // What the first fifth takes is kept for later; after that nothing more may be needed.
    if (findings->bytes_warm == 0 && self.now() - begin > time / 5) {
      findings->bytes_warm = resident_bytes();
    }
  }
  findings->bytes_end = resident_bytes();
}

// True if it answers within some seconds.
runtime::Task<bool> answers(Self self, Atom name, Findings* findings) {
  for (int attempt = 0; attempt < 500; ++attempt) {
    auto call = self.try_call<Add>(Duration::seconds(20), name, std::uint64_t{1});
    const auto answer = co_await call;
    if (answer) co_return true;
    if (attempt == 499) findings->silent = to_string(name) + ": " + to_string(answer.failure);
    auto pause = self.sleep(Duration::milliseconds(10));
    co_await pause;
  }
  co_return false;
}

runtime::Task<void> ask_everybody(Self self, Findings* findings) {
  for (const Atom name : names().servers) {
    auto question = answers(self, name, findings);
    const bool is_there = co_await question;
    if (!is_there) co_return;
    ++findings->answered;
  }
  for (const Atom name : names().groups) {
    auto call = self.call<CountChildren>(name);
    const auto count = co_await call;
    findings->active += count.active;
  }
}

Behaviour soak(Self self, Duration time, Counts* counts, Findings* findings) {
  auto root = runtime::start_supervisor(self, tree(counts));
  const auto started = co_await root;
  REQUIRE(static_cast<bool>(started));
  auto fire = under_fire(self, time, findings);
  co_await fire;
  auto questions = ask_everybody(self, findings);
  co_await questions;
  findings->alive = counts->made.load() - counts->gone.load();
}

Duration soak_time() {
  const char* asked = std::getenv("GLASSHOUSE_SOAK_SECONDS");
  return Duration::seconds(asked == nullptr ? 3 : std::atoi(asked));
}

TEST_CASE("a tree of ten thousand is whole after random kills, and took no memory", "[soak]") {
  Counts counts;
  Findings findings;
  {
    ManyCores cores(2);
    cores.expect_normal_exit<soak>(soak_time(), &counts, &findings);
    INFO("silent " << findings.silent << ", kills " << findings.kills);
    REQUIRE(findings.answered == servers);
    REQUIRE(findings.active == servers);
    // Nobody lives twice, and nobody is missing.
    REQUIRE(findings.alive == static_cast<std::int64_t>(servers));
  }
  REQUIRE(counts.made.load() == counts.gone.load());
  REQUIRE(findings.kills > 100);
  REQUIRE(counts.chats.load() > servers);
#if !GLASSHOUSE_SANITIZED
  REQUIRE(findings.bytes_end < findings.bytes_warm + findings.bytes_warm / 10 + (8 << 20));
#endif
  if (std::getenv("GLASSHOUSE_SOAK_SECONDS") != nullptr) {
    WARN("kills " << findings.kills << ", servers made " << counts.made.load() << ", chats "
                  << counts.chats.load() << ", ticks " << counts.ticks.load() << ", resident bytes "
                  << findings.bytes_warm << " to " << findings.bytes_end);
  }
}

}  // namespace

}  // namespace glasshouse::stress
