#include "runtime/behaviour/gen_statem_core.h"

#include <string>

#include "runtime/behaviour/gen_statem_words.h"
#include "runtime/term/print.h"
#include "tests/catch.h"

namespace glasshouse::tests {

using namespace runtime;
using namespace runtime::literals;
using namespace runtime::gen_statem;

namespace {

// The world of a core, in which time stands still and timers are only counted.
class Still final : public World {
 public:
  Instant now() const override { return Instant::at(1_s); }
  TimerId start_timer(Duration after, std::uint64_t number) override {
    last = number;
    said += "start " + to_string(after) + ";";
    return {static_cast<std::uint32_t>(number), 1};
  }
  void cancel_timer(TimerId timer) override {
    said += "cancel " + std::to_string(timer.slot) + ";";
  }
  void send_reply(const CallFrom& to, MessagePtr reply) override {
    said += "reply " + std::to_string(to.ref.number) + " " +
            to_string(reply->type->to_term(*reply)) + ";";
  }
  bool change_module(const ChangeModule& change) override {
    return change.how != ChangeModule::How::pop;
  }

  std::string take() { return std::exchange(said, {}); }
  std::uint64_t last = 0;
  std::string said;
};

struct Question {
  using Reply = std::int64_t;
};

AnyEvent cast(Atom content) {
  return {.type = EventType::cast, .name = {}, .from = {}, .content = make_message<Atom>(content)};
}

std::string show(const AnyEvent& event) {
  return to_string(type_term(event)) + ":" + to_string(content_term(event));
}

class Rig {
 public:
  // One event goes through, and `outcome` is what its callback answered.
  void handle(AnyEvent event, Outcome outcome, bool changes = false) {
    core.begin(std::move(event));
    REQUIRE_FALSE(core.take(std::move(outcome.actions)));
    core.settle(changes);
  }
  // All that is queued, in its order; none of it does anything.
  std::string drain() {
    std::string all;
    while (core.has_next()) {
      core.begin(core.next());
      if (!all.empty()) all += ' ';
      all += show(core.current());
      core.settle(false);
    }
    return all;
  }

