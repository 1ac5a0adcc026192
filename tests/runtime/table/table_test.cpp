#include "runtime/table/table.h"

#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

// Outside the unnamed namespace: their names are told.
struct Account {
  std::string owner;
  std::int64_t balance = 0;
};
inline bool operator==(const Account& left, const Account& right) {
  return left.owner == right.owner && left.balance == right.balance;
}

namespace {

using namespace runtime::literals;
using Pair = std::pair<Term, Term>;
using Pairs = std::vector<Pair>;

// Runs `body` in a process; what it exits with, as Erlang prints it.
using Body = void (*)(Self, Notes*);
Behaviour run_body(Self self, Body body, Notes* notes) {
  body(self, notes);
  co_return;
}
Behaviour oversee(Self self, Body body, Notes* notes, std::string* end) {
  self.spawn_monitor<&run_body>(body, notes);
  auto next = self.receive<Down>();
  Down down = co_await next;
  *end = text(down.reason);
}
struct Outcome {
  Notes notes;
  std::string end;
};
Outcome outcome_of(Body body) {
  Outcome outcome;
  OneNode node;
  node.spawn<&oversee>(body, &outcome.notes, &outcome.end);
  node.run();
  return outcome;
}
void expect_notes(Body body, const Notes& expected) {
  const Outcome outcome = outcome_of(body);
  REQUIRE(outcome.end == "normal");
  REQUIRE(outcome.notes == expected);
}

std::string text_of(const Pairs& rows) {
  std::string all;
  for (const auto& [key, value] : rows)
    all += text(tuple(key, value));
  return all;
}
template <class T>
std::string text_of(const std::optional<T>& value) {
  return value ? text(to_term(*value)) : "none";
}
Table<Pair> table_of(Self self, TableType type) {
  return Table<Pair>::make(self, {.type = type});
}

TEST_CASE("a set keeps one row a key, the last", "[table]") {
  expect_notes(
      +[](Self self, Notes* notes) {
        auto table = table_of(self, TableType::set);
        table.insert({1, "a"_atom});
        table.insert({1, "b"_atom});
        table.insert({1.0, "c"_atom});
        notes->push_back(text_of(table.lookup(1)) + text_of(table.lookup(1.0)));
        notes->push_back(std::to_string(table.info().size));
      },
      {"{1,b}{1.0,c}", "2"});
}

TEST_CASE("an ordered set takes 1 and 1.0 for one key, and the row brings its own", "[table]") {
  expect_notes(
      +[](Self self, Notes* notes) {
        auto table = table_of(self, TableType::ordered_set);
        table.insert({1, "a"_atom});
        table.insert({1.0, "b"_atom});
        notes->push_back(text_of(table.lookup(1)));
      },
      {"{1.0,b}"});
}

TEST_CASE("a bag keeps unequal rows in the order of insertion, a duplicate bag all", "[table]") {
  expect_notes(
      +[](Self self, Notes* notes) {
        for (const TableType type : {TableType::bag, TableType::duplicate_bag}) {
          auto table = table_of(self, type);
          for (const int value : {3, 1, 3, 2})
            table.insert({"k"_atom, value});
          notes->push_back(text_of(table.lookup("k"_atom)));
          table.delete_object({"k"_atom, 3});
          notes->push_back(text_of(table.lookup("k"_atom)));
        }
      },
      {"{k,3}{k,1}{k,2}", "{k,1}{k,2}", "{k,3}{k,1}{k,3}{k,2}", "{k,1}{k,2}"});
}

TEST_CASE("insert_new of several is all or nothing", "[table]") {
  expect_notes(
      +[](Self self, Notes* notes) {
        auto table = table_of(self, TableType::set);
        notes->push_back(table.insert_new(Pair{1, 1}) ? "new" : "there");
        notes->push_back(table.insert_new(Pairs{{2, 2}, {1, 3}}) ? "new" : "there");
        notes->push_back(table.member(2) ? "2" : "no 2");
        notes->push_back(table.insert_new(Pairs{{2, 2}, {3, 3}}) ? "new" : "there");
        notes->push_back(text_of(table.take(2)) + text_of(table.take(2)));
      },
      {"new", "there", "no 2", "new", "{2,2}"});
}

TEST_CASE("an ordered set is walked in the order of terms, both ways", "[table]") {
  expect_notes(
      +[](Self self, Notes* notes) {
        auto table = table_of(self, TableType::ordered_set);
        table.insert(Pairs{{binary("b"), 0}, {tuple(1, 2), 0}, {"a"_atom, 0}, {7, 0}, {1.5, 0}});
        std::string forth;
        for (auto key = table.first(); key; key = table.next(*key))
          forth += text(*key) + " ";
        std::string back;
        for (auto key = table.last(); key; key = table.prev(*key))
          back += text(*key) + " ";
        notes->push_back(forth);
        notes->push_back(back);
        notes->push_back(text_of(table.next(5)) + " " + text_of(table.prev("Z"_atom)));
      },
      {"1.5 7 a {1,2} <<\"b\">> ", "<<\"b\">> {1,2} a 7 1.5 ", "7 7"});
}

TEST_CASE("the order of a set depends on its keys alone", "[table]") {
  expect_notes(
      +[](Self self, Notes* notes) {
        auto left = table_of(self, TableType::set);
        auto right = table_of(self, TableType::set);
        for (int i = 0; i < 2'000; ++i) {
          left.insert({i, 0});
          right.insert({1'999 - i, 0});
        }
        for (int i = 2'000; i < 9'000; ++i)
          right.insert({i, 0});  // other sizes of its buckets
        for (int i = 2'000; i < 9'000; ++i)
          right.erase(i);
        notes->push_back(left.tab2list() == right.tab2list() ? "equal" : "different");
        std::size_t walked = 0;
        for (auto key = left.first(); key; key = left.next(*key))
          ++walked;
        notes->push_back(std::to_string(walked));
      },
      {"equal", "2000"});
}

TEST_CASE("a traversal skips what is deleted and meets nothing twice", "[table]") {
  expect_notes(
      +[](Self self, Notes* notes) {
        for (const TableType type : {TableType::set, TableType::ordered_set, TableType::bag}) {
          auto table = table_of(self, type);
          for (int i = 0; i < 1'000; ++i)
            table.insert({i, 0});
          table.safe_fixtable(true);
          std::set<std::int64_t> met;
          std::size_t steps = 0;
          for (auto key = table.first(); key; key = table.next(*key)) {
            const std::int64_t number = *key->as_integer();
            met.insert(number);
            ++steps;
            table.erase(number);
            table.erase((number + 500) % 1'000);
            for (int more = 0; more < 3; ++more)  // makes the table grow meanwhile
              table.insert({tuple(number, more), 0}), table.erase(tuple(number, more));
          }
          notes->push_back(std::to_string(steps) + " " + std::to_string(met.size()) + " " +
                           std::to_string(table.info().fixed));
          table.safe_fixtable(false);
          notes->push_back(std::to_string(table.info().size + table.info().fixed));
        }
      },
      {"500 500 1", "0", "500 500 1", "0", "500 500 1", "0"});
}

TEST_CASE("a counter is changed in one step, within a threshold if there is one", "[table]") {
  expect_notes(
      +[](Self self, Notes* notes) {
        auto table = Table<Account>::make(self, {});
        const auto note = [&](std::int64_t value) { notes->push_back(std::to_string(value)); };
        note(table.update_counter("a", &Account::balance, 5, Account{"", 10}));
        note(table.update_counter("a", &Account::balance, -20));
        note(table.update_counter("a", &Account::balance, 100, {.value = 50, .reset = 1}));
        note(table.update_counter("a", &Account::balance, -7, {.value = 0, .reset = 9}));
        note(table.find("a")->owner == "a");
        for (const auto value : table.update_counters("a", {{3, 1, {}}, {3, 1, {}}}))
          note(value);
      },
      {"15", "-5", "1", "9", "1", "10", "11"});
}

TEST_CASE("what cannot be counted is badarg, and nothing is changed", "[table]") {
  const Outcome none = outcome_of(+[](Self self, Notes*) {
    Table<Account>::make(self, {}).update_counter("a", &Account::balance, 1);
  });
  REQUIRE(none.end == "{badarg,<<\"there is no row with this key\">>}");
  const Outcome overflow = outcome_of(+[](Self self, Notes*) {
    auto table = Table<Account>::make(self, {});
    table.insert({"a", INT64_MAX});
    table.update_counter("a", &Account::balance, 1);
  });
  REQUIRE(overflow.end == "{badarg,<<\"the counter would not fit 64 bits\">>}");
  const Outcome bag = outcome_of(+[](Self self, Notes*) {
    auto table = Table<Account>::make(self, {.type = TableType::bag});
    table.insert({"a", 1});
    table.update_counter("a", &Account::balance, 1);
  });
  REQUIRE(bag.end == "{badarg,<<\"only rows of sets can be updated\">>}");
}

TEST_CASE("elements of a row are updated without its others", "[table]") {
  expect_notes(
      +[](Self self, Notes* notes) {
        auto table = Table<Account>::make(self, {});
        notes->push_back(table.update_element("a", &Account::balance, 3) ? "yes" : "no");
        table.insert({"a", 1});
        notes->push_back(table.update_element("a", &Account::balance, 3) ? "yes" : "no");
        notes->push_back(std::to_string(table.lookup_element("a", &Account::balance)));
        const auto changed = table.update("a", [](Account& account) { account.balance *= 7; });
        notes->push_back(text_of(changed) + text_of(table.update("b", [](Account&) {})));
      },
      {"no", "yes", "3", "{account,<<\"a\">>,21}none"});
  const Outcome key = outcome_of(+[](Self self, Notes*) {
    auto table = Table<Account>::make(self, {});
    table.insert({"a", 1});
    table.update("a", [](Account& account) { account.owner = "b"; });
  });
  REQUIRE(key.end == "{badarg,<<\"the key of a row cannot be updated\">>}");
}

TEST_CASE("select takes a predicate, a range of keys and a projection", "[table]") {
  expect_notes(
      +[](Self self, Notes* notes) {
        auto table = Table<Account>::make(self, {.type = TableType::ordered_set});
        for (const auto& [owner, balance] :
             std::map<std::string, std::int64_t>{{"ann", 5}, {"bob", 50}, {"cid", 500}, {"dan", 7}})
          table.insert({owner, balance});
        const auto is_rich = [](const Account& account) { return account.balance > 6; };
        std::string names;
        for (const std::string& name : table.select(is_rich, &Account::owner))
          names += name + " ";
        notes->push_back(names);
        notes->push_back(text(to_term(table.select({.from = "b", .below = "cz"}, is_rich))));
        notes->push_back(std::to_string(table.select_count(is_rich)));
        notes->push_back(std::to_string(table.foldl(
            std::int64_t{0},
            [](std::int64_t sum, const Account& account) { return sum + account.balance; })));
        notes->push_back(std::to_string(
            table.select_replace(is_rich, [](Account& account) { account.balance = 0; })));
        notes->push_back(std::to_string(
            table.select_delete([](const Account& account) { return account.balance == 0; })));
        notes->push_back(text(to_term(table.tab2list())));
      },
      {"bob cid dan ", "[{account,<<\"bob\">>,50},{account,<<\"cid\">>,500}]", "3", "562", "3", "3",
       "[{account,<<\"ann\">>,5}]"});
}

TEST_CASE("a range of keys selects the same rows in a set", "[table]") {
  expect_notes(
      +[](Self self, Notes* notes) {
        auto table = table_of(self, TableType::set);
        for (int i = 0; i < 100; ++i)
          table.insert({i, 0});
        const auto all = [](const Pair&) { return true; };
        notes->push_back(std::to_string(table.select({.from = 10, .below = 15}, all).size()));
      },
      {"5"});
}

TEST_CASE("a limited select goes on where it was, until the end of the table", "[table]") {
  expect_notes(
      +[](Self self, Notes* notes) {
        for (const TableType type : {TableType::set, TableType::bag, TableType::ordered_set}) {
          auto table = table_of(self, type);
          for (int i = 0; i < 2'000; ++i)
            table.insert({i, i});
          for (int i = 0; i < 600 && type == TableType::bag; ++i)
            table.insert({7, 7 + 2 * i});  // one key with more rows than are taken at once
          auto odd = table.select_limited(
              300, [](const Pair& row) { return *row.second.as_integer() % 2 == 1; });
          std::string sizes;
          std::set<std::int64_t> met;
          for (auto rows = odd.next(); !rows.empty(); rows = odd.next()) {
            sizes += std::to_string(rows.size()) + " ";
            for (const auto& [key, value] : rows)
              met.insert(*key.as_integer());
          }
          notes->push_back(sizes + std::to_string(met.size()));
        }
      },
      {"300 300 300 100 1000", "300 300 300 300 300 99 1000", "300 300 300 100 1000"});
}

TEST_CASE("rows of Terms have their key where the options say", "[table]") {
  expect_notes(
      +[](Self self, Notes* notes) {
        auto table = Table<Term>::make(self, {.key_position = 2});
        table.insert(tuple("person"_atom, "eve"_atom, 30));
        notes->push_back(text(*table.find("eve"_atom)));
        table.update_counters("eve"_atom, {{.position = 3, .increment = 1}});
        table.update_elements("eve"_atom, {{1, "woman"_atom}});
        notes->push_back(text(*table.find("eve"_atom)));
      },
      {"{person,eve,30}", "{woman,eve,31}"});
  const Outcome keyless = outcome_of(
      +[](Self self, Notes*) { Table<Term>::make(self, {.key_position = 2}).insert(tuple(1)); });
  REQUIRE(keyless.end == "{badarg,<<\"a row is a tuple that has a key\">>}");
}

TEST_CASE("a table of other rows is not opened", "[table]") {
  const Outcome other = outcome_of(+[](Self self, Notes*) {
    Table<Account>::make(self, {.name = "t"_atom});
    Table<Pair>::open(self, "t"_atom);
  });
  REQUIRE(other.end == "{badarg,<<\"the table has rows of another type\">>}");
  const Outcome none = outcome_of(+[](Self self, Notes*) { Table<Pair>::open(self, "t"_atom); });
  REQUIRE(none.end == "{badarg,<<\"there is no such table\">>}");
  const Outcome twice = outcome_of(+[](Self self, Notes*) {
    Table<Account>::make(self, {.name = "t"_atom});
    Table<Account>::make(self, {.name = "t"_atom});
  });
  REQUIRE(twice.end == "{badarg,<<\"a table has this name already\">>}");
}

TEST_CASE("a name follows the table that is renamed and is free when it is deleted", "[table]") {
  const Outcome outcome = outcome_of(+[](Self self, Notes* notes) {
    auto table = Table<Account>::make(self, {.name = "old"_atom});
    table.insert({"a", 1});
    table.rename("new"_atom);
    const bool is_found = Table<Account>::whereis(self, "new"_atom) == table.id();
    notes->push_back(is_found ? "new" : "no new");
    notes->push_back(Table<Account>::whereis(self, "old"_atom) ? "old" : "no old");
    notes->push_back(text_of(Table<Account>::open(self, "new"_atom).find("a")));
    table.delete_table();
    notes->push_back(Table<Account>::whereis(self, "new"_atom) ? "new" : "no new");
    table.member("a");
  });
  REQUIRE(outcome.notes == Notes{"new", "no old", "{account,<<\"a\">>,1}", "no new"});
  REQUIRE(outcome.end == "{badarg,<<\"the table was deleted\">>}");
}

}  // namespace
}  // namespace glasshouse::tests
