#include "scenarios/kv/history.h"

#include "tests/catch.h"

namespace glasshouse::scenarios::kv {

namespace {

using runtime::Duration;
using runtime::Instant;

// Operations of client 1 on one key, each taking a millisecond.
class Story {
 public:
  Story& set(std::string value, Outcome outcome = Outcome::ok) {
    return add({.asked = Asked::set, .value = std::move(value), .outcome = outcome});
  }
  Story& get(std::string value) {
    return add(
        {.asked = Asked::get, .outcome = Outcome::ok, .found = true, .answer = std::move(value)});
  }
  Story& get_nothing() { return add({.asked = Asked::get, .outcome = Outcome::ok}); }
  Story& del(bool found, Outcome outcome = Outcome::ok) {
    return add({.asked = Asked::del, .outcome = outcome, .found = found});
  }
  Story& incr(std::string to) {
    return add({.asked = Asked::incr, .outcome = Outcome::ok, .answer = std::move(to)});
  }
  Story& incr_unknown() { return add({.asked = Asked::incr, .outcome = Outcome::unknown}); }
  std::size_t violations() const { return check(operations_).size(); }
  std::string first_violation() const { return check(operations_).at(0); }

 private:
  Story& add(Operation operation) {
    const auto now = [this] { return Instant::at(Duration::milliseconds(++time_)); };
    operation.client = 1;
    operation.key = "k";
    operation.begun = now();
    operation.ended = now();
    operations_.push_back(std::move(operation));
    return *this;
  }
  std::vector<Operation> operations_;
  int time_ = 0;
};

}  // namespace

TEST_CASE("a read shows the last acknowledged write", "[kv][history]") {
  REQUIRE(Story().get_nothing().set("a").get("a").set("b").get("b").violations() == 0);
  REQUIRE(Story().set("a").set("b").get("a").violations() == 1);
  REQUIRE(Story().set("a").get_nothing().violations() == 1);
  REQUIRE(Story().get("a").violations() == 1);
}

TEST_CASE("a lost write is told with key, value and times", "[kv][history]") {
  const std::string sentence = Story().set("a").set("b").get("a").first_violation();
  REQUIRE(
      sentence ==
      "client 1 read \"a\" at key k between 0.005s and 0.006s, but \"b\" was acknowledged there at "
      "0.004s");
}

TEST_CASE("a write of unknown outcome may be seen or not, once", "[kv][history]") {
  REQUIRE(Story().set("a").set("b", Outcome::unknown).get("b").violations() == 0);
  REQUIRE(Story().set("a").set("b", Outcome::unknown).get("a").get("b").violations() == 0);
  REQUIRE(Story().set("a").set("b", Outcome::unknown).get("b").get("a").violations() == 1);
  REQUIRE(Story().set("b", Outcome::unknown).get("b").set("c").get("b").violations() == 1);
  REQUIRE(Story().set("b", Outcome::pending).set("c").get("b").violations() == 0);
}

TEST_CASE("a write that failed for certain is never seen", "[kv][history]") {
  REQUIRE(Story().set("a").set("b", Outcome::failed).get("a").violations() == 0);
  REQUIRE(Story().set("a").set("b", Outcome::failed).get("b").violations() == 1);
}

TEST_CASE("a deletion shows and leaves what a variable would", "[kv][history]") {
  REQUIRE(Story().set("a").del(true).get_nothing().del(false).violations() == 0);
  REQUIRE(Story().set("a").del(true).get("a").violations() == 1);
  REQUIRE(Story().set("a").del(false).violations() == 1);
  REQUIRE(Story().del(true).violations() == 1);
  REQUIRE(Story().set("a").del(false, Outcome::unknown).get_nothing().violations() == 0);
  REQUIRE(Story().set("a").del(false, Outcome::unknown).del(false).violations() == 0);
  REQUIRE(Story().set("a", Outcome::unknown).del(true).violations() == 0);
}

TEST_CASE("a counter counts every acknowledged increment once", "[kv][history]") {
  REQUIRE(Story().incr("1").incr("2").get("2").violations() == 0);
  REQUIRE(Story().incr("1").incr("1").violations() == 1);
  REQUIRE(Story().incr("1").incr("3").violations() == 1);
  REQUIRE(Story().incr("1").get_nothing().violations() == 1);
}

TEST_CASE("an increment of unknown outcome counts at most once", "[kv][history]") {
  REQUIRE(Story().incr("1").incr_unknown().incr("3").get("3").violations() == 0);
  REQUIRE(Story().incr("1").incr_unknown().incr("2").violations() == 0);
  REQUIRE(Story().incr("1").incr_unknown().incr("2").incr("4").violations() == 0);
  REQUIRE(Story().incr("1").incr_unknown().incr("3").incr("5").violations() == 1);
  REQUIRE(Story().incr_unknown().get("1").violations() == 0);
  REQUIRE(Story().incr_unknown().get_nothing().violations() == 0);
}

TEST_CASE("keys are judged apart", "[kv][history]") {
  History history;
  const auto put = [&](std::string key, std::string value) {
    const auto id = history.begin(1, Asked::set, std::move(key), std::move(value), Instant());
    history.end(id, {.outcome = Outcome::ok}, Instant());
  };
  put("a", "1");
  put("b", "2");
  const auto read = history.begin(1, Asked::get, "a", "", Instant());
  history.end(read, {.outcome = Outcome::ok, .found = true, .answer = "1"}, Instant());
  REQUIRE(check(history.operations()).empty());
}

TEST_CASE("a client that was told nothing since the faults ended is named", "[kv][history]") {
  const auto at = [](int seconds) { return Instant::at(Duration::seconds(seconds)); };
  History history;
  history.add_client(1);
  history.add_client(2);
  history.add_client(3);
  history.add_client(3);
  history.finish_client(3);
  history.end(history.begin(1, Asked::get, "a", "", at(1)), {.outcome = Outcome::ok}, at(2));
  history.end(history.begin(2, Asked::get, "b", "", at(11)), {.outcome = Outcome::ok}, at(12));
  history.begin(1, Asked::get, "a", "", at(13));
  REQUIRE(unserved(history, at(10)) ==
          std::vector<std::string>{"client 1 was never served after the faults ended at 10s"});
  REQUIRE(unserved(history, at(1)).empty());
  REQUIRE_FALSE(history.all_finished());
  REQUIRE(history.count(Outcome::pending) == 1);
}

}  // namespace glasshouse::scenarios::kv
