#include "gui/model/supervision_tree.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "gui/model/format.h"
#include "gui/model/tidy_tree.h"

namespace glasshouse::gui {
namespace {

class Builder {
 public:
  Builder(const std::vector<SupervisorRow>& supervisors, const ProcessTable& processes,
          const std::string& filter, const SupervisionMeasures& measures)
      : supervisors_(supervisors), processes_(processes), filter_(filter), measures_(measures) {
    for (std::size_t i = 0; i < supervisors.size(); ++i)
      index_[supervisors[i].process] = i;
  }

  SupervisionTree run() {
    std::vector<std::size_t> roots;
    for (std::size_t i = 0; i < supervisors_.size(); ++i) {
      if (has_supervisor_above(i)) continue;
      if (keeps(i)) roots.push_back(add_supervisor(i, none));
    }
    place(roots);
    return std::move(tree_);
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  bool has_supervisor_above(std::size_t i) const {
    return supervisors_[i].parent != 0 && index_.contains(supervisors_[i].parent);
  }

  bool matches(ProcessKey process, const std::string& id) const {
    return filter_.empty() || contains_ignoring_case(id, filter_) ||
           contains_ignoring_case(processes_.name_of(process), filter_);
  }

  // Whether the supervisor or anything below it matches.
  bool keeps(std::size_t i, int depth = 0) const {
    const SupervisorRow& row = supervisors_[i];
    if (matches(row.process, row.strategy) || depth > 100) return true;
    return std::any_of(row.children.begin(), row.children.end(), [&](const ChildRow& child) {
      auto below = index_.find(child.process);
      return matches(child.process, child.id) ||
             (below != index_.end() && keeps(below->second, depth + 1));
    });
  }

  std::size_t add(SupervisionBox box, std::size_t parent) {
    box.parent = parent;
    box.height = box.kind == SupervisionBox::Kind::supervisor ? measures_.supervisor_height
                                                              : measures_.child_height;
    tree_.boxes.push_back(box);
    nodes_.push_back({.children = {}, .height = box.height});
    std::size_t index = tree_.boxes.size() - 1;
    if (parent != none) nodes_[parent].children.push_back(index);
    return index;
  }

  std::size_t add_supervisor(std::size_t i, std::size_t parent) {
    const SupervisorRow& row = supervisors_[i];
    std::size_t box =
        add({.kind = SupervisionBox::Kind::supervisor, .supervisor = i, .process = row.process},
            parent);
    if (!drawn_.insert(i).second) return box;
    std::size_t drawn = 0;
    std::size_t hidden = 0;
    for (std::size_t c = 0; c < row.children.size(); ++c) {
      const ChildRow& child = row.children[c];
      auto below = index_.find(child.process);
      bool is_supervisor = below != index_.end() && below->second != i;
      if (is_supervisor ? !keeps(below->second) : !matches(child.process, child.id)) continue;
      if (drawn == measures_.children_max && !is_supervisor) {
        ++hidden;
        continue;
      }
      ++drawn;
      if (is_supervisor) {
        add_supervisor(below->second, box);
      } else {
        add({.supervisor = i, .child = c, .process = child.process}, box);
      }
    }
    if (hidden > 0) {
      add({.kind = SupervisionBox::Kind::more, .supervisor = i, .hidden = hidden}, box);
    }
    return box;
  }

  void place(const std::vector<std::size_t>& roots) {
    std::vector<TreePlace> places = place_tree(nodes_, roots, measures_.gap);
    double top = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
      top = std::min(top, places[i].y - tree_.boxes[i].height / 2);
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      SupervisionBox& box = tree_.boxes[i];
      box.x = places[i].depth * measures_.column;
      box.y = places[i].y - top;
      tree_.width = std::max(tree_.width, box.x + measures_.column);
      tree_.height = std::max(tree_.height, box.y + box.height / 2);
    }
  }

  const std::vector<SupervisorRow>& supervisors_;
  const ProcessTable& processes_;
  const std::string& filter_;
  const SupervisionMeasures& measures_;
  std::unordered_map<ProcessKey, std::size_t> index_;  // unordered: never iterated
  std::set<std::size_t> drawn_;
  std::vector<TreeNode> nodes_;
  SupervisionTree tree_;
};

}  // namespace

SupervisionTree lay_out_supervision(const std::vector<SupervisorRow>& supervisors,
                                    const ProcessTable& processes, const std::string& filter,
                                    const SupervisionMeasures& measures) {
  return Builder(supervisors, processes, filter, measures).run();
}

}  // namespace glasshouse::gui
