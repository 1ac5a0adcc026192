#pragma once
// Places a forest of boxes of one size from left to right, children right of their parent: each
// parent in the middle of its children, subtrees as close as they can be without touching, equal
// subtrees drawn equally..

#include <cstddef>
#include <vector>

namespace glasshouse::gui {

struct TreeNode {
  std::vector<std::size_t> children;  // indices, in drawing order
  double height = 1;                  // of its box
};

struct TreePlace {
  double y = 0;  // middle of the box
  int depth = 0;
};

// `roots` are placed below each other. Nodes not reached from them stay at 0.
std::vector<TreePlace> place_tree(const std::vector<TreeNode>& nodes,
                                  const std::vector<std::size_t>& roots, double gap);

}  // namespace glasshouse::gui
