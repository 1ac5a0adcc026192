// Transactions on disk tables without end, until it is killed: table_writer FOLDER.
//
// Prints "state CLIENT NUMBER" for what it finds of each client when it starts ("torn CLIENT" where
// two rows that are written together differ), then "done CLIENT NUMBER" for each transaction that
// was acknowledged.

#include <cstdint>
#include <cstdio>
#include <future>
#include <string>

#include "runtime/node/node.h"
#include "runtime/schedule/system.h"
#include "runtime/table/disk_tables.h"
#include "runtime/term/print.h"

namespace glasshouse {

using namespace runtime;
using namespace runtime::literals;

namespace {

using Pair = std::pair<std::int64_t, std::int64_t>;
constexpr std::int64_t clients = 4;

void say(const char* what, std::int64_t client, std::int64_t number) {
  const std::string line =
      std::string(what) + " " + std::to_string(client) + " " + std::to_string(number) + "\n";
  std::fputs(line.c_str(), stdout);
  std::fflush(stdout);
}

Pair find_both(DiskTransaction& t, std::int64_t client) {
  const auto left = t.table<Pair>("left"_atom).lookup(client);
  const auto right = t.table<Pair>("right"_atom).lookup(client);
  return {left ? left->second : 0, right ? right->second : 0};
}

Behaviour client(Self self, std::int64_t index) {
  auto looking =
      transaction(self, "tables"_atom, [index](DiskTransaction& t) { return find_both(t, index); });
  const Result<Pair> found = co_await looking;
  if (!found) self.exit(binary(found.error().what));
  say(found->first == found->second ? "state" : "torn", index, found->first);
  for (std::int64_t number = found->first + 1;; ++number) {
    const auto body = [index, number](DiskTransaction& t) {
      t.table<Pair>("left"_atom).insert({index, number});
      t.table<Pair>("right"_atom).insert({index, number});
      t.table<Pair>("history"_atom).insert({index * 1'000'000 + number % 500, number});
    };
    auto doing = transaction(self, "tables"_atom, body);
    const Result<void> done = co_await doing;
    if (!done) self.exit(binary(done.error().what));
    say("done", index, number);
  }
}

Behaviour root(Self self, std::promise<std::string>* end) {
  self.trap_exit(true);
  const DiskTablesOptions options{.path = "tables/all", .log_bytes_least = 200'000};
  auto starting = start_link_as<DiskTables>(self, "tables"_atom, options);
  const auto started = co_await starting;
  if (started) {
    for (std::int64_t i = 0; i < clients; ++i)
      self.spawn_link<&client>(i);
  }
  auto next = self.receive<Exit>();
  const Exit exit = co_await next;
  end->set_value(to_string(exit.reason));
}

}  // namespace
}  // namespace glasshouse

int main(int argc, char** argv) {
  using namespace glasshouse;
  if (argc != 2) return 2;
  runtime::NullTracer tracer;
  runtime::MulticoreWorld world({.executor = {}, .network = {}, .folder = argv[1]}, tracer);
  runtime::Node node(world.environment(), {.name = runtime::Atom("writer@localhost")});
  std::promise<std::string> end;
  node.spawn<&root>(&end);
  std::fprintf(stderr, "%s\n", end.get_future().get().c_str());
  return 1;
}
