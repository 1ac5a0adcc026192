#include <set>
#include <thread>
#include <vector>

#include "runtime/node/process_table.h"
#include "tests/stress/many_cores.h"

namespace glasshouse::stress {

namespace {

using runtime::Process;
using runtime::ProcessTable;

constexpr std::uint32_t slots = 300;  // more than a lane keeps

std::vector<Process*> take_at_most(ProcessTable& table, std::size_t count) {
  std::vector<Process*> taken;
  while (taken.size() < count) {
    Process* const process = table.try_reserve();
    if (process == nullptr) break;
    taken.push_back(process);
  }
  return taken;
}

void give_back(ProcessTable& table, const std::vector<Process*>& processes) {
  for (Process* process : processes)
    table.release(*process);
}

void take_and_give_back(ProcessTable* table, std::vector<Pid>* had) {
  for (std::size_t round = 0; round < 200; ++round) {
    const std::vector<Process*> taken = take_at_most(*table, 1 + round % (slots / 3));
    for (const Process* process : taken)
      had->push_back(process->pid());
    give_back(*table, taken);
  }
}

}  // namespace

TEST_CASE("what one thread gave back another can have, to the last slot", "[processes]") {
  ManyCores world;
  ProcessTable table(world.node, slots, 4);
  std::jthread([&table] { give_back(table, take_at_most(table, slots)); }).join();
  std::vector<Process*> taken;
  std::jthread([&] { taken = take_at_most(table, slots + 1); }).join();
  REQUIRE(taken.size() == slots);
  REQUIRE(table.count() == slots);
  give_back(table, taken);
  REQUIRE(table.count() == 0);
}

TEST_CASE("threads that take and give back processes never have the same one", "[processes]") {
  ManyCores world;
  ProcessTable table(world.node, slots, 2);
  std::vector<std::vector<Pid>> had(3);
  {
    std::vector<std::jthread> running;
    for (auto& pids : had)
      running.emplace_back(take_and_give_back, &table, &pids);
  }
  std::set<Pid> all;
  std::size_t count = 0;
  for (const auto& pids : had) {
    all.insert(pids.begin(), pids.end());
    count += pids.size();
  }
  REQUIRE(all.size() == count);
  REQUIRE(table.count() == 0);
}

}  // namespace glasshouse::stress
