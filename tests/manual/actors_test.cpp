// The snippets of docs/manual/actors.md, run.

#include "runtime/process/hardware_faults.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests::manual {

// region messages
struct Deposit {
  std::int64_t amount = 0;
};
struct Balance {
  using Reply = std::int64_t;
};
struct Withdraw {
  using Reply = bool;
  std::int64_t amount = 0;
};
struct Settle {
  using Reply = void;
};
// endregion

// region server
class Account {
 public:
  using Accepts = Messages<Deposit, Balance, Withdraw, Settle>;

  explicit Account(Self self) : self_(self) {}

  void handle(Deposit deposit) { balance_ += deposit.amount; }
  std::int64_t handle(Balance) const { return balance_; }
  bool handle(Withdraw withdraw) {
    if (withdraw.amount > balance_) return false;
    balance_ -= withdraw.amount;
    return true;
  }
  Task<void> handle(Settle) { co_await self_.sleep(10_ms); }  // may wait; so do its callers

  void terminate(Term reason) { self_.log(Self::Level::info, to_string(reason)); }
  Term describe() const { return map(Term("balance"_atom), Term(balance_)); }

 private:
  Self self_;
  std::int64_t balance_ = 0;
};
// endregion

// region plain
TEST_CASE("a handler needs no runtime to be tested", "[manual]") {
  struct Till {
    std::int64_t handle(Balance) const { return 3; }
  };
  REQUIRE(Till{}.handle(Balance{}) == 3);
}
// endregion

// region client
Behaviour client(Self self, PidOf<Account> account) {
  self.cast<Deposit>(account, 100);
  bool enough = co_await self.call<Withdraw>(account, 30);
  if (!enough) self.exit("too_poor"_atom);
  auto answer = co_await self.try_call<Balance>(1_s, account);  // a failure is a value
  if (answer) self.probe("balance"_atom, *answer.value);
}
// endregion

// region start
Behaviour bank(Self self) {
  auto started = co_await start_link<Account>(self);
  if (!started) self.exit(started.error);
  self.spawn_link<client>(started.pid);
  co_await self.receive<Exit>();
}
// endregion

struct Tick {};
struct Stop {};

// region raw
Behaviour ticker(Self self, Pid listener) {
  for (;;) {
    std::optional<Stop> stop = co_await self.receive<Stop>(100_ms);
    if (stop) co_return;
    self.send<Tick>(listener);
  }
}
// endregion

// region links
Behaviour guardian(Self self, Notes* notes) {
  self.trap_exit(true);  // exit signals become messages
  Pid child = self.spawn_link<ticker>(self.pid());
  self.exit(child, "enough"_atom);
  Exit exit = co_await self.receive<Exit>();
  notes->push_back(to_string(exit.reason));  // enough

  auto [pid, ref] = self.spawn_monitor<ticker>(self.pid());
  self.send<Stop>(pid);
  Down down = co_await self.receive<Down>();
  notes->push_back(to_string(down.reason));  // normal
}
// endregion

// region supervisor
SupervisorSpec bank_sup() {
  SupervisorSpec spec{.name = "bank_sup"_atom,
                      .strategy = Strategy::one_for_one,
                      .limit = {.intensity = 3, .period = 10_s}};
  spec.children.push_back({.id = "savings"_atom, .start = named_child<Account>("savings"_atom)});
  spec.children.push_back({.id = "giro"_atom,
                           .start = named_child<Account>("giro"_atom),
                           .restart = Restart::transient,
                           .shutdown = 2_s});
  return spec;
}
// endregion

// region blocking
Behaviour reader(Self self, Notes* notes) {
  auto work = self.blocking([] { return std::string("read from a slow device"); });
  std::string text = co_await work;
  notes->push_back(text);
}
// endregion

// region long_loop
Behaviour adder(Self self, Notes* notes) {
  std::int64_t sum = 0;
  for (std::int64_t i = 1; i <= 100'000; ++i) {
    sum += i;
    auto turn = self.yield_if_due();
    co_await turn;
  }
  notes->push_back(std::to_string(sum));
}
// endregion

Behaviour supervised(Self self, Notes* notes) {
  co_await start_supervisor(self, bank_sup());
  self.send<Deposit>("savings"_atom, 5);
  const std::int64_t balance = co_await self.call<Balance>("savings"_atom);
  co_await self.call<Settle>("giro"_atom);
  notes->push_back(std::to_string(balance));
}

template <auto Body, class... Args>
void play(Args... args) {
  OneNode one;
  one.spawn<Body>(args...);
  one.world().run_for(Duration::seconds(1));
}

TEST_CASE("the manual's actors do what it says", "[manual]") {
  Notes notes;
  play<&guardian>(&notes);
  REQUIRE(notes == Notes{"enough", "normal"});
  notes.clear();
  play<&supervised>(&notes);
  REQUIRE(notes == Notes{"5"});
  notes.clear();
  play<&reader>(&notes);
  REQUIRE(notes == Notes{"read from a slow device"});
  notes.clear();
  play<&adder>(&notes);
  REQUIRE(notes == Notes{"5000050000"});
  play<&bank>();
}

// region faults
Behaviour careless(Self self) {
  co_await self.yield();
  volatile int* nowhere = nullptr;
  *nowhere = 1;
}
// endregion

Behaviour watches_careless(Self self, Notes* notes) {
  self.spawn_monitor<&careless>();
  Down down = co_await self.receive<Down>();
  notes->push_back(to_string(down.reason));
}

TEST_CASE("a null dereference in a process is its exit reason", "[manual]") {
  if (!catch_hardware_faults()) {
    WARN("skipped: this build does not catch hardware faults");
    return;
  }
  Notes notes;
  play<&watches_careless>(&notes);
  REQUIRE(notes == Notes{"{segmentation_fault,null_dereference}"});
}

}  // namespace glasshouse::tests::manual
