#include "runtime/observe/metrics.h"

#include <limits>
#include <sstream>

#include "runtime/observe/metrics_text.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

struct Work {};

Behaviour sends(Self self, Pid to, int much) {
  for (int i = 0; i < much; ++i)
    self.send<Work>(to);
  co_return;
}

Behaviour takes(Self self, int much) {
  for (int i = 0; i < much; ++i)
    co_await self.receive<Work>();
  self.send_after<Work>(60_min, self.pid());
  co_await self.receive<Exit>();
}

Behaviour crashes(Self self) {
  co_await self.sleep(1_ms);
  self.exit("boom"_atom);
}

class Ender {
 public:
  using Accepts = Messages<Work>;
  void handle(Work) { throw ExitException(Term("boom"_atom)); }
};

Behaviour sees_restarts(Self self) {
  SupervisorSpec spec{.name = "sup"_atom, .limit = {.intensity = 5, .period = 60_s}};
  spec.children.push_back({.id = "c"_atom, .start = named_child<Ender>("ender"_atom)});
  auto starting = start_supervisor(self, std::move(spec));
  static_cast<void>(co_await starting);
  for (int i = 0; i < 3; ++i) {
    self.send<Work>("ender"_atom);
    co_await self.sleep(10_ms);
  }
  co_await self.receive<Exit>();
}

// The value behind `series` in the text; none if it is not there.
std::optional<double> value_in(const std::string& text, const std::string& series) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(series + " ")) return std::stod(line.substr(series.size() + 1));
  }
  return std::nullopt;
}

double meter(OneNode& node, const std::string& name) {
  const auto found = value_in(metrics_text(node.node()), name + "{node=\"a@h\"}");
  INFO(name);
  REQUIRE(found);
  return *found;
}

std::string code_of(Metrics& metrics, const MetricSpec& spec) {
  const auto made = metrics.counter(spec);
  return made ? "ok" : made.error().code;
}

}  // namespace

TEST_CASE("a node tells who lives, was spawned, exited and crashed", "[metrics]") {
  OneNode node;
  REQUIRE(meter(node, "glasshouse_processes_spawned_total") == 0);
  const Pid taker = node.spawn<&takes>(0);
  for (int i = 0; i < 5; ++i)
    node.spawn<&sends>(taker, 0);
  node.spawn<&crashes>();
  node.world().run_until(Instant::at(1_s));
  REQUIRE(meter(node, "glasshouse_processes") == 1);
  REQUIRE(meter(node, "glasshouse_processes_spawned_total") == 7);
  REQUIRE(meter(node, "glasshouse_processes_exited_total") == 6);
  REQUIRE(meter(node, "glasshouse_processes_crashed_total") == 1);
  REQUIRE(meter(node, "glasshouse_timers") == 1);
}

TEST_CASE("a node tells messages that came, and that wait", "[metrics]") {
  OneNode node;
  const Pid quick = node.spawn<&takes>(10);
  const Pid slow = node.spawn<&takes>(3);
  node.spawn<&sends>(quick, 10);
  node.spawn<&sends>(slow, 20);
  node.world().run_until(Instant::at(1_s));
  REQUIRE(meter(node, "glasshouse_messages_received_total") == 30);
  REQUIRE(meter(node, "glasshouse_messages_waiting") == 17);
  REQUIRE(meter(node, "glasshouse_mailbox_length_max") == 17);
  node.node().exit(slow, Term(atoms::kill));
  node.world().run_until(Instant::at(2_s));
  REQUIRE(meter(node, "glasshouse_messages_received_total") == 30);
  REQUIRE(meter(node, "glasshouse_messages_waiting") == 0);
}

TEST_CASE("a node tells restarts", "[metrics]") {
  OneNode node;
  node.spawn<&sees_restarts>();
  node.world().run_until(Instant::at(1_s));
  REQUIRE(meter(node, "glasshouse_restarts_total") == 3);
  REQUIRE(meter(node, "glasshouse_processes_crashed_total") == 3);
}

TEST_CASE("a node tells how many processes could run", "[metrics]") {
  OneNode node;
  for (int i = 0; i < 4; ++i)
    node.spawn<&takes>(1);
  const std::string before = metrics_text(node.node());
  REQUIRE(value_in(before, "glasshouse_run_queue_length{node=\"a@h\",worker=\"0\"}") == 4);
  node.world().run_until(Instant::at(1_s));
  const std::string after = metrics_text(node.node());
  REQUIRE(value_in(after, "glasshouse_run_queue_length{node=\"a@h\",worker=\"0\"}") == 0);
  REQUIRE(after.find("memory") == std::string::npos);  // a simulated world has none
}

TEST_CASE("what is asked for again is the same metric", "[metrics]") {
  Metrics metrics;
  const MetricSpec sold{.name = "shop_sold_total", .help = "Sold.", .labels = {{"what", "tea"}}};
  const auto first = metrics.counter(sold);
  first->increment();
  metrics.counter(sold)->increment(2.5);
  REQUIRE(first->value() == 3.5);
  MetricSpec other = sold;
  other.labels = {{"what", "milk"}};
  REQUIRE(metrics.counter(other)->value() == 0);
  const auto level = metrics.gauge({.name = "level"});
  level->set(7);
  level->add(-2);
  REQUIRE(metrics.gauge({.name = "level"})->value() == 5);
}

