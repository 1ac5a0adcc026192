#pragma once
// Sees every item that is submitted to ImGui, whoever submits it: the test program wraps two of
// ImGui's functions at link time. With it, tests find widgets without a semantic id, and different
// widgets that share one of ImGui's ids.

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace glasshouse::gui {

struct ItemAudit {
  std::set<std::uint32_t> items;       // of this frame, with an id
  std::vector<std::uint32_t> doubles;  // submitted more than once in this frame
  std::set<std::string> strings;       // all that was hashed for an id in this frame

  void clear();
};

// Filled while it is switched on.
ItemAudit& item_audit();
void switch_item_audit(bool on);

}  // namespace glasshouse::gui
