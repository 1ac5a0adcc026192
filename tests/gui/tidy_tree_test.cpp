#include "gui/model/tidy_tree.h"

#include <cstdlib>

#include "tests/catch.h"

namespace glasshouse::gui {
namespace {

TEST_CASE("a parent stands in the middle of its children", "[tidy_tree]") {
  auto places = place_tree({{{1, 2}, 2}, {{}, 2}, {{}, 2}}, {0}, 1);
  REQUIRE(places[0].y == Approx((places[1].y + places[2].y) / 2));
  REQUIRE(places[2].y - places[1].y == Approx(3));
  REQUIRE(places[0].depth == 0);
  REQUIRE(places[1].depth == 1);
}

TEST_CASE("a single box is at its own middle", "[tidy_tree]") {
  auto places = place_tree({{{}, 4}}, {0}, 1);
  REQUIRE(places[0].y == Approx(2));
}

TEST_CASE("no two boxes of one column overlap, whatever the tree", "[tidy_tree]") {
  std::uint64_t random = 1;
  for (int round = 0; round < 50; ++round) {
    std::vector<TreeNode> nodes(40);
    for (std::size_t i = 1; i < nodes.size(); ++i) {
      random = random * 6364136223846793005U + 1442695040888963407U;
      nodes[(random >> 33) % i].children.push_back(i);
      nodes[i].height = static_cast<double>(1 + (random >> 60));
    }
    auto places = place_tree(nodes, {0}, 0.5);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (places[i].depth != places[j].depth) continue;
        double apart = std::abs(places[i].y - places[j].y);
        REQUIRE(apart >= (nodes[i].height + nodes[j].height) / 2 + 0.5 - 1e-9);
      }
    }
  }
}

TEST_CASE("roots are placed below each other", "[tidy_tree]") {
  auto places = place_tree({{{}, 2}, {{2}, 2}, {{}, 2}}, {0, 1}, 1);
  REQUIRE(places[1].y - places[0].y == Approx(3));
}

}  // namespace
}  // namespace glasshouse::gui
