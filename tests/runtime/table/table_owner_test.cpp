// Who owns a table, who may use it, and what becomes of it.

#include "runtime/table/table.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {
namespace {

using namespace runtime::literals;
using Pair = std::pair<Term, Term>;
using PairTable = Table<Pair>;

struct Stop {};

std::string size_of(Self self, Atom name) {
  const auto table = self.node().tables().find(name);
  return table ? std::to_string(table->size()) : "none";
}

Behaviour short_owner(Self self, TableOptions options) {
  PairTable::make(self, std::move(options)).insert({1, 1});
  co_return;
}

Behaviour hears_of_the_end(Self self, Notes* notes) {
  self.spawn_monitor<&short_owner>(TableOptions{.name = "t"_atom});
  auto next = self.receive<Down>();
  co_await next;
  notes->push_back(size_of(self, "t"_atom));
}

TEST_CASE("a table is gone before anybody hears that its owner is", "[table]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Notes notes;
    OneNode node(seed);
    node.spawn<&hears_of_the_end>(&notes);
    node.run();
    REQUIRE(notes == Notes{"none"});
  }
}

Behaviour heir(Self self, Notes* notes) {
  const TableHeir to_me{.pid = self.pid(), .data = "data"_atom};
  const auto child =
      self.spawn_monitor<&short_owner>(TableOptions{.name = "t"_atom, .heir = to_me});
  auto next = self.receive<Down>();
  co_await next;
  auto coming = self.receive<TableTransfer>(Duration::zero());
  const auto transfer = co_await coming;  // it is there before the Down
  if (!transfer) co_return;
  auto table = PairTable::open(self, transfer->table);
  table.insert({2, 2});
  notes->push_back(text(to_term(*transfer)).substr(0, 15));
  notes->push_back(text(transfer->data));
  notes->push_back(transfer->from == child.pid ? "from the owner" : "from somebody");
  notes->push_back(table.info().owner == self.pid() ? "mine" : "not mine");
  notes->push_back(size_of(self, "t"_atom));
}

TEST_CASE("an heir gets the table, its rows and the message that says so", "[table]") {
  Notes notes;
  OneNode node;
  node.spawn<&heir>(&notes);
  node.run();
  REQUIRE(notes == Notes{"{'ETS-TRANSFER'", "data", "from the owner", "mine", "2"});
  REQUIRE(node.node().tables().list().empty());
}

Behaviour short_heir(Self) {
  co_return;
}
Behaviour dead_heir(Self self, Notes* notes) {
  const auto child = self.spawn_monitor<&short_heir>();
  auto next = self.receive<Down>();
  co_await next;
  const TableHeir to_the_dead{.pid = child.pid, .data = {}};
  self.spawn_monitor<&short_owner>(TableOptions{.name = "t"_atom, .heir = to_the_dead});
  auto end = self.receive<Down>();
  co_await end;
  notes->push_back(size_of(self, "t"_atom));
}

TEST_CASE("an heir that is gone inherits nothing", "[table]") {
  Notes notes;
  OneNode node;
  node.spawn<&dead_heir>(&notes);
  node.run();
  REQUIRE(notes == Notes{"none"});
}

Behaviour receiver(Self self, Notes* notes) {
  auto coming = self.receive<TableTransfer>();
  const TableTransfer transfer = co_await coming;
  auto table = PairTable::open(self, transfer.table);
  notes->push_back(text(transfer.data) + " " + std::to_string(table.info().size));
  auto stop = self.receive<Stop>();
  co_await stop;
}
Behaviour loses_its_right(Self self, Notes* notes, Pid other) {
  auto table = PairTable::make(self, {.access = TableAccess::private_});
  table.insert({1, 1});
  table.give_away(other, "gift"_atom);
  notes->push_back("given");
  table.insert({2, 2});
  notes->push_back("never reached");
  co_return;
}
Behaviour gives_away(Self self, Notes* notes) {
  const auto other = self.spawn_monitor<&receiver>(notes);
  self.spawn_monitor<&loses_its_right>(notes, other.pid);
  auto next = self.receive<Down>();
  Down down = co_await next;
  notes->push_back(text(down.reason));
  notes->push_back(std::to_string(self.node().tables().list().size()));
  self.send<Stop>(other.pid);
  auto end = self.receive<Down>();
  co_await end;
  notes->push_back(std::to_string(self.node().tables().list().size()));
}

TEST_CASE("a table that was given away outlives its maker and ends with its owner", "[table]") {
  Notes notes;
  OneNode node;
  node.spawn<&gives_away>(&notes);
  node.run();
  std::sort(notes.begin(), notes.end());
  REQUIRE(notes == Notes{"0", "1", "gift 1", "given",
                         "{badarg,<<\"only the owner of the table may do this\">>}"});
}

Behaviour gives_to_the_dead(Self self, Notes* notes) {
  const auto child = self.spawn_monitor<&short_heir>();
  auto next = self.receive<Down>();
  co_await next;
  auto table = PairTable::make(self, {});
  try {
    table.give_away(child.pid, "gift"_atom);
  } catch (const ExitException& refused) {
    notes->push_back(text(refused.reason()));
  }
  notes->push_back(table.info().owner == self.pid() ? "mine" : "not mine");
  table.give_away(self.pid(), "gift"_atom);
  notes->push_back("never reached");
}

TEST_CASE("a table is not given to the dead", "[table]") {
  Notes notes;
  OneNode node;
  node.spawn<&gives_to_the_dead>(&notes);
  node.run();
  REQUIRE(notes ==
          Notes{"{badarg,<<\"the table cannot be given to a process that is gone\">>}", "mine"});
}

Behaviour stranger(Self self, Atom name, bool writes) {
  auto table = PairTable::open(self, name);
  if (writes) table.insert({2, 2});
  if (!table.member(1)) self.exit(Term("row_is_missing"_atom));
  co_return;
}
Behaviour owner_of_three(Self self, Notes* notes) {
  for (const TableAccess access :
       {TableAccess::public_, TableAccess::protected_, TableAccess::private_}) {
    auto table = PairTable::make(self, {.name = "t"_atom, .access = access});
    table.insert({1, 1});
    for (const bool writes : {false, true}) {
      self.spawn_monitor<&stranger>("t"_atom, writes);
      auto next = self.receive<Down>();
      const Down down = co_await next;
      notes->push_back(down.reason.is_atom() ? text(down.reason) : text(down.reason.element(0)));
    }
    table.delete_table();
  }
}

TEST_CASE("strangers write to public tables and read all but private ones", "[table]") {
  Notes notes;
  OneNode node;
  node.spawn<&owner_of_three>(&notes);
  node.run();
  REQUIRE(notes == Notes{"normal", "normal", "normal", "badarg", "badarg", "badarg"});
}

TEST_CASE("tables end with their node", "[table]") {
  OneNode node;
  node.spawn<&short_owner>(TableOptions{.name = "t"_atom});
  REQUIRE(node.node().tables().list().empty());
  node.run();
  REQUIRE(node.node().tables().list().empty());
}

}  // namespace
}  // namespace glasshouse::tests
