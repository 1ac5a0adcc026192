#include "gui/frame/walk.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace glasshouse::gui {
namespace {

using Named = std::pair<const std::string, Mark>;

bool is_walkable(const Mark& mark) {
  return mark.item != 0 && !mark.visible.is_empty();
}

// "procs/row/" of a row of a list, and of what is inside it; else empty.
std::string_view list_of(std::string_view id) {
  for (std::string_view part : {"/row/", "/fold/"}) {
    auto at = id.find(part);
    if (at != std::string_view::npos) return id.substr(0, at);
  }
  return {};
}

// In the order of drawing, of each list only the first row, or `from` if it is one.
std::vector<const Named*> stops(const Probe& probe, std::string_view from) {
  std::vector<const Named*> found;
  for (const Named& named : probe.marks()) {
    if (is_walkable(named.second)) found.push_back(&named);
  }
  std::sort(found.begin(), found.end(),
            [](const Named* a, const Named* b) { return a->second.order < b->second.order; });
  std::string_view own = list_of(from);
  std::string_view last;
  std::erase_if(found, [&](const Named* named) {
    std::string_view list = list_of(named->first);
    bool is_passed = !list.empty() && (list == own ? named->first != from : list == last);
    last = list;
    return is_passed;
  });
  return found;
}

std::string along(const Probe& probe, std::string_view from, bool is_forward) {
  std::vector<const Named*> all = stops(probe, from);
  if (all.empty()) return {};
  auto at = std::find_if(all.begin(), all.end(),
                         [&](const Named* named) { return named->first == from; });
  if (at == all.end()) return is_forward ? all.front()->first : all.back()->first;
  if (is_forward) return at + 1 == all.end() ? all.front()->first : (*(at + 1))->first;
  return at == all.begin() ? all.back()->first : (*(at - 1))->first;
}

// How far `to` is on that side; what is askew is far. Negative: not on that side.
float distance(const Box& from, const Box& to, Walk how) {
  float right = to.x() - from.x();
  float down = to.y() - from.y();
  bool is_level = how == Walk::left || how == Walk::right;
  float ahead = is_level ? right : down;
  if (how == Walk::left || how == Walk::up) ahead = -ahead;
  // Rows reach over the whole width: what overlaps is straight ahead.
  bool overlaps = is_level ? to.top < from.bottom && from.top < to.bottom
                           : to.left < from.right && from.left < to.right;
  float aside = overlaps ? 0 : std::abs(is_level ? down : right);
  return ahead < 1 ? -1 : ahead + 3 * aside;
}

}  // namespace

std::string walk(const Probe& probe, std::string_view from, Walk how) {
  const Mark* here = probe.find(from);
  if (how == Walk::next || how == Walk::previous || here == nullptr) {
    return along(probe, from, how != Walk::previous);
  }
  std::string nearest(from);
  float least = -1;
  for (const auto& [id, mark] : probe.marks()) {
    if (!is_walkable(mark) || id == from) continue;
    // From row to row, past the arrows that fold.
    bool is_inside = id.find("/fold/") != std::string::npos;
    if (is_inside && (how == Walk::up || how == Walk::down)) continue;
    float way = distance(here->visible, mark.visible, how);
    if (way < 0 || (least >= 0 && way >= least)) continue;
    least = way;
    nearest = id;
  }
  return nearest;
}

}  // namespace glasshouse::gui
