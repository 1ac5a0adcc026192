// Power cuts, deaths and failing disks under a workload of transactions: whatever happens, the
// tables that are opened again hold exactly the acknowledged transactions, and perhaps the one that
// was in flight, as a whole.

#include "runtime/process/current.h"
#include "runtime/table/disk_tables.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {
namespace {

using namespace runtime::literals;
using Pair = std::pair<std::int64_t, std::int64_t>;
constexpr std::int64_t wanted = 12;
constexpr std::int64_t kept = 3;

// What outlives the node: what was asked for and what was acknowledged.
struct History {
  std::int64_t asked = 0;
  std::int64_t acknowledged = 0;
  std::int64_t opened = 0;
  std::string wrong;
};

// After transaction k: {0, k} in two tables, and the rows k - 2, k - 1 and k of a third.
std::int64_t apply(DiskTransaction& t, std::int64_t number) {
  auto left = t.table<Pair>("left"_atom);
  auto right = t.table<Pair>("right"_atom);
  auto recent = t.table<Pair>("recent"_atom);
  if (const auto now = left.lookup(0); now && now->second >= number) return now->second;
  left.insert({0, number});
  recent.insert({number, number * number});
  recent.erase(number - kept);
  if (number % 4 == 0) {  // one that is many pages long
    for (std::int64_t i = 1; i < 300; ++i)
      right.insert({i, number});
  }
  right.insert({0, number});
  return number;
}

// Which transaction the tables are at; -1 if at none.
std::int64_t state(DiskTransaction& t) {
  const auto left = t.table<Pair>("left"_atom).lookup(0);
  const auto right = t.table<Pair>("right"_atom);
  const std::int64_t number = left ? left->second : 0;
  const auto half = right.lookup(0);
  if ((half ? half->second : 0) != number) return -1;
  for (const auto& [key, value] : right.select({.from = 1})) {
    if (value != number / 4 * 4) return -1;
  }
  std::vector<Pair> expected;
  for (std::int64_t i = std::max<std::int64_t>(1, number - kept + 1); i <= number; ++i)
    expected.push_back({i, i * i});
  return t.table<Pair>("recent"_atom).select() == expected ? number : -1;
}

// In every life: looks first, then goes on where it was.
Behaviour client(Self self, History* history) {
  for (;;) {
    auto looking = transaction(self, "bank"_atom, &state);
    const Result<std::int64_t> found = co_await looking;
    if (!found) {
      auto pausing = self.sleep(20_ms);
      co_await pausing;
      continue;
    }
    ++history->opened;
    const bool is_right = *found >= history->acknowledged && *found <= history->asked;
    if (!is_right) {
      history->wrong = "found " + std::to_string(*found) + ", acknowledged " +
                       std::to_string(history->acknowledged) + ", asked " +
                       std::to_string(history->asked);
      co_return;
    }
    history->acknowledged = *found;
    if (*found >= wanted) co_return;
    for (std::int64_t next = *found + 1; next <= wanted; ++next) {
      history->asked = next;
      const auto body = [next](DiskTransaction& t) { return apply(t, next); };
      auto doing = transaction(self, "bank"_atom, body);
      const Result<std::int64_t> done = co_await doing;
      if (!done) break;  // what became of it is looked at
      history->acknowledged = next;
    }
  }
}

// -- tables with a mistake, to see that they are found out
// -----------------------------------------

// Answers the client as soon as it has run, when nothing is on the disk yet.
class HastyWork final : public DiskWork {
 public:
  explicit HastyWork(Request<RunTransaction> request) : request_(std::move(request)) {}
  void run(DiskTransaction& transaction) override {
    request_.value.work->run(transaction);
    Self(*current_process()).reply(request_, atoms::ok, Term());
  }

 private:
  Request<RunTransaction> request_;
};

Behaviour hand_on(Self self, Request<RunTransaction> request) {
  std::shared_ptr<DiskWork> work = std::make_shared<HastyWork>(std::move(request));
  auto asking = self.try_call<RunTransaction>(call_timeout, "vault"_atom, work);
  static_cast<void>(co_await asking);
}

// Stands before the real tables.
class HastyTables {
 public:
  using Accepts = Messages<RunTransaction>;
  explicit HastyTables(Self self) : self_(self) {}
  void handle(Request<RunTransaction> request) { self_.spawn<&hand_on>(std::move(request)); }