  Still world;
  Core core{world};
};

}  // namespace

TEST_CASE("postponed events come back in their order after a change of state", "[gen_statem]") {
  Rig rig;
  rig.handle(cast("a"_atom), keep_state(postpone()));
  rig.handle(cast("b"_atom), keep_state(postpone()));
  REQUIRE_FALSE(rig.core.has_next());
  REQUIRE(rig.core.postponed().size() == 2);
  rig.handle(cast("c"_atom), keep_state(), true);
  REQUIRE(rig.drain() == "cast:a cast:b");
}

TEST_CASE("an event that is postponed by the change itself is the last to come back",
          "[gen_statem]") {
  Rig rig;
  rig.handle(cast("a"_atom), keep_state(postpone()));
  rig.handle(cast("b"_atom), keep_state(postpone()), true);
  REQUIRE(rig.drain() == "cast:a cast:b");
}

TEST_CASE("the last word about postponing counts", "[gen_statem]") {
  Rig rig;
  rig.handle(cast("a"_atom), keep_state(postpone(), postpone(false)));
  rig.handle(cast("b"_atom), keep_state(), true);
  REQUIRE(rig.drain().empty());
}

TEST_CASE("inserted events come before postponed ones, and these before what is queued",
          "[gen_statem]") {
  Rig rig;
  rig.handle(cast("p"_atom), keep_state(postpone()));
  rig.handle(cast("x"_atom), keep_state(next_event(EventType::cast, "q"_atom)));
  rig.handle(rig.core.next(), keep_state(next_event(EventType::internal, "r"_atom),
                                         next_event(EventType::info, "s"_atom)));
  rig.handle(rig.core.next(), keep_state(next_event(EventType::internal, "i"_atom)), true);
  REQUIRE(rig.drain() == "internal:i cast:p info:s");
}

TEST_CASE("a zero time-out waits for what is queued and starts no timer", "[gen_statem]") {
  Rig rig;
  rig.handle(cast("a"_atom),
             keep_state(state_timeout(0_ms, "z"_atom), timeout(Term("n"_atom), 0_ms, "y"_atom),
                        next_event(EventType::internal, "i"_atom)));
  REQUIRE(rig.drain() == "internal:i state_timeout:z {timeout,n}:y");
  REQUIRE(rig.world.take().empty());
}

TEST_CASE("any event cancels the event time-out, and a queued one before it starts",
          "[gen_statem]") {
  Rig rig;
  rig.handle(cast("a"_atom), keep_state(timeout(5_ms, "t"_atom)));
  REQUIRE(rig.world.take() == "start 5 ms;");
  rig.handle(cast("b"_atom), keep_state());
  REQUIRE(rig.world.take() == "cancel 1;");
  rig.handle(cast("c"_atom), keep_state(timeout(0_ms, "t"_atom), state_timeout(0_ms, "s"_atom)));
  REQUIRE(rig.drain() == "timeout:t state_timeout:s");
  rig.handle(cast("c"_atom), keep_state(state_timeout(0_ms, "s"_atom), timeout(0_ms, "t"_atom)));
  REQUIRE(rig.drain() == "state_timeout:s");
}

TEST_CASE("a change of state cancels the state time-out of the old state only", "[gen_statem]") {
  Rig rig;
  rig.handle(cast("a"_atom), keep_state(state_timeout(5_ms), timeout(Term(1), 7_ms)));
  REQUIRE(rig.world.take() == "start 5 ms;start 7 ms;");
  rig.handle(cast("b"_atom), keep_state(state_timeout(9_ms)), true);
  REQUIRE(rig.world.take() == "cancel 1;start 9 ms;");
  REQUIRE(rig.core.timeouts().size() == 2);
}

TEST_CASE("a time-out that was set again does not fire for its first setting", "[gen_statem]") {
  Rig rig;
  rig.handle(cast("a"_atom), keep_state(state_timeout(5_ms, "old"_atom)));
  const std::uint64_t first = rig.world.last;
  rig.handle(cast("b"_atom), keep_state(state_timeout(5_ms, "new"_atom)));
  REQUIRE_FALSE(rig.core.timed_out(first));
  const auto event = rig.core.timed_out(rig.world.last);
  REQUIRE(event);
  REQUIRE(show(*event) == "state_timeout:new");
  REQUIRE_FALSE(rig.core.timed_out(rig.world.last));
}

TEST_CASE("an update changes the content and not the time", "[gen_statem]") {
  Rig rig;
  rig.handle(cast("a"_atom), keep_state(state_timeout(5_ms, "old"_atom)));
  rig.handle(cast("b"_atom), keep_state(state_timeout(update, "new"_atom)));
  REQUIRE(rig.world.take() == "start 5 ms;");
  const auto event = rig.core.timed_out(rig.world.last);
  REQUIRE(event);
  REQUIRE(show(*event) == "state_timeout:new");
}

TEST_CASE("an update of a time-out that does not run is a zero time-out", "[gen_statem]") {
  Rig rig;
  rig.handle(cast("a"_atom), keep_state(timeout(Term("n"_atom), update, "new"_atom)));
  REQUIRE(rig.drain() == "{timeout,n}:new");
  REQUIRE(rig.world.take().empty());
}

TEST_CASE("of several actions about one time-out the last counts", "[gen_statem]") {
  Rig rig;
  rig.handle(cast("a"_atom), keep_state(state_timeout(5_ms), state_timeout(9_ms)));
  REQUIRE(rig.world.take() == "start 9 ms;");
  rig.handle(cast("b"_atom), keep_state(state_timeout(0_ms), state_timeout(cancel)));
  REQUIRE(rig.drain().empty());
}

TEST_CASE("an infinite time-out is none and cancels the one that runs", "[gen_statem]") {
  Rig rig;
  rig.handle(cast("a"_atom), keep_state(timeout(Term(1), 5_ms)));
  rig.handle(cast("b"_atom), keep_state(timeout(Term(1), Duration::infinity())));
  REQUIRE(rig.world.take() == "start 5 ms;cancel 1;");
  REQUIRE(rig.core.timeouts().empty());
}

TEST_CASE("an absolute time-out runs until its instant", "[gen_statem]") {
  Rig rig;
  rig.handle(cast("a"_atom), keep_state(state_timeout(Instant::at(3_s))));
  rig.handle(cast("b"_atom), keep_state(timeout(Term(1), Instant::at(0_s))));
  REQUIRE(rig.world.take() == "start 2 s;start 0 s;");
}

TEST_CASE("replies leave at once and in order, even before a bad action", "[gen_statem]") {
  Rig rig;
  const From<Question> one{{.pid = {}, .ref = {.node = {}, .creation = 0, .number = 1}}};
  const From<Question> two{{.pid = {}, .ref = {.node = {}, .creation = 0, .number = 2}}};
  rig.core.begin(cast("a"_atom));
  auto outcome = keep_state(reply(one, 10), reply(two, 20), state_timeout(-1_ms), postpone());
  const auto bad = rig.core.take(std::move(outcome.actions));
  REQUIRE(rig.world.take() == "reply 1 10;reply 2 20;");
  REQUIRE(bad);
  REQUIRE(to_string(*bad) == "{bad_action_from_state_function,{state_timeout,-1,unit}}");
}

TEST_CASE("a state enter call may set time-outs and reply, and nothing else", "[gen_statem]") {
  Rig rig;
  rig.core.begin(cast("a"_atom));
  REQUIRE_FALSE(rig.core.take_enter(keep_state(state_timeout(5_ms), hibernate()).actions));
  const auto refuse = [&](Outcome outcome) {
    return to_string(rig.core.take_enter(std::move(outcome.actions)).value_or(Term()));
  };
  REQUIRE(refuse(keep_state(postpone())) ==
          "{bad_state_enter_action_from_state_function,postpone}");
  REQUIRE(refuse(keep_state(next_event(EventType::internal, "x"_atom))) ==
          "{bad_state_enter_action_from_state_function,{next_event,internal,x}}");
  REQUIRE(refuse(keep_state(ChangeModule{})) ==
          "{bad_state_enter_action_from_state_function,pop_callback_module}");
}

TEST_CASE("a call that was postponed is the same call when it comes back", "[gen_statem]") {
  Rig rig;
  const CallFrom from{.pid = {}, .ref = {.node = {}, .creation = 0, .number = 7}};
  AnyEvent call{
      .type = EventType::call, .name = {}, .from = from, .content = make_call<Question>(from)};
  rig.handle(std::move(call), keep_state(postpone()));
  rig.handle(cast("go"_atom), keep_state(), true);
  const AnyEvent again = rig.core.next();
  REQUIRE(again.type == EventType::call);
  REQUIRE(again.from.ref == from.ref);
}

TEST_CASE("hibernation holds for one wait", "[gen_statem]") {
  Rig rig;
  rig.handle(cast("a"_atom), keep_state(hibernate()));
  REQUIRE(rig.core.hibernates());
  rig.core.shrink();
  rig.handle(cast("b"_atom), keep_state());
  REQUIRE_FALSE(rig.core.hibernates());
}

}  // namespace glasshouse::tests
