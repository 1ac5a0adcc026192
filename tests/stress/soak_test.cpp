// A tree of ten thousand supervised servers on real threads, at work with messages, timers and
// tables, while servers and supervisors are killed at random: no restart is lost, no row and no
// memory either, and the tree is whole at the end.
//
// GLASSHOUSE_SOAK_SECONDS says how long it is under fire; default 3. The ctest of the label `soak`
// asks for ten minutes.

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <malloc.h>
#include <unistd.h>

#include "runtime/behaviour/supervisor.h"
#include "runtime/table/table.h"
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

// What the table of all says of one server, in all its lives.
struct Record {
  Atom server;
  std::int64_t lives = 0;
  std::int64_t ticks = 0;
};

namespace {

using runtime::ChildSpec;
using runtime::CountChildren;
using runtime::Down;
using runtime::Messages;
using runtime::RestartLimit;
using runtime::SupervisorSpec;
using runtime::Table;
using runtime::TableAccess;

using Diary = Table<std::pair<std::int64_t, std::int64_t>>;

constexpr std::size_t groups = 100;
constexpr std::size_t servers_of_a_group = 100;
constexpr std::size_t servers = groups * servers_of_a_group;
constexpr std::int64_t diary_rows = 5;
// Bytes of the whole program, however long it runs. Resident memory grows in steps: a huge page
// of the pool, what malloc keeps for later. What is allocated has no such excuse.
constexpr std::int64_t resident_growth_max = 8 << 20;
constexpr std::int64_t allocated_growth_max = 2 << 20;
constexpr int sums_of_a_run = 40;  // of what is allocated: to add it up stops all who allocate
// What checks each access is some ten times slower, and is not to fall behind the timers.
constexpr Duration tick_period = Duration::seconds(GLASSHOUSE_SANITIZED ? 10 : 1);
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

// Adds what it is asked to, chats with others, has a timer running, and writes to the table of all
// and to one of its own, that goes with it.
class Member {
 public:
  using Accepts = Messages<Add, Chat, Tick>;
  Member(Self self, Atom name, Counts* counts)
      : self_(self),
        counts_(counts),
        name_(name),
        all_(Table<Record>::open(self, "soak_records"_atom)),
        own_(Diary::make(self, {.access = TableAccess::private_})) {
    counts_->made.fetch_add(1, std::memory_order_relaxed);
    all_.update_counter(name_, &Record::lives, 1, Record{name_});
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
    all_.update_counter(name_, &Record::ticks, 1);
    own_.insert({own_ticks_, counts_->ticks.load(std::memory_order_relaxed)});
    if (own_ticks_ >= diary_rows) own_.erase(own_ticks_ - diary_rows);
    ++own_ticks_;
    self_.send<Chat>(names().servers[self_.random_below(servers)], std::uint64_t{3});
    self_.send_after<Tick>(tick_period, self_.pid());
  }

