#include "sim/network.h"

#include "tests/catch.h"
#include "tests/sim/listener.h"
#include "tests/sim/peer.h"

namespace glasshouse::sim {
namespace {

using runtime::EventKind;
using namespace runtime::literals;
using Lines = std::vector<std::string>;

LinkOptions link_of(Distribution latency) {
  LinkOptions link;
  link.latency = latency;
  return link;
}

WorldOptions options_with(LinkOptions link, std::uint64_t seed = 1) {
  WorldOptions options;
  options.seed = seed;
  options.network.link = link;
  return options;
}

TEST_CASE("what is sent arrives, in order and whole, in both directions", "[network]") {
  const auto seed = GENERATE(range<std::uint64_t>(1, 6));
  Pair pair(options_with(link_of(Distribution::exponential(1_ms, 50_ms)), seed), {.echoes = true});
  pair.connect();
  REQUIRE(pair.client_diary.lines == Lines{"connected"});
  REQUIRE(pair.server_diary.lines == Lines{"accepted"});
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    const std::string text = "line " + std::to_string(i) + "\n";
    expected += text;
    pair.client_says(text);
    pair.world.run_for(1_ms);
  }
  pair.world.run_for(10_s);
  REQUIRE(pair.server_diary.bytes == expected);
  REQUIRE(pair.client_diary.bytes == expected);
}

TEST_CASE("bytes take the time of the link", "[network]") {
  Pair pair(options_with(link_of(Distribution::constant(30_ms))));
  pair.connect();
  const Instant sent = pair.world.now();
  pair.client_says("x");
  pair.world.run_for(29_ms);
  REQUIRE(pair.server_diary.bytes.empty());
  pair.world.run_for(2_ms);
  REQUIRE(pair.server_diary.bytes == "x");
  REQUIRE(pair.server_diary.last >= sent + 30_ms);
}

TEST_CASE("bytes that were not credited do not arrive", "[network]") {
  Pair pair({}, {.credit = 3});
  pair.connect();
  pair.client_says("abcdefgh");
  pair.world.run_for(1_s);
  REQUIRE(pair.server_diary.bytes == "abc");
  pair.world.node(pair.server)->deliver<Grant>(pair.server_pid, std::uint64_t{4});
  pair.world.run_for(1_s);
  REQUIRE(pair.server_diary.bytes == "abcdefg");
}

TEST_CASE("connections that were not credited wait, and what they sent with them", "[network]") {
  Pair pair({}, {.accepts = 0});
  pair.connect();
  REQUIRE(pair.client_diary.lines == Lines{"connected"});
  REQUIRE(pair.server_diary.lines.empty());
  pair.client_says("early");
  pair.world.run_for(1_s);
  pair.world.network().credit({2}, 1);  // the listener is the first socket of the world
  pair.world.run_for(1_s);
  REQUIRE(pair.server_diary.lines == Lines{"accepted"});
  REQUIRE(pair.server_diary.bytes == "early");
}

TEST_CASE("a sender of much is told that its queue is full, and when it has drained", "[network]") {
  Pair pair({}, {.credit = 0});
  pair.connect();
  pair.client_says(std::string(1 << 20, 'x'));
  pair.world.run_for(1_s);
  REQUIRE_FALSE(pair.client_diary.told_full);  // a part of it is on the way
  pair.client_says(std::string(1 << 20, 'x'));
  pair.world.run_for(1_s);
  REQUIRE(pair.client_diary.told_full);
  REQUIRE(pair.server_diary.bytes.empty());
  pair.world.node(pair.server)->deliver<Grant>(pair.server_pid, std::uint64_t{1} << 30);
  pair.world.run_for(10_s);
  REQUIRE(pair.server_diary.bytes.size() == 2 << 20);
  REQUIRE(pair.client_diary.has("drained"));
}

TEST_CASE("a closed connection delivers what was queued, then says normal", "[network]") {
  Pair pair;
  pair.connect();
  pair.client_says(std::string(700'000, 'x'));
  pair.world.node(pair.client)->deliver<HangUp>(pair.client_pid);
  pair.world.run_for(10_s);
  REQUIRE(pair.server_diary.bytes.size() == 700'000);
  REQUIRE(pair.server_diary.lines == Lines{"accepted", "closed normal"});
  REQUIRE(pair.client_diary.lines == Lines{"connected"});
  REQUIRE(pair.world.network().open_connections() == 0);
}

TEST_CASE("a socket is closed when its owner exits", "[network]") {
  Pair pair;
  pair.connect();
  pair.world.exit_process(pair.client_pid, Term(runtime::atoms::kill));
  pair.world.run_for(1_s);
  REQUIRE(pair.server_diary.lines == Lines{"accepted", "closed normal"});
}

TEST_CASE("a socket given to a process that is gone is closed", "[network]") {
  Pair pair;
  pair.connect();
  runtime::Node& node = *pair.world.node(pair.server);
  const Pid gone = node.spawn<peer>(&pair.client_diary, PeerPlan{.port = 81});
  pair.world.exit_process(gone, Term(runtime::atoms::kill));
  pair.world.run_for(1_s);
  pair.world.network().give(pair.server_diary.socket, gone);
  pair.world.run_for(1_s);
  REQUIRE(pair.client_diary.lines == Lines{"connected", "closed normal"});
  REQUIRE(pair.world.network().open_connections() == 0);
}

TEST_CASE("who sends to a socket that was closed is reset", "[network]") {
  Pair pair(options_with(link_of(Distribution::constant(10_ms))));
  pair.connect();
  pair.world.node(pair.client)->deliver<HangUp>(pair.client_pid);
  pair.world.run_for(1_ms);
  pair.server_says("too late");  // before it can know
  pair.world.run_for(1_s);
  REQUIRE(pair.server_diary.lines == Lines{"accepted", "closed normal"});
  REQUIRE(pair.client_diary.bytes.empty());
}

TEST_CASE("connecting where nobody listens is refused", "[network]") {
  Pair pair({}, {.port = 81});
  pair.connect();
  REQUIRE(pair.client_diary.lines == Lines{"closed econnrefused"});
}

Behaviour connects_to_nowhere(Self self, Diary* diary) {
  self.network().connect(self.node(), self.pid(), {.host = "nowhere", .port = 1});
  const auto closed = co_await self.receive<Closed>();
  diary->lines.emplace_back(closed.reason.text());
}

TEST_CASE("connecting to a host that does not exist fails", "[network]") {
  Diary diary;
  World world({});
  world.start_node(world.add_host("a"), "n",
                   [&](Node& node) { node.spawn<connects_to_nowhere>(&diary); });
  world.run_for(1_s);
  REQUIRE(diary.lines == Lines{"ehostunreach"});
}

TEST_CASE("a port in use is refused, and port 0 finds a free one", "[network]") {
  World world({});
  world.start_node(world.add_host("a"), "n", [](Node& node) {
    const Pid owner;
    auto& network = node.environment().network;
    REQUIRE(network.listen(node, owner, {.host = "a", .port = 80}).ok());
    REQUIRE(network.listen(node, owner, {.host = "a", .port = 80}).error().code == "eaddrinuse");
    REQUIRE(network.listen(node, owner, {.host = "b", .port = 81}).error().code == "eaddrnotavail");
    const auto one = network.listen(node, owner, {.host = {}, .port = 0});
    const auto two = network.listen(node, owner, {.host = {}, .port = 0});
    REQUIRE(one->port > 0);
    REQUIRE(one->port != two->port);
  });
}

TEST_CASE("a link carries no more bytes a second than it can", "[network]") {
  LinkOptions slow = link_of(Distribution::constant(1_ms));
  slow.bytes_per_second = 100'000;
  Pair pair(options_with(slow));
  pair.connect();
  pair.client_says(std::string(200'000, 'x'));
  pair.world.run_for(1_s);
  REQUIRE(pair.server_diary.bytes.size() <= 100'000);
  REQUIRE(pair.server_diary.bytes.size() > 30'000);
  pair.world.run_for(2_s);
  REQUIRE(pair.server_diary.bytes.size() == 200'000);
}

TEST_CASE("lost packets show as stalls: later, but in order", "[network]") {
  LinkOptions lossy = link_of(Distribution::constant(1_ms));
  lossy.stall = {.numerator = 1, .denominator = 2};
  lossy.stall_time = Distribution::constant(200_ms);
  Pair pair(options_with(lossy));
  pair.connect();
  for (char letter = 'a'; letter <= 'z'; ++letter)
    pair.client_says(std::string(1, letter));
  pair.world.run_for(150_ms);
  REQUIRE(pair.server_diary.bytes.size() < 26);
  pair.world.run_for(10_s);
  REQUIRE(pair.server_diary.bytes == "abcdefghijklmnopqrstuvwxyz");
}

TEST_CASE("what was sent at once may arrive in pieces", "[network]") {
  LinkOptions splitting = link_of(Distribution::constant(1_ms));
  splitting.split = {.numerator = 1, .denominator = 1};
  Pair pair(options_with(splitting));
  pair.connect();
  pair.client_says("hello world");
  pair.world.run_for(1_s);
  REQUIRE(pair.server_diary.bytes == "hello world");
  REQUIRE(pair.server_diary.pieces.size() == 2);
}

TEST_CASE("a link may reset a connection: both ends hear it", "[network]") {
  LinkOptions hostile = link_of(Distribution::constant(1_ms));
  hostile.reset = {.numerator = 1, .denominator = 1};
  Pair pair(options_with(hostile));
  pair.connect();
  pair.client_says("x");
  pair.world.run_for(1_s);
  REQUIRE(pair.server_diary.lines == Lines{"accepted", "closed econnreset"});
  REQUIRE(pair.client_diary.lines == Lines{"connected", "closed econnreset"});
}

// -- crashes ------------------------------------------------------------------------------------

TEST_CASE("after a power cut a peer hears nothing until it sends, then gives up", "[network]") {
  Pair pair;
  pair.connect();
  pair.world.crash_node(pair.server);
  pair.world.run_for(1_min);
  REQUIRE(pair.client_diary.lines == Lines{"connected"});
  pair.client_says("anybody there?");
  pair.world.run_for(14_s);
  REQUIRE(pair.client_diary.lines == Lines{"connected"});
  pair.world.run_for(2_s);
  REQUIRE(pair.client_diary.lines == Lines{"connected", "closed etimedout"});
}

TEST_CASE("a host that has power again resets the connections of its former life", "[network]") {
  Pair pair;
  pair.connect();
  pair.world.crash_node(pair.server);
  pair.client_says("x");
  pair.world.run_for(1_s);
  pair.world.restart_node(pair.server);
  pair.world.run_for(1_s);
  REQUIRE(pair.client_diary.lines == Lines{"connected", "closed econnreset"});
}

TEST_CASE("a connection that slept through a crash is reset when it sends again", "[network]") {
  Pair pair;
  pair.connect();
  pair.world.crash_node(pair.server);
  pair.world.restart_node(pair.server);
  pair.world.run_for(1_s);
  REQUIRE(pair.client_diary.lines == Lines{"connected"});
  pair.client_says("x");
  pair.world.run_for(1_s);
  REQUIRE(pair.client_diary.lines == Lines{"connected", "closed econnreset"});
}

TEST_CASE("when a program dies its peers hear it from its operating system", "[network]") {
  Pair pair;
  pair.connect();
  pair.world.crash_node(pair.server, Crash::process_death);
  pair.world.run_for(1_s);
  REQUIRE(pair.client_diary.lines == Lines{"connected", "closed normal"});
}

TEST_CASE("connecting to a host without power is not answered", "[network]") {
  Pair pair;
  pair.world.crash_node(pair.server);
  pair.world.run_for(19_s);
  REQUIRE(pair.client_diary.lines.empty());
  pair.world.run_for(2_s);
  REQUIRE(pair.client_diary.lines == Lines{"closed etimedout"});
}

TEST_CASE("connecting to a host whose program died is refused", "[network]") {
  Pair pair;
  pair.world.crash_node(pair.server, Crash::process_death);
  pair.world.run_for(1_s);
  REQUIRE(pair.client_diary.lines == Lines{"closed econnrefused"});
}

TEST_CASE("nothing is left of connections whose ends are both gone", "[network]") {
  Pair pair;
  pair.connect();
  pair.world.crash_node(pair.server);
  pair.world.crash_node(pair.client);
  REQUIRE(pair.world.network().open_connections() == 0);
}

}  // namespace
}  // namespace glasshouse::sim
