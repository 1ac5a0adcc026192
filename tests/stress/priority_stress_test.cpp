// Priorities and full tables, on real threads.

#include <atomic>

#include "tests/stress/many_cores.h"

namespace glasshouse::stress {

namespace {

using namespace runtime;

struct Go {};

Behaviour bounces(Self self, int turns) {
  for (int i = 0; i < turns; ++i) {
    self.send<Go>(self.pid());
    co_await self.receive<Go>();
    co_await self.yield();
  }
}

Behaviour runs_all_levels(Self self) {
  constexpr Priority levels[] = {Priority::low, Priority::normal, Priority::high, Priority::max};
  constexpr int each = 50;
  for (int i = 0; i < each; ++i) {
    for (const Priority level : levels) {
      const SpawnOpt options{.monitor = true, .priority = level};
      static_cast<void>(self.spawn_opt<&bounces>(options, 100));
    }
  }
  for (int i = 0; i < 4 * each; ++i) {
    Down down = co_await self.receive<Down>();
    if (down.reason != Term(atoms::normal)) self.exit(down.reason);
  }
}

Behaviour never_ends(Self self) {
  for (;;)
    co_await self.yield();
}

Behaviour low_beside_the_busy(Self self) {
  Pid busy[4];
  for (Pid& pid : busy)
    pid = self.spawn<&never_ends>();
  const SpawnOpt options{.monitor = true, .priority = Priority::low};
  static_cast<void>(self.spawn_opt<&bounces>(options, 10));
  co_await self.receive<Down>();
  for (const Pid pid : busy)
    self.exit(pid, Term(atoms::kill));
}

Behaviour counts_its_turns(Self self, std::atomic<int>* turns) {
  for (;;) {
    turns->fetch_add(1, std::memory_order_relaxed);
    co_await self.yield();
  }
}

// How many turns those of normal priority had for one of low priority.
Behaviour shares_one_core(Self self, std::promise<int>* share) {
  constexpr int low_turns = 1'000;
  std::atomic<int> normal_turns = 0;
  Pid busy[4];
  for (Pid& pid : busy)
    pid = self.spawn_monitor<&counts_its_turns>(&normal_turns).pid;
  const SpawnOpt options{.monitor = true, .priority = Priority::low};
  const Ref low = self.spawn_opt<&bounces>(options, low_turns).ref;
  auto low_ends = self.receive_if<Down>([low](const Down& down) { return down.ref == low; });
  co_await low_ends;
  share->set_value(normal_turns.load(std::memory_order_relaxed) / low_turns);
  for (const Pid pid : busy) {
    self.exit(pid, Term(atoms::kill));
    co_await self.receive<Down>();
  }
}

Behaviour asks_for_one_too_many(Self self, std::promise<std::string>* end) {
  const SpawnRequest request{.reply_tag = Term("full"_atom)};
  self.spawn_request<&never_ends>(request);
  SpawnReply first = co_await self.receive<SpawnReply>();
  self.spawn_request<&never_ends>(request);
  SpawnReply second = co_await self.receive<SpawnReply>();
  end->set_value(to_string(Term(first.outcome)) + " " + to_string(second.result));
}

}  // namespace

TEST_CASE("processes of all priorities come to their end", "[priority]") {
  ManyCores cores(2);
  cores.expect_normal_exit<&runs_all_levels>();
}

TEST_CASE("low priority has its turns beside busy processes", "[priority]") {
  ManyCores cores(2);
  cores.expect_normal_exit<&low_beside_the_busy>();
}

TEST_CASE("low priority has one of eight turns beside busy processes", "[priority]") {
  ManyCores cores(1);
  std::promise<int> share;
  cores.node.spawn<&shares_one_core>(&share);
  // 7 beside one; the count is of whole turns, and the first of `low` may be late.
  const int beside_one = share.get_future().get();
  REQUIRE(beside_one >= 6);
  REQUIRE(beside_one <= 8);
}

TEST_CASE("a node ends while processes of all priorities run", "[priority]") {
  for (int round = 0; round < 20; ++round) {
    ManyCores cores(2);
    cores.node.spawn<&runs_all_levels>();
    cores.node.spawn<&never_ends>();
    REQUIRE(cores.node.process_count() > 0);
  }
}

TEST_CASE("a spawn request beyond the limit of the table is answered", "[spawn]") {
  Witness witness;
  MulticoreWorld world(with_workers(1), witness);
  std::promise<std::string> end;
  Node node(world.environment(), {.name = Atom("tiny@localhost"), .processes_max = 2});
  node.spawn<&asks_for_one_too_many>(&end);
  REQUIRE(end.get_future().get() == "ok system_limit");
}

}  // namespace glasshouse::stress