 private:
  Self self_;
};

enum class Answers : std::uint8_t { when_durable, at_once };

Behaviour root(Self self, Answers answers) {
  const DiskTablesOptions options{.path = "data/bank", .log_bytes_least = 40'000};
  const Atom tables = answers == Answers::at_once ? "vault"_atom : "bank"_atom;
  SupervisorSpec spec{.strategy = Strategy::one_for_one,
                      .limit = {.intensity = 1'000, .period = 1_s}};
  spec.children.push_back({.id = tables, .start = named_child<DiskTables>(tables, options)});
  if (answers == Answers::at_once) {
    spec.children.push_back({.id = "bank"_atom, .start = named_child<HastyTables>("bank"_atom)});
  }
  self.trap_exit(true);
  for (;;) {  // a first start that is killed is not tried again by the supervisor
    auto starting = start_supervisor(self, spec);
    const auto started = co_await starting;
    if (started) break;
  }
  auto for_ever = self.sleep(Duration::infinity());
  co_await for_ever;
}

class Bank {
 public:
  explicit Bank(std::uint64_t seed, sim::CrashPolicy policy = {},
                Answers answers = Answers::when_durable)
      : world_(with_seed(seed)) {
    sim::HostOptions host_options;
    host_options.disk.crash = policy;
    host_ = world_.add_host("h", host_options);
    node_ = world_.start_node(host_, "a@h", [this, answers](Node& node) {
      node.spawn<&root>(answers);
      node.spawn<&client>(&history_);
    });
  }
  sim::World& world() { return world_; }
  const History& history() const { return history_; }
  bool is_done() const { return history_.acknowledged == wanted; }
  void crash(sim::Crash how) {
    world_.crash_node(node_, how);
    world_.restart_node(node_);
  }
  void kill_tables() { world_.exit_processes(node_, "bank", Term(atoms::kill)); }
  // Until all is done, and once more from the disk; or until something is wrong.
  void finish() {
    world_.faults().heal_all();
    world_.run_while([this] { return !is_done() && history_.wrong.empty(); }, world_.now() + 100_s);
    const std::int64_t opened = history_.opened;
    crash(sim::Crash::power_cut);
    world_.run_while([&] { return history_.opened == opened && history_.wrong.empty(); },
                     world_.now() + 100_s);
    seen_at_the_end_ = history_.opened > opened;
  }
  void expect_nothing_lost() {
    finish();
    REQUIRE(history_.wrong.empty());
    REQUIRE(seen_at_the_end_);
    REQUIRE(is_done());
  }

 private:
  static sim::WorldOptions with_seed(std::uint64_t seed) {
    sim::WorldOptions options;
    options.seed = seed;
    return options;
  }
  History history_;
  bool seen_at_the_end_ = false;
  sim::World world_;
  sim::HostId host_{};
  sim::NodeId node_{};
};

// Steps of a run in which nothing happens.
std::uint64_t steps_of(std::uint64_t seed) {
  Bank bank(seed);
  bank.world().run_while([&] { return !bank.is_done(); });
  return bank.world().steps();
}

void cut_at(Bank& bank, std::uint64_t step) {
  for (std::uint64_t i = 0; i < step; ++i)
    bank.world().step();
  bank.crash(sim::Crash::power_cut);
}

void expect_nothing_lost(std::uint64_t seed, std::uint64_t step, sim::CrashPolicy policy) {
  INFO("seed " << seed << ", power cut at step " << step);
  Bank bank(seed, policy);
  cut_at(bank, step);
  bank.expect_nothing_lost();
}

constexpr Ratio always{.numerator = 1, .denominator = 1};
constexpr Ratio never{.numerator = 0, .denominator = 1};

TEST_CASE("a power cut at any step loses nothing that was acknowledged", "[disk_tables]") {
  const std::uint64_t steps = steps_of(1);
  REQUIRE(steps > 100);
  const std::uint64_t stride = GLASSHOUSE_SANITIZED ? 7 : 1;
  for (std::uint64_t step = 1; step <= steps; step += stride) {
    expect_nothing_lost(1, step, {});
    expect_nothing_lost(1, step, {.lost = always, .torn = never, .name_lost = always});
    expect_nothing_lost(1, step, {.lost = never, .torn = always, .name_lost = never});
  }
}

TEST_CASE("a power cut loses nothing under many seeds", "[disk_tables]") {
  for (std::uint64_t seed = 2; seed < 150; ++seed)
    expect_nothing_lost(seed, 1 + mix(seed) % 400, {});
}

TEST_CASE("tables that answer before the sync are found out by these cuts", "[disk_tables]") {
  std::string wrong;
  for (std::uint64_t step = 1; step <= 400 && wrong.empty(); step += 20) {
    Bank bank(1, {.lost = always, .torn = never, .name_lost = always}, Answers::at_once);
    cut_at(bank, step);
    bank.finish();
    wrong = bank.history().wrong;
  }
  REQUIRE(wrong.find("found ") != std::string::npos);
}

// Every fault that a disk has.
sim::FaultSpec fault_of(std::uint64_t draw) {
  switch (draw % 5) {
    case 0:
      return {.kind = "disk.eio", .hosts = {"h"}, .chance = {.numerator = 1, .denominator = 3}};
    case 1:
      return {.kind = "disk.full", .hosts = {"h"}, .amount = 20'000};
    case 2:
      return {.kind = "disk.slow", .hosts = {"h"}, .time = sim::Distribution::constant(30_ms)};
    case 3:
      return {.kind = "disk.torn", .hosts = {"h"}, .chance = always};
    default:
      return {.kind = "disk.stall", .hosts = {"h"}};
  }
}

TEST_CASE("crash after crash, on a disk that fails, tears, fills up and stalls", "[disk_tables]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    Bank bank(seed);
    std::uint64_t draw = seed;
    for (int round = 0; round < 12 && !bank.is_done(); ++round) {
      draw = mix(draw);
      const auto number = bank.world().faults().begin(fault_of(draw));
      REQUIRE(number.ok());
      bank.world().run_for(Duration::microseconds(static_cast<std::int64_t>(draw >> 8 & 0x3fff)));
      if (draw >> 32 & 1) bank.crash(sim::Crash::power_cut);
      if ((draw >> 33 & 3) == 3) bank.crash(sim::Crash::process_death);
      if ((draw >> 35 & 3) == 3) bank.kill_tables();
      bank.world().run_for(Duration::microseconds(static_cast<std::int64_t>(draw >> 40 & 0x3fff)));
      bank.world().faults().end(*number);
      REQUIRE(bank.history().wrong.empty());
    }
    bank.expect_nothing_lost();
  }
}

TEST_CASE("equal seeds make equal runs of disk tables", "[disk_tables]") {
  REQUIRE(steps_of(5) == steps_of(5));
}

}  // namespace
}  // namespace glasshouse::tests