TEST_CASE("a counter only grows", "[metrics]") {
  Metrics metrics;
  const auto counter = metrics.counter({.name = "c_total"});
  counter->increment(0);
  REQUIRE_THROWS_AS(counter->increment(-1), ExitException);
  REQUIRE_THROWS_AS(counter->increment(std::numeric_limits<double>::quiet_NaN()), ExitException);
  REQUIRE(counter->value() == 0);
}

TEST_CASE("a bad name is refused with a sentence that has it", "[metrics]") {
  Metrics metrics;
  for (const char* name : {"", "9lives", "a-b", "a b", "__a", "grün", "glasshouse_x"}) {
    CAPTURE(name);
    const auto refused = metrics.counter({.name = name});
    REQUIRE_FALSE(refused);
    REQUIRE(refused.error().code == "invalid_name");
    REQUIRE(refused.error().what.starts_with("\"" + std::string(name) + "\" is no name"));
  }
  REQUIRE(code_of(metrics, {.name = "a:b_9"}) == "ok");
  for (const char* label : {"", "9", "a:b", "__a", "node", "le"}) {
    CAPTURE(label);
    REQUIRE(code_of(metrics, {.name = "a", .labels = {{label, "x"}}}) == "invalid_label");
  }
  REQUIRE(code_of(metrics, {.name = "a", .labels = {{"x", "1"}, {"x", "2"}}}) == "invalid_label");
  REQUIRE(code_of(metrics, {.name = "a", .labels = {{"x", "1"}, {"y", "2"}}}) == "ok");
}

TEST_CASE("a name is of one kind, a histogram of one set of bounds", "[metrics]") {
  Metrics metrics;
  REQUIRE(metrics.counter({.name = "a"}).ok());
  const auto refused = metrics.gauge({.name = "a", .labels = {{"x", "1"}}});
  REQUIRE(refused.error().code == "other_kind");
  REQUIRE(refused.error().what == "metric a is a counter, not a gauge");
  REQUIRE(metrics.histogram({.name = "h"}, {1, 2}).ok());
  REQUIRE(metrics.histogram({.name = "h"}, {1, 3}).error().code == "other_bounds");
  for (const auto& bounds : std::vector<std::vector<double>>{
           {}, {2, 1}, {1, 1}, std::vector<double>(101, 0), {std::nan("")}}) {
    REQUIRE(metrics.histogram({.name = "g"}, bounds).error().code == "invalid_bounds");
  }
}

TEST_CASE("a node has a bounded number of metrics", "[metrics]") {
  Metrics metrics;
  for (std::size_t i = 0; i < metric_series_max; ++i) {
    REQUIRE(code_of(metrics, {.name = "a", .labels = {{"i", std::to_string(i)}}}) == "ok");
  }
  REQUIRE(code_of(metrics, {.name = "a", .labels = {{"i", "-1"}}}) == "system_limit");
  REQUIRE(code_of(metrics, {.name = "a", .labels = {{"i", "0"}}}) == "ok");
}

TEST_CASE("several nodes are one text, each under its label", "[metrics]") {
  OneNode one;
  const sim::NodeId other =
      one.world().start_node(one.world().find_host("h").value(), "b@h", [](Node&) {});
  Node& two = *one.world().node(other);
  one.node().metrics().counter({.name = "sold_total", .help = "Sold."})->increment(2);
  two.metrics().counter({.name = "sold_total", .help = "Sold."})->increment(3);
  one.node().metrics().gauge({.name = "level"})->set(1);
  two.metrics().counter({.name = "level"})->increment();
  Node* const nodes[] = {&two, &one.node()};
  const std::string text = metrics_text(nodes);
  REQUIRE(text.find("# HELP sold_total Sold.\n"
                    "# TYPE sold_total counter\n"
                    "sold_total{node=\"a@h\"} 2\n"
                    "sold_total{node=\"b@h\"} 3\n") != std::string::npos);
  // Of two kinds, the first node's is told.
  REQUIRE(text.find("# TYPE level counter\nlevel{node=\"b@h\"} 1\n") != std::string::npos);
  REQUIRE(text.find("level{node=\"a@h\"}") == std::string::npos);
}

TEST_CASE("a histogram counts values by the least bound that holds them", "[metrics]") {
  OneNode node;
  const auto sizes =
      node.node().metrics().histogram({.name = "sizes", .labels = {{"of", "it"}}}, {1, 2.5});
  for (const double value : {0.5, 1.0, 2.0, 9.0})
    sizes->observe(value);
  const std::string text = metrics_text(node.node());
  REQUIRE(value_in(text, "sizes_bucket{node=\"a@h\",of=\"it\",le=\"1\"}") == 2);
  REQUIRE(value_in(text, "sizes_bucket{node=\"a@h\",of=\"it\",le=\"2.5\"}") == 3);
  REQUIRE(value_in(text, "sizes_bucket{node=\"a@h\",of=\"it\",le=\"+Inf\"}") == 4);
  REQUIRE(value_in(text, "sizes_count{node=\"a@h\",of=\"it\"}") == 4);
  REQUIRE(value_in(text, "sizes_sum{node=\"a@h\",of=\"it\"}") == 12.5);
}

TEST_CASE("equal runs have equal metrics", "[metrics]") {
  const auto run = [] {
    OneNode node(42);
    const Pid slow = node.spawn<&takes>(3);
    for (int i = 0; i < 20; ++i)
      node.spawn<&sends>(slow, i);
    node.spawn<&sees_restarts>();
    node.world().run_until(Instant::at(15_ms));
    return metrics_text(node.node());
  };
  REQUIRE(run() == run());
}

}  // namespace glasshouse::tests
