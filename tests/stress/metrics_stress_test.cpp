// What metrics and the system monitor see of real threads.

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "runtime/observe/metrics.h"
#include "runtime/observe/metrics_endpoint.h"
#include "runtime/observe/metrics_text.h"
#include "runtime/observe/system_monitor.h"
#include "tests/stress/many_cores.h"

namespace glasshouse::stress {

namespace {

using runtime::LongMessageQueue;
using runtime::LongSchedule;
using runtime::Metrics;
using runtime::MetricsEndpoint;
using runtime::SystemMonitorOptions;

struct Work {};

// Less than any meter where there is none of that name: Catch's assertions are for one thread.
double meter(runtime::Node& node, const std::string& name) {
  const std::string text = runtime::metrics_text(node);
  const std::string series = "\n" + name + "{node=\"stress@localhost\"} ";
  const auto found = text.find(series);
  if (found == std::string::npos) return -1;
  return std::stod(text.substr(found + series.size()));
}

Behaviour takes(Self self, int messages, Metrics::Counter taken) {
  for (int i = 0; i < messages; ++i) {
    auto next = self.receive<Work>();
    co_await next;
    taken.increment();
  }
}

Behaviour sends(Self self, Pid to, int messages) {
  for (int i = 0; i < messages; ++i)
    self.send<Work>(to);
  co_return;
}

Behaviour everybody(Self self, int pairs, int messages) {
  const auto taken = self.node().metrics().counter({.name = "taken_total"});
  for (int i = 0; i < pairs; ++i) {
    const auto taker = self.spawn_monitor<takes>(messages, *taken);
    self.spawn_monitor<sends>(taker.pid, messages);
  }
  for (int i = 0; i < 2 * pairs; ++i) {
    auto next = self.receive<runtime::Down>();
    co_await next;
  }
}

TEST_CASE("metrics that are read all the time are exact in the end", "[metrics]") {
  constexpr int pairs = 50;
  constexpr int messages = 200;
  ManyCores cores(4);
  std::atomic<bool> done{false};
  std::atomic<bool> went_back{false};
  std::thread reader([&] {
    double received = 0;
    double exited = 0;
    while (!done.load(std::memory_order_acquire)) {
      const double received_now = meter(cores.node, "glasshouse_messages_received_total");
      const double exited_now = meter(cores.node, "glasshouse_processes_exited_total");
      if (received_now < received || exited_now < exited) went_back = true;
      received = received_now;
      exited = exited_now;
    }
  });
  for (int time = 0; time < 5; ++time)
    cores.expect_normal_exit<everybody>(pairs, messages);
  done.store(true, std::memory_order_release);
  reader.join();
  REQUIRE_FALSE(went_back);
  const auto taken = cores.node.metrics().counter({.name = "taken_total"});
  REQUIRE(taken->value() == 5 * pairs * messages);
  // And one Down for each, and for each of those that waited for the whole.
  REQUIRE(meter(cores.node, "glasshouse_messages_received_total") >= 5 * pairs * (messages + 2));
  REQUIRE(meter(cores.node, "glasshouse_messages_waiting") == 0);
  REQUIRE(meter(cores.node, "glasshouse_memory_resident_bytes") > 1e6);
}

struct Held {
  std::atomic<bool> told{false};
  Pid pid;
  Duration time;
  Atom in;
};

Behaviour monitors_turns(Self self, Held* held, std::atomic<bool>* ready) {
  const SystemMonitorOptions options{.long_schedule = 30_ms};
  ready->store(self.node().system_monitor().start(self.pid(), options).ok());
  auto next = self.receive<LongSchedule>();
  const LongSchedule news = co_await next;
  held->pid = news.pid;
  held->time = news.time;
  held->in = news.in;
  held->told.store(true, std::memory_order_release);
}

Behaviour holds_on(Self, Held* held) {
  while (!held->told.load(std::memory_order_acquire)) {
  }
  co_return;
}

TEST_CASE("a process is told to run for long while it still runs", "[system_monitor]") {
  ManyCores cores(2);
  Held held;
  std::atomic<bool> ready{false};
  auto monitor = cores.start<monitors_turns>(&held, &ready);
  while (!ready)
    std::this_thread::yield();
  const Pid holder = cores.node.spawn<holds_on>(&held);
  ManyCores::expect_normal(std::move(monitor));
  REQUIRE(held.pid == holder);
  REQUIRE(held.time >= 30_ms);
  REQUIRE(held.in == "holds_on"_atom);
  static_cast<void>(cores.end_of(holder));
}

Behaviour monitors_mail(Self self, std::atomic<int>* long_ones, std::atomic<int>* short_ones) {
  const SystemMonitorOptions options{.long_message_queue = {.disable = 10, .enable = 50}};
  for (int time = 0;; ++time) {
    static_cast<void>(self.node().system_monitor().start(self.pid(), options));
    auto next = self.receive<LongMessageQueue>(1_ms);
    const auto news = co_await next;
    if (news) ++(news->is_long ? *long_ones : *short_ones);
    // Now and then nobody watches, while messages flow.
    if (time % 64 == 63) self.node().system_monitor().stop();
  }
}

TEST_CASE("mailboxes may be watched and left alone while messages flow", "[system_monitor]") {
  ManyCores cores(4);
  std::atomic<int> long_ones{0};
  std::atomic<int> short_ones{0};
  const Pid monitor = cores.node.spawn<monitors_mail>(&long_ones, &short_ones);
  // Until both were seen; in vain, a thousand times.
  for (int time = 0; time < 20 || (time < 1'000 && (long_ones == 0 || short_ones == 0)); ++time)
    cores.expect_normal_exit<everybody>(20, 200);
  cores.node.exit(monitor, Term(runtime::atoms::kill));
  static_cast<void>(cores.end_of(monitor));
  REQUIRE(long_ones > 0);
  REQUIRE(short_ones > 0);
  REQUIRE_FALSE(cores.node.system_monitor().current());
}

TEST_CASE("an endpoint that cannot have its port says so in one sentence", "[metrics]") {
  ManyCores cores(1);
  auto first = MetricsEndpoint::open({});
  REQUIRE(first.ok());
  (*first)->add(cores.node);
  const std::uint16_t port = (*first)->port();
  REQUIRE(port != 0);
  REQUIRE((*first)->url() == "http://127.0.0.1:" + std::to_string(port) + "/metrics");
  const auto second = MetricsEndpoint::open({.port = port});
  REQUIRE_FALSE(second.ok());
  REQUIRE(second.error().code == "eaddrinuse");
  REQUIRE(second.error().what == "metrics cannot be told at 127.0.0.1:" + std::to_string(port) +
                                     ": the port is in use, or the address is not of this machine");
  (*first)->remove(cores.node);
  first = MetricsEndpoint::open({});  // the former one ends
  REQUIRE(MetricsEndpoint::open({.port = port}).ok());
}

}  // namespace

}  // namespace glasshouse::stress
