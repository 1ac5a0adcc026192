// table, persistent_term, disk_transactions.

#include <filesystem>
#include <string>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/hash.h"
#include "runtime/table/disk_tables.h"
#include "runtime/table/persistent_term.h"
#include "runtime/table/table.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"

namespace glasshouse::bench {

using namespace runtime::literals;
using runtime::Atom;
using Pair = std::pair<std::int64_t, std::int64_t>;
using Pairs = runtime::Table<Pair>;

struct Counter {
  std::int64_t key = 0;
  std::int64_t value = 0;
};
using Counters = runtime::Table<Counter>;

namespace {

std::int64_t key_of(std::uint64_t draw, std::uint64_t keys) {
  return static_cast<std::int64_t>(runtime::mix(draw) % keys);
}

// `operation`: lookup, insert, counter (each on a random key), or persistent.
Behaviour table_user(Self self, Pid main, std::string operation, std::uint64_t count,
                     std::uint64_t keys, std::uint64_t index) {
  auto go = self.receive<Go>();
  co_await go;
  auto pairs = Pairs::open(self, "pairs"_atom);
  auto counters = Counters::open(self, "counters"_atom);
  std::uint64_t draw = index << 40;
  std::int64_t sum = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::int64_t key = key_of(++draw, keys);
    if (operation == "lookup") sum += pairs.find(key)->second;
    if (operation == "insert") pairs.insert(Pair{key, static_cast<std::int64_t>(i)});
    if (operation == "counter") sum += counters.update_counter(key, &Counter::value, 1);
    if (operation == "persistent") sum += runtime::persistent<Pair>(self, "pair"_atom).second;
    if (i % 1'000 != 0) continue;
    auto turn = self.yield();
    co_await turn;
  }
  CHECK(sum >= 0);
  self.send<Done>(main);
}

Behaviour table(Self self, Arguments arguments) {
  const std::string operation = arguments.text(0, "lookup");
  const std::string type = arguments.text(1, "set");
  const std::uint64_t processes = arguments.number(2);
  const std::uint64_t count = arguments.number(3);
  const std::uint64_t keys = arguments.number(4);
  runtime::TableOptions options{.name = "pairs"_atom, .access = runtime::TableAccess::public_};
  if (type == "ordered_set") options.type = runtime::TableType::ordered_set;
  auto pairs = Pairs::make(self, options);
  options.name = "counters"_atom;
  auto counters = Counters::make(self, options);
  for (std::uint64_t key = 0; key < keys; ++key) {
    pairs.insert(Pair{static_cast<std::int64_t>(key), 1});
    counters.insert(Counter{static_cast<std::int64_t>(key), 0});
  }
  runtime::put_persistent(self, "pair"_atom, Pair{1, 1});
  std::vector<Pid> users;
  for (std::uint64_t i = 0; i < processes; ++i)
    users.push_back(self.spawn<table_user>(self.pid(), operation, count, keys, i));
  const Time begin = now();
  for (const Pid user : users)
    self.send<Go>(user);
  auto waiting = wait_for<Done>(self, processes);
  co_await waiting;
  print({.bench = "table",
         .params = Fields().add("operation", operation).add("type", type).add("n", processes),
         .took = now() - begin,
         .operations = processes * count});
}

Behaviour transactor(Self self, Pid main, std::uint64_t count, std::uint64_t index) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto body = [index, i](runtime::DiskTransaction& t) {
      auto pairs = t.table<Pair>("pairs"_atom);
      const auto key = static_cast<std::int64_t>(index * 1'000 + i % 1'000);
      const auto old = pairs.lookup(key);
      pairs.insert(Pair{key, old ? old->second + 1 : 1});
    };
    auto doing = runtime::transaction(self, "disk"_atom, body);
    const auto done = co_await doing;
    CHECK(done.ok());
  }
  self.send<Done>(main);
}

Behaviour disk_transactions(Self self, Arguments arguments) {
  const std::uint64_t clients = arguments.number(0);
  const std::uint64_t count = arguments.number(1);
  const std::string path = "glasshouse-bench-tables/disk";
  const auto folder = std::filesystem::temp_directory_path() / "glasshouse-bench-tables";
  std::filesystem::remove_all(folder);
  const runtime::DiskTablesOptions options{.path = path};
  auto starting = runtime::start_link_as<runtime::DiskTables>(self, "disk"_atom, options);
  const auto started = co_await starting;
  CHECK(static_cast<bool>(started));
  const Time begin = now();
  for (std::uint64_t i = 0; i < clients; ++i)
    self.spawn<transactor>(self.pid(), count, i);
  auto waiting = wait_for<Done>(self, clients);
  co_await waiting;
  print({.bench = "disk_transactions",
         .params = Fields().add("clients", clients),
         .took = now() - begin,
         .operations = clients * count});
  std::filesystem::remove_all(folder);
}

}  // namespace

std::vector<Row> rows_of_tables() {
  return {
      {"table", "lookup|insert|counter|persistent set|ordered_set PROCESSES COUNT KEYS",
       &spawn_row<table>},
      {"disk_transactions", "CLIENTS COUNT", &spawn_row<disk_transactions>},
  };
}

}  // namespace glasshouse::bench
