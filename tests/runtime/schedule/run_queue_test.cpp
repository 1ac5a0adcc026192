#include "runtime/schedule/run_queue.h"

#include <memory>
#include <vector>

#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

class Processes {
 public:
  Processes() {
    for (std::uint32_t id = 0; id < 6; ++id)
      all_.push_back(std::make_unique<Process>(node_.node(), id));
  }
  Process& at(std::size_t index) { return *all_[index]; }
  const Node& node() { return node_.node(); }

 private:
  OneNode node_;
  std::vector<std::unique_ptr<Process>> all_;
};

}  // namespace

TEST_CASE("a run queue gives back in the order of arrival", "[schedule]") {
  Processes processes;
  RunQueue queue;
  REQUIRE(queue.pop() == nullptr);
  for (std::size_t i = 0; i < 3; ++i)
    queue.push(processes.at(i));
  REQUIRE(queue.size() == 3);
  REQUIRE(queue.pop() == &processes.at(0));
  ProcessList more;
  more.push(processes.at(4));
  more.push(processes.at(5));
  queue.append(more);
  REQUIRE(more.size() == 0);
  REQUIRE(queue.pop() == &processes.at(1));
  REQUIRE(queue.pop() == &processes.at(2));
  REQUIRE(queue.pop() == &processes.at(4));
  REQUIRE(queue.pop() == &processes.at(5));
  REQUIRE(queue.pop() == nullptr);
  REQUIRE(queue.size() == 0);
}

TEST_CASE("no more is taken than is there, and the rest stays", "[schedule]") {
  Processes processes;
  RunQueue queue;
  for (std::size_t i = 0; i < 3; ++i)
    queue.push(processes.at(i));
  ProcessList two = queue.take(2);
  REQUIRE(two.size() == 2);
  REQUIRE(two.pop() == &processes.at(0));
  REQUIRE(queue.take(0).size() == 0);
  REQUIRE(queue.take(9).size() == 1);
  REQUIRE(queue.take(9).size() == 0);
}

TEST_CASE("only the processes of the node that ends are dropped", "[schedule]") {
  Processes staying;
  Processes leaving;
  RunQueue queue;
  for (std::size_t i = 0; i < 3; ++i) {
    queue.push(staying.at(i));
    queue.push(leaving.at(i));
  }
  queue.drop(leaving.node());
  REQUIRE(queue.size() == 3);
  for (std::size_t i = 0; i < 3; ++i)
    REQUIRE(queue.pop() == &staying.at(i));
}

}  // namespace glasshouse::tests
