// Races of messages, names, aliases and timers.

#include "tests/litmus/litmus.h"

namespace glasshouse::litmus {

namespace {

// -- two senders ----------------------------------------------------------------------------------

Task<std::string> two_senders(Self self) {
  start<&says>(self, self.pid(), 1);
  start<&says>(self, self.pid(), 2);
  return numbers(self, 2);
}

Task<std::string> two_by_name(Self self) {
  const Atom name = fresh_name(self);
  self.register_name(name);
  start<&says_to_name>(self, name, 1);
  start<&says_to_name>(self, name, 2);
  return numbers(self, 2);
}

Task<std::string> pid_and_name(Self self) {
  const Atom name = fresh_name(self);
  self.register_name(name);
  start<&says>(self, self.pid(), 1);
  start<&says_to_name>(self, name, 2);
  return numbers(self, 2);
}

Task<std::string> pid_and_alias(Self self) {
  start<&says>(self, self.pid(), 1);
  start<&says_to_alias>(self, self.alias(), 2);
  return numbers(self, 2);
}

Task<std::string> name_and_alias(Self self) {
  const Atom name = fresh_name(self);
  self.register_name(name);
  start<&says_to_name>(self, name, 1);
  start<&says_to_alias>(self, self.alias(), 2);
  return numbers(self, 2);
}

void says_soon(Self self, Pid to, int value) {
  self.send_after<Number>(Duration::nanoseconds(300), to, value);
}

Task<std::string> message_and_timer(Self self) {
  start<&says>(self, self.pid(), 1);
  self.send_after<Number>(Duration::nanoseconds(300), self.pid(), 2);
  return numbers(self, 2);
}

Task<std::string> two_timers(Self self) {
  start<&says_soon>(self, self.pid(), 1);
  start<&says_soon>(self, self.pid(), 2);
  return numbers(self, 2);
}

Behaviour passes_on(Self self, Pid to) {
  const Number number = co_await self.receive<Number>();
  self.send<Number>(to, number.value);
}

Behaviour says_both_ways(Self self, Pid around, Pid to) {
  self.send<Number>(around, 1);
  co_await self.yield();
  self.send<Number>(to, 2);
}

// Only between one pair there is an order: the way around may be the faster.
Task<std::string> the_way_around(Self self) {
  const Pid around = self.spawn<&passes_on>(self.pid());
  self.spawn<&says_both_ways>(around, self.pid());
  return numbers(self, 2);
}

Task<std::string> first_type(Self self) {
  start<&says>(self, self.pid(), 1);
  start<&goes>(self, self.pid());
  const auto first = co_await self.receive<Number, Go>();
  co_return std::holds_alternative<Go>(first) ? "go" : "number";
}

Task<std::string> time_out(Self self) {
  start<&says>(self, self.pid(), 1);
  const auto number = co_await self.receive<Number>(Duration::nanoseconds(300));
  if (number) co_return "came";
  co_await self.receive<Number>();
  co_return "later";
}

Task<std::string> zero_time_out(Self self) {
  start<&says>(self, self.pid(), 1);
  co_await self.yield();
  const auto number = co_await self.receive<Number>(Duration::zero());
  if (number) co_return "came";
  co_await self.receive<Number>();
  co_return "later";
}

// -- names ----------------------------------------------------------------------------------------

void names_and_tells(Self self, Pid arena, Pid who, Atom name, int value) {
  if (self.register_name(name, who)) self.send<Number>(arena, value);
}

Task<std::string> two_want_a_name(Self self) {
  const Atom name = fresh_name(self);
  const Pid one = self.spawn<&ends>(atoms::normal);
  const Pid two = self.spawn<&ends>(atoms::normal);
  start<&names_and_tells>(self, self.pid(), one, name, 1);
  start<&names_and_tells>(self, self.pid(), two, name, 2);
  co_await done(self, 2);
  std::string winners;
  for (;;) {
    const auto number = co_await self.receive<Number>(Duration::zero());
    if (!number) break;
    winners += std::to_string(number->value);
  }
  co_return winners;
}

void names(Self self, Atom name, Pid who) {
  self.register_name(name, who);
}

void unnames(Self self, Atom name) {
  self.unregister_name(name);
}

void looks_for(Self self, Pid arena, Atom name) {
  self.send<Said>(arena, text(self.whereis(name).has_value()));
}

Task<std::string> naming_and_looking(Self self) {
  const Atom name = fresh_name(self);
  start<&names>(self, name, self.pid());
  start<&looks_for>(self, self.pid(), name);
  return what_was_said(self);
}

Task<std::string> unnaming_and_looking(Self self) {
  const Atom name = fresh_name(self);
  self.register_name(name);
  start<&unnames>(self, name);
  start<&looks_for>(self, self.pid(), name);
  return what_was_said(self);
}

Task<std::string> naming_and_sending(Self self) {
  const Atom name = fresh_name(self);
  start<&names>(self, name, self.pid());
  start<&says_to_name>(self, name, 1);
  co_await done(self, 2);
  const std::string came = co_await any_number(self);
  co_return came;
}

Task<std::string> unnaming_and_sending(Self self) {
  const Atom name = fresh_name(self);
  self.register_name(name);
  start<&unnames>(self, name);
  start<&says_to_name>(self, name, 1);
  co_await done(self, 2);
  const std::string came = co_await any_number(self);
  co_return came;
}

void gives_name(Self self, Pid arena, Atom name, Pid who) {
  self.send<Said>(arena, text(self.register_name(name, who)));
}

// The holder exits while another one wants its name.
Task<std::string> exit_and_naming(Self self) {
  const Atom name = fresh_name(self);
  const Pid holder = self.spawn<&ends>(atoms::normal);
  self.register_name(name, holder);
  start<&goes>(self, holder);
  start<&gives_name>(self, self.pid(), name, self.pid());
  return what_was_said(self);
}

// A process is named while it exits. Either way the name is free in the end.
Task<std::string> naming_who_exits(Self self) {
  const Atom name = fresh_name(self);
  const auto [other, ref] = self.spawn_monitor<&ends>(atoms::normal);
  start<&goes>(self, other);
  start<&gives_name>(self, self.pid(), name, other);
  const std::string named = co_await what_was_said(self);
  co_await self.receive<Down>();
  co_return self.whereis(name) ? "a dead one has a name" : named;
}

Task<std::string> two_names(Self self) {
  const Atom name = fresh_name(self);
  const Atom second(std::string(name.text()) + "_second");
  start<&names>(self, name, self.pid());
  start<&names>(self, second, self.pid());
  co_await done(self, 2);
  const std::string held = co_await info(self, self.pid(), "registered_name"_atom);
  co_return held == name.text() ? "first" : held == second.text() ? "second" : held;
}

Task<std::string> naming_and_info(Self self) {
  const Atom name = fresh_name(self);
  const Pid other = self.spawn<&ends>(atoms::normal);
  start<&names>(self, name, other);
  co_await self.yield();
  const std::string held = co_await info(self, other, "registered_name"_atom);
  if (held == name.text()) co_return "named";
  co_return held == "[]" ? "none" : held;
}

Task<std::string> naming_and_timer(Self self) {
  const Atom name = fresh_name(self);
  self.send_after<Number>(Duration::nanoseconds(300), name, 1);
  start<&names>(self, name, self.pid());
  co_await self.sleep(1_ms);
  co_await done(self, 1);
  const std::string came = co_await any_number(self);
  co_return came;
}

Task<std::string> naming_and_monitor(Self self) {
  const Atom name = fresh_name(self);
  const Pid other = self.spawn<&ends>("x"_atom);
  start<&names>(self, name, other);
  co_await self.yield();
  self.monitor(name);
  self.send<Go>(other);
  const std::string reason = co_await down_reason(self);
  co_return reason;
}

void unnames_and_tells(Self self, Pid arena, Atom name, int value) {
  if (self.unregister_name(name)) self.send<Number>(arena, value);
}

Task<std::string> two_unname(Self self) {
  const Atom name = fresh_name(self);
  self.register_name(name);
  start<&unnames_and_tells>(self, self.pid(), name, 1);
  start<&unnames_and_tells>(self, self.pid(), name, 2);
  co_await done(self, 2);
  const std::string first = co_await numbers(self, 1);
  const std::string more = co_await any_number(self);
  co_return more == "no" ? first : "both";
}

// -- aliases --------------------------------------------------------------------------------------

Task<std::string> unalias_and_sending(Self self) {
  const Ref alias = self.alias();
  start<&says_to_alias>(self, alias, 1);
  co_await self.yield();
  self.unalias(alias);
  co_await done(self, 1);
  const std::string came = co_await any_number(self);
  co_return came;
}

Task<std::string> two_by_one_shot_alias(Self self) {
  const Ref alias = self.alias(AliasMode::reply);
  start<&says_to_alias>(self, alias, 1);
  start<&says_to_alias>(self, alias, 2);
  co_await done(self, 2);
  const std::string first = co_await numbers(self, 1);
  const std::string more = co_await any_number(self);
  co_return more == "no" ? first : "both";
}

Task<std::string> reply_and_down(Self self) {
  const Pid other = self.spawn<&ends>("x"_atom);
  const Ref ref = self.monitor(other, {.alias = AliasMode::reply_demonitor});
  start<&goes>(self, other);
  start<&says_to_alias>(self, ref, 1);
  co_await done(self, 2);
  co_await self.sleep(1_ms);
  const auto first = co_await self.receive<Number, Down>();
  const auto more = co_await self.receive<Number, Down>(Duration::zero());
  if (more) co_return "both";
  co_return std::holds_alternative<Down>(first) ? "down" : "reply";
}

Task<std::string> demonitor_and_alias(Self self) {
  const Pid other = self.spawn<&ends>(atoms::normal);
  const Ref ref = self.monitor(other, {.alias = AliasMode::demonitor});
  start<&says_to_alias>(self, ref, 1);
  co_await self.yield();
  self.demonitor(ref);
  co_await done(self, 1);
  const std::string came = co_await any_number(self);
  co_return came;
}

// -- timers ---------------------------------------------------------------------------------------

Task<std::string> timer_and_cancel(Self self) {
  const TimerId timer = self.send_after<Number>(Duration::nanoseconds(300), self.pid(), 1);
  co_await self.yield();
  if (!self.cancel_timer(timer)) {
    co_await self.receive<Number>();
    co_return "fired";
  }
  const auto late = co_await self.receive<Number>(1_ms);
  co_return late ? "both" : "cancelled";
}

Task<std::string> timer_and_read(Self self) {
  const TimerId timer = self.send_after<Number>(Duration::nanoseconds(300), self.pid(), 1);
  co_await self.yield();
  co_return text(self.read_timer(timer).has_value());
}

Task<std::string> timer_and_asynchronous_cancel(Self self) {
  const TimerId timer = self.send_after<Number>(Duration::nanoseconds(300), self.pid(), 1);
  co_await self.yield();
  self.cancel_timer_async(timer);
  const TimerCancelled told = co_await self.receive<TimerCancelled>();
  if (!told.left) {
    co_await self.receive<Number>();
    co_return "fired";
  }
  const auto late = co_await self.receive<Number>(1_ms);
  co_return late ? "both" : "cancelled";
}

Behaviour takes_one(Self self, Pid arena) {
  const auto message = co_await self.receive<Number, Go>();
  self.send<Said>(arena, text(std::holds_alternative<Number>(message)));
}

Task<std::string> timer_and_exit(Self self) {
  const Pid other = self.spawn<&takes_one>(self.pid());
  self.send_after<Number>(Duration::nanoseconds(300), other, 1);
  start<&goes>(self, other);
  return what_was_said(self);
}

void says_later(Self self, Pid to, int value) {
  self.send_after<Number>(Duration::microseconds(2), to, value);
}

Task<std::string> two_later_timers(Self self) {
  start<&says_later>(self, self.pid(), 1);
  start<&says_later>(self, self.pid(), 2);
  return numbers(self, 2);
}

}  // namespace

LITMUS("messages of two senders come in either order", "12", "21", two_senders)
LITMUS("so do messages to a name", "12", "21", two_by_name)
LITMUS("so do messages to a pid and to a name", "12", "21", pid_and_name)
LITMUS("so do messages to a pid and to an alias", "12", "21", pid_and_alias)
LITMUS("so do messages to a name and to an alias", "12", "21", name_and_alias)
LITMUS("a message and a timer come in either order", "12", "21", message_and_timer)
LITMUS("timers of two processes fire in either order", "12", "21", two_timers)
LITMUS("timers with longer times do as well", "12", "21", two_later_timers)
LITMUS("the way around may be the faster", "12", "21", the_way_around)
LITMUS("of two types the first to come is received", "number", "go", first_type)
LITMUS("a message races a time-out and is not lost", "came", "later", time_out)
LITMUS("a zero time-out sees a message or not", "came", "later", zero_time_out)
LITMUS("of two names for two processes one is given", "1", "2", two_want_a_name)
LITMUS("a name is found once it is given", "yes", "no", naming_and_looking)
LITMUS("a name is found until it is taken away", "yes", "no", unnaming_and_looking)
LITMUS("a message to a name comes once it is given", "yes", "no", naming_and_sending)
LITMUS("a message to a name comes until it is taken away", "yes", "no", unnaming_and_sending)
LITMUS("a name is free when its holder has exited", "yes", "no", exit_and_naming)
LITMUS("who exits is named before or not at all", "yes", "no", naming_who_exits)
LITMUS("of two names a process gets one", "first", "second", two_names)
LITMUS("process_info shows a name once it is given", "none", "named", naming_and_info)
LITMUS("a timer looks a name up when it fires", "yes", "no", naming_and_timer)
LITMUS("a monitor by name finds its process or noproc", "x", "noproc", naming_and_monitor)
LITMUS("a name is taken away once", "1", "2", two_unname)
LITMUS("a message comes through an alias until it ends", "yes", "no", unalias_and_sending)
LITMUS("a one-shot alias lets one of two through", "1", "2", two_by_one_shot_alias)
LITMUS("a reply and a Down exclude each other", "reply", "down", reply_and_down)
LITMUS("demonitor ends the alias of a monitor", "yes", "no", demonitor_and_alias)
LITMUS("a timer is cancelled or fires", "fired", "cancelled", timer_and_cancel)
LITMUS("a timer can be read until it fires", "yes", "no", timer_and_read)
LITMUS("an asynchronous cancel tells which", "fired", "cancelled", timer_and_asynchronous_cancel)
LITMUS("a timer and a message come in either order", "yes", "no", timer_and_exit)

}  // namespace glasshouse::litmus
