// Tables and persistent terms under many cores: what ThreadSanitizer sees.

#include "runtime/table/persistent_term.h"
#include "runtime/table/table.h"
#include "tests/stress/many_cores.h"

namespace glasshouse::stress {

struct Sum {
  std::string name;
  std::int64_t value = 0;
};
struct Finished {};
struct Configuration {
  std::int64_t left = 0;
  std::int64_t right = 0;
};

namespace {

using runtime::Down;
using runtime::Table;
using runtime::TableAccess;
using runtime::TableOptions;
using runtime::TableTransfer;
using runtime::TableType;
using Pair = std::pair<std::int64_t, std::int64_t>;

constexpr int workers = 6;
constexpr int rounds = 2'000;

Behaviour counts(Self self, Pid to) {
  auto sums = Table<Sum>::open(self, "sums"_atom);
  auto pairs = Table<Pair>::open(self, "pairs"_atom);
  for (int i = 0; i < rounds; ++i) {
    sums.update_counter("all", &Sum::value, 1);
    sums.update("also", [](Sum& sum) { ++sum.value; });
    const auto key = static_cast<std::int64_t>(self.random_below(64));
    pairs.insert({{key, i}, {key + 64, i}});  // seen together or not at all
    if (i % 7 == 0) pairs.erase(key + 128);
    if (i % 3 == 0) pairs.insert({key + 128, i});
    static_cast<void>(pairs.find(key));
    if (i % 128 != 0) continue;
    const auto even = pairs.select([](const Pair& pair) { return pair.first % 2 == 0; });
    CHECK(even.size() <= 96);
    for (auto next = pairs.first(); next; next = pairs.next(*next))
      CHECK(*next < 192);
    auto turn = self.yield();
    co_await turn;
  }
  self.send<Finished>(to);
}

Behaviour owns(Self self, TableType type) {
  auto sums = Table<Sum>::make(self, {.name = "sums"_atom, .access = TableAccess::public_});
  sums.insert({{"all", 0}, {"also", 0}});
  Table<Pair>::make(self, {.name = "pairs"_atom, .type = type, .access = TableAccess::public_});
  for (int i = 0; i < workers; ++i)
    self.spawn_link<&counts>(self.pid());
  for (int i = 0; i < workers; ++i) {
    auto next = self.receive<Finished>();
    co_await next;
  }
  const bool is_right =
      sums.find("all")->value == workers * rounds && sums.find("also")->value == workers * rounds;
  if (!is_right) self.exit(Term("a_change_was_lost"_atom));
}

TEST_CASE("no change of a public table is lost, whoever makes it", "[table]") {
  for (const TableType type : {TableType::set, TableType::ordered_set}) {
    ManyCores cores(3);
    cores.expect_normal_exit<&owns>(type);
    REQUIRE(cores.node.tables().list().empty());
  }
}

// Each life makes a table, hands it round and dies; nobody is left with a table of the dead.
Behaviour hands_on(Self self, Pid heir, int life) {
  const runtime::TableHeir to_heir{.pid = heir, .data = Term(life)};
  auto table = Table<Pair>::make(self, {.access = TableAccess::public_, .heir = to_heir});
  table.insert({1, life});
  co_return;
}
Behaviour inherits(Self self, int count) {
  for (int i = 0; i < count; ++i) {
    auto next = self.receive<TableTransfer>(100_ms);
    const auto transfer = co_await next;
    if (!transfer) co_return;
    Table<Pair>::open(self, transfer->table).insert({2, 2});
  }
}
Behaviour generations(Self self) {
  constexpr int families = 40;
  for (int family = 0; family < families; ++family) {
    // The heir leaves while its testators still die.
    const auto heir = self.spawn_monitor<&inherits>(5);
    for (int life = 0; life < 10; ++life)
      self.spawn_monitor<&hands_on>(heir.pid, life);
  }
  for (int i = 0; i < families * 11; ++i) {
    auto next = self.receive<Down>();
    co_await next;
  }
}

TEST_CASE("no table outlives its owner and its heir", "[table]") {
  ManyCores cores(3);
  cores.expect_normal_exit<&generations>();
  REQUIRE(cores.node.tables().list().empty());
}

Behaviour reads_configuration(Self self, Pid to) {
  for (int i = 0; i < rounds; ++i) {
    const auto* seen = runtime::find_persistent<Configuration>(self, "configuration"_atom);
    if (seen != nullptr && seen->left != -seen->right) self.exit(Term("torn"_atom));
    const Term key(static_cast<std::int64_t>(self.random_below(300)));
    const auto* other = runtime::find_persistent<std::int64_t>(self, key);
    if (other != nullptr && Term(*other) != key) self.exit(Term("another_key"_atom));
  }
  self.send<Finished>(to);
  co_return;
}
Behaviour writes_configuration(Self self) {
  for (int i = 0; i < workers; ++i)
    self.spawn_link<&reads_configuration>(self.pid());
  for (std::int64_t i = 0; i < 300; ++i) {
    runtime::put_persistent(self, "configuration"_atom, Configuration{i, -i});
    runtime::put_persistent(self, Term(i), i);
    if (i % 5 == 0) runtime::erase_persistent(self, Term(i / 2));
  }
  for (int i = 0; i < workers; ++i) {
    auto next = self.receive<Finished>();
    co_await next;
  }
}

TEST_CASE("readers of persistent terms see whole values under their own keys",
          "[persistent_term]") {
  ManyCores cores(3);
  cores.expect_normal_exit<&writes_configuration>();
}

}  // namespace
}  // namespace glasshouse::stress
