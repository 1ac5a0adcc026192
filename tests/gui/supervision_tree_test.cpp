#include "gui/model/supervision_tree.h"

#include "tests/catch.h"

namespace glasshouse::gui {
namespace {

ChildRow child(const char* id, ProcessKey process) {
  return {.id = id, .process = process, .restart_type = "permanent", .history = {}};
}

std::vector<SupervisorRow> two_levels(int workers) {
  SupervisorRow top{.process = 1, .strategy = "rest_for_one", .children = {child("store", 2)}};
  SupervisorRow store{.process = 2, .parent = 1, .strategy = "one_for_one", .children = {}};
  for (int i = 0; i < workers; ++i) {
    std::string id = "shard_" + std::to_string(i);
    store.children.push_back(child(id.c_str(), static_cast<ProcessKey>(10 + i)));
  }
  return {top, store};
}

TEST_CASE("a supervisor below a supervisor is one box", "[supervision_tree]") {
  SupervisionTree tree = lay_out_supervision(two_levels(2), {}, "", {});
  REQUIRE(tree.boxes.size() == 4);
  REQUIRE(tree.boxes[1].kind == SupervisionBox::Kind::supervisor);
  REQUIRE(tree.boxes[1].parent == 0);
  REQUIRE(tree.boxes[2].x > tree.boxes[1].x);
}

TEST_CASE("a long list of children is cut with a count", "[supervision_tree]") {
  SupervisionTree tree = lay_out_supervision(two_levels(100), {}, "", {.children_max = 12});
  REQUIRE(tree.boxes.size() == 2 + 12 + 1);
  REQUIRE(tree.boxes.back().kind == SupervisionBox::Kind::more);
  REQUIRE(tree.boxes.back().hidden == 88);
}

TEST_CASE("a filter keeps what matches and what it hangs on", "[supervision_tree]") {
  SupervisionTree tree = lay_out_supervision(two_levels(5), {}, "shard_3", {});
  REQUIRE(tree.boxes.size() == 3);
  REQUIRE(lay_out_supervision(two_levels(5), {}, "nobody", {}).boxes.empty());
}

TEST_CASE("supervisors that supervise each other do not hang the layout", "[supervision_tree]") {
  SupervisorRow a{.process = 1, .strategy = "one_for_one", .children = {child("b", 2)}};
  SupervisorRow b{
      .process = 2, .parent = 1, .strategy = "one_for_one", .children = {child("a", 1)}};
  REQUIRE(lay_out_supervision({a, b}, {}, "", {}).boxes.size() <= 4);
}

}  // namespace
}  // namespace glasshouse::gui
