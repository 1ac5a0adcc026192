// The laws of regulation.h: a few by hand, then all of them at every step of random histories.

#include "runtime/load/regulation.h"

#include <algorithm>
#include <map>
#include <vector>

#include "runtime/base/random.h"
#include "tests/catch.h"

namespace glasshouse::tests {

namespace {

using namespace runtime;

Ref ticket(std::uint64_t number) {
  return {.node = "a@h"_atom, .creation = 1, .number = number};
}

std::vector<std::uint64_t> numbers_of(const std::vector<LoadDecision>& decisions,
                                      LoadVerdict verdict) {
  std::vector<std::uint64_t> numbers;
  for (const LoadDecision& decision : decisions) {
    if (decision.verdict == verdict) numbers.push_back(decision.ticket.number);
  }
  return numbers;
}

using Numbers = std::vector<std::uint64_t>;

// One place, and 1 is at work.
Regulation busy_with_one(const std::vector<LoadQueue>& queues) {
  Regulation regulation({.concurrency = 1}, Instant());
  for (const LoadQueue& queue : queues)
    REQUIRE(regulation.add(queue, Instant()));
  regulation.ask(ticket(1), queues.front().name, Instant());
  REQUIRE(numbers_of(regulation.decide(Instant()), LoadVerdict::ok) == Numbers{1});
  return regulation;
}

// -- random histories -----------------------------------------------------------------------------

const std::vector<Atom> names{"a"_atom, "b"_atom, "c"_atom};

LoadLimits drawn_limits(Draws& draws) {
  LoadLimits limits;
  if (draws.below(2) == 0) limits.concurrency = static_cast<std::uint32_t>(draws.below(5));
  if (draws.below(2) == 0) {
    limits.rate = Rate{.permits = static_cast<std::uint32_t>(1 + draws.below(400)),
                       .burst = static_cast<std::uint32_t>(1 + draws.below(4))};
  }
  return limits;
}

LoadQueue drawn_queue(Draws& draws, Atom name) {
  LoadQueue queue{.name = name};
  queue.limits = drawn_limits(draws);
  queue.priority = static_cast<std::int32_t>(draws.below(3));
  if (draws.below(3) == 0) queue.order = LoadOrder::lifo;
  queue.length_max = static_cast<std::uint32_t>(draws.below(12));
  queue.wait_max = Duration::milliseconds(static_cast<std::int64_t>(1 + draws.below(200)));
  if (draws.below(2) == 0) queue.shed = CodelTimes{.target = 5_ms, .interval = 20_ms};
  return queue;
}

struct Asker {
  Atom queue;
  Instant since;
  bool at_work = false;
};

// Keeps its own books of what a Regulation said, and holds it to its laws.
class Auditor {
 public:
  explicit Auditor(std::uint64_t seed)
      : draws_(seed), shared_(drawn_limits(draws_)), regulation_(shared_, now_) {
    for (const Atom name : names) {
      queues_[name] = drawn_queue(draws_, name);
      REQUIRE(regulation_.add(queues_[name], now_));
    }
  }

  void step() {
    const Instant due = regulation_.next(now_);
    // Either to where it wants to look again, or some way there.
    const Instant later =
        now_ + Duration::microseconds(static_cast<std::int64_t>(draws_.below(3000)));
    now_ = std::min(later, due);
    if (now_ < due || draws_.below(2) == 0) act();
    hear(regulation_.decide(now_));
    expect_laws();
  }

  // Without new ones all are answered, and all places are free in the end.
  void expect_end() {
    for (int i = 0; i < 10'000 && !askers_.empty(); ++i) {
      for (const std::uint64_t number : at_work()) {
        REQUIRE(regulation_.end(ticket(number)));
        askers_.erase(number);
      }
      hear(regulation_.decide(now_));
      if (!askers_.empty() && at_work().empty())
        now_ = std::min(regulation_.next(now_), now_ + 1_s);
    }
    REQUIRE(askers_.empty());
    REQUIRE(regulation_.info().at_work == 0);
    REQUIRE(regulation_.next(now_).is_max());
    REQUIRE(answered_ == asked_ - gave_up_);
  }

 private:
  Numbers at_work() const {
    Numbers numbers;
    for (const auto& [number, asker] : askers_) {
      if (asker.at_work) numbers.push_back(number);
    }
    return numbers;
  }

  void act() {
    if (draws_.below(3) != 0) {
      const Atom queue = names[draws_.below(names.size())];
      askers_[++asked_] = {queue, now_};
      regulation_.ask(ticket(asked_), queue, now_);
    } else if (!askers_.empty()) {
      auto one = askers_.begin();
      std::advance(one, draws_.below(askers_.size()));
      if (!one->second.at_work) ++gave_up_;
      REQUIRE(regulation_.end(ticket(one->first)));
      REQUIRE_FALSE(regulation_.end(ticket(one->first)));
      askers_.erase(one);
    }
  }

