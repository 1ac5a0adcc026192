#pragma once
// What the palette offers for what was typed: commands, processes behind `@`, an event behind `#`,
// a time behind `:`, and links to cut in a live run.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace glasshouse::gui {

class CommandTable;
class Observer;

struct PaletteEntry {
  std::string id;  // semantic id: "palette/theme.toggle"
  std::string title;
  std::string note;  // key, pid
  std::function<void(Observer&)> run;
};

// Best first, at most `palette_entries_max`.
std::vector<PaletteEntry> palette_entries(std::string_view text, const Observer& observer,
                                          const CommandTable& commands);
inline constexpr std::size_t palette_entries_max = 200;

// How well the letters of `wanted` are found in order in `text`: 0 not at all, higher is better.
int fuzzy_score(std::string_view text, std::string_view wanted);

}  // namespace glasshouse::gui
