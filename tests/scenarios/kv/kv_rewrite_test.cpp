// A shard lays its table into a new log while it serves. Whatever happens at whatever step of that,
// nothing acknowledged is lost.

#include <functional>
#include <string>
#include <vector>

#include "runtime/observe/tracer.h"
#include "scenarios/kv/history.h"
#include "scenarios/kv/kv.h"
#include "sim/world.h"
#include "tests/catch.h"

namespace glasshouse::scenarios::kv {

namespace {

using runtime::Duration;
using runtime::EventKind;
using runtime::Instant;
using runtime::Node;
using runtime::Term;

// At which steps of the world the names of the store's logs changed: folders synced, files removed.
class LogWatch final : public runtime::Tracer {
 public:
  LogWatch() { want_kinds(runtime::kind_bit(EventKind::storage)); }
  using Tracer::emit;
  void emit(const runtime::Event& event, std::string_view) override {
    if (steps == nullptr) return;
    if (event.name == runtime::Atom("sync_folder")) began.push_back(steps->steps());
    if (event.name == runtime::Atom("remove")) ended.push_back(steps->steps());
  }
  std::uint64_t new_message_id() override { return 1; }

  const sim::World* steps = nullptr;
  std::vector<std::uint64_t> began;
  std::vector<std::uint64_t> ended;
};

// One shard that rewrites its log all the time, and two clients.
class SmallLogs {
 public:
  explicit SmallLogs(runtime::Tracer* tracer = nullptr)
      : world({.seed = 7, .network = {}, .tracer = tracer}) {
    const auto host = world.add_host("server");
    server = world.start_node(host, "kv@server", [](Node& node) {
      start(node, {.host = "server",
                   .port = 6379,
                   .shards = 1,
                   .rewrite_bytes_least = 100,
                   .on_listening = {}});
    });
    for (std::uint32_t number = 1; number <= 2; ++number) {
      const std::string name = "client" + std::to_string(number);
      world.start_node(world.add_host(name), name + "@" + name, [this, number](Node& node) {
        start_client(
            node, {.number = number, .host = "server", .port = 6379, .operations = 60, .keys = 2},
            history);
      });
    }
  }

  void run_steps(std::uint64_t steps) {
    while (world.steps() < steps && world.step()) {
    }
  }
  void run_to_end() {
    world.run_while([this] { return history.clients().empty() || !history.all_finished(); },
                    Instant::at(Duration::seconds(120)));
  }
  std::string judged() const {
    std::string text;
    for (const std::string& sentence : check(history.operations()))
      text += sentence + "\n";
    return text;
  }

  History history;
  sim::World world;
  sim::NodeId server;
};

struct Window {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

// From before the new log is begun until the old one is gone.
Window rewrite_number(std::size_t number) {
  constexpr std::uint64_t before = 30;
  constexpr std::uint64_t after = 10;
  LogWatch watch;
  SmallLogs kv(&watch);
  watch.steps = &kv.world;
  kv.run_to_end();
  REQUIRE(kv.history.all_finished());
  REQUIRE(kv.judged() == "");
  // The first folder is synced when the shard starts.
  REQUIRE(watch.began.size() > number + 1);
  const std::uint64_t begin = watch.began[number];
  for (const std::uint64_t end : watch.ended) {
    if (end > begin) return {begin - before, end + after};
  }
  FAIL("the old log was never removed");
  return {};
}

void expect_nothing_lost(std::size_t number, const std::function<void(SmallLogs&)>& strike) {
  const Window window = rewrite_number(number);
  INFO("rewrite " << number << ", steps " << window.first << " to " << window.last);
  REQUIRE(window.last - window.first > 45);
  for (std::uint64_t step = window.first; step <= window.last; ++step) {
    SmallLogs kv;
    kv.run_steps(step);
    strike(kv);
    kv.run_to_end();
    CAPTURE(step);
    REQUIRE(kv.judged() == "");
    REQUIRE(kv.history.all_finished());
  }
}

}  // namespace

TEST_CASE("a power cut at any step of rewriting a log loses nothing acknowledged", "[kv][sim]") {
  for (const std::size_t number : {2, 5}) {
    expect_nothing_lost(number, [](SmallLogs& kv) {
      kv.world.crash_node(kv.server, sim::Crash::power_cut);
      kv.world.restart_node(kv.server);
    });
  }
}

TEST_CASE("the death of the program at any step of rewriting a log loses nothing acknowledged",
          "[kv][sim]") {
  expect_nothing_lost(3, [](SmallLogs& kv) {
    kv.world.crash_node(kv.server, sim::Crash::process_death);
    kv.world.restart_node(kv.server);
  });
}

TEST_CASE("the death of the shard at any step of rewriting its log loses nothing acknowledged",
          "[kv][sim]") {
  expect_nothing_lost(4, [](SmallLogs& kv) {
    kv.world.exit_processes(kv.server, "kv_shard", Term(runtime::atoms::kill));
  });
}

// The first life's log may be torn, and the second one is struck while it lays down its table.
TEST_CASE("a second power cut while the shard recovers loses nothing acknowledged", "[kv][sim]") {
  const Window window = rewrite_number(3);
  for (std::uint64_t later = 1; later <= 120; later += 3) {
    SmallLogs kv;
    kv.run_steps(window.first + 30);
    for (const std::uint64_t steps : {std::uint64_t{0}, later}) {
      kv.run_steps(kv.world.steps() + steps);
      kv.world.crash_node(kv.server, sim::Crash::power_cut);
      kv.world.restart_node(kv.server);
    }
    kv.run_to_end();
    CAPTURE(later);
    REQUIRE(kv.judged() == "");
    REQUIRE(kv.history.all_finished());
  }
}

}  // namespace glasshouse::scenarios::kv
