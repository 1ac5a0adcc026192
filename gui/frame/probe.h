#pragma once
// Where everything is: a map from semantic ids ("insp/kill") to what was drawn in this frame.
// Scripts, tests, lessons and automation address widgets by these ids and by nothing else.
//
// Threads: the UI thread only.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace glasshouse::gui {

struct Box {
  float left = 0;
  float top = 0;
  float right = 0;
  float bottom = 0;

  bool is_empty() const { return right <= left || bottom <= top; }
  float x() const { return (left + right) / 2; }
  float y() const { return (top + bottom) / 2; }
};

Box intersect(const Box& a, const Box& b);

struct Mark {
  std::size_t order = 0;   // of drawing in this frame
  std::uint32_t item = 0;  // ImGui's id of the widget; 0 for what is only shown
  Box box;
  Box visible;  // the part inside the clip rectangle of its window
  std::string label;
};

class Probe {
 public:
  // Forgets the last frame.
  void begin_frame();

  // Notes the widget that was just submitted.
  void mark(std::string_view id, std::string_view label);
  // Notes a place that is no widget.
  void mark_place(std::string_view id, std::string_view label, const Box& box);

  // Null when nothing of that name was drawn in this frame.
  const Mark* find(std::string_view id) const;
  const std::map<std::string, Mark, std::less<>>& marks() const { return marks_; }

  // Ids that two widgets of this frame share.
  const std::vector<std::string>& doubles() const { return doubles_; }

 private:
  void note(std::string_view id, Mark mark);

  std::map<std::string, Mark, std::less<>> marks_;
  std::vector<std::string> doubles_;
};

}  // namespace glasshouse::gui
