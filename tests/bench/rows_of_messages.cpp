// ping_pong, thread_ring, fan_in, fork_join_throughput, big, overload.

#include <chrono>

#include "tests/bench/measure.h"
#include "tests/bench/rows.h"

namespace glasshouse::bench {

struct Ping {
  std::uint64_t number = 0;
  Pid from;
};
struct Pong {
  std::uint64_t number = 0;
};
struct Neighbours {
  Pid next;
  Pid main;
};
struct Token {
  std::uint64_t left = 0;
};
struct Peers {
  std::vector<Pid> pids;
};

namespace {

Behaviour echo(Self self) {
  for (;;) {
    auto next = self.receive<Ping>();
    const Ping ping = co_await next;
    self.send<Pong>(ping.from, ping.number);
  }
}

Behaviour pinger(Self self, Pid main, Pid partner, std::uint64_t count) {
  auto go = self.receive<Go>();
  co_await go;
  for (std::uint64_t n = count; n > 0; --n) {
    self.send<Ping>(partner, n, self.pid());
    auto answer = self.receive<Pong>();
    co_await answer;
  }
  self.send<Done>(main);
}

Behaviour ping_pong(Self self, Arguments arguments) {
  const std::uint64_t count = arguments.number(0);
  const Pid partner = self.spawn<echo>();
  const Pid first = self.spawn<pinger>(self.pid(), partner, count);
  const Time begin = now();
  self.send<Go>(first);
  auto done = wait_for<Done>(self, 1);
  co_await done;
  print({.bench = "ping_pong",
         .params = Fields().add("n", count),
         .took = now() - begin,
         .operations = count});
}

Behaviour ring_member(Self self) {
  auto first = self.receive<Neighbours>();
  const Neighbours around = co_await first;
  self.send<Ready>(around.main);
  for (;;) {
    auto next = self.receive<Token>();
    const Token token = co_await next;
    if (token.left == 0) {
      self.send<Done>(around.main);
    } else {
      self.send<Token>(around.next, token.left - 1);
    }
  }
}

Behaviour thread_ring(Self self, Arguments arguments) {
  const std::uint64_t size = arguments.number(0);
  const std::uint64_t hops = arguments.number(1);
  std::vector<Pid> members;
  for (std::uint64_t i = 0; i < size; ++i)
    members.push_back(self.spawn<ring_member>());
  for (std::uint64_t i = 0; i < size; ++i)
    self.send<Neighbours>(members[i], members[(i + 1) % size], self.pid());
  auto ready = wait_for<Ready>(self, size);
  co_await ready;
  const Time begin = now();
  self.send<Token>(members[0], hops);
  auto done = wait_for<Done>(self, 1);
  co_await done;
  print({.bench = "thread_ring",
         .params = Fields().add("ring", size).add("m", hops),
         .took = now() - begin,
         .operations = hops});
}

Behaviour counter(Self self, Pid main, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    auto next = self.receive<Number>();
    co_await next;
  }
  self.send<Done>(main);
}

Behaviour producer(Self self, Pid consumer, std::uint64_t count) {
  auto go = self.receive<Go>();
  co_await go;
  for (std::uint64_t k = count; k > 0; --k) {
    self.send<Number>(consumer, k);
    auto turn = self.yield_if_due();
    co_await turn;
  }
}

std::vector<Pid> spawn_producers(Self self, Pid consumer, std::uint64_t producers,
                                 std::uint64_t messages) {
  std::vector<Pid> pids;
  for (std::uint64_t i = 0; i < producers; ++i)
    pids.push_back(self.spawn<producer>(consumer, messages));
  return pids;
}

Behaviour fan_in(Self self, Arguments arguments) {
  const std::uint64_t producers = arguments.number(0);
  const std::uint64_t messages = arguments.number(1);
  const Pid consumer = self.spawn<counter>(self.pid(), producers * messages);
  const std::vector<Pid> pids = spawn_producers(self, consumer, producers, messages);
  const Time begin = now();
  for (const Pid pid : pids)
    self.send<Go>(pid);
  auto done = wait_for<Done>(self, 1);
  co_await done;
  print({.bench = "fan_in",
         .params = Fields().add("producers", producers).add("k", messages),
         .took = now() - begin,
         .operations = producers * messages});
}

Behaviour round_robin(Self self, std::vector<Pid> receivers, std::uint64_t rounds) {
  auto go = self.receive<Go>();
  co_await go;
  for (std::uint64_t k = rounds; k > 0; --k) {
    for (const Pid receiver : receivers)
      self.send<Number>(receiver, k);
    auto turn = self.yield_if_due();
    co_await turn;
  }
}

Behaviour fork_join_throughput(Self self, Arguments arguments) {
  const std::uint64_t actors = arguments.number(0);
  const std::uint64_t rounds = arguments.number(1);
  std::vector<Pid> receivers;
  for (std::uint64_t i = 0; i < actors; ++i)
    receivers.push_back(self.spawn<counter>(self.pid(), rounds));
  const Pid sender = self.spawn<round_robin>(receivers, rounds);
  const Time begin = now();
  self.send<Go>(sender);
  auto done = wait_for<Done>(self, actors);
  co_await done;
  print({.bench = "fork_join_throughput",
         .params = Fields().add("actors", actors).add("k", rounds),
         .took = now() - begin,
         .operations = actors * rounds});
}

// Keeps one ping in flight to a random other one.
class BigActor {
 public:
  BigActor(Self self, Pid main, std::uint64_t index, std::uint64_t count)
      : self_(self), main_(main), index_(index), left_(count), seed_(index) {}

