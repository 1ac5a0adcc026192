#include "gui/model/process_list.h"

#include <algorithm>
#include <numeric>

#include "gui/model/process_filter.h"

namespace glasshouse::gui {
namespace {

// Three-way by the column, then by key, so that equal rows never change places.
bool comes_before(const ProcessRow& a, const ProcessRow& b, const ProcessOrder& order) {
  auto compare = [&]() -> int {
    auto number = [](auto x, auto y) { return x < y ? -1 : x > y ? 1 : 0; };
    switch (order.column) {
      case ProcessColumn::name:
        return a.name.compare(b.name);
      case ProcessColumn::pid:
        return number(a.key, b.key);
      case ProcessColumn::state:
        return number(static_cast<int>(a.activity), static_cast<int>(b.activity));
      case ProcessColumn::mailbox:
        return number(a.mailbox, b.mailbox);
      case ProcessColumn::reductions:
        return number(a.reductions, b.reductions);
      case ProcessColumn::memory:
        return number(a.memory, b.memory);
      case ProcessColumn::restarts:
        return number(a.restarts, b.restarts);
      case ProcessColumn::behaviour:
        return a.behaviour.compare(b.behaviour);
      case ProcessColumn::waiting_for:
        return number(a.waiting_for, b.waiting_for);
    }
    return 0;
  };
  int result = compare();
  if (result == 0) return a.key < b.key;
  return order.is_descending ? result > 0 : result < 0;
}

bool is_gone(const ProcessRow& row) {
  return row.activity == Activity::exited || row.activity == Activity::crashed;
}

class Lister {
 public:
  Lister(const ProcessTable& table, const std::vector<NodeRow>& nodes,
         const ProcessListOptions& options)
      : table_(table), options_(options), filter_(ProcessFilter::parse(options.filter)) {
    for (const NodeRow& node : nodes)
      node_names_[node.index] = node.name;
  }

  ProcessList run() {
    find_matches();
    if (options_.is_tree) {
      build_tree();
    } else {
      build_flat();
    }
    return std::move(list_);
  }

 private:
  void find_matches() {
    matches_.resize(table_.rows.size());
    for (std::size_t i = 0; i < table_.rows.size(); ++i) {
      const ProcessRow& row = table_.rows[i];
      if (is_gone(row) && !options_.shows_exited) continue;
      list_.mailbox_max = std::max(list_.mailbox_max, row.mailbox);
      std::string waiting_for = table_.name_of(row.waiting_for);
      auto node = node_names_.find(row.node);
      std::string_view node_name = node == node_names_.end() ? std::string_view() : node->second;
      matches_[i] = filter_.accepts(row, {.node = node_name, .waiting_for = waiting_for});
      if (matches_[i]) ++list_.matches;
    }
  }

  void sort(std::vector<std::size_t>& rows) const {
    std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
      return comes_before(table_.rows[a], table_.rows[b], options_.order);
    });
  }

  void build_flat() {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < matches_.size(); ++i) {
      if (matches_[i]) rows.push_back(i);
    }
    sort(rows);
    for (std::size_t row : rows)
      list_.lines.push_back({.row = row});
  }

  // A row is shown when it matches or something below it does. A parent that is gone and not shown
  // hands its children to the nearest ancestor that is.
  void build_tree() {
    std::vector<bool> shown = matches_;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      if (matches_[i]) show_ancestors(i, shown);
    }
    std::vector<std::size_t> roots;
    children_.assign(table_.rows.size(), {});
    for (std::size_t i = 0; i < shown.size(); ++i) {
      if (!shown[i]) continue;
      std::size_t parent = shown_parent(i, shown);
      (parent == none ? roots : children_[parent]).push_back(i);
    }
    sort(roots);
    for (auto& siblings : children_)
      sort(siblings);
    for (std::size_t root : roots)
      add_line(root, 0);
  }

  void show_ancestors(std::size_t row, std::vector<bool>& shown) const {
    std::size_t parent = parent_of(row);
    for (std::size_t steps = 0; parent != none && steps < table_.rows.size(); ++steps) {
      if (!is_gone(table_.rows[parent]) || options_.shows_exited) shown[parent] = true;
      parent = parent_of(parent);
    }
  }

  std::size_t shown_parent(std::size_t row, const std::vector<bool>& shown) const {
    std::size_t parent = parent_of(row);
    for (std::size_t steps = 0; parent != none && !shown[parent]; ++steps) {
      if (steps > table_.rows.size()) return none;
      parent = parent_of(parent);
    }
    return parent;
  }

  std::size_t parent_of(std::size_t row) const {
    auto found = table_.by_key.find(table_.rows[row].parent);
    if (found == table_.by_key.end() || found->second == row) return none;
    return found->second;
  }

  void add_line(std::size_t row, int depth) {
    bool folded = options_.folded.contains(table_.rows[row].key) && filter_.is_empty();
    list_.lines.push_back({.row = row,
                           .depth = depth,
                           .has_children = !children_[row].empty(),
                           .is_folded = folded,
                           .is_match = matches_[row]});
    if (folded || depth > depth_max) return;
    for (std::size_t child : children_[row])
      add_line(child, depth + 1);
  }

  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  static constexpr int depth_max = 200;  // deeper is a damaged trace, not a tree

  const ProcessTable& table_;
  const ProcessListOptions& options_;
  ProcessFilter filter_;
  std::unordered_map<std::uint16_t, std::string> node_names_;  // unordered: never iterated
  std::vector<bool> matches_;
  std::vector<std::vector<std::size_t>> children_;
  ProcessList list_;
};

}  // namespace

ProcessTable ProcessTable::of(std::vector<ProcessRow> rows) {
  ProcessTable table;
  table.rows = std::move(rows);
  for (std::size_t i = 0; i < table.rows.size(); ++i)
    table.by_key[table.rows[i].key] = i;
  return table;
}

const ProcessRow* ProcessTable::find(ProcessKey key) const {
  auto found = by_key.find(key);
  return found == by_key.end() ? nullptr : &rows[found->second];
}

std::string ProcessTable::name_of(ProcessKey key) const {
  const ProcessRow* row = find(key);
  return row == nullptr ? std::string() : row->name;
}

ProcessList list_processes(const ProcessTable& table, const std::vector<NodeRow>& nodes,
                           const ProcessListOptions& options) {
  return Lister(table, nodes, options).run();
}

ProcessList hold_rows(const ProcessList& shown, const ProcessTable& before, ProcessList fresh,
                      const ProcessTable& now) {
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::vector<std::size_t> line_of(now.rows.size(), none);  // of each row in `fresh`
  for (std::size_t i = 0; i < fresh.lines.size(); ++i)
    line_of[fresh.lines[i].row] = i;
  std::vector<ProcessLine> lines;
  for (const ProcessLine& line : shown.lines) {
    auto found = now.by_key.find(before.rows[line.row].key);
    if (found == now.by_key.end()) continue;  // the recording no longer knows it
    std::size_t& place = line_of[found->second];
    lines.push_back(place == none ? line : fresh.lines[place]);
    lines.back().row = found->second;
    place = none;
  }
  for (const ProcessLine& line : fresh.lines) {
    if (line_of[line.row] != none) lines.push_back(line);
  }
  fresh.lines = std::move(lines);
  return fresh;
}

}  // namespace glasshouse::gui
