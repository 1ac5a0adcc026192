// What a server shows of itself, and how it is stopped from outside.

#include "runtime/behaviour/gen_server.h"
#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

namespace {

struct Crash {};
struct Step {
  std::int64_t left = 0;
};
struct Get {
  using Reply = std::int64_t;
};

class Vault {
 public:
  using Accepts = Messages<Get, Crash, Step>;
  Vault(Self self, Notes* notes, std::string how)
      : self_(self), notes_(notes), how_(std::move(how)) {}
  std::int64_t handle(Get) const { return 5; }
  void handle(Crash) { throw std::runtime_error("broken"); }
  void handle(Step step) {
    notes_->push_back("step " + std::to_string(step.left));
    if (step.left == 0) return;
    self_.continue_with<Step>(step.left - 1);
    self_.continue_with<Step>(0);
  }
  Task<void> terminate(Term reason) {
    if (how_ == "slow") co_await self_.sleep(Duration::hours(1));
    notes_->push_back("terminate " + text(reason));
    if (how_ == "crashes") throw std::runtime_error("at the end");
  }
  Status format_status(Status status) const {
    if (how_ == "crashes") throw std::runtime_error("no status");
    status.state = Term("hidden"_atom);
    return status;
  }
  Term describe() const { return Term("secret"_atom); }

 private:
  Self self_;
  Notes* notes_;
  std::string how_;
};

Task<Pid> vault(Self self, Notes* notes, std::string how = "well") {
  auto starting = start<Vault>(self, notes, std::move(how));
  const auto started = co_await starting;
  co_return started.pid.pid;
}

Task<void> stop_and_note(Self self, Notes* notes, To to, Term reason, Duration timeout) {
  try {
    auto stopping = stop(self, to, std::move(reason), timeout);
    co_await stopping;
    notes->push_back("stopped");
  } catch (const ExitException& exit) {
    notes->push_back("exit " + text(exit.reason()));
  }
}

Behaviour stops(Self self, Notes* notes) {
  const Duration second = Duration::seconds(1);
  const Pid good = co_await vault(self, notes);
  co_await stop_and_note(self, notes, good, Term("bye"_atom), second);
  co_await stop_and_note(self, notes, good, Term("bye"_atom), second);
  co_await stop_and_note(self, notes, "nobody"_atom, Term("bye"_atom), second);
  const Pid bad = co_await vault(self, notes, "crashes");
  co_await stop_and_note(self, notes, bad, Term("bye"_atom), second);
  const Pid slow = co_await vault(self, notes, "slow");
  co_await stop_and_note(self, notes, slow, Term("bye"_atom), second);
  notes->push_back(self.node().process_count() == 2 ? "still ending" : "gone");
  const MessagePtr left = co_await self.receive_any(Duration::zero());
  notes->push_back(left ? "leaked" : "clean");
}

Behaviour shows(Self self, Notes* notes) {
  const Pid hides = co_await vault(self, notes);
  const Term status = co_await sys::get_status(self, hides);
  notes->push_back(text(status.element(3).element(4).element(2)));
  const Term state = co_await sys::get_state(self, hides);
  notes->push_back(text(state));
  const Pid crashes = co_await vault(self, notes, "crashes");
  const Term broken = co_await sys::get_status(self, crashes);
  notes->push_back(text(broken.element(3).element(4).element(2)));
}

Behaviour continues(Self self, Notes* notes) {
  const Pid pid = co_await vault(self, notes);
  self.send<Step>(pid, 2);
  self.send<Crash>(pid);
}

Behaviour starts_monitored(Self self, Notes* notes) {
  auto starting = start_monitor<Vault>(self, notes, "well");
  const auto started = co_await starting;
  const std::int64_t value = co_await self.call<Get>(started.pid);
  self.send<Crash>(started.pid);
  const Down down = co_await self.receive<Down>();
  notes->push_back(std::to_string(value) + (down.ref == started.monitor ? " ours" : " not ours"));
}

}  // namespace

TEST_CASE("stop waits for the end, and tells of another one than was asked for", "[gen_server]") {
  REQUIRE(notes_of<stops>() == Notes{"terminate bye", "stopped", "exit noproc", "exit noproc",
                                     "terminate bye", "exit {runtime_error,<<\"at the end\">>}",
                                     "exit timeout", "still ending", "clean", "terminate bye"});
}

TEST_CASE("format_status hides a state from get_status, and may crash", "[gen_server]") {
  REQUIRE(notes_of<shows>() ==
          Notes{"{data,[{<<\"State\">>,hidden}]}", "secret",
                "{data,[{<<\"State\">>,<<\"vault:format_status crashed\">>}]}"});
}

TEST_CASE("what a handler continues with comes in order and before what waits", "[gen_server]") {
  REQUIRE(notes_of<continues>() == Notes{"step 2", "step 1", "step 0", "step 0", "step 0",
                                         "terminate {runtime_error,<<\"broken\">>}"});
}

TEST_CASE("a monitored start gives the monitor", "[gen_server]") {
  REQUIRE(notes_of<starts_monitored>() ==
          Notes{"terminate {runtime_error,<<\"broken\">>}", "5 ours"});
}

}  // namespace glasshouse::tests
