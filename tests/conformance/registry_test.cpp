// Registered names. The ids are those of docs/conformance.md.

#include "runtime/behaviour/gen_server.h"
#include "tests/conformance/both_worlds.h"

namespace glasshouse::conformance {

namespace {

struct Go {};
struct Number {
  int value = 0;
};
struct Won {
  Pid pid;
  bool won = false;
};

Behaviour waits(Self self) {
  co_await self.receive<Go>();
}

Behaviour echoes(Self self, Pid to) {
  for (;;) {
    const Number number = co_await self.receive<Number>();
    self.send<Number>(to, number.value);
  }
}

// A send gives nothing back, where OTP's gives the message.
Behaviour a_name_finds_its_process(Self self, Verdict* verdict) {
  const Pid echo = self.spawn_link<&echoes>(self.pid());
  verdict->holds(self.register_name("reg_a"_atom, echo), "registered");
  verdict->holds(self.whereis("reg_a"_atom) == echo, "found");
  self.send<Number>("reg_a"_atom, 1);
  self.send<Number>(To("reg_a"_atom, self.node().name()), 2);
  const Number one = co_await self.receive<Number>();
  const Number two = co_await self.receive<Number>();
  verdict->holds(one.value == 1 && two.value == 2, "both sends reached it");
}

Behaviour one_name_one_process(Self self, Verdict* verdict) {
  const Pid b = self.spawn<&waits>();
  const Pid c = self.spawn<&waits>();
  verdict->holds(self.register_name("reg_b"_atom, b), "registered");
  verdict->holds(!self.register_name("reg_b"_atom, c), "the name is taken");
  verdict->holds(!self.register_name("reg_b2"_atom, b), "the process has one");
  verdict->holds(!self.register_name("reg_b"_atom, b), "even the same");
  verdict->holds(self.whereis("reg_b"_atom) == b, "it stays whose it was");
  verdict->holds(!self.whereis("reg_b2"_atom), "and the other is nobody's");
  self.send<Go>(b);
  self.send<Go>(c);
  co_return;
}

// A text or something that is no pid does not compile.
template <class Name, class Who>
concept CanRegister = requires(Self self, Name name, Who who) {
  self.register_name(name, who);
};
static_assert(CanRegister<Atom, Pid>);
static_assert(!CanRegister<const char*, Pid>);
static_assert(!CanRegister<Atom, Atom>);

Behaviour bad_registrations_fail(Self self, Verdict* verdict) {
  const auto [dead, ref] = self.spawn_monitor<&waits>();
  self.send<Go>(dead);
  co_await self.receive<Down>();
  verdict->holds(!self.register_name(atoms::undefined), "undefined is no name");
  verdict->holds(!self.register_name("reg_c"_atom, dead), "the dead have none");
  verdict->holds(!self.whereis("reg_c"_atom), "nothing is registered");
}

Behaviour an_exit_frees_the_name(Self self, Verdict* verdict) {
  for (const bool is_killed : {false, true}) {
    const auto [other, ref] = self.spawn_monitor<&waits>();
    verdict->holds(self.register_name("reg_e"_atom, other), "registered");
    self.send<Go>(other);
    if (is_killed) self.exit(other, Term(atoms::kill));
    co_await self.receive<Down>();
    verdict->holds(!self.whereis("reg_e"_atom), "free");
    for (const auto& [name, pid] : self.node().registry().all())
      verdict->holds(name != "reg_e"_atom, "and in no list");
  }
  verdict->holds(self.register_name("reg_e"_atom), "anybody may have it");
}

bool has_key(const Term& pairs, Atom key) {
  const auto all = from_term<std::vector<Term>>(pairs);
  for (const Term& pair : *all) {
    if (pair.element(0) == Term(key)) return true;
  }
  return false;
}

Behaviour info_of_a_name(Self self, Verdict* verdict) {
  const Atom key("registered_name");
  const Pid other = self.spawn<&waits>();
  const Term none = co_await self.process_info(other, key);
  const std::vector<Atom> items(1, key);
  const Term in_list = co_await self.process_info(other, items);
  const Term all = co_await self.process_info(other);
  verdict->equal(none, "[]");
  verdict->equal(in_list, "[{registered_name,[]}]");
  verdict->holds(!has_key(all, key), "not among all");
  verdict->holds(self.register_name("reg_f"_atom, other), "registered");
  const Term one = co_await self.process_info(other, key);
  const Term named = co_await self.process_info(other);
  verdict->equal(one, "{registered_name,reg_f}");
  verdict->holds(has_key(named, key), "among all");
  self.send<Go>(other);
}

Behaviour tries_the_name(Self self, Pid to, Atom name) {
  const bool won = self.register_name(name);
  self.send<Won>(to, self.pid(), won);
  co_await self.receive<Go>();
}

Behaviour one_winner(Self self, Verdict* verdict) {
  const Atom name("reg_i9");
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 50; ++i)
      self.spawn_monitor<&tries_the_name>(self.pid(), name);
    std::vector<Pid> all;
    std::vector<Pid> winners;
    for (int i = 0; i < 50; ++i) {
      const Won told = co_await self.receive<Won>();
      all.push_back(told.pid);
      if (told.won) winners.push_back(told.pid);
    }
    const bool good = winners.size() == 1 && self.whereis(name) == winners.front();
    if (!good) verdict->holds(false, "one winner in round " + std::to_string(round));
    for (const Pid pid : all)
      self.send<Go>(pid);
    for (int i = 0; i < 50; ++i)
      co_await self.receive<Down>();
  }
  verdict->holds(!self.whereis(name), "free at the end");
}

