#include "runtime/behaviour/gen_server.h"

#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

namespace {

struct Get {
  using Reply = std::int64_t;
};
struct Add {
  std::int64_t amount = 0;
};
struct Forget {
  using Reply = void;
};
struct Slow {
  using Reply = std::string;
  std::int64_t milliseconds = 0;
};
struct Later {
  using Reply = std::int64_t;
};
struct Release {};
struct StopAfter {
  using Reply = std::string;
  Term reason;
};
struct Fail {
  using Reply = void;
};
struct Quiet {
  std::int64_t milliseconds = 0;
};
struct Stranger {};
struct Rest {
  using Reply = void;
};

class Counter {
 public:
  using Accepts =
      Messages<Get, Add, Forget, Slow, Later, Release, StopAfter, Fail, Quiet, Timeout, Rest>;

  Counter(Self self, std::int64_t start, Notes* notes) : self_(self), value_(start), notes_(notes) {
    if (start < 0) throw std::invalid_argument("negative");
    if (start == 99) throw Ignore{};
  }

  std::int64_t handle(Get) const { return value_; }
  void handle(Add add) { value_ += add.amount; }
  void handle(Forget) { value_ = 0; }
  Task<std::string> handle(Slow slow) {
    co_await self_.sleep(Duration::milliseconds(slow.milliseconds));
    co_return "slow";
  }
  void handle(Request<Later> request) { waiting_ = std::move(request); }
  void handle(Release) { self_.reply(*waiting_, value_); }
  std::string handle(StopAfter stop) {
    self_.stop(std::move(stop.reason));
    return "done";
  }
  void handle(Fail) { throw std::runtime_error("failed"); }
  void handle(Quiet quiet) { self_.set_timeout(Duration::milliseconds(quiet.milliseconds)); }
  void handle(Timeout) { notes_->push_back("timeout"); }
  void handle(Rest) { self_.set_hibernate(); }
  void terminate(Term reason) { notes_->push_back("terminate " + text(reason)); }
  Term describe() const { return Term(value_); }

 private:
  Self self_;
  std::int64_t value_;
  Notes* notes_;
  std::optional<Request<Later>> waiting_;
};

using Pid_ = PidOf<Counter>;

Task<Pid_> counter(Self self, std::int64_t start_value, Notes* notes) {
  auto starting = start<Counter>(self, start_value, notes);
  const auto started = co_await starting;
  co_return started.pid;
}

Behaviour uses(Self self, Notes* notes) {
  const Pid_ pid = co_await counter(self, 7, notes);
  self.cast<Add>(pid, 5);
  const std::int64_t value = co_await self.call<Get>(pid);
  notes->push_back(std::to_string(value));
  co_await self.call<Forget>(pid);
  const std::int64_t nothing = co_await self.call<Get>(pid);
  notes->push_back(std::to_string(nothing));
}

// A call leaves something behind, until the server hibernates.
Behaviour lets_rest(Self self, Notes* notes) {
  const Pid_ server = start_on<Counter>(self.node(), Atom(), 7, notes);
  co_await self.call<Get>(server);
  const Process& process = *self.node().find(server.pid);
  notes->push_back(process.relations_if_any() != nullptr ? "keeps" : "keeps nothing");
  co_await self.call<Rest>(server);
  co_await self.sleep(1_ms);
  notes->push_back(process.relations_if_any() != nullptr ? "keeps" : "keeps nothing");
}

Behaviour starts_badly(Self self, Notes* notes) {
  auto failing = start<Counter>(self, -1, notes);
  const auto failed = co_await failing;
  notes->push_back(text(failed.error));
  auto ignoring = start<Counter>(self, 99, notes);
  const auto ignored = co_await ignoring;
  notes->push_back(ignored.ignored ? "ignored" : "not ignored");
}

Behaviour takes_a_taken_name(Self self, Notes* notes) {
  auto first = start_link_as<Counter>(self, "counter"_atom, 1, notes);
  const auto holder = co_await first;
  auto second = start_link_as<Counter>(self, "counter"_atom, 2, notes);
  const auto refused = co_await second;
  const Term expected = tuple(Term(atoms::already_started), Term(holder.pid.pid));
  notes->push_back(refused.error == expected ? "already_started" : text(refused.error));
}

Behaviour calls_nobody(Self self, Notes* notes) {
  const auto result = co_await self.try_call<Get>(Duration::seconds(1), "nobody"_atom);
  notes->push_back(text(result.failure));
  co_await self.call<Get>("nobody"_atom);
}

Behaviour reports_exit_of_caller(Self self, Notes* notes) {
  const auto child = self.spawn_monitor<&calls_nobody>(notes);
  Down down = co_await self.receive<Down>();
  notes->push_back(text(down.reason));
  static_cast<void>(child);
}

Behaviour outlives_the_callee(Self self, Notes* notes) {
  const Pid_ pid = co_await counter(self, 1, notes);
  const auto result = co_await self.try_call<Fail>(Duration::seconds(1), pid);
  notes->push_back(text(result.failure));
}

Behaviour is_too_impatient(Self self, Notes* notes) {
  const Pid_ pid = co_await counter(self, 1, notes);
  const auto result = co_await self.try_call<Slow>(Duration::milliseconds(10), pid, 50);
  notes->push_back(text(result.failure));
  // The late answer arrives meanwhile, and is nobody's.
  co_await self.sleep(Duration::seconds(1));
  const MessagePtr leaked = co_await self.receive_any(Duration::zero());
  notes->push_back(leaked ? "leaked" : "nothing");
}

Behaviour asks_later(Self self, Notes* notes, Pid_ pid) {
  const std::int64_t value = co_await self.call<Later>(pid);
  notes->push_back("later " + std::to_string(value));
}

Behaviour is_answered_later(Self self, Notes* notes) {
  const Pid_ pid = co_await counter(self, 5, notes);
  self.spawn<&asks_later>(notes, pid);
  co_await self.sleep(Duration::milliseconds(100));
  notes->push_back("releases");
  self.cast<Release>(pid);
}

Behaviour kills_later(Self self, Pid victim) {
  co_await self.sleep(Duration::milliseconds(100));
  self.exit(victim, Term("shot"_atom));
}

Behaviour loses_a_deferred_call(Self self, Notes* notes) {
  const Pid_ pid = co_await counter(self, 5, notes);
  self.send_after<Add>(Duration::milliseconds(1), pid, 1);
  self.spawn<&kills_later>(pid.pid);
  const auto result = co_await self.try_call<Later>(Duration::seconds(5), pid);
  notes->push_back(text(result.failure));
}

Behaviour stops_it(Self self, Notes* notes) {
  const Pid_ pid = co_await counter(self, 1, notes);
  const Ref ref = self.monitor(pid);
  const std::string answer = co_await self.call<StopAfter>(pid, Term("bye"_atom));
  notes->push_back(answer);
  Down down = co_await self.receive<Down>();
  notes->push_back("down " + text(down.reason));
  static_cast<void>(ref);
}

Behaviour waits_for_timeouts(Self self, Notes* notes) {
  const Pid_ pid = co_await counter(self, 1, notes);
  self.cast<Quiet>(pid, 10);
  co_await self.sleep(Duration::seconds(1));
  notes->push_back("second");
  self.cast<Quiet>(pid, 10);
  co_await self.call<Get>(pid);
  co_await self.sleep(Duration::seconds(1));
}

Behaviour sends_what_it_does_not_know(Self self, Notes* notes) {
  const Pid_ pid = co_await counter(self, 3, notes);
  self.send<Stranger>(pid);
  const std::int64_t value = co_await self.call<Get>(pid);
  notes->push_back(std::to_string(value));
}

class Trapping {
 public:
  using Accepts = Messages<Exit>;
  Trapping(Self self, Notes* notes) : notes_(notes) { self.trap_exit(true); }
  void handle(Exit exit) { notes_->push_back("handled " + text(exit.reason)); }
  void terminate(Term reason) { notes_->push_back("terminate " + text(reason)); }

