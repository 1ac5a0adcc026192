#include "runtime/schedule/dirty_pool.h"

#include <algorithm>
#include <atomic>
#include <latch>

#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

TEST_CASE("jobs run at once up to the bound, and the others after them", "[schedule]") {
  constexpr int bound = 3;
  std::latch all_run(bound);
  std::latch go_on(1);
  std::latch rest(bound);
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  DirtyPool pool(bound);
  const auto note = [&] {
    const int now = running.fetch_add(1) + 1;
    int seen = most.load();
    while (seen < now && !most.compare_exchange_weak(seen, now)) {
    }
  };
  for (int i = 0; i < bound; ++i) {
    pool.submit(nullptr, [&] {
      note();
      all_run.count_down();
      go_on.wait();
      running.fetch_sub(1);
    });
  }
  all_run.wait();  // none waits for another
  for (int i = 0; i < bound; ++i) {
    pool.submit(nullptr, [&] {
      note();
      running.fetch_sub(1);
      rest.count_down();
    });
  }
  REQUIRE(pool.thread_count() == bound);
  go_on.count_down();
  rest.wait();
  REQUIRE(most.load() <= bound);
}

TEST_CASE("a pool makes no more threads than jobs at a time", "[schedule]") {
  OneNode node;
  DirtyPool pool(10);
  for (int i = 0; i < 20; ++i) {
    pool.submit(&node.node(), [] {});
    // The one that did the job is idle then.
    pool.wait_for_jobs_of(node.node());
  }
  REQUIRE(pool.thread_count() == 1);
}

TEST_CASE("whoever waits for a node waits for its last job", "[schedule]") {
  OneNode node;
  OneNode other;
  DirtyPool pool(2);
  std::atomic<int> done{0};
  std::latch go_on(1);
  pool.submit(&other.node(), [&] { go_on.wait(); });
  for (int i = 0; i < 5; ++i)
    pool.submit(&node.node(), [&] { done.fetch_add(1); });
  pool.wait_for_jobs_of(node.node());
  REQUIRE(done.load() == 5);
  go_on.count_down();
}

}  // namespace glasshouse::tests
