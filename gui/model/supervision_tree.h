#pragma once
// The supervision tree as boxes to be drawn: supervisors and their children, long lists of children
// cut with a count, placed from left to right.

#include <cstdint>
#include <string>
#include <vector>

#include "gui/model/process_list.h"
#include "gui/model/source.h"

namespace glasshouse::gui {

struct SupervisionBox {
  enum class Kind : std::uint8_t { supervisor, child, more };
  Kind kind = Kind::child;
  std::size_t supervisor = 0;  // index into the supervisors: itself, or whose child it is
  std::size_t child = 0;       // index into its children
  std::size_t hidden = 0;      // of `more`: how many are not drawn
  ProcessKey process = 0;
  double x = 0;  // left edge, y of the middle
  double y = 0;
  double height = 0;
  std::size_t parent = static_cast<std::size_t>(-1);  // index of the box it hangs on
};

struct SupervisionMeasures {
  double column = 300;
  double supervisor_height = 66;
  double child_height = 44;
  double gap = 10;
  std::size_t children_max = 12;  // drawn below one supervisor
};

struct SupervisionTree {
  std::vector<SupervisionBox> boxes;
  double width = 0;
  double height = 0;
};

// Only boxes whose text, or something below them, contains `filter`.
SupervisionTree lay_out_supervision(const std::vector<SupervisorRow>& supervisors,
                                    const ProcessTable& processes, const std::string& filter,
                                    const SupervisionMeasures& measures);

}  // namespace glasshouse::gui
