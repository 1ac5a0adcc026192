// spawn_join, skynet, idle_memory.

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/behaviour/gen_server.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"

namespace glasshouse::bench {

struct Poke {
  Pid from;
};
struct Poked {};

namespace {

constexpr std::uint64_t skynet_children = 10;

std::uint64_t sum_below(std::uint64_t n) {
  return n * (n - 1) / 2;
}

Behaviour short_lived(Self self, Pid parent, std::uint64_t number) {
  self.send<Number>(parent, number);
  co_return;
}

Behaviour spawner(Self self, Pid main, std::uint64_t count, std::uint64_t batch) {
  auto go = self.receive<Go>();
  co_await go;
  std::uint64_t sum = 0;
  for (std::uint64_t first = 0; first < count; first += batch) {
    const std::uint64_t end = std::min(first + batch, count);
    for (std::uint64_t i = first; i < end; ++i)
      self.spawn<short_lived>(self.pid(), i);
    for (std::uint64_t i = first; i < end; ++i) {
      auto next = self.receive<Number>();
      const Number number = co_await next;
      sum += number.value;
    }
  }
  self.send<Number>(main, sum);
}

Behaviour spawn_join(Self self, Arguments arguments) {
  const std::uint64_t count = arguments.number(0);
  const std::uint64_t batch = arguments.number(1);
  const Pid parent = self.spawn<spawner>(self.pid(), count, batch);
  const Time begin = now();
  self.send<Go>(parent);
  auto last = self.receive<Number>();
  const Number sum = co_await last;
  CHECK(sum.value == sum_below(count));
  print({.bench = "spawn_join",
         .params = Fields().add("n", count).add("batch", batch),
         .took = now() - begin,
         .operations = count});
}

Behaviour skynet_node(Self self, Pid parent, std::uint64_t number, std::uint64_t size) {
  if (size == 1) {
    self.send<Number>(parent, number);
    co_return;
  }
  const std::uint64_t part = size / skynet_children;
  for (std::uint64_t i = 0; i < skynet_children; ++i)
    self.spawn<skynet_node>(self.pid(), number + i * part, part);
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < skynet_children; ++i) {
    auto next = self.receive<Number>();
    const Number answer = co_await next;
    sum += answer.value;
  }
  self.send<Number>(parent, sum);
}

Behaviour skynet(Self self, Arguments arguments) {
  const std::uint64_t leaves = arguments.number(0);
  std::uint64_t actors = 1;
  for (std::uint64_t level = leaves; level > 1; level /= skynet_children)
    actors += level;
  const Time begin = now();
  self.spawn<skynet_node>(self.pid(), std::uint64_t{0}, leaves);
  auto last = self.receive<Number>();
  const Number sum = co_await last;
  CHECK(sum.value == sum_below(leaves));
  print({.bench = "skynet",
         .params = Fields().add("leaves", leaves),
         .took = now() - begin,
         .operations = actors});
}

Behaviour idler(Self self, Pid main) {
  self.send<Ready>(main);
  for (;;) {
    auto next = self.receive<Poke>();
    const Poke poke = co_await next;
    self.send<Poked>(poke.from);
  }
}

class IdleServer {
 public:
  using Accepts = runtime::Messages<Poke>;
  IdleServer(Self self, Pid main) : self_(self) { self_.send<Ready>(main); }
  void handle(Poke poke) { self_.send<Poked>(poke.from); }

 private:
  Self self_;
};

Behaviour idle_memory(Self self, Arguments arguments) {
  const std::uint64_t count = arguments.number(0);
  const std::uint64_t batch = arguments.number(1);
  const std::string mode = arguments.text(2, "plain");
  const std::int64_t bytes_before = resident_bytes();
  const Time begin = now();
  std::vector<Pid> pids;
  pids.reserve(count);
  while (pids.size() < count) {
    const std::uint64_t size = std::min<std::uint64_t>(batch, count - pids.size());
    for (std::uint64_t i = 0; i < size; ++i)
      pids.push_back(
          mode == "server"
              ? runtime::start_on<IdleServer>(self.node(), runtime::Atom(), self.pid()).pid
              : self.spawn<idler>(self.pid()));
    auto ready = wait_for<Ready>(self, size);
    co_await ready;
  }
  const Time spawned = now();
  const std::int64_t bytes_spawned = resident_bytes();
  const Time poking = now();
  for (std::uint64_t first = 0; first < count; first += batch) {
    const std::uint64_t end = std::min(first + batch, count);
    for (std::uint64_t i = first; i < end; ++i)
      self.send<Poke>(pids[i], self.pid());
    auto answers = wait_for<Poked>(self, end - first);
    co_await answers;
  }
  const std::chrono::duration<double> poked = now() - poking;
  const std::int64_t bytes_poked = resident_bytes();
  const auto each = [&](std::int64_t bytes) {
    return static_cast<double>(bytes - bytes_before) / static_cast<double>(count);
  };
  print({.bench = "idle_memory",
         .params = Fields().add("n", count).add("batch", batch).add("mode", mode),
         .took = spawned - begin,
         .operations = count,
         .more = Fields()
                     .add("bytes_per_actor", each(bytes_spawned))
                     .add("bytes_per_actor_after_ping", each(bytes_poked))
                     .add("poke_per_s", static_cast<double>(count) / poked.count())});
}

}  // namespace

std::vector<Row> rows_of_spawns() {
  return {{"spawn_join", "N BATCH", &spawn_row<spawn_join>},
          {"skynet", "LEAVES", &spawn_row<skynet>},
          {"idle_memory", "N BATCH [plain|server]", &spawn_row<idle_memory>}};
}

}  // namespace glasshouse::bench
