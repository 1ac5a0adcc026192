#pragma once
// The rows of the process table: the tree or the flat list, filtered, sorted and flattened, so that
// a frame has to look only at the rows it shows.

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "gui/model/source.h"

namespace glasshouse::gui {

enum class ProcessColumn : std::uint8_t {
  name,
  pid,
  state,
  mailbox,
  reductions,
  memory,
  restarts,
  behaviour,
  waiting_for
};

struct ProcessOrder {
  ProcessColumn column = ProcessColumn::name;
  bool is_descending = false;
  friend bool operator==(const ProcessOrder&, const ProcessOrder&) = default;
};

struct ProcessListOptions {
  std::string filter = {};
  ProcessOrder order;
  bool is_tree = true;
  bool shows_exited = false;
  std::set<ProcessKey> folded = {};
  friend bool operator==(const ProcessListOptions&, const ProcessListOptions&) = default;
};

struct ProcessLine {
  std::size_t row = 0;  // index into the processes
  int depth = 0;
  bool has_children = false;
  bool is_folded = false;
  bool is_match = true;  // false: shown only because something below it matches
};

// Processes of one moment with an index by key.
struct ProcessTable {
  std::vector<ProcessRow> rows;
  std::unordered_map<ProcessKey, std::size_t> by_key;  // unordered: never iterated

  static ProcessTable of(std::vector<ProcessRow> rows);
  // Null when there is no such process.
  const ProcessRow* find(ProcessKey key) const;
  std::string name_of(ProcessKey key) const;  // empty when unknown
};

struct ProcessList {
  std::vector<ProcessLine> lines;
  std::size_t matches = 0;
  std::uint64_t mailbox_max = 0;
};

ProcessList list_processes(const ProcessTable& table, const std::vector<NodeRow>& nodes,
                           const ProcessListOptions& options);

// `fresh` of the table `now` in the order in which `shown` of the table `before` stands: rows keep
// their places, those that would go stay, and those that are new come to the end.
ProcessList hold_rows(const ProcessList& shown, const ProcessTable& before, ProcessList fresh,
                      const ProcessTable& now);

}  // namespace glasshouse::gui
