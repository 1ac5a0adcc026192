#include "gui/model/observer.h"

#include <thread>

#include "tests/catch.h"
#include "tests/gui/fake_source.h"

namespace glasshouse::gui {
namespace {

void frames(Observer& observer, int count) {
  for (int i = 0; i < count; ++i)
    observer.update(1.0 / 60);
}

TEST_CASE("a new observer stands at the newest moment", "[observer]") {
  auto observer = std::make_unique<Observer>(std::make_unique<FakeSource>(), Desk::Mode::in_line);
  frames(*observer, 1);
  REQUIRE(observer->focus().is_latest);
  REQUIRE(observer->picture().moment == observer->picture().extent.last);
}

TEST_CASE("moving the focus moves the picture and adds to the history", "[observer]") {
  auto observer = std::make_unique<Observer>(std::make_unique<FakeSource>(), Desk::Mode::in_line);
  observer->go_to(100);
  frames(*observer, 1);
  REQUIRE(observer->picture().moment == 100);
  observer->go_to(200);
  frames(*observer, 1);
  observer->go_back();
  frames(*observer, 1);
  REQUIRE(observer->picture().moment == 100);
  observer->go_forward();
  frames(*observer, 1);
  REQUIRE(observer->picture().moment == 200);
  REQUIRE_FALSE(observer->can_go_forward());
}

TEST_CASE("a moment beyond the end is the end", "[observer]") {
  auto observer = std::make_unique<Observer>(std::make_unique<FakeSource>(), Desk::Mode::in_line);
  observer->go_to(~Moment{0});
  frames(*observer, 1);
  REQUIRE(observer->picture().moment == observer->picture().extent.last);
}

TEST_CASE("a step in the scope of a process stays with the process", "[observer]") {
  auto observer = std::make_unique<Observer>(std::make_unique<FakeSource>(), Desk::Mode::in_line);
  ProcessKey shard = 0;
  for (const ProcessRow& row : observer->picture().processes.rows) {
    if (row.name == "kv_shard_3") shard = row.key;
  }
  observer->select_process(shard);
  observer->go_to(5'000);
  frames(*observer, 1);
  for (int i = 0; i < 5; ++i) {
    observer->step(Direction::back, StepScope::process);
    frames(*observer, 1);
    REQUIRE(observer->picture().event->subject == shard);
  }
  REQUIRE(observer->picture().moment < 5'000);
}

TEST_CASE("playing moves through time and stops at the end", "[observer]") {
  auto observer = std::make_unique<Observer>(std::make_unique<FakeSource>(), Desk::Mode::in_line);
  observer->go_to_first();
  frames(*observer, 1);
  observer->toggle_playing();
  frames(*observer, 60);
  std::int64_t after_a_second = observer->picture().time_ns;
  REQUIRE(after_a_second > 900'000'000);
  REQUIRE(after_a_second < 1'100'000'000);
  for (int i = 0; i < 10; ++i)
    observer->change_speed(Direction::forward);
  frames(*observer, 60);
  REQUIRE(observer->focus().is_latest);
  REQUIRE_FALSE(observer->is_playing());
}

TEST_CASE("cause and effect undo each other between a send and its receive", "[observer]") {
  auto observer = std::make_unique<Observer>(std::make_unique<FakeSource>(), Desk::Mode::in_line);
  const Picture* picture = &observer->picture();
  Moment send = 0;
  for (Moment moment = 2'000; send == 0; ++moment) {
    observer->select_event(moment);
    frames(*observer, 1);
    picture = &observer->picture();
    if (picture->event->kind == EventKind::send) send = moment;
  }
  observer->select_effect();
  frames(*observer, 1);
  REQUIRE(observer->picture().event->kind == EventKind::receive);
  observer->select_cause();
  frames(*observer, 1);
  REQUIRE(observer->picture().event->moment == send);
}

TEST_CASE("what cannot be done is said", "[observer]") {
  auto observer = std::make_unique<Observer>(std::make_unique<FakeSource>(), Desk::Mode::in_line);
  observer->step_notable(Direction::forward);
  REQUIRE_FALSE(observer->notice.empty());
}

TEST_CASE("a live run is run, paused, stepped, cut and killed by hand", "[observer]") {
  FakeOptions live{.is_live = true};
  auto observer =
      std::make_unique<Observer>(std::make_unique<FakeSource>(live), Desk::Mode::in_line);
  frames(*observer, 1);
  Moment before = observer->picture().extent.last;
  frames(*observer, 3);
  REQUIRE(observer->picture().extent.last == before);
  observer->step(Direction::forward, StepScope::run);
  frames(*observer, 2);
  REQUIRE(observer->picture().extent.last == before + 1);
  observer->toggle_playing();
  frames(*observer, 5);
  REQUIRE(observer->is_playing());
  REQUIRE(observer->picture().extent.last > before + 20);
  observer->toggle_playing();
  frames(*observer, 2);
  observer->toggle_cut(1, 2);
  frames(*observer, 2);
  REQUIRE(observer->picture().live.cuts.size() == 2);
  observer->select_process(observer->picture().processes.rows.front().key);
  observer->kill_process();
  frames(*observer, 2);
  REQUIRE(observer->focused_process()->activity == Activity::exited);
  observer->kill_process();
  frames(*observer, 2);
  REQUIRE(observer->notice.find("already gone") != std::string::npos);
}

TEST_CASE("steps asked for faster than they are answered all count", "[observer]") {
  auto observer = std::make_unique<Observer>(std::make_unique<FakeSource>(), Desk::Mode::threaded);
  observer->go_to(3'000);
  for (int i = 0; i < 21; ++i)
    observer->step(Direction::back, StepScope::run);
  while (observer->picture().moment != 2'979) {
    observer->update(1.0 / 60);
    std::this_thread::yield();
  }
  REQUIRE(observer->focus().event == 2'979);
}

TEST_CASE("a worker thread gives the same picture as asking in line", "[observer]") {
  auto observer = std::make_unique<Observer>(std::make_unique<FakeSource>(), Desk::Mode::threaded);
  observer->go_to(3'000);
  observer->update(1.0 / 60);
  while (observer->picture().moment != 3'000) {
    observer->update(1.0 / 60);
    std::this_thread::yield();
  }
  auto direct = std::make_unique<Observer>(std::make_unique<FakeSource>(), Desk::Mode::in_line);
  direct->go_to(3'000);
  frames(*direct, 1);
  REQUIRE(observer->picture().processes.rows.size() == direct->picture().processes.rows.size());
  REQUIRE(observer->picture().time_ns == direct->picture().time_ns);
}

}  // namespace
}  // namespace glasshouse::gui
