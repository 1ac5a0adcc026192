// A disk that is full: what is refused, and that the tables give back what they could not finish.

#include "runtime/io/file.h"
#include "runtime/table/disk_tables.h"
#include "sim/disk.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {
namespace {

using namespace runtime::literals;
using Row = std::pair<std::int64_t, std::string>;

constexpr std::int64_t kilobytes = 1'000;

// A node with a disk, on which processes run one after the other.
class Machine {
 public:
  Machine() : world_(sim::WorldOptions()) {
    host_ = world_.add_host("h", {});
    node_ = world_.start_node(host_, "a@h", [](Node&) {});
  }
  template <auto Body, class... Args>
  void run(Args... args) {
    world_.node(node_)->spawn<Body>(args...);
    world_.run_for(20_s);
  }
  sim::SimStorage& disk() { return world_.disk(host_); }

 private:
  sim::World world_;
  sim::HostId host_{};
  sim::NodeId node_{};
};

DiskTablesOptions options(std::uint64_t log_bytes_least = 1'000 * kilobytes) {
  return {.path = "data/bank", .log_bytes_least = log_bytes_least};
}

Behaviour opens(Self self, DiskTablesOptions options, Notes* notes) {
  auto starting = start_with<DiskTables>(self, {.name = "bank"_atom, .link = false}, options);
  const auto started = co_await starting;
  notes->push_back(started ? "open" : text(started.error));
}

Behaviour closes(Self self) {
  auto stopping = stop(self, "bank"_atom);
  co_await stopping;
}

// Rows of a kilobyte each, which take 4.7 of the disk.
Behaviour fills(Self self, std::int64_t from, std::int64_t count, Notes* notes) {
  auto filling = transaction(self, "bank"_atom, [from, count](DiskTransaction& t) {
    for (std::int64_t i = 0; i < count; ++i)
      t.table<Row>("rows"_atom).insert({from + i, std::string(kilobytes, 'x')});
  });
  const Result<void> filled = co_await filling;
  notes->push_back(filled ? "ok" : filled.error().code);
}

Behaviour counts(Self self, Notes* notes) {
  auto counting = transaction(self, "bank"_atom, [](DiskTransaction& t) {
    return static_cast<std::int64_t>(t.table<Row>("rows"_atom).select().size());
  });
  const Result<std::int64_t> counted = co_await counting;
  notes->push_back(counted ? std::to_string(*counted) : counted.error().code);
}

Behaviour leaves_a_file(Self self, std::string path, std::int64_t bytes) {
  auto writing =
      write_file(self, std::move(path), Binary(std::string(static_cast<std::size_t>(bytes), 'x')));
  static_cast<void>(co_await writing);
}

Behaviour lists(Self self, Notes* notes) {
  auto listing = list_folder(self, "data");
  const Result<std::vector<std::string>> names = co_await listing;
  for (const std::string& name : *names)
    notes->push_back(name);
}

TEST_CASE("a generation that finds no room leaves the disk the room it had", "[disk_tables]") {
  Machine machine;
  Notes notes;
  machine.run<&opens>(options(500 * kilobytes), &notes);
  machine.run<&fills>(0, 100, &notes);
  machine.disk().set_room(200 * kilobytes);
  machine.run<&fills>(100, 25, &notes);  // now another generation is worth its cost
  machine.run<&fills>(125, 5, &notes);
  machine.run<&counts>(&notes);
  machine.run<&lists>(&notes);
  REQUIRE(notes == Notes{"open", "ok", "ok", "ok", "130", "bank.0000000000000001.db",
                         "bank.0000000000000001.wal"});
}

TEST_CASE("tables that find no room to open leave no more behind at each attempt",
          "[disk_tables]") {
  Machine machine;
  Notes notes;
  machine.run<&opens>(options(), &notes);
  machine.run<&fills>(0, 100, &notes);
  machine.run<&closes>();
  const std::uint64_t before = machine.disk().bytes();
  machine.disk().set_room(100 * kilobytes);
  machine.run<&opens>(options(), &notes);
  REQUIRE(machine.disk().bytes() == before);
  machine.disk().set_room(600 * kilobytes);
  machine.run<&opens>(options(), &notes);
  machine.run<&counts>(&notes);
  REQUIRE(notes.size() == 5);
  REQUIRE(notes[2].find("cannot recover") != std::string::npos);
  REQUIRE(notes[3] == "open");
  REQUIRE(notes[4] == "100");
}

TEST_CASE("what a former life could not finish does not keep tables from opening",
          "[disk_tables]") {
  Machine machine;
  Notes notes;
  machine.run<&opens>(options(), &notes);
  machine.run<&fills>(0, 100, &notes);
  machine.run<&closes>();
  machine.run<&leaves_a_file>(std::string("data/bank.0000000000000007.new"), 250 * kilobytes);
  machine.run<&leaves_a_file>(std::string("data/bank.0000000000000000.db"), 250 * kilobytes);
  machine.disk().set_room(100 * kilobytes);
  machine.run<&opens>(options(), &notes);
  machine.run<&counts>(&notes);
  machine.run<&lists>(&notes);
  REQUIRE(notes[2] == "open");
  REQUIRE(notes[3] == "100");
  REQUIRE(notes.size() == 6);
}

}  // namespace
}  // namespace glasshouse::tests