// That these take no names is decided by the compiler.
template <class Who>
concept CanBeSignalled = requires(Self self, Who who, Term reason) {
  self.exit(who, reason);
};
template <class Who>
concept CanBeLinked = requires(Self self, Who who) {
  self.link(who);
};
template <class Who>
concept CanBeUnlinked = requires(Self self, Who who) {
  self.unlink(who);
};
template <class Who>
concept CanBeAskedForLife = requires(Self self, Who who) {
  self.is_process_alive(who);
};
static_assert(CanBeSignalled<Pid> && !CanBeSignalled<Atom>);
static_assert(CanBeLinked<Pid> && !CanBeLinked<Atom>);
static_assert(CanBeUnlinked<Pid> && !CanBeUnlinked<Atom>);
static_assert(CanBeAskedForLife<Pid> && !CanBeAskedForLife<Atom>);

Behaviour names_are_for_messages(Self self, Verdict* verdict) {
  const Pid other = self.spawn<&waits>();
  verdict->holds(self.register_name("reg_i"_atom, other), "registered");
  const Ref ref = self.monitor("reg_i"_atom);
  self.send<Go>("reg_i"_atom);
  const Down down = co_await self.receive<Down>();
  verdict->holds(down.ref == ref, "monitor and send take names");
}

class Announcer {
 public:
  using Accepts = Messages<Go>;
  Announcer(Self, Verdict* verdict) { verdict->note("init"); }
  void handle(Go) {}
};

Behaviour a_name_is_started_once(Self self, Verdict* verdict) {
  self.trap_exit(true);
  auto first = co_await start_link_as<Announcer>(self, "reg_j"_atom, verdict);
  verdict->holds(static_cast<bool>(first), "the first runs");
  auto second = co_await start_link_as<Announcer>(self, "reg_j"_atom, verdict);
  const Term expected = tuple(Term(atoms::already_started), Term(first.pid.pid));
  verdict->holds(second.error == expected, "already_started with its pid");
  verdict->equal(verdict->take_notes(), "init");
  const auto exit = co_await self.receive<Exit>(1_ms);
  verdict->equal(exit ? exit->reason : Term(atoms::normal), "normal");
}

}  // namespace

CONFORMANCE("REG-001", "a name finds its process", a_name_finds_its_process)
CONFORMANCE("REG-002", "one name has one process, which has one name", one_name_one_process)
CONFORMANCE("REG-003", "bad registrations fail", bad_registrations_fail)
CONFORMANCE("REG-006", "an exit frees the name", an_exit_frees_the_name)
CONFORMANCE("REG-007", "process_info has a special shape for no name", info_of_a_name)
CONFORMANCE("REG-009", "of many who want a name one gets it", one_winner)
CONFORMANCE("REG-010", "signals take no names", names_are_for_messages)
CONFORMANCE("REG-011", "a named server is started once", a_name_is_started_once)

}  // namespace glasshouse::conformance
