#include "sim/agenda.h"

#include <algorithm>

#include "runtime/base/random.h"
#include "tests/catch.h"

namespace glasshouse::sim {
namespace {

using namespace runtime::literals;

TEST_CASE("what is due comes in the order of time, kind and key, however it was put in",
          "[agenda]") {
  std::vector<Due> expected;
  Agenda agenda;
  runtime::Draws draws(5);
  for (std::uint64_t i = 0; i < 5'000; ++i) {
    const auto when =
        Instant::at(Duration::nanoseconds(static_cast<std::int64_t>(draws.below(50))));
    const auto kind = static_cast<DueKind>(draws.below(due_kind_count));
    agenda.add(when, kind, i * 7919 % 5'000, i);
    expected.push_back({.moment = static_cast<std::uint64_t>(when.nanoseconds()) << 3 |
                                  static_cast<std::uint64_t>(kind),
                        .key = i * 7919 % 5'000});
  }
  std::sort(expected.begin(), expected.end());
  for (const Due& due : expected) {
    const Due taken = agenda.take();
    REQUIRE(taken.moment == due.moment);
    REQUIRE(taken.key == due.key);
  }
  REQUIRE(agenda.empty());
}

TEST_CASE("at one moment scenarios act before timers, timers before bytes, bytes before processes",
          "[agenda]") {
  Agenda agenda;
  for (const DueKind kind : {DueKind::step, DueKind::disk, DueKind::arrival, DueKind::alarm,
                             DueKind::action, DueKind::patience})
    agenda.add(Instant::at(1_s), kind, 0, 0);
  std::vector<DueKind> order;
  while (!agenda.empty())
    order.push_back(agenda.take().kind());
  REQUIRE(order == std::vector{DueKind::action, DueKind::alarm, DueKind::arrival, DueKind::patience,
                               DueKind::disk, DueKind::step});
}

TEST_CASE("what is due in the past is due now", "[agenda]") {
  Agenda agenda;
  agenda.advance(Instant::at(5_s));
  agenda.add(Instant::at(1_s), DueKind::action, 1, 0);
  REQUIRE(agenda.take().when() == Instant::at(5_s));
}

TEST_CASE("entries are counted by kind and can be taken out of the middle", "[agenda]") {
  Agenda agenda;
  for (std::uint64_t key = 0; key < 100; ++key)
    agenda.add(Instant::at(1_s), key % 2 == 0 ? DueKind::step : DueKind::disk, key, key);
  agenda.remove(DueKind::step, [](const Due& due) { return due.key < 50; });
  REQUIRE(agenda.count(DueKind::step) == 25);
  REQUIRE(agenda.count(DueKind::disk) == 50);
  std::uint64_t last = 0;
  for (agenda.take(); !agenda.empty();) {
    const Due due = agenda.take();
    REQUIRE((due.kind() == DueKind::disk || due.key >= 50));
    REQUIRE((due.key > last || due.kind() == DueKind::step));
    last = due.key;
  }
}

}  // namespace
}  // namespace glasshouse::sim
