#include "runtime/schedule/help_trial.h"

#include "tests/catch.h"

namespace glasshouse::tests {

namespace {

using namespace std::chrono_literals;
using runtime::HelpTrial;
using std::chrono::nanoseconds;

// A crew whose workers do what they are told to, and one of them that is tried.
class Crew {
 public:
  Crew() { trial.begin(progress_); }

  // All work for `time`, at so many reductions a microsecond, in turns of `turn` on average.
  const HelpTrial::Progress& after(nanoseconds time, double pace, nanoseconds turn = 100ns) {
    progress_.at += time;
    progress_.turns += static_cast<std::uint64_t>(time / turn);
    progress_.reductions +=
        static_cast<std::uint64_t>(pace * static_cast<double>(time.count()) / 1000);
    return progress_;
  }

  // How long it works before it stands aside, at most a second.
  nanoseconds works_for(double pace, nanoseconds turn = 100ns) {
    for (nanoseconds time = 100us; time < 1s; time += 100us)
      if (trial.is_due(after(100us, pace, turn))) return time;
    return 1s;
  }
  // How long it is aside, at most a second.
  nanoseconds is_aside_for(double pace, bool is_more_to_do = true) {
    trial.stand_aside(progress_);
    for (nanoseconds time = 200us; time < 1s; time += 200us)
      if (!trial.stays_aside(after(200us, pace), is_more_to_do)) return time;
    return 1s;
  }

  HelpTrial trial;

 private:
  HelpTrial::Progress progress_;
};

}  // namespace

TEST_CASE("a worker that is missed comes back at once and is tried half as often", "[schedule]") {
  Crew crew;
  REQUIRE(crew.works_for(20) == 1ms);
  for (const nanoseconds next : {1ms, 2ms, 4ms, 8ms, 16ms, 32ms, 64ms, 64ms}) {
    REQUIRE(crew.is_aside_for(15) == 200us);
    REQUIRE(crew.works_for(20) == next);
  }
}

TEST_CASE("a worker that is missed a little is tried again as soon", "[schedule]") {
  Crew crew;
  crew.works_for(20);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(crew.is_aside_for(18) == 200us);
    REQUIRE(crew.works_for(20) == 1ms);
  }
}

TEST_CASE("a worker that is not missed stays away twice as long each time", "[schedule]") {
  Crew crew;
  crew.works_for(10);
  for (const nanoseconds time : {1ms, 2ms, 4ms, 8ms, 16ms, 16ms}) {
    REQUIRE(crew.is_aside_for(16) == time);
    REQUIRE(crew.works_for(10) == 100us);
  }
}

TEST_CASE("a worker that stands aside is missed when the others slow down", "[schedule]") {
  Crew crew;
  crew.works_for(10);
  crew.trial.stand_aside(crew.after(0ns, 0));
  REQUIRE(crew.trial.stays_aside(crew.after(200us, 16), true));
  REQUIRE_FALSE(crew.trial.stays_aside(crew.after(200us, 9), true));
}

TEST_CASE("a worker that stands aside is not missed where nothing waits", "[schedule]") {
  Crew crew;
  crew.works_for(10);
  REQUIRE(crew.is_aside_for(5, false) == 1ms);
}

TEST_CASE("a worker that stands aside comes back when nobody works", "[schedule]") {
  Crew crew;
  crew.works_for(10);
  crew.trial.stand_aside(crew.after(0ns, 0));
  REQUIRE_FALSE(crew.trial.stays_aside(crew.after(200us, 0, 1s), false));
}

TEST_CASE("a worker beside one that is held is tried half as often each time", "[schedule]") {
  Crew crew;
  crew.works_for(10);
  for (const nanoseconds next : {1ms, 2ms, 4ms}) {
    crew.trial.stand_aside(crew.after(0ns, 0));
    REQUIRE_FALSE(crew.trial.stays_aside(crew.after(200us, 0, 1s), true));
    REQUIRE(crew.works_for(10) == next);
  }
}

TEST_CASE("nobody stands aside while turns are long", "[schedule]") {
  Crew crew;
  REQUIRE(crew.works_for(10, 2us) == 1s);
}

TEST_CASE("a worker that was asleep or alone is not tried for a while", "[schedule]") {
  Crew crew;
  crew.works_for(10);
  crew.trial.begin(crew.after(1s, 0));
  REQUIRE(crew.works_for(10) == 1ms);
}

}  // namespace glasshouse::tests
