// The actor of README.md, run.

#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests::readme {

// region readme_actor
struct Get {  // has a Reply: a call
  using Reply = std::int64_t;
};
struct Add {  // has none: a cast
  std::int64_t amount = 0;
};

class Counter {
 public:
  using Accepts = Messages<Get, Add>;
  std::int64_t handle(Get) const { return value_; }
  void handle(Add add) {
    if (add.amount < 0) throw std::invalid_argument("cannot count down");
    value_ += add.amount;
  }

 private:
  std::int64_t value_ = 0;
};

Behaviour tour(Self self) {
  SupervisorSpec spec{.name = "counters"_atom, .strategy = Strategy::one_for_one};
  spec.children.push_back({.id = "one"_atom, .start = named_child<Counter>("counter"_atom)});
  co_await start_supervisor(self, spec);
  self.send<Add>("counter"_atom, 5);
  std::int64_t value = co_await self.call<Get>("counter"_atom);  // 5
  self.send<Add>("counter"_atom, -1);  // it crashes; its supervisor starts a new one
  co_await self.sleep(10_ms);
  value = co_await self.call<Get>("counter"_atom);  // 0: a fresh counter
  self.probe("value"_atom, value);
}
// endregion

TEST_CASE("the README's counter crashes and is restarted", "[manual]") {
  OneNode one;
  one.spawn<&tour>();
  one.world().run_for(Duration::milliseconds(5));
  const auto second = one.node().registry().find("counter"_atom);
  REQUIRE(second.has_value());
  REQUIRE(one.node().process_count() == 3);
  one.run();
  // The tour ended well, and with it the supervisor it was the parent of.
  REQUIRE(one.node().process_count() == 0);
}

}  // namespace glasshouse::tests::readme
