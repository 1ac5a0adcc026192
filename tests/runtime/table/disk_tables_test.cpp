#include "runtime/table/disk_tables.h"

#include <algorithm>

#include "runtime/io/file.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

struct Coin {
  std::string owner;
  std::int64_t amount = 0;
};

namespace {

using namespace runtime::literals;
using Pair = std::pair<Term, Term>;

const DiskTablesOptions options{.path = "data/bank"};

Task<void> start_bank(Self self, DiskTablesOptions with) {
  auto starting = start_link_as<DiskTables>(self, "bank"_atom, with);
  const auto started = co_await starting;
  REQUIRE(static_cast<bool>(started));
}

std::string text_of(const Result<void>& result) {
  return result ? "ok" : result.error().code;
}

using Body = Task<void> (*)(Self, Notes*);
Behaviour run_with_bank(Self self, DiskTablesOptions with, Body body, Notes* notes) {
  auto starting = start_bank(self, with);
  co_await starting;
  auto running = body(self, notes);
  co_await running;
}
Notes notes_of(Body body, const DiskTablesOptions& with = options) {
  Notes notes;
  OneNode node;
  node.spawn<&run_with_bank>(with, body, &notes);
  node.run();
  return notes;
}

Task<void> moves_money(Self self, Notes* notes) {
  auto filling = transaction(self, "bank"_atom, [](DiskTransaction& t) {
    auto coins = t.table<Coin>("coins"_atom);
    coins.insert({"ann", 10});
    coins.insert({"bob", 0});
  });
  notes->push_back(text_of(co_await filling));
  for (int round = 0; round < 3; ++round) {
    auto paying = transaction(self, "bank"_atom, [](DiskTransaction& t) {
      auto coins = t.table<Coin>("coins"_atom);
      Coin ann = coins.read("ann");
      Coin bob = coins.read("bob");
      bob.amount += 5;
      coins.insert(bob);
      ann.amount -= 5;
      if (ann.amount < 0) t.abort("too_poor"_atom);
      coins.insert(ann);
      return bob.amount;
    });
    const Result<std::int64_t> paid = co_await paying;
    notes->push_back(paid ? std::to_string(*paid) : paid.error().what);
  }
  auto looking = transaction(
      self, "bank"_atom, [](DiskTransaction& t) { return t.table<Coin>("coins"_atom).select(); });
  const Result<std::vector<Coin>> coins = co_await looking;
  notes->push_back(text(to_term(*coins)));
}

TEST_CASE("a transaction happens as a whole or not at all", "[disk_tables]") {
  REQUIRE(notes_of(&moves_money) == Notes{"ok", "5", "10", "the transaction was aborted: too_poor",
                                          "[{coin,<<\"ann\">>,0},{coin,<<\"bob\">>,10}]"});
}

Task<void> looks_at_ranges(Self self, Notes* notes) {
  auto filling = transaction(self, "bank"_atom, [](DiskTransaction& t) {
    auto rows = t.table<Pair>("numbers"_atom);
    for (int i = 20; i > 0; --i)
      rows.insert({i - 10, i});
    rows.insert({"atom"_atom, 0});
    rows.insert({tuple(1, binary("x")), list(1.5, map("k"_atom, nil()))});
    t.table<Pair>("others"_atom).insert({5, 5});
    return rows.insert_new({5, 0}) || !rows.erase(5) || rows.erase(5) || rows.member(5);
  });
  const Result<bool> is_wrong = co_await filling;
  notes->push_back(*is_wrong ? "wrong" : "right");
  auto looking = transaction(self, "bank"_atom, [](DiskTransaction& t) {
    const auto rows = t.table<Pair>("numbers"_atom);
    return std::vector<std::vector<Pair>>{
        rows.select({.from = Term(-2), .below = Term(2)}),
        rows.select({.from = Term(8)}),
        rows.select({}, 2),
        rows.select({.from = Term(0), .below = Term(10)},
                    [](const Pair& row) { return *row.second.as_integer() % 5 == 0; }),
        t.table<Pair>("nobody_wrote"_atom).select(),
    };
  });
  const auto found = co_await looking;
  for (const auto& rows : *found)
    notes->push_back(text(to_term(rows)));
}

TEST_CASE("rows are selected in the order of their keys", "[disk_tables]") {
  REQUIRE(notes_of(&looks_at_ranges) ==
          Notes{"right", "[{-2,8},{-1,9},{0,10},{1,11}]",
                "[{8,18},{9,19},{10,20},{atom,0},{{1,<<\"x\">>},[1.5,#{k => []}]}]",
                "[{-9,1},{-8,2}]", "[{0,10}]", "[]"});
}

Task<void> tries_what_cannot_be(Self self, Notes* notes) {
  const Pair bad_rows[] = {{1.5, 1}, {1, self.pid()}, {1, self.make_ref()}};
  for (const Pair& row : bad_rows) {
    auto trying = transaction(self, "bank"_atom, [row](DiskTransaction& t) {
      t.table<Pair>("t"_atom).insert({7, 7});
      t.table<Pair>("t"_atom).insert(row);
    });
    const Result<void> tried = co_await trying;
    notes->push_back(tried ? "ok" : tried.error().what.substr(0, 48));
  }
  auto reading = transaction(self, "bank"_atom,
                             [](DiskTransaction& t) { t.table<Coin>("t"_atom).read("ann"); });
  notes->push_back((co_await reading).error().what);
  auto throwing =
      transaction(self, "bank"_atom, [](DiskTransaction&) { throw std::runtime_error("oh"); });
  notes->push_back((co_await throwing).error().what);
  auto looking = transaction(self, "bank"_atom,
                             [](DiskTransaction& t) { return t.table<Pair>("t"_atom).select(); });
  const auto left = co_await looking;
  notes->push_back(std::to_string(left->size()));
  auto calling = transaction(self, "nobody"_atom, [](DiskTransaction&) {});
  notes->push_back((co_await calling).error().code);
}

TEST_CASE("what cannot be stored aborts, and the tables live on", "[disk_tables]") {
  REQUIRE(notes_of(&tries_what_cannot_be) ==
          Notes{"the transaction was aborted: {badarg,<<\"no key o",
                "the transaction was aborted: {badarg,<<\"no row o",
                "the transaction was aborted: {badarg,<<\"no row o",
                "the transaction was aborted: {not_found,<<\"ann\">>}",
                "the transaction was aborted: {runtime_error,<<\"oh\">>}", "0", "unknown"});
}

Task<void> fills_up(Self self, Notes* notes) {
  std::string outcomes;
  for (int i = 0; i < 40; ++i) {
    auto adding = transaction(self, "bank"_atom, [i](DiskTransaction& t) {
      t.table<Pair>("t"_atom).insert({i, binary(std::string(3'000, 'x'))});
    });
    const std::string outcome = text_of(co_await adding);
    if (!outcomes.ends_with(outcome)) outcomes += outcome;
  }
  notes->push_back(outcomes);
  auto erasing = transaction(self, "bank"_atom, [](DiskTransaction& t) {
    auto rows = t.table<Pair>("t"_atom);
    const auto all = rows.select();
    for (const auto& [key, value] : all)
      rows.erase(key);
    return all.size() > 10 && all.size() < 40;
  });
  const auto erased = co_await erasing;
  notes->push_back(erased && *erased ? "erased" : "not erased");
}

TEST_CASE("tables that are full refuse, keep what they have, and can be emptied", "[disk_tables]") {
  const DiskTablesOptions small{.path = "bank", .bytes_max = 25 * disk_page_bytes};
  REQUIRE(notes_of(&fills_up, small) == Notes{"okfull", "erased"});
}

Behaviour inserts(Self self, int key, std::size_t bytes, Notes* notes) {
  auto adding = transaction(self, "bank"_atom, [key, bytes](DiskTransaction& t) {
    t.table<Pair>("t"_atom).insert({key, binary(std::string(bytes, 'x'))});
  });
  notes->push_back(std::to_string(key) + " " + text_of(co_await adding));
}

Task<std::size_t> count_rows(Self self) {
  auto looking = transaction(self, "bank"_atom, [](DiskTransaction& t) {
    return t.table<Pair>("t"_atom).select().size();
  });
  const auto found = co_await looking;
  co_return found ? *found : 0;
}

// All but the first are done together, as the disk is busy with that.
Task<void> one_asks_for_too_much(Self self, Notes* notes) {
  for (int key = 0; key < 5; ++key)
    self.spawn<&inserts>(key, key == 3 ? 200'000u : 10u, notes);
  co_await self.sleep(1_s);
  std::sort(notes->begin(), notes->end());
}

Task<void> fills_up_and_lives_again(Self self, Notes* notes) {
  Notes said;
  for (int key = 0; key < 40; ++key) {
    static_cast<void>(self.spawn_monitor<&inserts>(key, 3'000u, &said));
    static_cast<void>(co_await self.receive<Down>());
  }
  const auto taken = std::count_if(said.begin(), said.end(),
                                   [](const auto& each) { return each.ends_with("ok"); });
  notes->push_back(taken > 10 && taken < 40 ? "some" : "all or none");
  auto stopping = stop(self, "bank"_atom);
  co_await stopping;
  auto starting = start_bank(self, {.path = "bank", .bytes_max = 25 * disk_page_bytes});
  co_await starting;
  auto counting = count_rows(self);
  const std::size_t kept = co_await counting;
  notes->push_back(kept == static_cast<std::size_t>(taken) ? "kept" : std::to_string(kept));
}

TEST_CASE("who asks for more than there is room for fails alone", "[disk_tables]") {
  const DiskTablesOptions small{.path = "bank", .bytes_max = 25 * disk_page_bytes};
  REQUIRE(notes_of(&one_asks_for_too_much, small) ==
          Notes{"0 ok", "1 ok", "2 ok", "3 full", "4 ok"});
}

TEST_CASE("what was taken before the tables were full is there in the next life", "[disk_tables]") {
  const DiskTablesOptions small{.path = "bank", .bytes_max = 25 * disk_page_bytes};
  REQUIRE(notes_of(&fills_up_and_lives_again, small) == Notes{"some", "kept"});
}

// Changes one row of many, often; and says how many generations that made.
Task<void> changes_rows(Self self, Notes* notes) {
  auto filling = transaction(self, "bank"_atom, [](DiskTransaction& t) {
    for (int key = 0; key < 100; ++key)
      t.table<Pair>("t"_atom).insert({key, binary(std::string(2'000, 'x'))});
  });
  static_cast<void>(co_await filling);
  for (int round = 0; round < 200; ++round) {
    auto changing = transaction(self, "bank"_atom, [round](DiskTransaction& t) {
      t.table<Pair>("t"_atom).insert({round % 100, binary(std::string(2'000, 'y'))});
    });
    static_cast<void>(co_await changing);
  }
  auto listing = list_folder(self, "");
  const auto names = co_await listing;
  const std::string last = names->back();  // bank.<generation, 16 digits>.wal
  notes->push_back(std::stoi(last.substr(5, 16), nullptr, 16) > 8 ? "many" : last);
}

TEST_CASE("a log that has grown to a quarter of the bound begins a new generation",
          "[disk_tables]") {
  const DiskTablesOptions small{
      .path = "bank", .bytes_max = 100 * disk_page_bytes, .log_bytes_least = 1};
  REQUIRE(notes_of(&changes_rows, small) == Notes{"many"});
}

// -- a database of its own ------------------------------------------------------------------------

TEST_CASE("a log that is cut has forgotten what came later", "[disk_tables]") {
  DiskDatabase database(DiskDatabase::recover({}, {}).value(), 1);
  std::vector<std::size_t> lengths{log_header_bytes};
  for (int i = 1; i <= 5; ++i) {
    database.begin();
    database.put("t", "k", std::to_string(i));
    database.commit();
    lengths.push_back(database.log().size());
  }
  for (std::size_t i = 5; i > 0; --i) {
    REQUIRE(database.find("t", "k") == std::to_string(i));
    database.cut_log(lengths[i - 1]);
  }
  REQUIRE(database.find("t", "k") == std::nullopt);
}

TEST_CASE("any part of a log is recovered to the commits that are whole", "[disk_tables]") {
  const std::string empty = DiskDatabase::recover({}, {}).value();
  DiskDatabase database(empty, 1);
  std::vector<std::size_t> lengths;
  for (int i = 1; i <= 4; ++i) {
    database.begin();
    database.put("t", "k", std::to_string(i));
    database.put("u", "k", std::to_string(i));
    database.commit();
    lengths.push_back(database.log().size());
  }
  const std::string log = database.log();
  for (std::size_t cut = 0; cut <= log.size(); cut += 97) {
    DiskDatabase found(DiskDatabase::recover(empty, log.substr(0, cut)).value(), 2);
    const auto whole = std::upper_bound(lengths.begin(), lengths.end(), cut) - lengths.begin();
    const auto expected =
        whole == 0 ? std::nullopt : std::optional<std::string>(std::to_string(whole));
    REQUIRE(found.find("t", "k") == expected);
    REQUIRE(found.find("u", "k") == expected);
  }
}

TEST_CASE("two databases with equal transactions and salts are equal to the byte",
          "[disk_tables]") {
  const auto bytes = [] {
    DiskDatabase database(DiskDatabase::recover({}, {}).value(), 42);
    for (int i = 1; i <= 4; ++i) {
      database.begin();
      database.put("t", std::to_string(i), "row");
      database.commit();
    }
    return database.database() + database.log();
  };
  REQUIRE(bytes() == bytes());
}

TEST_CASE("a damaged database is an error that says so", "[disk_tables]") {
  std::string database = DiskDatabase::recover({}, {}).value();
  for (std::size_t i = disk_page_bytes; i < database.size(); ++i)
    database[i] = 'x';
  const auto recovered = DiskDatabase::recover(database, {});
  REQUIRE(!recovered.ok());
  const auto no_database = DiskDatabase::recover(std::string(10'000, 'x'), {});
  REQUIRE(!no_database.ok());
  REQUIRE(no_database.error().what.find("not a database") != std::string::npos);
}

}  // namespace
}  // namespace glasshouse::tests