 private:
  Self self_;
  Counts* counts_;
  Atom name_;
  Table<Record> all_;
  Diary own_;
  std::int64_t own_ticks_ = 0;
  std::uint64_t sum_ = 0;
};

SupervisorSpec group_of(std::size_t group, Counts* counts) {
  SupervisorSpec spec{.name = names().groups[group], .limit = never_gives_up};
  for (std::size_t i = 0; i < servers_of_a_group; ++i) {
    const Atom name = names().servers[group * servers_of_a_group + i];
    spec.children.push_back(
        {.id = name, .start = runtime::named_child<Member>(name, name, counts)});
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

std::int64_t allocated_bytes() {
  const auto sums = mallinfo2();
  return static_cast<std::int64_t>(sums.uordblks + sums.hblkhd);
}

// Memory over time. Its slope is that of the line that fits best, so neither what the
// first sample nor what the last happened to be counts for more than others.
class MemoryUse {
 public:
  void sample(Duration time, std::int64_t bytes) {
    const double x = static_cast<double>(time.nanoseconds()) / 1e9;
    const auto y = static_cast<double>(bytes);
    if (samples_ == 0) first_ = x;
    last_ = x;
    ++samples_;
    x_ += x;
    y_ += y;
    xx_ += x * x;
    xy_ += x * y;
  }
  int samples() const { return samples_; }
  std::int64_t mean() const { return samples_ == 0 ? 0 : static_cast<std::int64_t>(y_ / samples_); }
  // By the line, from the first sample to the last.
  std::int64_t growth() const {
    const double spread = samples_ * xx_ - x_ * x_;
    if (spread <= 0) return 0;
    return static_cast<std::int64_t>((samples_ * xy_ - x_ * y_) / spread * (last_ - first_));
  }

 private:
  int samples_ = 0;
  double first_ = 0;
  double last_ = 0;
  double x_ = 0;
  double y_ = 0;
  double xx_ = 0;
  double xy_ = 0;
};

struct Findings {
  std::uint64_t kills = 0;
  MemoryUse resident;
  MemoryUse allocated;
  std::size_t tables = 0;       // while all live
  std::size_t tables_left = 0;  // when the tree is gone
  std::size_t records = 0;
  std::int64_t lives = 0;
  std::int64_t ticks = 0;
  std::size_t answered = 0;
  std::uint64_t active = 0;
  std::int64_t alive = 0;
  std::string silent;  // the first that did not answer
};

// True: a Down will come.
bool kill_someone(Self self, Findings* findings) {
  const bool a_group = self.random_below(500) == 0;
  const Atom name = a_group ? names().groups[self.random_below(groups)]
                            : names().servers[self.random_below(servers)];
  const auto pid = self.whereis(name);
  if (!pid) return false;
  self.monitor(*pid);
  self.exit(*pid, Term(runtime::atoms::kill));
  ++findings->kills;
  return true;
}

runtime::Task<void> under_fire(Self self, Duration time, Findings* findings) {
  const runtime::Instant begin = self.now();
  std::uint64_t dying = 0;
  Duration next_sum = time / 5;
  while (self.now() - begin < time) {
    for (int i = 0; i < 20; ++i)
      dying += kill_someone(self, findings) ? 1 : 0;
    auto pause = self.sleep(Duration::milliseconds(5));
    co_await pause;
    for (; dying > 0; --dying) {
      auto death = self.receive<Down>();
      co_await death;
    }
    // What the first fifth takes is kept for later; after that nothing more may be needed.
    const Duration past = self.now() - begin;
    if (past < time / 5) continue;
    findings->resident.sample(past, resident_bytes());
    if (past < next_sum) continue;
    next_sum = past + time / sums_of_a_run;
    findings->allocated.sample(past, allocated_bytes());
  }
}

constexpr Duration patience = Duration::seconds(60);

// True if it answers, perhaps in its next life.
runtime::Task<bool> answers(Self self, Atom name, Findings* findings) {
  const runtime::Instant end = self.now() + patience;
  for (;;) {
    auto call = self.try_call<Add>(patience, name, std::uint64_t{1});
    const auto answer = co_await call;
    if (answer) co_return true;
    if (self.now() > end) {
      findings->silent = to_string(name) + ": " + to_string(answer.failure);
      co_return false;
    }
    auto pause = self.sleep(Duration::milliseconds(10));
    co_await pause;
  }
}

runtime::Task<void> ask_everybody(Self self, Findings* findings) {
  for (const Atom name : names().servers) {
    auto question = answers(self, name, findings);
    const bool is_there = co_await question;
    if (!is_there) co_return;
    ++findings->answered;
  }
  for (const Atom name : names().groups) {
    auto call = self.try_call<CountChildren>(patience, name);
    const auto count = co_await call;
    if (!count) findings->silent = to_string(name) + ": " + to_string(count.failure);
    if (count) findings->active += count.value->active;
  }
}

// All who were killed are gone, which their supervisors heard before us, and all have answered:
// nobody dies or is born any more.
void look_at_tables(Self self, Table<Record>& records, Findings* findings) {
  findings->tables_left = self.node().tables().list().size();
  for (const Record& record : records.tab2list()) {
    ++findings->records;
    findings->lives += record.lives;
    findings->ticks += record.ticks;
  }
}

Behaviour soak(Self self, Duration time, Counts* counts, Findings* findings) {
  auto records =
      Table<Record>::make(self, {.name = "soak_records"_atom, .access = TableAccess::public_});
  auto root = runtime::start_supervisor(self, tree(counts));
  const auto started = co_await root;
  REQUIRE(static_cast<bool>(started));
  auto fire = under_fire(self, time, findings);
  co_await fire;
  auto questions = ask_everybody(self, findings);
  co_await questions;
  findings->alive = counts->made.load() - counts->gone.load();
  findings->tables = self.node().tables().list().size();
  auto stopping = runtime::stop(self, "soak_root"_atom);
  static_cast<void>(co_await stopping);
  look_at_tables(self, records, findings);
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
    REQUIRE(findings.tables == servers + 1);
  }
  // Those that were private went with their owners; what was counted in the other was not lost.
  REQUIRE(findings.tables_left == 1);
  REQUIRE(findings.records == servers);
  REQUIRE(findings.lives == counts.made.load());
  REQUIRE(findings.ticks == static_cast<std::int64_t>(counts.ticks.load()));
  REQUIRE(counts.made.load() == counts.gone.load());
  REQUIRE(findings.kills > 100);
  REQUIRE(counts.chats.load() > servers);
#if !GLASSHOUSE_SANITIZED
  REQUIRE(findings.allocated.samples() > 2);
  REQUIRE(findings.resident.growth() < resident_growth_max);
  REQUIRE(findings.allocated.growth() < allocated_growth_max);
#endif
  if (std::getenv("GLASSHOUSE_SOAK_SECONDS") != nullptr) {
    WARN("kills " << findings.kills << ", servers made " << counts.made.load() << ", chats "
                  << counts.chats.load() << ", ticks " << counts.ticks.load() << ", resident bytes "
                  << findings.resident.mean() << ", growing by " << findings.resident.growth()
                  << ", allocated bytes " << findings.allocated.mean() << ", growing by "
                  << findings.allocated.growth());
  }
}

}  // namespace

}  // namespace glasshouse::stress
