#include "gui/command/palette.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>

#include "gui/command/command.h"
#include "gui/model/format.h"
#include "gui/model/observer.h"

namespace glasshouse::gui {
namespace {

struct Scored {
  int score = 0;
  PaletteEntry entry;
};

void add_commands(std::string_view text, const Observer& observer, const CommandTable& commands,
                  std::vector<Scored>& found) {
  for (const Command& command : commands.all()) {
    bool is_offered = command.scope == CommandScope::shell || command.scope == CommandScope::leader;
    bool is_enabled = !command.when || command.when(observer);
    if (!is_offered || !is_enabled || command.id == "palette.open") continue;
    int score = fuzzy_score(command.title, text);
    if (score == 0) continue;
    std::string keys = commands.key_text(command.id);
    if (command.scope == CommandScope::leader) keys.insert(0, "; ");
    auto run = [act = command.run](Observer& target) {
      target.close_overlay();
      act(target);
    };
    found.push_back({score, {"palette/" + command.id, command.title, keys, run}});
  }
}

void add_processes(std::string_view text, const Observer& observer, std::vector<Scored>& found) {
  for (const ProcessRow& row : observer.picture().processes.rows) {
    int score = fuzzy_score(row.name + " " + row.pid, text);
    if (score == 0) continue;
    // Of several lives of one name the present one.
    bool is_gone = row.activity == Activity::exited || row.activity == Activity::crashed;
    if (!is_gone) score += 50;
    auto run = [key = row.key](Observer& target) {
      target.close_overlay();
      target.select_process(key);
      target.reveal_process = key;
    };
    found.push_back({score, {"palette/" + row.pid, row.name, row.pid, run}});
  }
}

void add_links(std::string_view text, const Observer& observer, std::vector<Scored>& found) {
  if (!observer.is_live()) return;
  const Picture& picture = observer.picture();
  for (const NodeRow& a : picture.run.nodes) {
    for (const NodeRow& b : picture.run.nodes) {
      if (a.index >= b.index) continue;
      const auto& cuts = picture.live.cuts;
      bool is_cut = std::find(cuts.begin(), cuts.end(), std::pair(a.index, b.index)) != cuts.end();
      std::string names = a.name + " – " + b.name;
      std::string title = (is_cut ? "Heal link " : "Cut link ") + names;
      int score = fuzzy_score(title, text);
      if (score == 0) continue;
      auto run = [from = a.index, to = b.index](Observer& target) {
        target.close_overlay();
        target.toggle_cut(from, to);
      };
      found.push_back({score, {"palette/link/" + a.name + "/" + b.name, title, "live", run}});
    }
  }
}

void add_event(std::string_view text, std::vector<Scored>& found) {
  Moment moment = 0;
  auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), moment);
  if (error != std::errc()) return;
  auto run = [moment](Observer& target) {
    target.close_overlay();
    target.select_event(moment);
    target.reveal_event = true;
  };
  found.push_back({1, {"palette/event", "Go to event " + format_count(moment), "", run}});
}

void add_time(std::string_view text, std::vector<Scored>& found) {
  std::string number(text);
  char* end = nullptr;
  double seconds = std::strtod(number.c_str(), &end);
  if (end == number.c_str() || seconds < 0 || seconds > 1e9) return;
  auto time = static_cast<std::int64_t>(seconds * 1e9);
  auto run = [time](Observer& target) {
    target.close_overlay();
    target.go_to_time(time);
  };
  found.push_back({1, {"palette/time", "Go to " + format_time(time), "", run}});
}

}  // namespace

int fuzzy_score(std::string_view text, std::string_view wanted) {
  std::string low = lower_case(text);
  int score = 1;
  std::size_t at = 0;
  bool was_adjacent = false;
  for (char c : lower_case(wanted)) {
    if (c == ' ') continue;
    std::size_t found = low.find(c, at);
    if (found == std::string::npos) return 0;
    bool begins_word = found == 0 || low[found - 1] == ' ' || low[found - 1] == '_';
    was_adjacent = found == at && at > 0;
    score += (begins_word ? 8 : 1) + (was_adjacent ? 5 : 0);
    at = found + 1;
  }
  // A word that is there as it was typed beats letters scattered over the text.
  if (!wanted.empty() && low.find(lower_case(wanted)) != std::string::npos) score += 40;
  return score * 100 - static_cast<int>(std::min<std::size_t>(low.size(), 99));
}

std::vector<PaletteEntry> palette_entries(std::string_view text, const Observer& observer,
                                          const CommandTable& commands) {
  std::vector<Scored> found;
  char kind = text.empty() ? '\0' : text.front();
  std::string_view rest = text.substr(text.empty() ? 0 : 1);
  if (kind == '@') {
    add_processes(rest, observer, found);
  } else if (kind == '#') {
    add_event(rest, found);
  } else if (kind == ':') {
    add_time(rest, found);
  } else {
    add_commands(kind == '>' ? rest : text, observer, commands, found);
    if (kind != '>') add_links(text, observer, found);
    if (!text.empty() && kind != '>') add_processes(text, observer, found);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Scored& a, const Scored& b) { return a.score > b.score; });
  std::vector<PaletteEntry> entries;
  for (Scored& scored : found) {
    if (entries.size() == palette_entries_max) break;
    entries.push_back(std::move(scored.entry));
  }
  return entries;
}

}  // namespace glasshouse::gui
