// The snippets of docs/manual/logging.md, run.

#include "runtime/observe/alarm_handler.h"
#include "runtime/observe/log_process.h"
#include "tests/runtime/observe/log_collector.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests::manual {

namespace {

// region log
Behaviour store(Self self) {
  self.log(LogLevel::info, "started");
  self.log(LogLevel::error, map("what"_atom, "slow_disk"_atom, "ms"_atom, 1200));
  co_return;
}
// endregion

// region process
Pid log_to(Node& node, std::unique_ptr<LogOutput> output) {  // or standard_error_output()
  LogProcessOptions options{.output = std::move(output)};
  options.formatter = format_json;
  LogProcess process = start_log_process(node, std::move(options));
  REQUIRE(node.logger().add_handler("default"_atom, process.handler).ok());
  return process.pid.pid;
}
// endregion

// region filter
void hide_progress(Logger& logger) {
  logger.set_level(LogLevel::info);
  logger.set_module_level("store"_atom, LogLevel::debug);
  REQUIRE(logger.add_filter("progress"_atom, progress_filter(FilterAction::stop)).ok());
}
// endregion

// region alarms
void watch(Node& node) {
  start_alarm_handler(node);
  const std::vector<NodeAlarm> alarms{mailbox_alarm(10'000, 5'000),
                                      process_count_alarm(1'000'000, 900'000)};
  start_on<AlarmWatch>(node, Atom(), 1_s, alarms);
}
// endregion

}  // namespace

TEST_CASE("the manual's log arrives as JSON", "[manual]") {
  std::vector<std::string> lines;
  OneNode node;
  log_to(node.node(), std::make_unique<LinesOutput>(&lines));
  hide_progress(node.node().logger());
  node.spawn<&store>();
  node.run();
  REQUIRE(lines.size() == 2);
  REQUIRE(lines[0].find("\"msg\":\"started\"") != std::string::npos);
  REQUIRE(lines[1].find(R"("report":{"ms":1200,"what":"slow_disk"})") != std::string::npos);
}

TEST_CASE("the manual's alarms watch a node", "[manual]") {
  OneNode node;
  watch(node.node());
  node.world().run_until(Instant::at(2_s));
  REQUIRE(node.node().registry().find("alarm_handler"_atom).has_value());
}

}  // namespace glasshouse::tests::manual