  void hear(const std::vector<LoadDecision>& decisions) {
    for (const LoadDecision& decision : decisions) {
      const auto found = askers_.find(decision.ticket.number);
      REQUIRE(found != askers_.end());
      REQUIRE_FALSE(found->second.at_work);
      REQUIRE(decision.waited == now_ - found->second.since);
      ++answered_;
      if (decision.verdict == LoadVerdict::ok) {
        expect_turn(found->second.queue);
        found->second.at_work = true;
        began_[found->second.queue].push_back(now_);
        began_[Atom()].push_back(now_);
      } else {
        askers_.erase(found);
      }
    }
  }

  std::size_t at_work_of(Atom queue) const {
    return static_cast<std::size_t>(
        std::count_if(askers_.begin(), askers_.end(), [&](const auto& entry) {
          return entry.second.at_work && (queue == Atom() || entry.second.queue == queue);
        }));
  }
  std::size_t waiting_of(Atom queue) const {
    return static_cast<std::size_t>(std::count_if(
        askers_.begin(), askers_.end(),
        [&](const auto& entry) { return !entry.second.at_work && entry.second.queue == queue; }));
  }

  // Nobody of a higher priority waits for nothing but the places that all share. Of queues with a
  // rate the books cannot tell.
  void expect_turn(Atom served) const {
    for (const auto& [name, queue] : queues_) {
      const bool has_place =
          !queue.limits.concurrency || at_work_of(name) < *queue.limits.concurrency;
      const bool is_free = has_place && !queue.limits.rate;
      if (is_free && queue.priority > queues_.at(served).priority) REQUIRE(waiting_of(name) == 0);
    }
  }