 private:
  Notes* notes_;
};

Behaviour trapping_parent(Self self, Notes* notes) {
  auto starting = start_link<Trapping>(self, notes);
  const auto started = co_await starting;
  self.exit(started.pid, Term("from_parent"_atom));
  co_await self.sleep(Duration::seconds(1));
}

}  // namespace

TEST_CASE("a call waits for its answer and a cast does not", "[gen_server]") {
  REQUIRE(notes_of<&uses>() == Notes{"12", "0"});
}

TEST_CASE("a server that hibernates gives back what a call left", "[gen_server]") {
  REQUIRE(notes_of<&lets_rest>() == Notes{"keeps", "keeps nothing"});
}

TEST_CASE("a start tells how the constructor ended", "[gen_server][GSV-003][GSV-004]") {
  REQUIRE(notes_of<&starts_badly>() == Notes{"{invalid_argument,<<\"negative\">>}", "ignored"});
}

TEST_CASE("a second start under one name is already_started", "[gen_server][REG-011]") {
  REQUIRE(notes_of<&takes_a_taken_name>() == Notes{"already_started"});
}

TEST_CASE("a call to nobody ends the caller with noproc", "[gen_server][GSV-009]") {
  REQUIRE(notes_of<&reports_exit_of_caller>() ==
          Notes{"noproc", "{noproc,{gen_server,call,[nobody,get]}}"});
}

TEST_CASE("a caller learns why its server died", "[gen_server][GSV-010]") {
  REQUIRE(notes_of<&outlives_the_callee>() ==
          Notes{"terminate {runtime_error,<<\"failed\">>}", "{runtime_error,<<\"failed\">>}"});
}

TEST_CASE("a late reply never leaks into the mailbox", "[gen_server]") {
  REQUIRE(notes_of<&is_too_impatient>() == Notes{"timeout", "nothing"});
}

TEST_CASE("a reply may be sent later", "[gen_server]") {
  REQUIRE(notes_of<&is_answered_later>() == Notes{"releases", "later 5"});
}

TEST_CASE("a caller whose answer was put off learns of the exit", "[gen_server]") {
  REQUIRE(notes_of<&loses_a_deferred_call>() == Notes{"shot"});
}

TEST_CASE("stop with a reply terminates before it replies", "[gen_server][GSV-013]") {
  REQUIRE(notes_of<&stops_it>() == Notes{"terminate bye", "done", "down bye"});
}

TEST_CASE("a time-out comes once and any message cancels it", "[gen_server][GSV-014]") {
  REQUIRE(notes_of<&waits_for_timeouts>() == Notes{"timeout", "second"});
}

TEST_CASE("an unexpected message is dropped and the server goes on", "[gen_server]") {
  REQUIRE(notes_of<&sends_what_it_does_not_know>() == Notes{"3"});
}

TEST_CASE("the parent's exit ends a trapping server through terminate", "[gen_server][GSV-016]") {
  const Notes notes = notes_of<&trapping_parent>();
  REQUIRE(notes == Notes{"terminate from_parent"});
}

TEST_CASE("a server is a plain object that needs no runtime", "[gen_server]") {
  struct Plain {
    std::int64_t value = 0;
    std::int64_t handle(Get) const { return value; }
    void handle(Add add) { value += add.amount; }
  };
  Plain plain{.value = 1};
  plain.handle(Add{2});
  REQUIRE(plain.handle(Get{}) == 3);
}

}  // namespace glasshouse::tests
