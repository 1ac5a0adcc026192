#include "sim/check.h"

#include "tests/catch.h"
#include "tests/sim/peer.h"

namespace glasshouse::sim {
namespace {

using runtime::Tracer;
using namespace runtime::literals;

Behaviour teller(Self self, std::int64_t value) {
  for (std::int64_t i = 0; i < 10; ++i)
    self.probe(Atom("told"), i == 5 ? value : i);
  co_return;
}

void run_teller(Tracer& tracer, std::int64_t value) {
  World world({.tracer = &tracer});
  world.start_node(world.add_host("a"), "n", [value](Node& node) { node.spawn<teller>(value); });
  world.run_until(Instant::max());
}

TEST_CASE("a world that is made twice is the same twice", "[check]") {
  const auto difference = find_difference([](Tracer& tracer) {
    WorldOptions options;
    options.tracer = &tracer;
    Pair pair(options, {.echoes = true});
    pair.connect();
    pair.client_says("ping");
    pair.world.run_for(1_s);
  });
  REQUIRE_FALSE(difference.has_value());
}

TEST_CASE("what differs first between two runs is named", "[check]") {
  std::int64_t value = 100;
  const auto difference = find_difference([&](Tracer& tracer) { run_teller(tracer, value++); });
  REQUIRE(difference.has_value());
  REQUIRE(difference->first.ends_with("probe told of <1.100.1>, 100"));
  REQUIRE(difference->second.ends_with("probe told of <1.100.1>, 101"));
  REQUIRE(difference->sentence().starts_with("the runs differ at event " +
                                             std::to_string(difference->event)));
}

TEST_CASE("a run that ends before the other differs from it", "[check]") {
  bool is_first = true;
  const auto difference = find_difference([&](Tracer& tracer) {
    if (is_first) run_teller(tracer, 1);
    is_first = false;
  });
  REQUIRE(difference.has_value());
  REQUIRE(difference->event == 1);
  REQUIRE(difference->sentence().ends_with("second run: it has ended"));
}

}  // namespace
}  // namespace glasshouse::sim
