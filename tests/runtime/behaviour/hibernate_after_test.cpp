// Behaviours that hibernate by themselves when nothing comes.

#include "runtime/behaviour/gen_event.h"
#include "runtime/behaviour/gen_server.h"
#include "runtime/behaviour/gen_statem.h"
#include "runtime/behaviour/sys.h"
#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

using namespace runtime::literals;

namespace {

struct Get {
  using Reply = std::int64_t;
};
struct Wait {
  std::int64_t milliseconds = 0;
};

class Counter {
 public:
  using Accepts = Messages<Get, Wait, Timeout>;
  explicit Counter(Self self, Duration rest = Duration::infinity()) : self_(self) {
    self.set_hibernate_after(rest);
  }
  std::int64_t handle(Get) { return ++count_; }
  void handle(Wait wait) { self_.set_timeout(Duration::milliseconds(wait.milliseconds)); }
  void handle(Timeout) { count_ += 100; }

 private:
  Self self_;
  std::int64_t count_ = 0;
};

struct Lamp {
  enum class State { off };
  using Accepts = Messages<Get, Wait>;
  gen_statem::Next<State> handle(State, const gen_statem::CallEvent<Get>& call) {
    return gen_statem::keep_state(gen_statem::reply(call, 1));
  }
  gen_statem::Next<State> handle(State, const Wait& wait) {
    return gen_statem::keep_state(
        gen_statem::state_timeout(Duration::milliseconds(wait.milliseconds), "tick"_atom));
  }
  void handle(State, const gen_statem::AnyEvent&) {}
};

// Whether `pid` has given back what links, monitors and calls left behind.
bool rests(Self self, Pid pid) {
  return self.node().find(pid)->relations_if_any() == nullptr;
}

Task<void> note_after(Self self, Notes* notes, Pid pid, Duration time) {
  co_await self.sleep(time);
  notes->push_back(rests(self, pid) ? "rests" : "waits");
}

constexpr ServerOptions resting{.link = false, .hibernate_after = Duration::milliseconds(100)};

Behaviour a_server(Self self, Notes* notes) {
  auto starting = start_with<Counter>(self, resting);
  const auto started = co_await starting;
  const Pid pid = started.pid.pid;
  co_await note_after(self, notes, pid, 99_ms);
  co_await note_after(self, notes, pid, 2_ms);
  const std::int64_t count = co_await self.call<Get>(pid);  // it wakes
  notes->push_back(std::to_string(count));
  co_await note_after(self, notes, pid, 99_ms);
  co_await note_after(self, notes, pid, 2_ms);
}

Behaviour a_time_out(Self self, Notes* notes) {
  auto starting = start_with<Counter>(self, resting);
  const auto started = co_await starting;
  const Pid pid = started.pid.pid;
  self.send<Wait>(pid, 500);
  co_await note_after(self, notes, pid, 499_ms);
  co_await note_after(self, notes, pid, 102_ms);  // after Timeout
  const std::int64_t count = co_await self.call<Get>(pid);
  notes->push_back(std::to_string(count));
}

// A system message makes it wait anew before it rests, and does not wake it afterwards.
Behaviour system_messages(Self self, Notes* notes) {
  auto starting = start_with<Counter>(self, resting);
  const auto started = co_await starting;
  const Pid pid = started.pid.pid;
  co_await self.sleep(60_ms);
  static_cast<void>(co_await sys::get_state(self, pid));
  co_await note_after(self, notes, pid, 60_ms);
  co_await note_after(self, notes, pid, 60_ms);
  static_cast<void>(co_await sys::get_state(self, pid));
  co_await note_after(self, notes, pid, 1_ms);
  co_await sys::suspend(self, pid);
  co_await self.sleep(200_ms);
  co_await sys::resume(self, pid);
  const std::int64_t count = co_await self.call<Get>(pid);
  notes->push_back(std::to_string(count));
}

Behaviour a_machine(Self self, Notes* notes) {
  auto starting = gen_statem::start_with<Lamp>(self, resting);
  const auto started = co_await starting;
  const Pid pid = started.pid.pid;
  co_await note_after(self, notes, pid, 101_ms);
  auto asking = gen_statem::call<Get>(self, pid);
  static_cast<void>(co_await asking);
  self.send<Wait>(pid, 500);  // OTP: its time-outs are no matter
  co_await note_after(self, notes, pid, 99_ms);
  co_await note_after(self, notes, pid, 2_ms);
}

Behaviour a_manager(Self self, Notes* notes) {
  gen_event::ManagerOptions options;
  options.hibernate_after = 100_ms;
  auto starting = gen_event::start(self, options);
  const Started started = co_await starting;
  co_await note_after(self, notes, started.pid, 99_ms);
  co_await note_after(self, notes, started.pid, 2_ms);
  auto listing = gen_event::which_handlers(self, started.pid);
  static_cast<void>(co_await listing);
  co_await note_after(self, notes, started.pid, 1_ms);
  co_await note_after(self, notes, started.pid, 100_ms);
}

Behaviour becomes(Self self) {
  proc_lib::init_ack(self);
  auto loop = enter_loop<Counter>(self, Atom(), Duration(100_ms));
  co_await loop;
}
Behaviour one_of_its_own(Self self, Notes* notes) {
  auto starting = proc_lib::start<&becomes>(self);
  const auto started = co_await starting;
  co_await note_after(self, notes, started.pid, 99_ms);
  co_await note_after(self, notes, started.pid, 2_ms);
}

// What sys sees of who rests, for a child keeps its link.
Behaviour a_child(Self self, Notes* notes) {
  const ServerOptions options{.name = "child"_atom, .hibernate_after = 100_ms};
  SupervisorSpec spec;
  spec.children.push_back({.id = "server"_atom, .start = child_with<Counter>(options)});
  co_await start_supervisor(self, spec);
  const Pid pid = self.whereis("child"_atom).value_or(Pid());
  self.node().find(pid)->relations().dictionary.reserve(64);
  co_await self.sleep(101_ms);
  notes->push_back(std::to_string(self.node().find(pid)->relations().dictionary.capacity()));
}

}  // namespace

TEST_CASE("a server hibernates after a time without messages", "[hibernate_after]") {
  REQUIRE(notes_of<a_server>() == Notes{"waits", "rests", "1", "waits", "rests"});
}

TEST_CASE("a time-out goes before hibernation", "[hibernate_after]") {
  REQUIRE(notes_of<a_time_out>() == Notes{"waits", "rests", "101"});
}

TEST_CASE("system messages put off hibernation and do not end it", "[hibernate_after]") {
  REQUIRE(notes_of<system_messages>() == Notes{"waits", "rests", "rests", "1"});
}

TEST_CASE("a state machine hibernates whatever time-outs run", "[hibernate_after]") {
  REQUIRE(notes_of<a_machine>() == Notes{"rests", "waits", "rests"});
}

TEST_CASE("an event manager hibernates", "[hibernate_after]") {
  REQUIRE(notes_of<a_manager>() == Notes{"waits", "rests", "waits", "rests"});
}

TEST_CASE("a process that becomes a server hibernates", "[hibernate_after]") {
  REQUIRE(notes_of<one_of_its_own>() == Notes{"waits", "rests"});
}

TEST_CASE("a child hibernates as its specification says", "[hibernate_after]") {
  REQUIRE(notes_of<a_child>() == Notes{"0"});
}

}  // namespace glasshouse::tests
