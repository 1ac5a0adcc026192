// What a state machine and event handlers show instead of their states.

#include "runtime/behaviour/gen_event.h"
#include "runtime/behaviour/gen_statem.h"
#include "runtime/behaviour/sys.h"
#include "tests/catch.h"
#include "tests/runtime/notes_of.h"
#include "tests/runtime/observe/log_collector.h"

namespace glasshouse::tests {

using namespace runtime::literals;

namespace {

struct Push {};
struct Break {};

class Lamp {
 public:
  enum class State { off, on };
  using Accepts = Messages<Push, Break>;
  explicit Lamp(std::string how) : how_(std::move(how)) {}
  gen_statem::Next<State> init() {
    return gen_statem::ok(State::off, gen_statem::state_timeout(1_s, "code 1234"_atom));
  }
  gen_statem::Next<State> handle(State, const Push&) {
    return gen_statem::keep_state(gen_statem::postpone());
  }
  void handle(State, const Break&) { throw std::runtime_error("broken"); }
  void handle(State, const gen_statem::AnyEvent&) {}
  Term describe() const { return Term("secret"_atom); }
  Status format_status(Status status) const {
    if (how_ == "crashes") throw std::runtime_error("no status");
    status.state = tuple(status.state.element(0), Term("hidden"_atom));
    status.timeouts = Term(static_cast<std::int64_t>(status.timeouts.as_list().size()));
    status.postponed = Term(static_cast<std::int64_t>(status.postponed.as_list().size()));
    return status;
  }

 private:
  std::string how_;
};

class Meter {
 public:
  using Accepts = Messages<Push, Break>;
  explicit Meter(std::string how) : how_(std::move(how)) {}
  void handle(const Push&) {}
  void handle(const Break&) { throw std::runtime_error("broken"); }
  Term describe() const { return Term("secret"_atom); }
  Status format_status(Status status) const {
    if (how_ == "crashes") throw std::runtime_error("no status");
    status.state = Term("hidden"_atom);
    if (!status.message.is_undefined()) status.message = Term("something"_atom);
    return status;
  }

 private:
  std::string how_;
};
struct Plain {
  using Accepts = Messages<Push>;
  void handle(const Push&) {}
};

// The parts of Misc that show a state, and what a machine has in the part before.
Task<void> note_status(Self self, Notes* notes, Pid pid) {
  const Term status = co_await sys::get_status(self, pid);
  const Term misc = status.element(3).as_list()[4];
  for (std::size_t part = 2; part < misc.as_list().size(); ++part)
    notes->push_back(text(misc.as_list()[part]));
  const Term first = misc.as_list()[1].element(1);
  for (std::size_t own = 3; own < first.as_list().size(); ++own)
    notes->push_back(text(first.as_list()[own]));
}

Behaviour shows_a_machine(Self self, Notes* notes) {
  for (const std::string how : {"well", "crashes"}) {
    auto starting = gen_statem::start<Lamp>(self, how);
    const auto started = co_await starting;
    self.cast<Push>(started.pid);
    co_await note_status(self, notes, started.pid.pid);
  }
}

Behaviour breaks_a_machine(Self self) {
  auto starting = gen_statem::start<Lamp>(self, std::string("well"));
  const auto started = co_await starting;
  self.cast<Break>(started.pid);
}

Task<Pid> manager(Self self) {
  auto starting = gen_event::start(self);
  const Started started = co_await starting;
  auto first = gen_event::add_handler(self, started.pid, gen_event::IdOf<Plain>());
  static_cast<void>(co_await first);
  for (const std::string how : {"well", "crashes"}) {
    auto adding =
        gen_event::add_handler(self, started.pid, gen_event::IdOf<Meter>{binary(how)}, how);
    static_cast<void>(co_await adding);
  }
  co_return started.pid;
}

Behaviour shows_handlers(Self self, Notes* notes) {
  const Pid pid = co_await manager(self);
  co_await note_status(self, notes, pid);
}

Behaviour breaks_handlers(Self self) {
  const Pid pid = co_await manager(self);
  auto telling = gen_event::sync_notify<Break>(self, pid);
  co_await telling;
}

// Of each report with that label, what stands under the keys.
template <auto Body>
Notes reported(std::string_view label, const std::vector<Atom>& keys) {
  OneNode one;
  const auto log = collect(one.node().logger(), "test"_atom);
  one.spawn<Body>();
  one.run();
  Notes notes;
  for (const LogEvent& event : log->labelled(label)) {
    for (const Atom key : keys)
      notes.push_back(text(*event.message.find(Term(key))));
  }
  return notes;
}

}  // namespace

TEST_CASE("format_status of a machine hides its data and its time-outs", "[gen_statem]") {
  REQUIRE(notes_of<shows_a_machine>() ==
          Notes{"{data,[{<<\"State\">>,{off,hidden}}]}", "{<<\"Time-outs\">>,{1,1}}",
                "{<<\"Logged Events\">>,[]}", "{<<\"Postponed\">>,1}",
                "{data,[{<<\"State\">>,<<\"lamp:format_status crashed\">>}]}",
                "{<<\"Time-outs\">>,{1,[{state_timeout,'code 1234'}]}}",
                "{<<\"Logged Events\">>,[]}", "{<<\"Postponed\">>,[{cast,push}]}"});
}

TEST_CASE("the report of a machine shows what format_status says", "[gen_statem]") {
  REQUIRE(reported<breaks_a_machine>("{gen_statem,terminate}", {"state"_atom, "reason"_atom}) ==
          Notes{"{off,hidden}", "{runtime_error,<<\"broken\">>}"});
}

TEST_CASE("each handler of an event manager formats its own state", "[gen_event]") {
  REQUIRE(
      notes_of<shows_handlers>() ==
      Notes{"{data,[{<<\"State\">>,[{meter,<<\"crashes\">>,<<\"meter:format_status crashed\">>},"
            "{meter,<<\"well\">>,hidden},{plain,false,#{}}]}]}"});
}

TEST_CASE("the report of a handler shows what its format_status says", "[gen_event]") {
  REQUIRE(reported<breaks_handlers>("{gen_event,terminate}", {"last_message"_atom, "state"_atom}) ==
          Notes{"break", "<<\"meter:format_status crashed\">>", "something", "hidden"});
}

}  // namespace glasshouse::tests
