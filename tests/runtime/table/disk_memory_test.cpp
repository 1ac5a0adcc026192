// Disk tables without memory for their log: what was refused has not happened, and what is
// acknowledged after it is on the disk.

#include <cstdlib>
#include <new>

#include "runtime/table/disk_tables.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace {

// Of large allocations from now on, which one fails; 0: none.
thread_local int failing = 0;

}  // namespace

// Those of the program, for all its tests. A sanitizer has its own, so there these tests are
// skipped.
#if !GLASSHOUSE_SANITIZED
void* operator new(std::size_t bytes) {
  constexpr std::size_t large = 8'000;  // no row of these tests, but the log when it grows
  const bool is_to_fail = bytes >= large && failing > 0 && --failing == 0;
  void* const memory = is_to_fail ? nullptr : std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
#endif

namespace glasshouse::tests {
namespace {

using namespace runtime::literals;
using Pair = std::pair<std::int64_t, std::string>;

constexpr int rows_of_many_pages = 40;

void insert_many(DiskTransaction& t) {
  for (int i = 1; i <= rows_of_many_pages; ++i)
    t.table<Pair>("many"_atom).insert({i, std::string(1'000, 'x')});
}

TEST_CASE("a commit without memory leaves the log as it was", "[disk_tables]") {
  if (GLASSHOUSE_SANITIZED) {
    WARN("skipped: this build allocates as its sanitizer does");
    return;
  }
  DiskDatabase database(DiskDatabase::recover({}, {}).value(), 1);
  database.begin();
  database.put("t", "k", "1");
  database.commit();
  const std::string before = database.log();
  DiskTransaction transaction(database);
  database.begin();
  insert_many(transaction);
  failing = 2;  // after some of the frames
  REQUIRE_THROWS_AS(database.commit(), DiskFailure);
  database.roll_back();
  REQUIRE(failing == 0);
  const bool is_as_before = database.log() == before;
  REQUIRE(is_as_before);
  REQUIRE(database.count("many") == 0);
  REQUIRE(database.find("t", "k") == "1");
}

// Puts 1, is refused 2, puts 3.
Behaviour loses_memory(Self self, Notes* notes) {
  auto starting =
      start_link_as<DiskTables>(self, "bank"_atom, DiskTablesOptions{.path = "data/bank"});
  co_await starting;
  for (std::int64_t number = 1; number <= 3; ++number) {
    const auto body = [number](DiskTransaction& t) {
      t.table<Pair>("numbers"_atom).insert({number, "row"});
      if (number != 2) return;
      insert_many(t);
      failing = 2;
    };
    auto doing = transaction(self, "bank"_atom, body);
    const Result<void> done = co_await doing;
    notes->push_back(done ? "ok" : done.error().code);
  }
}

Behaviour looks(Self self, Notes* notes) {
  auto starting =
      start_link_as<DiskTables>(self, "bank"_atom, DiskTablesOptions{.path = "data/bank"});
  co_await starting;
  auto looking = transaction(
      self, "bank"_atom, [](DiskTransaction& t) { return t.table<Pair>("numbers"_atom).select(); });
  const auto found = co_await looking;
  for (const Pair& row : *found)
    notes->push_back(std::to_string(row.first));
}

TEST_CASE("what is acknowledged after a commit without memory survives a power cut",
          "[disk_tables]") {
  if (GLASSHOUSE_SANITIZED) {
    WARN("skipped: this build allocates as its sanitizer does");
    return;
  }
  Notes notes;
  sim::World world{sim::WorldOptions{}};
  const sim::HostId host = world.add_host("h");
  bool has_lived = false;
  const sim::NodeId node = world.start_node(host, "a@h", [&](Node& life) {
    if (std::exchange(has_lived, true)) {
      life.spawn<&looks>(&notes);
    } else {
      life.spawn<&loses_memory>(&notes);
    }
  });
  world.run_until(Instant::max());
  REQUIRE(notes == Notes{"ok", "full", "ok"});
  notes.clear();
  world.crash_node(node, sim::Crash::power_cut);
  world.restart_node(node);
  world.run_until(Instant::max());
  REQUIRE(notes == Notes{"1", "3"});
}

}  // namespace
}  // namespace glasshouse::tests
