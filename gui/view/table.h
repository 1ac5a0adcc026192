#pragma once
// The tables of the observer: a header that may sort, rows of one height of which only the visible
// ones are drawn, cells that cut their text with an ellipsis. A thin front of ImGui's tables.

#include <span>
#include <string>
#include <string_view>

#include "gui/view/scene.h"

namespace glasshouse::gui {

struct TableColumn {
  const char* name = "";
  float width = 100;  // in pixels at scale 1; of a stretched column its weight
  bool stretches = false;
  bool is_right = false;  // numbers
  const char* tip = "";
  float from = 0;  // left out of tables narrower than this
};

class Table {
 public:
  // `id` begins the semantic ids: "procs" gives "procs/head/Pid" and "procs/row/...".
  Table(const Scene& scene, std::string_view id, std::span<const TableColumn> columns);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  bool is_open() const { return is_open_; }

  // The index of the header that was clicked, or -1. `sorted` carries an arrow; -1: none.
  int headers(int sorted, bool is_descending);

  // Calls draw(n) for each visible row. `reveal` is scrolled into view; -1: none.
  template <class Draw>
  void rows(std::size_t count, long reveal, Draw draw) {
    scroll_to(reveal);
    Range range = begin_rows(count);
    while (range.next()) {
      for (int n = range.first; n < range.last; ++n)
        draw(static_cast<std::size_t>(n));
    }
  }

  // Begins a row; what the pointer does to it.
  Interaction row(std::string_view key, std::string_view label, bool is_selected);

  struct Cell {
    ImVec2 low;
    ImVec2 high;
    bool is_visible = true;
    float middle() const { return (low.y + high.y) / 2; }
  };
  Cell next_cell();
  void text(const Cell& cell, std::string_view text, ImFont* font, Colour colour) const;
  void number(const Cell& cell, std::string_view text, Colour colour) const;
  // Icon, then a word.
  void icon_word(const Cell& cell, const char* icon, Colour colour, std::string_view word,
                 Colour ink) const;

  std::size_t first_visible() const { return first_visible_; }
  std::size_t last_visible() const { return last_visible_; }
  float row_height() const;

 private:
  struct Range {
    int first = 0;
    int last = 0;
    ImGuiListClipper* clipper = nullptr;
    Table* table = nullptr;
    bool next();
  };
  Range begin_rows(std::size_t count);
  void scroll_to(long row);

  const Ui& ui_;
  std::string id_;
  std::span<const TableColumn> columns_;
  bool is_open_ = false;
  int column_ = 0;
  ImGuiListClipper clipper_;
  std::size_t first_visible_ = 0;
  std::size_t last_visible_ = 0;
};

// What an empty list says: what is missing and what to do about it.
void draw_empty(const Ui& ui, const char* icon, std::string_view what, std::string_view advice);

}  // namespace glasshouse::gui
