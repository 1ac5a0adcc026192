// The snippets of docs/manual/metrics.md, run.

#include "runtime/observe/metrics.h"

#include "runtime/observe/metrics_endpoint.h"
#include "runtime/observe/metrics_text.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests::manual {

namespace {

// region use
struct Sell {
  std::string what;
  double price = 0;
};

class Shop {
 public:
  using Accepts = Messages<Sell>;
  explicit Shop(Self self)
      : metrics_(self.node().metrics()),
        prices_(
            metrics_.histogram({.name = "shop_price_euros", .help = "What was paid."}, {1, 10, 100})
                .value()),
        open_(metrics_.gauge({.name = "shop_open", .help = "Shops that are open."}).value()) {
    open_.add(1);
  }
  ~Shop() { open_.add(-1); }
  void handle(const Sell& sell) {
    sold(sell.what).increment();
    prices_.observe(sell.price);
  }

 private:
  Metrics::Counter sold(const std::string& what) {
    return metrics_
        .counter({.name = "shop_sold_total", .help = "Sold.", .labels = {{"what", what}}})
        .value();
  }

  Metrics& metrics_;
  Metrics::Histogram prices_;
  Metrics::Gauge open_;
};
// endregion

// region refused
std::string why_not(Node& node) {
  auto refused = node.metrics().counter({.name = "shop sales"});
  return refused.error().what;
}
// endregion

// region endpoint
// Told at http://127.0.0.1:9464/metrics as long as the endpoint lives; it ends before the nodes.
Result<std::unique_ptr<MetricsEndpoint>> tell_prometheus(Node& shop, Node& store) {
  auto endpoint = MetricsEndpoint::open({.port = 9464});
  if (!endpoint) return endpoint;  // one sentence: the port is in use
  (*endpoint)->add(shop);
  (*endpoint)->add(store);
  return endpoint;
}
// endregion

Behaviour sells(Self self, Pid shop) {
  self.send<Sell>(shop, "tea", 3.5);
  self.send<Sell>(shop, "teapot", 40.0);
  self.send<Sell>(shop, "tea", 3.5);
  co_return;
}

}  // namespace

TEST_CASE("the manual's shop is seen as text", "[manual]") {
  OneNode world;
  Node& node = world.node();
  const Pid shop = start_on<Shop>(node, "shop"_atom).pid;
  world.spawn<&sells>(shop);
  world.run();
  // region text
  const std::string text = metrics_text(node);
  REQUIRE(text.find("shop_sold_total{node=\"a@h\",what=\"tea\"} 2\n") != std::string::npos);
  REQUIRE(text.find("shop_price_euros_bucket{node=\"a@h\",le=\"10\"} 2\n") != std::string::npos);
  REQUIRE(text.find("glasshouse_processes{node=\"a@h\"} 1\n") != std::string::npos);
  // endregion
  REQUIRE(text.find("shop_open{node=\"a@h\"} 1\n") != std::string::npos);
  node.exit(shop, Term(atoms::kill));
  world.run();
  REQUIRE(metrics_text(node).find("shop_open{node=\"a@h\"} 0\n") != std::string::npos);
}

TEST_CASE("the manual's bad name is refused", "[manual]") {
  OneNode world;
  REQUIRE(why_not(world.node()).starts_with("\"shop sales\" is no name of a metric"));
  REQUIRE(&tell_prometheus != nullptr);
}

}  // namespace glasshouse::tests::manual