  void expect_rate(Atom queue, const LoadLimits& limits) {
    if (!limits.rate) return;
    const std::vector<Instant>& began = began_[queue];
    const std::size_t last = began.size();
    // All spans that end with the newest; those before were looked at before.
    for (std::size_t count = 1; count <= last; ++count) {
      const std::int64_t span = (began[last - 1] - began[last - count]).nanoseconds();
      REQUIRE(static_cast<std::int64_t>(count) <=
              limits.rate->burst + span * limits.rate->permits / 1'000'000'000);
    }
  }

  void expect_laws() {
    if (shared_.concurrency) REQUIRE(at_work_of(Atom()) <= *shared_.concurrency);
    expect_rate(Atom(), shared_);
    for (const auto& [name, queue] : queues_) {
      if (queue.limits.concurrency) REQUIRE(at_work_of(name) <= *queue.limits.concurrency);
      REQUIRE(waiting_of(name) <= queue.length_max);
      expect_rate(name, queue.limits);
    }
    for (const auto& [number, asker] : askers_) {
      if (!asker.at_work) REQUIRE(now_ - asker.since < queues_.at(asker.queue).wait_max);
    }
    REQUIRE(regulation_.info().at_work == at_work_of(Atom()));
    REQUIRE(regulation_.next(now_) > now_);
  }

  Draws draws_;
  Instant now_;
  LoadLimits shared_;
  Regulation regulation_;
  std::map<Atom, LoadQueue> queues_;
  std::map<std::uint64_t, Asker> askers_;
  std::map<Atom, std::vector<Instant>> began_;  // undefined: of all
  std::uint64_t asked_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t gave_up_ = 0;
};

}  // namespace

TEST_CASE("whatever happens, limits hold, priority is kept, and all are answered in time",
          "[regulation]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    Auditor auditor(seed);
    for (int i = 0; i < 200; ++i)
      auditor.step();
    auditor.expect_end();
  }
}

TEST_CASE("fifo serves who waits longest, lifo who came last", "[regulation]") {
  for (const LoadOrder order : {LoadOrder::fifo, LoadOrder::lifo}) {
    Regulation regulation = busy_with_one({{.name = "q"_atom, .order = order}});
    for (std::uint64_t i = 2; i <= 4; ++i)
      regulation.ask(ticket(i), "q"_atom, Instant());
    Numbers served;
    for (std::uint64_t i = 1; regulation.end(ticket(i)); i = served.back()) {
      const Numbers next = numbers_of(regulation.decide(Instant()), LoadVerdict::ok);
      if (next.empty()) break;
      served.push_back(next.front());
    }
    REQUIRE(served == (order == LoadOrder::fifo ? Numbers{2, 3, 4} : Numbers{4, 3, 2}));
  }
}

TEST_CASE("a full queue refuses who would be served last", "[regulation]") {
  for (const LoadOrder order : {LoadOrder::fifo, LoadOrder::lifo}) {
    Regulation regulation = busy_with_one({{.name = "q"_atom, .order = order, .length_max = 2}});
    for (std::uint64_t i = 2; i <= 4; ++i)
      regulation.ask(ticket(i), "q"_atom, Instant());
    const std::uint64_t last = order == LoadOrder::fifo ? 4 : 2;
    REQUIRE(numbers_of(regulation.decide(Instant()), LoadVerdict::queue_full) == Numbers{last});
  }
}

TEST_CASE("a queue without length serves or refuses at once", "[regulation]") {
  Regulation regulation({.concurrency = 1}, Instant());
  REQUIRE(regulation.add({.name = "q"_atom, .length_max = 0}, Instant()));
  regulation.ask(ticket(1), "q"_atom, Instant());
  REQUIRE(numbers_of(regulation.decide(Instant()), LoadVerdict::ok) == Numbers{1});
  regulation.ask(ticket(2), "q"_atom, Instant());
  REQUIRE(numbers_of(regulation.decide(Instant()), LoadVerdict::queue_full) == Numbers{2});
}

TEST_CASE("the higher priority goes first, and equals take turns", "[regulation]") {
  Regulation regulation = busy_with_one(
      {{.name = "low"_atom}, {.name = "high"_atom, .priority = 1}, {.name = "low2"_atom}});
  std::uint64_t number = 1;
  for (const Atom queue :
       {"low"_atom, "low"_atom, "low2"_atom, "low2"_atom, "high"_atom, "high"_atom})
    regulation.ask(ticket(++number), queue, Instant());
  Numbers served{1};
  while (regulation.end(ticket(served.back()))) {
    const Numbers next = numbers_of(regulation.decide(Instant()), LoadVerdict::ok);
    if (next.empty()) break;
    served.push_back(next.front());
  }
  REQUIRE(served == Numbers{1, 6, 7, 4, 2, 5, 3});
}

TEST_CASE("a queue that waits on its own limits does not hold up a lower one", "[regulation]") {
  Regulation regulation({.concurrency = 5}, Instant());
  const LoadQueue narrow{.name = "high"_atom, .limits = {.concurrency = 1}, .priority = 1};
  REQUIRE(regulation.add(narrow, Instant()));
  REQUIRE(regulation.add({.name = "low"_atom}, Instant()));
  regulation.ask(ticket(1), "high"_atom, Instant());
  regulation.ask(ticket(2), "high"_atom, Instant());
  regulation.ask(ticket(3), "low"_atom, Instant());
  REQUIRE(numbers_of(regulation.decide(Instant()), LoadVerdict::ok) == Numbers{1, 3});
}

TEST_CASE("a queue can be changed and deleted while some wait and work", "[regulation]") {
  Regulation regulation = busy_with_one({{.name = "q"_atom}});
  regulation.ask(ticket(2), "q"_atom, Instant());
  regulation.ask(ticket(3), "q"_atom, Instant());
  REQUIRE(regulation.decide(Instant()).empty());
  REQUIRE(regulation.modify({.name = "q"_atom, .length_max = 1}, Instant()));
  REQUIRE(numbers_of(regulation.decide(Instant()), LoadVerdict::queue_full) == Numbers{3});
  REQUIRE(regulation.remove("q"_atom, Instant()));
  REQUIRE(numbers_of(regulation.decide(Instant()), LoadVerdict::deleted) == Numbers{2});
  // Who is at work keeps its place, though another queue has the name now.
  REQUIRE(regulation.add({.name = "q"_atom}, Instant()));
  regulation.ask(ticket(4), "q"_atom, Instant());
  REQUIRE(regulation.decide(Instant()).empty());
  REQUIRE(regulation.end(ticket(1)));
  REQUIRE(numbers_of(regulation.decide(Instant()), LoadVerdict::ok) == Numbers{4});
  REQUIRE(regulation.info().queues.front().at_work == 1);
}

TEST_CASE("there is no queue twice, and none that was not added", "[regulation]") {
  Regulation regulation({}, Instant());
  REQUIRE(regulation.add({.name = "q"_atom}, Instant()));
  REQUIRE_FALSE(regulation.add({.name = "q"_atom}, Instant()));
  REQUIRE_FALSE(regulation.modify({.name = "r"_atom}, Instant()));
  REQUIRE_FALSE(regulation.remove("r"_atom, Instant()));
  regulation.ask(ticket(1), "r"_atom, Instant());
  REQUIRE(numbers_of(regulation.decide(Instant()), LoadVerdict::no_queue) == Numbers{1});
}

TEST_CASE("without anybody who waits nothing is due", "[regulation]") {
  Regulation regulation({.rate = Rate{.permits = 1}}, Instant());
  REQUIRE(regulation.add({.name = "q"_atom}, Instant()));
  regulation.ask(ticket(1), "q"_atom, Instant());
  REQUIRE(numbers_of(regulation.decide(Instant()), LoadVerdict::ok) == Numbers{1});
  REQUIRE(regulation.next(Instant()).is_max());
  regulation.ask(ticket(2), "q"_atom, Instant());
  REQUIRE(regulation.decide(Instant()).empty());
  REQUIRE(regulation.next(Instant()) == Instant::at(1_s));
}

}  // namespace glasshouse::tests
