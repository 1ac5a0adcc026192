#include "runtime/node/process_table.h"

#include <set>
#include <vector>

#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

constexpr std::uint32_t slots = 300;  // more than a lane keeps

std::vector<Process*> take_all(ProcessTable& table) {
  std::vector<Process*> taken;
  while (Process* const process = table.try_reserve())
    taken.push_back(process);
  return taken;
}

std::vector<Pid> pids_of(const std::vector<Process*>& processes) {
  std::vector<Pid> pids;
  for (const Process* process : processes)
    pids.push_back(process->pid());
  return pids;
}

void give_back(ProcessTable& table, const std::vector<Process*>& processes) {
  for (Process* process : processes)
    table.release(*process);
}

}  // namespace

TEST_CASE("A full table says so, and counts exactly whom it holds", "[node]") {
  OneNode world;
  ProcessTable table(world.node(), slots, 1);
  const std::vector<Process*> taken = take_all(table);
  REQUIRE(taken.size() == slots);
  REQUIRE(table.count() == slots);
  REQUIRE_THROWS_AS(table.reserve(), ExitException);
  give_back(table, taken);
  REQUIRE(table.count() == 0);
}

TEST_CASE("New processes have the lowest slots, in order", "[node]") {
  OneNode world;
  ProcessTable table(world.node(), slots, 1);
  std::uint32_t expected = 100;
  for (const Pid pid : pids_of(take_all(table)))
    REQUIRE(pid.id == expected++);
}

TEST_CASE("In one thread the slot that was freed last is used first, however many are free",
          "[node]") {
  OneNode world;
  ProcessTable table(world.node(), slots, 1);
  const std::vector<Process*> first = take_all(table);
  give_back(table, first);
  const std::vector<Process*> second = take_all(table);
  REQUIRE(std::vector<Process*>(first.rbegin(), first.rend()) == second);
}

TEST_CASE("No pid is ever used twice", "[node]") {
  OneNode world;
  ProcessTable table(world.node(), slots, 1);
  std::set<Pid> seen;
  for (int life = 0; life < 4; ++life) {
    const std::vector<Process*> taken = take_all(table);
    for (const Pid pid : pids_of(taken))
      REQUIRE(seen.insert(pid).second);
    give_back(table, taken);
  }
}

}  // namespace glasshouse::tests
