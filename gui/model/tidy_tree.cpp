#include "gui/model/tidy_tree.h"

#include <algorithm>
#include <utility>

namespace glasshouse::gui {
namespace {

// The lowest y used by a subtree at each depth below its root, and the highest.
struct Contour {
  std::vector<double> low;
  std::vector<double> high;
};

class Placer {
 public:
  Placer(const std::vector<TreeNode>& nodes, double gap)
      : nodes_(nodes), gap_(gap), places_(nodes.size()), shift_(nodes.size(), 0) {}

  std::vector<TreePlace> run(const std::vector<std::size_t>& roots) {
    Contour below;
    for (std::size_t root : roots)
      append(below, root, place(root));
    for (std::size_t root : roots)
      settle(root, 0, 0);
    return std::move(places_);
  }

 private:
  // Places the subtree around its own zero.
  Contour place(std::size_t node) {
    Contour children;
    const auto& order = nodes_[node].children;
    for (std::size_t child : order)
      append(children, child, place(child));
    double middle = 0;
    if (!order.empty()) {
      middle = (places_[order.front()].y + shift_[order.front()] + places_[order.back()].y +
                shift_[order.back()]) /
               2;
    }
    places_[node].y = middle;
    Contour all;
    all.low.push_back(middle - nodes_[node].height / 2);
    all.high.push_back(middle + nodes_[node].height / 2);
    all.low.insert(all.low.end(), children.low.begin(), children.low.end());
    all.high.insert(all.high.end(), children.high.begin(), children.high.end());
    return all;
  }

  // Moves `node`'s subtree below what is already in `above`, as close as the gap allows.
  void append(Contour& above, std::size_t node, const Contour& subtree) {
    double shift = 0;
    bool is_first = above.low.empty();
    for (std::size_t level = 0; level < std::min(above.high.size(), subtree.low.size()); ++level) {
      double needed = above.high[level] + gap_ - subtree.low[level];
      shift = level == 0 ? needed : std::max(shift, needed);
    }
    if (is_first) shift = -subtree.low.front();
    shift_[node] = shift;
    for (std::size_t level = 0; level < subtree.low.size(); ++level) {
      if (level < above.high.size()) {
        above.high[level] = subtree.high[level] + shift;
      } else {
        above.low.push_back(subtree.low[level] + shift);
        above.high.push_back(subtree.high[level] + shift);
      }
    }
  }

  void settle(std::size_t node, double shift, int depth) {
    shift += shift_[node];
    places_[node].y += shift;
    places_[node].depth = depth;
    for (std::size_t child : nodes_[node].children)
      settle(child, shift, depth + 1);
  }

  const std::vector<TreeNode>& nodes_;
  double gap_;
  std::vector<TreePlace> places_;
  std::vector<double> shift_;
};

}  // namespace

std::vector<TreePlace> place_tree(const std::vector<TreeNode>& nodes,
                                  const std::vector<std::size_t>& roots, double gap) {
  return Placer(nodes, gap).run(roots);
}

}  // namespace glasshouse::gui
