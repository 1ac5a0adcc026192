// Monitors. The ids are those of docs/conformance.md.

#include <stdexcept>

#include "tests/conformance/both_worlds.h"

namespace glasshouse::conformance {

namespace {

struct Go {};
struct Number {
  int value = 0;
};

enum class Way : std::uint8_t { returns, exits, throws, waits, shuts_down };

Behaviour ends(Self self, Way way) {
  co_await self.receive<Go>();
  if (way == Way::exits) self.exit(Term("r"_atom));
  if (way == Way::throws) throw std::runtime_error("r");
  if (way == Way::shuts_down) self.exit(tuple(Term(atoms::shutdown), Term("s"_atom)));
  if (way == Way::waits) co_await self.receive<Go>();
}

Behaviour down_has_the_real_reason(Self self, Verdict* verdict) {
  std::string all;
  for (const Way way : {Way::returns, Way::exits, Way::throws, Way::waits, Way::shuts_down}) {
    const Pid other = self.spawn<&ends>(way);
    const Ref ref = self.monitor(other);
    self.send<Go>(other);
    if (way == Way::waits) self.exit(other, Term(atoms::kill));
    const Down down = co_await self.receive<Down>();
    verdict->holds(down.ref == ref && down.pid == other, "it is this monitor's");
    all += to_string(down.reason) + " ";
  }
  verdict->equal(all, "normal r {runtime_error,<<\"r\">>} killed {shutdown,s} ");
}

Behaviour monitors_stack(Self self, Verdict* verdict) {
  const Pid other = self.spawn<&ends>(Way::exits);
  const Ref first = self.monitor(other);
  const Ref second = self.monitor(other);
  const Ref third = self.monitor(other);
  self.demonitor(second);
  self.send<Go>(other);
  const Down one = co_await self.receive<Down>();
  const Down two = co_await self.receive<Down>();
  verdict->holds(one.ref == first && two.ref == third, "one Down for each that is left");
  const auto more = co_await self.receive<Down>(1_ms);
  verdict->holds(!more, "and no other");
}

Behaviour a_name_is_reported(Self self, Verdict* verdict) {
  const Pid other = self.spawn<&ends>(Way::exits);
  const Pid next = self.spawn<&ends>(Way::returns);
  verdict->holds(self.register_name("mon_nm"_atom, other), "named");
  self.monitor("mon_nm"_atom);
  verdict->holds(self.unregister_name("mon_nm"_atom), "free again");
  verdict->holds(self.register_name("mon_nm"_atom, next), "moved");
  self.send<Go>(other);
  const Down down = co_await self.receive<Down>();
  verdict->equal(to_term(down).element(3),
                 to_string(tuple(Term("mon_nm"_atom), Term(self.node().name()))));
  verdict->equal(down.reason, "r");
  self.monitor("mon_unknown"_atom);
  const Down unknown = co_await self.receive<Down>();
  verdict->equal(to_term(unknown).element(3),
                 to_string(tuple(Term("mon_unknown"_atom), Term(self.node().name()))));
  verdict->equal(unknown.reason, "noproc");
  self.send<Go>(next);
}

Task<int> downs_here(Self self) {
  int count = 0;
  for (;;) {
    const auto down = co_await self.receive<Down>(Duration::zero());
    if (!down) co_return count;
    ++count;
  }
}

// Until `pid` is gone and all that it said to us has come: monitors fire in the order they were
// set.
Task<void> outlive(Self self, Pid pid) {
  const Ref last = self.monitor(pid);
  self.send<Go>(pid);
  auto next = self.receive_if<Down>([last](const Down& down) { return down.ref == last; });
  co_await next;
}

Behaviour a_queued_down_stays(Self self, Verdict* verdict) {
  const auto [one, first] = self.spawn_monitor<&ends>(Way::returns);
  const auto [two, second] = self.spawn_monitor<&ends>(Way::returns);
  co_await outlive(self, one);
  co_await outlive(self, two);
  self.demonitor(first, Self::Flush::keep);
  self.demonitor(second, Self::Flush::flush);
  const auto down = co_await self.receive<Down>(Duration::zero());
  verdict->holds(down && down->ref == first, "the first was kept");
  const int more = co_await downs_here(self);
  verdict->holds(more == 0, "the second was flushed");
}

Behaviour demonitor_says_whether(Self self, Verdict* verdict) {
  const auto [alive, first] = self.spawn_monitor<&ends>(Way::returns);
  const auto [dead, second] = self.spawn_monitor<&ends>(Way::returns);
  co_await outlive(self, dead);
  verdict->holds(self.demonitor(first, Self::Flush::keep), "it was a monitor");
  verdict->holds(!self.demonitor(second, Self::Flush::keep), "it had fired");
  verdict->holds(!self.demonitor(second), "and still has");
  verdict->holds(!self.demonitor(self.make_ref()), "and this never was one");
  const int downs = co_await downs_here(self);
  verdict->holds(downs == 0, "the Down was flushed");
  self.send<Go>(alive);
}

Behaviour watching_oneself_is_inert(Self self, Verdict* verdict) {
  const Ref ref = self.monitor(self.pid());
  verdict->holds(!ref.is_null(), "there is a reference");
  const Term monitors = co_await self.process_info(self.pid(), "monitors"_atom);
  verdict->equal(monitors, "{monitors,[]}");
  self.demonitor(ref);
  const auto down = co_await self.receive<Down>(1_ms);
  verdict->holds(!down, "there is no Down");
}

Behaviour counts_three_ways(Self self, Pid to, Atom name, Ref alias) {
  co_await self.receive<Go>();
  for (int i = 1; i <= 999; i += 3) {
    self.send<Number>(to, i);
    self.send<Number>(name, i + 1);
    self.send<Number>(alias, i + 2);
  }
}

Behaviour down_comes_last(Self self, Verdict* verdict) {
  verdict->holds(self.register_name("mon_012"_atom), "named");
  const Pid other = self.spawn<&counts_three_ways>(self.pid(), "mon_012"_atom, self.alias());
  verdict->holds(self.register_name("mon_012_other"_atom, other), "named");
  self.monitor("mon_012_other"_atom);
  self.send<Go>(other);
  for (int expected = 1; expected <= 999; ++expected) {
    const auto next = co_await self.receive<Number, Down>();
    const auto* number = std::get_if<Number>(&next);
    if (number == nullptr || number->value != expected) {
      verdict->holds(false, "in order at " + std::to_string(expected));
      co_return;
    }
  }
  const auto last = co_await self.receive<Number, Down>();
  verdict->holds(std::holds_alternative<Down>(last), "the Down is last");
}

Behaviour takes_a_name(Self self, Atom name) {
  if (!self.register_name(name)) self.exit(Term("taken"_atom));
  co_return;
}

Behaviour the_name_is_free_at_down(Self self, Verdict* verdict) {
  const Atom name("mon_rel");
  for (int round = 0; round < 100; ++round) {
    self.spawn_monitor<&takes_a_name>(name);
    const Down down = co_await self.receive<Down>();
    const bool good = down.reason == Term(atoms::normal) && !self.whereis(name) &&
                      self.register_name(name) && self.unregister_name(name);
    if (!good) verdict->holds(false, "free in round " + std::to_string(round));
  }
  verdict->holds(!self.whereis(name), "free at the end");
}

struct Where {
  Ref to;
};

Term oops() {
  return tuple(Term("oops"_atom), Term(42));
}

Behaviour waits_for_a_ref(Self self) {
  const Where where = co_await self.receive<Where>();
  for (int i = 1; i <= 2; ++i) {
    co_await self.receive<Go>();
    self.send<Number>(where.to, i);
  }
  co_await self.receive<Go>();
}

Behaviour tag_and_alias(Self self, Verdict* verdict) {
  // (1) and (2): the tag.
  const Pid other = self.spawn<&ends>(Way::exits);
  const Ref tagged = self.monitor(other, {.tag = oops()});
  self.send<Go>(other);
  const Down down = co_await self.receive<Down>();
  verdict->holds(down.ref == tagged, "it is this monitor's");
  verdict->equal(list(to_term(down).element(0), down.reason), "[{oops,42},r]");
  self.monitor(other, {.tag = Term("t2"_atom)});
  const Down dead = co_await self.receive<Down>();
  verdict->equal(list(to_term(dead).element(0), dead.reason), "[t2,noproc]");

  // (3): the first message ends alias and monitor.
  const Pid speaker = self.spawn<&waits_for_a_ref>();
  const Ref reply = self.monitor(speaker, {.alias = AliasMode::reply_demonitor});
  self.send<Where>(speaker, reply);
  self.send<Go>(speaker);
  const Number number = co_await self.receive<Number>();
  verdict->holds(number.value == 1, "the first came");
  self.send<Go>(speaker);
  co_await outlive(self, speaker);
  const auto more = co_await self.receive<Number, Down>(1_ms);
  verdict->holds(!more, "neither the second nor a Down");

  // (4): demonitor ends the alias.
  const Pid late = self.spawn<&waits_for_a_ref>();
  const Ref ended = self.monitor(late, {.alias = AliasMode::demonitor});
  verdict->holds(self.demonitor(ended), "it was a monitor");
  self.send<Where>(late, ended);
  self.send<Go>(late);
  self.send<Go>(late);
  co_await outlive(self, late);
  const auto none = co_await self.receive<Number, Down>(1_ms);
  verdict->holds(!none, "what is sent to it is dropped");
}

Behaviour info_shows_monitors(Self self, Verdict* verdict) {
  const Pid b = self.spawn<&ends>(Way::returns);
  const Pid c = self.spawn<&ends>(Way::returns);
  const Term me(self.pid());
  verdict->holds(self.register_name("mon_pi"_atom, c), "named");
  const Ref refs[] = {self.monitor(b), self.monitor(b), self.monitor("mon_pi"_atom)};
  const Term watched = tuple(Term(atoms::process), Term(b));
  const Term by_name =
      tuple(Term(atoms::process), tuple(Term("mon_pi"_atom), Term(self.node().name())));
  const Term monitors = co_await self.process_info(self.pid(), "monitors"_atom);
  const Term of_b = co_await self.process_info(b, "monitored_by"_atom);
  const Term of_c = co_await self.process_info(c, "monitored_by"_atom);
  verdict->holds(monitors.element(1) == list(watched, watched, by_name), "three monitors");
  verdict->holds(of_b.element(1) == list(me, me), "twice by us");
  verdict->holds(of_c.element(1) == list(me), "once by us");
  for (const Ref ref : refs)
    self.demonitor(ref);
  const Term none = co_await self.process_info(self.pid(), "monitors"_atom);
  const Term none_of_b = co_await self.process_info(b, "monitored_by"_atom);
  const Term none_of_c = co_await self.process_info(c, "monitored_by"_atom);
  verdict->equal(list(none.element(1), none_of_b.element(1), none_of_c.element(1)), "[[],[],[]]");
  self.send<Go>(b);
  self.send<Go>(c);
}

}  // namespace

CONFORMANCE("MON-002", "a Down carries the real exit reason", down_has_the_real_reason)
CONFORMANCE("MON-003", "each monitor call is independent", monitors_stack)
CONFORMANCE("MON-005", "a monitor by name reports the name and the node", a_name_is_reported)
CONFORMANCE("MON-006", "demonitor without flush leaves a queued Down", a_queued_down_stays)
CONFORMANCE("MON-007", "demonitor says whether there was a monitor", demonitor_says_whether)
CONFORMANCE("MON-010", "monitoring oneself is inert", watching_oneself_is_inert)
CONFORMANCE("MON-012", "a Down comes after all that was sent before", down_comes_last)
CONFORMANCE("MON-013", "a name is free before the Down comes", the_name_is_free_at_down)
CONFORMANCE("MON-014", "monitors have tags and aliases", tag_and_alias)
CONFORMANCE("MON-015", "process_info shows monitors on both sides", info_shows_monitors)

}  // namespace glasshouse::conformance