  void meet(Peers peers) {
    peers_ = std::move(peers.pids);
    self_.send<Ready>(main_);
  }
  void ping() {
    seed_ = next_random(seed_);
    std::uint64_t target = seed_ % peers_.size();
    if (target == index_) target = (index_ + 1) % peers_.size();
    self_.send<Ping>(peers_[target], seed_, self_.pid());
  }
  void answer(const Ping& ping) { self_.send<Pong>(ping.from, ping.number); }
  void take(const Pong&) {
    if (--left_ == 0) {
      self_.send<Done>(main_);
    } else {
      ping();
    }
  }

 private:
  Self self_;
  Pid main_;
  std::vector<Pid> peers_;
  std::uint64_t index_;
  std::uint64_t left_;
  std::uint64_t seed_;
};

Behaviour big_actor(Self self, Pid main, std::uint64_t index, std::uint64_t count) {
  BigActor actor(self, main, index, count);
  auto first = self.receive<Peers>();
  actor.meet(co_await first);
  for (;;) {
    auto next = self.receive<Go, Ping, Pong>();
    const auto message = co_await next;
    if (const Ping* ping = std::get_if<Ping>(&message)) {
      actor.answer(*ping);
    } else if (const Pong* pong = std::get_if<Pong>(&message)) {
      actor.take(*pong);
    } else {
      actor.ping();
    }
  }
}

Behaviour big(Self self, Arguments arguments) {
  const std::uint64_t actors = arguments.number(0);
  const std::uint64_t pings = arguments.number(1);
  std::vector<Pid> pids;
  for (std::uint64_t i = 0; i < actors; ++i)
    pids.push_back(self.spawn<big_actor>(self.pid(), i, pings));
  for (const Pid pid : pids)
    self.send<Peers>(pid, pids);
  auto ready = wait_for<Ready>(self, actors);
  co_await ready;
  const Time begin = now();
  for (const Pid pid : pids)
    self.send<Go>(pid);
  auto done = wait_for<Done>(self, actors);
  co_await done;
  print({.bench = "big",
         .params = Fields().add("actors", actors).add("pings", pings),
         .took = now() - begin,
         .operations = 2 * actors * pings});
}

Behaviour busy_consumer(Self self, Pid main, std::uint64_t count, std::uint64_t iterations) {
  std::uint64_t x = 1;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto next = self.receive<Number>();
    const Number number = co_await next;
    x = work(iterations, x + number.value);
  }
  self.send<Done>(main);
}

Behaviour overload(Self self, Arguments arguments) {
  const std::uint64_t producers = arguments.number(0);
  const std::uint64_t messages = arguments.number(1);
  const std::uint64_t iterations = arguments.number(2);
  const double work_ns = work_nanoseconds(iterations, 200'000, 5);
  const Pid consumer = self.spawn<busy_consumer>(self.pid(), messages, iterations);
  const std::vector<Pid> pids = spawn_producers(self, consumer, producers, messages / producers);
  const Time begin = now();
  for (const Pid pid : pids)
    self.send<Go>(pid);
  auto done = wait_for<Done>(self, 1);
  co_await done;
  print({.bench = "overload",
         .params = Fields().add("producers", producers).add("m", messages),
         .took = now() - begin,
         .operations = messages,
         .more = Fields().add("work_iters", iterations).add("work_ns", work_ns)});
}

}  // namespace

std::vector<Row> rows_of_messages() {
  return {{"ping_pong", "N", &spawn_row<ping_pong>},
          {"thread_ring", "ACTORS HOPS", &spawn_row<thread_ring>},
          {"fan_in", "PRODUCERS MESSAGES", &spawn_row<fan_in>},
          {"fork_join_throughput", "ACTORS ROUNDS", &spawn_row<fork_join_throughput>},
          {"big", "ACTORS PINGS", &spawn_row<big>},
          {"overload", "PRODUCERS MESSAGES WORK", &spawn_row<overload>}};
}

}  // namespace glasshouse::bench
