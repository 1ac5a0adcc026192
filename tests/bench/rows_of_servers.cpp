// selective_receive, call, supervised_restart, supervised_children.

#include <chrono>

#include "runtime/base/check.h"
#include "runtime/behaviour/gen_server.h"
#include "runtime/behaviour/supervisor.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"

namespace glasshouse::bench {

using namespace runtime::literals;
using runtime::Atom;
using runtime::Duration;
using runtime::Term;

struct Get {
  using Reply = std::uint64_t;
  std::uint64_t number = 0;
};
struct Noise {
  std::uint64_t number = 0;
};
struct Asked {
  Pid from;
  runtime::Ref ref;
  std::uint64_t key = 0;
};
struct Answered {
  runtime::Ref ref;
  std::uint64_t key = 0;
};
struct Filled {};
struct Took {
  std::int64_t nanoseconds = 0;
};
struct Up {
  Pid pid;
};

class Adder {
 public:
  using Accepts = runtime::Messages<Get>;
  std::uint64_t handle(Get get) const { return get.number + 1; }
};

// Says where it lives, and lives.
class Announcer {
 public:
  using Accepts = runtime::Messages<>;
  Announcer(Self self, Pid main) { self.send<Up>(main, self.pid()); }
};

namespace {

Behaviour answerer(Self self) {
  for (;;) {
    auto next = self.receive<Asked>();
    const Asked asked = co_await next;
    self.send<Answered>(asked.from, asked.ref, asked.key);
  }
}

// call: by the runtime's own call. ref: a fresh reference and a receive by it. scan: by a key.
Behaviour selective_consumer(Self self, Pid main, std::uint64_t count, std::string mode) {
  auto starting = runtime::start<Adder>(self);
  const auto adder = co_await starting;
  const Pid server = self.spawn<answerer>();
  auto filled = self.receive<Filled>();
  co_await filled;
  self.send<Ready>(main);
  auto go = self.receive<Go>();
  co_await go;
  const Time begin = now();
  for (std::uint64_t n = count; n > 0; --n) {
    if (mode == "call") {
      auto call = self.call_within<Get>(Duration::infinity(), adder.pid, n);
      const std::uint64_t answer = co_await call;
      CHECK(answer == n + 1);
    } else {
      const runtime::Ref ref = self.make_ref();
      self.send<Asked>(server, self.pid(), ref, n);
      auto answer = self.receive_if<Answered>([ref](const Answered& a) { return a.ref == ref; });
      co_await answer;
    }
  }
  self.send<Took>(main, std::chrono::nanoseconds(now() - begin).count());
}

Behaviour selective_receive(Self self, Arguments arguments) {
  const std::uint64_t queued = arguments.number(0);
  const std::uint64_t count = arguments.number(1);
  const std::string mode = arguments.text(2, "ref");
  // A fresh reference is what a call of ours is: it does not look at the queue.
  const std::string how = mode == "ref" ? "call" : mode;
  const Pid consumer = self.spawn<selective_consumer>(self.pid(), count, how);
  for (std::uint64_t i = queued; i > 0; --i)
    self.send<Noise>(consumer, i);
  self.send<Filled>(consumer);
  auto ready = wait_for<Ready>(self, 1);
  co_await ready;
  self.send<Go>(consumer);
  auto end = self.receive<Took>();
  const Took took = co_await end;
  print({.bench = "selective_receive",
         .params = Fields().add("queued", queued).add("n", count).add("mode", mode),
         .took = std::chrono::nanoseconds(took.nanoseconds),
         .operations = count});
}

Behaviour client(Self self, Pid main, runtime::PidOf<Adder> server, std::uint64_t count,
                 Duration timeout) {
  auto go = self.receive<Go>();
  co_await go;
  for (std::uint64_t n = count; n > 0; --n) {
    auto call = self.call_within<Get>(timeout, server, n);
    const std::uint64_t answer = co_await call;
    CHECK(answer == n + 1);
  }
  self.send<Done>(main);
}

Behaviour call(Self self, Arguments arguments) {
  const std::uint64_t clients = arguments.number(0);
  const std::uint64_t calls = arguments.number(1) / clients;
  const std::string limit = arguments.text(2, "5000");
  const Duration timeout =
      limit == "infinity" ? Duration::infinity() : Duration::milliseconds(std::stoll(limit));
  auto starting = runtime::start<Adder>(self);
  const auto server = co_await starting;
  std::vector<Pid> pids;
  for (std::uint64_t i = 0; i < clients; ++i)
    pids.push_back(self.spawn<client>(self.pid(), server.pid, calls, timeout));
  const Time begin = now();
  for (const Pid pid : pids)
    self.send<Go>(pid);
  auto done = wait_for<Done>(self, clients);
  co_await done;
  print({.bench = "call",
         .params =
             Fields().add("clients", clients).add("n", arguments.number(1)).add("timeout", limit),
         .took = now() - begin,
         .operations = clients * calls});
}

Behaviour supervised_restart(Self self, Arguments arguments) {
  const std::uint64_t restarts = arguments.number(0);
  runtime::SupervisorSpec spec{
      .limit = {.intensity = static_cast<std::uint32_t>(10 * restarts + 10), .period = 1_s}};
  spec.children.push_back({.id = Atom("child"),
                           .start = runtime::child<Announcer>(self.pid()),
                           .shutdown = runtime::Shutdown::brutal_kill()});
  auto starting = runtime::start_supervisor(self, std::move(spec));
  const auto supervisor = co_await starting;
  const Time begin = now();
  for (std::uint64_t i = 0; i < restarts; ++i) {
    auto next = self.receive<Up>();
    const Up up = co_await next;
    self.exit(up.pid, Term(runtime::atoms::kill));
  }
  auto last = self.receive<Up>();
  co_await last;
  const auto took = now() - begin;
  auto asking = self.call<runtime::WhichChildren>(supervisor.pid);
  const auto children = co_await asking;
  CHECK(children.size() == 1);
  print({.bench = "supervised_restart",
         .params = Fields().add("r", restarts),
         .took = took,
         .operations = restarts});
}

// Children that announce themselves: all are started, killed and restarted, and stopped.
Behaviour supervised_children(Self self, Arguments arguments) {
  const std::uint64_t count = arguments.number(0);
  self.trap_exit(true);
  runtime::SupervisorSpec spec{
      .strategy = runtime::Strategy::simple_one_for_one,
      .limit = {.intensity = static_cast<std::uint32_t>(count), .period = 1000_s}};
  spec.children.push_back({.id = Atom("pattern"), .start = nullptr});
  auto starting = runtime::start_supervisor(self, std::move(spec));
  const auto supervisor = co_await starting;
  runtime::ChildSpec announcer;
  announcer.start = runtime::child<Announcer>(self.pid());
  const runtime::ChildOffer offer = runtime::offer_of(announcer);
  const Time begin = now();
  std::vector<Pid> pids;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto adding =
        self.call_within<runtime::StartChild>(Duration::infinity(), supervisor.pid, offer);
    const runtime::ChildAnswer answer = co_await adding;
    pids.push_back(answer.pid);
    auto next = self.receive<Up>();
    co_await next;
  }
  const Time started = now();
  for (const Pid pid : pids)
    self.exit(pid, Term(runtime::atoms::kill));
  auto restarted = wait_for<Up>(self, count);
  co_await restarted;
  const Time killed = now();
  self.exit(supervisor.pid, Term(runtime::atoms::shutdown));
  auto end = self.receive<runtime::Exit>();
  co_await end;
  const Time stopped = now();
  const auto each = [count](auto took) {
    return static_cast<double>(std::chrono::nanoseconds(took).count()) / static_cast<double>(count);
  };
  print({.bench = "supervised_children",
         .params = Fields().add("n", count),
         .took = stopped - begin,
         .operations = 3 * count,
         .more = Fields()
                     .add("start_ns", each(started - begin))
                     .add("restart_ns", each(killed - started))
                     .add("stop_ns", each(stopped - killed))});
}

}  // namespace

std::vector<Row> rows_of_servers() {
  return {{"selective_receive", "QUEUED N [ref|scan]", &spawn_row<selective_receive>},
          {"call", "CLIENTS N [MILLISECONDS|infinity]", &spawn_row<call>},
          {"supervised_children", "CHILDREN", &spawn_row<supervised_children>},
          {"supervised_restart", "RESTARTS", &spawn_row<supervised_restart>}};
}

}  // namespace glasshouse::bench
