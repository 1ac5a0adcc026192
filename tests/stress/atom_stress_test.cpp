// Real threads on the table of atoms.

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "runtime/term/atom.h"
#include "runtime/term/term.h"
#include "tests/catch.h"

namespace glasshouse::runtime {

TEST_CASE("threads that intern the same names get the same atoms", "[atom][stress]") {
  constexpr int names = 3'000;
  constexpr int threads_count = 4;
  std::array<std::vector<Atom>, threads_count> made;
  std::vector<std::thread> threads;
  for (int t = 0; t < threads_count; ++t) {
    threads.emplace_back([&mine = made[static_cast<std::size_t>(t)], t] {
      for (int n = 0; n < names; ++n) {
        // Each in another order, so that any may be first.
        mine.emplace_back("stress_" + std::to_string((n * 7 + t * 731) % names));
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  for (int t = 0; t < threads_count; ++t) {
    for (int n = 0; n < names; ++n) {
      const std::string text = "stress_" + std::to_string((n * 7 + t * 731) % names);
      const Atom atom = made[static_cast<std::size_t>(t)][static_cast<std::size_t>(n)];
      REQUIRE(atom.text() == text);
      REQUIRE(atom == Atom(text));
    }
  }
}

TEST_CASE("threads may copy and drop one term at once", "[term][stress]") {
  const Term shared = tuple("shared"_atom, list(1, 2, 3), binary("bytes"));
  std::vector<std::thread> threads;
  std::array<std::size_t, 4> seen{};
  for (std::size_t& mine : seen) {
    threads.emplace_back([copy = shared, &mine] {
      for (int turn = 0; turn < 10'000; ++turn) {
        const Term again = copy;
        mine += again.element(1).size();
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  for (const std::size_t count : seen)
    REQUIRE(count == 30'000);
}

}  // namespace glasshouse::runtime
