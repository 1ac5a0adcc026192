// The snippets of docs/manual/gen_statem.md.

#include "runtime/behaviour/gen_statem.h"

#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests::manual {

namespace {

using namespace runtime::literals;

// region messages
struct Store {
  using Reply = std::int64_t;  // how many were stored so far
  std::string line;
};
struct Tries {
  using Reply = std::int64_t;
};
struct Write {
  std::string line;
};
// endregion

// region machine
using namespace runtime::gen_statem;

// Keeps a link to whoever is registered as `disk`, and makes its clients wait while nobody is.
class Uplink {
 public:
  struct Away {
    std::int64_t tries = 0;
    friend bool operator==(const Away&, const Away&) = default;
  };
  struct Linked {
    Pid disk;
    Ref watch;
    friend bool operator==(const Linked&, const Linked&) = default;
  };
  using State = std::variant<Away, Linked>;
  using Accepts = Messages<Store, Tries, Down>;

  explicit Uplink(Self self) : self_(self) {}

  // Away: look for the disk, each time after twice as long. The clients' requests wait.
  Next<State> handle(Away& away, const Enter<State>&) {
    return keep_state(
        state_timeout(10_ms * (std::int64_t{1} << std::min<std::int64_t>(away.tries, 6))));
  }
  Next<State> handle(Away& away, const StateTimeout<>&) {
    if (const auto disk = self_.whereis("disk"_atom)) {
      return next_state(Linked{*disk, self_.monitor(*disk)});
    }
    ++away.tries;
    return repeat_state();  // enter Away again: that sets the next time-out
  }
  Next<State> handle(Away&, const CallEvent<Store>&) { return keep_state(postpone()); }
  void handle(Away&, const Down&) {}

  // Linked: what waited comes first, in its order.
  Next<State> handle(Linked& linked, const CallEvent<Store>& call) {
    self_.send<Write>(linked.disk, call.content.line);
    return keep_state(reply(call, ++stored_));
  }
  Next<State> handle(Linked& linked, const Down& down) {
    if (down.ref != linked.watch) return keep_state();
    return next_state(Away{});
  }

  // In any state.
  Next<State> handle(const State& state, const CallEvent<Tries>& call) {
    const auto* away = std::get_if<Away>(&state);
    return keep_state(reply(call, away == nullptr ? 0 : away->tries));
  }

 private:
  Self self_;
  std::int64_t stored_ = 0;
};
// endregion

Behaviour disk(Self self, std::vector<std::string>* lines) {
  self.register_name("disk"_atom);
  for (;;) {
    Write write = co_await self.receive<Write>();
    lines->push_back(write.line);
  }
}

// region client
Behaviour writes(Self self, std::vector<std::string>* lines) {
  auto started = co_await gen_statem::start_link<Uplink>(self);
  Pid uplink = started.pid;
  co_await self.sleep(100_ms);
  self.spawn<&disk>(lines);
  // Answered in another state than it was asked in, as soon as there is a disk.
  std::int64_t stored = co_await gen_statem::call<Store>(self, uplink, "first");
  self.probe("stored"_atom, stored);
}
// endregion

// region lamp
enum class Lamp { off, on };
struct Press {};
struct IsOn {
  using Reply = bool;
};

class Stairs {
 public:
  using State = Lamp;
  using Accepts = Messages<Press, IsOn>;

  Next<Lamp> init() { return ok(Lamp::off); }

  Next<Lamp> handle(At<Lamp::off>, const Press&) {
    return next_state(Lamp::on, state_timeout(3_min));
  }
  // Again from now on: to set a time-out restarts it.
  Next<Lamp> handle(At<Lamp::on>, const Press&) { return keep_state(state_timeout(3_min)); }
  Next<Lamp> handle(At<Lamp::on>, const StateTimeout<>&) { return next_state(Lamp::off); }

  Next<Lamp> handle(Lamp now, const CallEvent<IsOn>& call) {
    return keep_state(reply(call, now == Lamp::on));
  }
};
// endregion

Behaviour climbs(Self self, std::vector<std::string>* notes) {
  auto started = co_await gen_statem::start_link<Stairs>(self);
  self.cast<Press>(started.pid);
  co_await self.sleep(2_min);
  self.cast<Press>(started.pid);
  co_await self.sleep(2_min);
  const bool still = co_await gen_statem::call<IsOn>(self, started.pid);
  co_await self.sleep(2_min);
  const bool later = co_await gen_statem::call<IsOn>(self, started.pid);
  notes->push_back(std::string(still ? "on" : "off") + " " + (later ? "on" : "off"));
}

}  // namespace

TEST_CASE("a request waits for the link that it needs", "[manual]") {
  std::vector<std::string> lines;
  OneNode one;
  one.spawn<&writes>(&lines);
  one.world().run_until(Instant::at(2_s));
  REQUIRE(lines == std::vector<std::string>{"first"});
}

TEST_CASE("the light of the stairs goes out after the last press", "[manual]") {
  std::vector<std::string> notes;
  OneNode one;
  one.spawn<&climbs>(&notes);
  one.run();
  REQUIRE(notes == std::vector<std::string>{"on off"});
}

}  // namespace glasshouse::tests::manual
