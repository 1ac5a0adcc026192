// The snippets of docs/manual/tables.md, run.

#include "runtime/table/disk_tables.h"
#include "runtime/table/persistent_term.h"
#include "runtime/table/table.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests::manual {

// region rows
struct Player {
  std::string name;  // the first field is the key
  std::int64_t score = 0;
  std::string team = {};
};
// endregion

struct Limits {
  std::int64_t players_max = 0;
};

namespace {

using namespace runtime::literals;

// region reader
Behaviour reader(Self self, Notes* notes) {
  auto players = Table<Player>::open(self, "players"_atom);
  if (const auto eve = players.find("eve")) notes->push_back("eve has " + text(Term(eve->score)));
  co_return;
}
// endregion

// region owner
Behaviour owner(Self self, Notes* notes) {
  auto players = Table<Player>::make(
      self,
      {.name = "players"_atom, .type = TableType::ordered_set, .access = TableAccess::public_});
  players.insert({{"ann", 3, "red"}, {"bob", 8, "blue"}, {"eve", 9, "red"}});
  const bool is_new = players.insert_new({"ann", 0, "blue"});         // false
  const auto now = players.update_counter("ann", &Player::score, 4);  // 7
  notes->push_back(is_new ? "inserted" : "updated to " + std::to_string(now));

  self.spawn_monitor<&reader>(notes);  // the table goes with its owner
  co_await self.receive<Down>();
}
// endregion

Behaviour asks(Self self, Notes* notes) {
  auto players =
      Table<Player>::make(self, {.name = "players"_atom, .type = TableType::ordered_set});
  players.insert({{"ann", 7, "red"}, {"bob", 8, "blue"}, {"eve", 9, "red"}});
  // region select
  const auto is_good = [](const Player& player) { return player.score > 7; };
  const auto good = players.select(is_good);                                 // two rows
  const auto names = players.select(is_good, &Player::name);                 // bob, eve
  const auto a_to_c = players.select({.from = "a", .below = "d"}, is_good);  // bob
  const auto removed =
      players.select_delete([](const Player& player) { return player.team == "blue"; });  // 1
  // endregion
  REQUIRE((good.size() == 2 && names[1] == "eve" && a_to_c.size() == 1 && removed == 1));

  // region update
  const auto changed = players.update("eve", [](Player& player) {
    player.team = "green";
    player.score *= 2;
  });
  // endregion
  REQUIRE(changed->score == 18);

  // region traversal
  for (auto name = players.first(); name; name = players.next(*name))
    players.erase(*name + "'s shadow");  // rows may come and go meanwhile

  auto pages = players.select_limited(100, is_good);
  for (auto page = pages.next(); !page.empty(); page = pages.next())
    notes->push_back(std::to_string(page.size()) + " rows");
  // endregion
  co_return;
}

// region heir
Behaviour worker(Self self, Pid heir) {
  const TableHeir to_parent{.pid = heir, .data = "players"_atom};
  auto players = Table<Player>::make(self, {.heir = to_parent});
  players.insert(Player{"ann", 1});
  throw std::runtime_error("and dies");
  co_return;
}

Behaviour guardian(Self self, Notes* notes) {
  self.spawn<&worker>(self.pid());
  auto coming = self.receive<TableTransfer>();
  const TableTransfer transfer = co_await coming;
  auto players = Table<Player>::open(self, transfer.table);  // ours now, with its rows
  notes->push_back(std::to_string(players.info().size));
}
// endregion

// region give_away
Behaviour loader(Self self, Pid next_owner) {
  auto players = Table<Player>::make(self, {.name = "loaded"_atom});
  players.insert(Player{"ann", 1});
  players.give_away(next_owner, "ready"_atom);  // from now on only next_owner may write
  co_return;                                    // and the table stays
}

Behaviour server(Self self, Notes* notes) {
  self.spawn<&loader>(self.pid());
  auto coming = self.receive<TableTransfer>();
  const TableTransfer transfer = co_await coming;  // says who gave it, and "ready"
  auto players = Table<Player>::open(self, transfer.table);
  players.insert(Player{"bob", 2});
  notes->push_back(std::to_string(players.info().size));
}
// endregion

// region persistent
Behaviour configured(Self self, Notes* notes) {
  put_persistent(self, "limits"_atom, Limits{.players_max = 100});
  const Limits& limits = persistent<Limits>(self, "limits"_atom);  // no lock, no copy
  notes->push_back(std::to_string(limits.players_max));
  co_return;
}
// endregion

// region disk_start
SupervisorSpec storage() {
  SupervisorSpec spec{.strategy = Strategy::one_for_one};
  const DiskTablesOptions options{.path = "data/game"};
  spec.children.push_back(
      {.id = "game"_atom, .start = named_child<DiskTables>("game"_atom, options)});
  return spec;
}
// endregion

// region transaction
Task<Result<std::int64_t>> give(Self self, std::string from, std::string to, std::int64_t points) {
  const auto body = [=](DiskTransaction& t) {
    auto players = t.table<Player>("players"_atom);
    Player giver = players.read(from);  // aborts if there is none
    Player taker = players.read(to);
    giver.score -= points;
    taker.score += points;
    if (giver.score < 0) t.abort("too_few_points"_atom);  // nothing has happened
    players.insert(giver);
    players.insert(taker);
    return taker.score;
  };
  auto giving = transaction(self, "game"_atom, body);
  const Result<std::int64_t> score = co_await giving;  // when it is ok, it is durable
  co_return score;
}
// endregion

Behaviour game(Self self, Notes* notes) {
  auto starting = start_supervisor(self, storage());
  co_await starting;
  auto filling = transaction(self, "game"_atom, [](DiskTransaction& t) {
    t.table<Player>("players"_atom).insert({"ann", 5});
    t.table<Player>("players"_atom).insert({"bob", 1});
  });
  static_cast<void>(co_await filling);
  for (int i = 0; i < 2; ++i) {
    auto giving = give(self, "ann", "bob", 4);
    const Result<std::int64_t> score = co_await giving;
    notes->push_back(score ? std::to_string(*score) : score.error().what);
  }
  // region disk_select
  auto looking = transaction(self, "game"_atom, [](DiskTransaction& t) {
    return t.table<Player>("players"_atom).select({.from = "a", .below = "b"});
  });
  const Result<std::vector<Player>> found = co_await looking;
  // endregion
  notes->push_back(text(to_term(*found)));
}

TEST_CASE("tables: the manual's rows, selections and traversals", "[manual]") {
  Notes notes;
  OneNode node;
  node.spawn<&owner>(&notes);
  node.run();
  node.spawn<&asks>(&notes);
  node.run();
  REQUIRE(notes == Notes{"updated to 7", "eve has 9", "1 rows"});
}

TEST_CASE("tables: the manual's heir, gift and persistent term", "[manual]") {
  Notes notes;
  OneNode node;
  node.spawn<&guardian>(&notes);
  node.run();
  node.spawn<&server>(&notes);
  node.run();
  node.spawn<&configured>(&notes);
  node.run();
  REQUIRE(notes == Notes{"1", "2", "100"});
}

TEST_CASE("tables: the manual's transactions", "[manual]") {
  Notes notes;
  OneNode node;
  node.spawn<&game>(&notes);
  node.run();
  REQUIRE(notes == Notes{"5", "the transaction was aborted: too_few_points",
                         "[{player,<<\"ann\">>,1,<<>>}]"});
}

}  // namespace
}  // namespace glasshouse::tests::manual
