#include "gui/model/process_list.h"

#include "tests/catch.h"

namespace glasshouse::gui {
namespace {

ProcessRow row(ProcessKey key, ProcessKey parent, const char* name, std::uint64_t mailbox = 0) {
  ProcessRow made;
  made.key = key;
  made.parent = parent;
  made.name = name;
  made.mailbox = mailbox;
  made.pid = "<1." + std::to_string(key) + ".0>";
  made.node = 1;
  return made;
}

ProcessTable family() {
  return ProcessTable::of({row(1, 0, "top"), row(2, 1, "store"), row(3, 2, "shard_1", 5),
                           row(4, 2, "shard_2", 500), row(5, 1, "acceptor", 5)});
}

std::string names(const ProcessTable& table, const ProcessList& list) {
  std::string text;
  for (const ProcessLine& line : list.lines) {
    text += std::string(static_cast<std::size_t>(line.depth), '.') + table.rows[line.row].name +
            (line.is_match ? " " : "? ");
  }
  return text;
}

std::string listed(const ProcessTable& table, ProcessListOptions options) {
  return names(table, list_processes(table, {{.index = 1, .name = "n1"}}, options));
}

TEST_CASE("the tree puts children below their parents", "[process_list]") {
  REQUIRE(listed(family(), {.filter = "", .order = {ProcessColumn::pid, false}}) ==
          "top .store ..shard_1 ..shard_2 .acceptor ");
}

TEST_CASE("siblings are sorted, families stay together", "[process_list]") {
  REQUIRE(listed(family(), {.filter = "", .order = {ProcessColumn::mailbox, true}}) ==
          "top .acceptor .store ..shard_2 ..shard_1 ");
}

TEST_CASE("a flat list sorts all, and equal rows by key", "[process_list]") {
  ProcessListOptions options{
      .filter = "", .order = {ProcessColumn::mailbox, true}, .is_tree = false};
  REQUIRE(listed(family(), options) == "shard_2 shard_1 acceptor top store ");
}

TEST_CASE("a match brings its ancestors, which are marked", "[process_list]") {
  ProcessListOptions options{.filter = "mq>100", .order = {ProcessColumn::pid, false}};
  REQUIRE(listed(family(), options) == "top? .store? ..shard_2 ");
}

TEST_CASE("a folded process hides what is below it, unless a filter is set", "[process_list]") {
  ProcessListOptions options{.filter = "", .order = {ProcessColumn::pid, false}, .folded = {2}};
  REQUIRE(listed(family(), options) == "top .store .acceptor ");
  options.filter = "shard";
  REQUIRE(listed(family(), options) == "top? .store? ..shard_1 ..shard_2 ");
}

TEST_CASE("children of a process that is gone hang on its nearest living ancestor",
          "[process_list]") {
  ProcessTable table = family();
  table.rows[1].activity = Activity::exited;
  ProcessListOptions options{.filter = "", .order = {ProcessColumn::pid, false}};
  REQUIRE(listed(table, options) == "top .shard_1 .shard_2 .acceptor ");
  options.shows_exited = true;
  REQUIRE(listed(table, options) == "top .store ..shard_1 ..shard_2 .acceptor ");
}

TEST_CASE("a cycle of parents does not hang the list", "[process_list]") {
  ProcessTable table = ProcessTable::of({row(1, 2, "a"), row(2, 1, "b"), row(3, 3, "self")});
  REQUIRE(listed(table, {.filter = "", .order = {ProcessColumn::pid, false}}) == "self ");
}

}  // namespace
}  // namespace glasshouse::gui
