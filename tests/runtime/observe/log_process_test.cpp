#include "runtime/observe/log_process.h"

#include "tests/runtime/observe/log_collector.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

using Lines = std::vector<std::string>;

Behaviour says_many(Self self, int count) {
  for (int i = 0; i < count; ++i)
    self.log(LogLevel::error, "event " + std::to_string(i));
  co_return;
}
Behaviour says_every(Self self, Duration pause, int count) {
  for (int i = 0; i < count; ++i) {
    self.log(LogLevel::error, "event");
    co_await self.sleep(pause);
  }
}
Behaviour syncs(Self self, Pid writer) {
  co_await self.call<LogSync>(writer);
}

std::string plain(const LogEvent& event) {
  return std::string(event.message.as_bytes());
}

struct Written {
  explicit Written(LogOverload overload = {}) {
    LogProcessOptions options{.output = std::make_unique<LinesOutput>(&lines)};
    options.formatter = plain;
    options.overload = overload;
    process = start_log_process(node.node(), std::move(options));
    REQUIRE(node.node().logger().add_handler("std"_atom, process.handler).ok());
  }
  // Without the burst limit, which has tests of its own.
  static LogOverload queue_of(std::uint32_t sync, std::uint32_t drop, std::uint32_t flush) {
    LogOverload overload;
    overload.sync_mode_qlen = sync;
    overload.drop_mode_qlen = drop;
    overload.flush_qlen = flush;
    overload.burst_limit_enable = false;
    return overload;
  }
  std::size_t events() const {
    return static_cast<std::size_t>(std::count_if(
        lines.begin(), lines.end(), [](const auto& l) { return l.find("event ") == 0; }));
  }
  Lines lines;
  OneNode node;
  LogProcess process;
};

}  // namespace

TEST_CASE("the mode follows from how many events wait", "[log_process]") {
  const LogOverload limits;
  REQUIRE(log_mode(limits, 0) == LogMode::async);
  REQUIRE(log_mode(limits, 9) == LogMode::async);
  REQUIRE(log_mode(limits, 10) == LogMode::sync);
  REQUIRE(log_mode(limits, 199) == LogMode::sync);
  REQUIRE(log_mode(limits, 200) == LogMode::drop);
  REQUIRE(limits.is_valid());
  REQUIRE_FALSE(Written::queue_of(2, 1, 3).is_valid());
}

TEST_CASE("a burst is admitted up to its limit in each window", "[log_process]") {
  LogOverload limits;
  limits.burst_limit_max_count = 2;
  LogBurst burst;
  const auto at = [](Duration time) { return Instant::at(time); };
  REQUIRE(burst.admit(limits, at(0_ms)));
  REQUIRE(burst.admit(limits, at(1_ms)));
  REQUIRE_FALSE(burst.admit(limits, at(999_ms)));
  REQUIRE(burst.admit(limits, at(1000_ms)));
}

TEST_CASE("a handler process writes in the order logged, and syncs", "[log_process]") {
  Written written;
  written.node.spawn<&says_many>(3);
  written.node.run();
  written.node.spawn<&syncs>(written.process.pid.pid);
  written.node.run();
  REQUIRE(written.lines == Lines{"event 0", "event 1", "event 2", "sync"});
}

TEST_CASE("what comes when the queue is full is dropped, and counted in a line", "[log_process]") {
  // One turn of the process that logs: the writer cannot run meanwhile.
  Written written(Written::queue_of(20, 20, 1000));
  written.node.spawn<&says_many>(100);
  written.node.run();
  REQUIRE(written.events() == 20);
  REQUIRE(written.lines.at(1) == "80 log events were dropped: too many waited");
}

TEST_CASE("a queue that is much too long is thrown away, and counted", "[log_process]") {
  Written written(Written::queue_of(30, 30, 30));  // neither sync nor drop
  written.node.spawn<&says_many>(100);
  written.node.run();
  REQUIRE(written.lines == Lines{"event 0", "99 log events were flushed: too many waited"});
}

TEST_CASE("in sync mode the handler gets its turn before more is logged", "[log_process]") {
  Written written(Written::queue_of(0, 1000, 2000));
  written.node.spawn<&says_every>(0_ms, 300);
  written.node.run();
  REQUIRE(std::count(written.lines.begin(), written.lines.end(), "event") == 300);
}

TEST_CASE("over the burst limit is dropped, and said when the window is over", "[log_process]") {
  LogOverload overload;
  overload.burst_limit_max_count = 10;
  Written written(overload);
  written.node.spawn<&says_every>(10_ms, 150);  // 1.5 s: two windows
  written.node.run();
  const auto said = std::find(written.lines.begin(), written.lines.end(),
                              "90 log events were dropped: over the burst limit");
  REQUIRE(said != written.lines.end());
  REQUIRE(std::count(written.lines.begin(), written.lines.end(), "event") == 20);
  // Nobody logs any more when the second window ends.
  REQUIRE(written.lines.back() == "40 log events were dropped: over the burst limit");
}

TEST_CASE("a handler whose process is gone is removed", "[log_process]") {
  Written written;
  const auto log = collect(written.node.node().logger(), "log"_atom);
  written.node.node().exit(written.process.pid.pid, Term(atoms::kill));
  written.node.run();
  written.node.spawn<&says_many>(1);
  written.node.run();
  REQUIRE(written.node.node().logger().handlers() == std::vector<Atom>{"log"_atom});
  REQUIRE(log->lines().front() ==
          "error #{handler => std,logger => removed_failing_handler,reason => noproc}");
}

}  // namespace glasshouse::tests
