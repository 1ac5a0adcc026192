// Races of links, monitors and exit signals.

#include "tests/litmus/litmus.h"

namespace glasshouse::litmus {

namespace {

// -- links ----------------------------------------------------------------------------------------

Task<std::string> link_and_exit(Self self) {
  self.trap_exit(true);
  const Pid other = self.spawn<&ends>("x"_atom);
  start<&goes>(self, other);
  co_await self.yield();
  self.link(other);
  const std::string reason = co_await exit_reason(self);
  co_return reason;
}

Behaviour links_and_waits(Self self, Pid other) {
  co_await self.yield();
  self.link(other);
  co_await self.receive<Go>();
}

Task<std::string> untrapped_link_and_exit(Self self) {
  const Pid other = self.spawn<&ends>("x"_atom);
  start<&goes>(self, other);
  self.spawn_monitor<&links_and_waits>(other);
  const std::string reason = co_await down_reason(self);
  co_return reason;
}

Task<std::string> unlink_and_exit(Self self) {
  self.trap_exit(true);
  const Pid other = self.spawn_link<&ends>("x"_atom);
  self.monitor(other);
  start<&goes>(self, other);
  co_await self.yield();
  self.unlink(other);
  co_await self.receive<Down>();
  const auto exit = co_await self.receive<Exit>(Duration::zero());
  if (exit && exit->reason != Term("x"_atom)) co_return to_string(exit->reason);
  co_return text(exit.has_value());
}

// What is asked of a process may be answered before its body begins: it says when it has linked.
Behaviour unlinks_and_waits(Self self, Pid other) {
  self.link(other);
  self.send<Done>(self.parent());
  co_await self.receive<Go>();
  self.unlink(other);
  self.exit("survived"_atom);
}

Task<std::string> untrapped_unlink_and_exit(Self self) {
  const Pid other = self.spawn<&ends>("x"_atom);
  const auto [linked, ref] = self.spawn_monitor<&unlinks_and_waits>(other);
  co_await done(self, 1);
  start<&goes>(self, other);
  start<&goes>(self, linked);
  const std::string reason = co_await down_reason(self);
  co_return reason;
}

Behaviour traps_and_waits(Self self) {
  co_await self.receive<Go>();
  self.trap_exit(true);
  const Exit exit = co_await self.receive<Exit>();
  self.exit(tuple(Term("trapped"_atom), exit.reason));
}

Task<std::string> trapping_and_signal(Self self) {
  const auto [other, ref] = self.spawn_monitor<&traps_and_waits>();
  start<&goes>(self, other);
  start<&exits>(self, other, "x"_atom);
  const std::string reason = co_await down_reason(self);
  co_return reason;
}

Behaviour traps_no_more(Self self) {
  self.trap_exit(true);
  co_await self.receive<Go>();
  self.trap_exit(false);
  const Exit exit = co_await self.receive<Exit>();
  self.exit(tuple(Term("trapped"_atom), exit.reason));
}

Task<std::string> trapping_no_more_and_signal(Self self) {
  const auto [other, ref] = self.spawn_monitor<&traps_no_more>();
  co_await info(self, other, "status"_atom);
  start<&goes>(self, other);
  start<&exits>(self, other, "x"_atom);
  const std::string reason = co_await down_reason(self);
  co_return reason;
}

// A - B - C: C exits while B lets go of A.
Behaviour first_of_three(Self self) {
  co_await self.receive<Go>();
  self.exit("survived"_atom);
}

Behaviour second_of_three(Self self, Pid first, Pid third) {
  self.link(first);
  self.link(third);
  self.send<Done>(self.parent());
  co_await self.receive<Go>();
  self.unlink(first);
  co_await self.receive<Go>();
}

Task<std::string> chain_and_unlink(Self self) {
  const Pid third = self.spawn<&ends>("x"_atom);
  const auto [first, ref] = self.spawn_monitor<&first_of_three>();
  const auto spawned = self.spawn_monitor<&second_of_three>(first, third);
  const Pid second = spawned.pid;
  const Ref last = spawned.ref;
  co_await done(self, 1);
  start<&goes>(self, third);
  start<&goes>(self, second);
  auto next = self.receive_if<Down>([last](const Down& down) { return down.ref == last; });
  co_await next;
  self.send<Go>(first);
  const std::string reason = co_await down_reason(self);
  co_return reason;
}

struct Child {
  Pid pid;
};

Behaviour has_a_linked_child(Self self, Pid arena) {
  const Pid child = self.spawn_link<&ends>("own"_atom);
  self.send<Child>(arena, child);
  co_await self.receive<Go>();
  self.exit("parents"_atom);
}

Task<std::string> parent_and_child(Self self) {
  const Pid parent = self.spawn<&has_a_linked_child>(self.pid());
  const Child child = co_await self.receive<Child>();
  self.monitor(child.pid);
  start<&goes>(self, parent);
  start<&goes>(self, child.pid);
  const std::string reason = co_await down_reason(self);
  co_return reason;
}

struct Other {
  Pid pid;
};

template <bool and_unlinks>
Behaviour links_at_once(Self self, Pid arena) {
  const Other other = co_await self.receive<Other>();
  self.link(other.pid);
  if (and_unlinks) self.unlink(other.pid);
  self.send<Done>(arena);
  co_await self.receive<Go>();
}

// One links and unlinks while the other one links: both know of a link in the end, or none.
Task<std::string> crossing_links(Self self) {
  const Pid one = self.spawn<&links_at_once<true>>(self.pid());
  const Pid other = self.spawn<&links_at_once<false>>(self.pid());
  self.send<Other>(one, other);
  self.send<Other>(other, one);
  co_await done(self, 2);
  const std::string of_one = co_await info(self, one, "links"_atom);
  const std::string of_other = co_await info(self, other, "links"_atom);
  if (of_one == "[]" && of_other == "[]") co_return "apart";
  const bool both = of_one == to_string(runtime::list(Term(other))) &&
                    of_other == to_string(runtime::list(Term(one)));
  co_return both ? "linked" : "half a link";
}

// -- exit signals ---------------------------------------------------------------------------------

Task<std::string> two_signals(Self self) {
  const auto [other, ref] = self.spawn_monitor<&ends>(atoms::normal);
  start<&exits>(self, other, "one"_atom);
  start<&exits>(self, other, "two"_atom);
  const std::string reason = co_await down_reason(self);
  co_return reason;
}

Task<std::string> own_exit_and_signal(Self self) {
  const auto [other, ref] = self.spawn_monitor<&ends>("own"_atom);
  start<&goes>(self, other);
  start<&exits>(self, other, "other"_atom);
  const std::string reason = co_await down_reason(self);
  co_return reason;
}

Task<std::string> return_and_kill(Self self) {
  const auto [other, ref] = self.spawn_monitor<&ends>(atoms::normal);
  start<&goes>(self, other);
  start<&exits>(self, other, atoms::kill);
  const std::string reason = co_await down_reason(self);
  co_return reason;
}

Task<std::string> kill_and_signal(Self self) {
  const auto [other, ref] = self.spawn_monitor<&ends>(atoms::normal);
  start<&exits>(self, other, atoms::kill);
  start<&exits>(self, other, "x"_atom);
  const std::string reason = co_await down_reason(self);
  co_return reason;
}

Behaviour says_that_it_came(Self self, Pid arena) {
  co_await self.receive<Go>();
  self.send<Number>(arena, 1);
}

Task<std::string> message_and_kill(Self self) {
  const auto [other, ref] = self.spawn_monitor<&says_that_it_came>(self.pid());
  start<&goes>(self, other);
  start<&exits>(self, other, atoms::kill);
  return came_before_the_end(self);
}

Behaviour says_after_a_while(Self self, Pid arena) {
  co_await self.sleep(Duration::nanoseconds(300));
  self.send<Number>(arena, 1);
}

Task<std::string> sleep_and_kill(Self self) {
  const auto [other, ref] = self.spawn_monitor<&says_after_a_while>(self.pid());
  start<&exits>(self, other, atoms::kill);
  return came_before_the_end(self);
}

Behaviour times_out(Self self) {
  co_await self.receive<Go>(Duration::nanoseconds(300));
}

Task<std::string> time_out_and_exit(Self self) {
  const auto [other, ref] = self.spawn_monitor<&times_out>();
  start<&exits>(self, other, "x"_atom);
  const std::string reason = co_await down_reason(self);
  co_return reason;
}

// -- monitors -------------------------------------------------------------------------------------

Task<std::string> monitor_and_exit(Self self) {
  const Pid other = self.spawn<&ends>("x"_atom);
  start<&goes>(self, other);
  co_await self.yield();
  self.monitor(other);
  const std::string reason = co_await down_reason(self);
  co_return reason;
}

Task<std::string> demonitor_and_exit(Self self) {
  const auto [other, ref] = self.spawn_monitor<&ends>("x"_atom);
  start<&goes>(self, other);
  co_await self.yield();
  const bool was_active = self.demonitor(ref);
  const auto down = co_await self.receive<Down>(10_us);
  co_return down ? "a Down came after a flush" : text(was_active);
}

Task<std::string> demonitor_without_flush(Self self) {
  const auto [other, ref] = self.spawn_monitor<&ends>("x"_atom);
  start<&goes>(self, other);
  co_await self.yield();
  const bool was_active = self.demonitor(ref, Self::Flush::keep);
  const auto down = co_await self.receive<Down>(10_us);
  co_return down.has_value() == was_active ? "the answer is wrong" : text(was_active);
}

Task<std::string> two_downs(Self self) {
  const auto [one, first] = self.spawn_monitor<&ends>("one"_atom);
  const auto [two, second] = self.spawn_monitor<&ends>("two"_atom);
  start<&goes>(self, one);
  start<&goes>(self, two);
  const std::string first_reason = co_await down_reason(self);
  const std::string second_reason = co_await down_reason(self);
  co_return first_reason + " " + second_reason;
}

Task<std::string> down_and_message(Self self) {
  const auto [other, ref] = self.spawn_monitor<&ends>("x"_atom);
  start<&goes>(self, other);
  start<&says>(self, self.pid(), 1);
  const auto first = co_await self.receive<Down, Number>();
  co_return std::holds_alternative<Down>(first) ? "down" : "message";
}

Task<std::string> down_and_exit(Self self) {
  self.trap_exit(true);
  const auto [watched, ref] = self.spawn_monitor<&ends>("x"_atom);
  const Pid linked = self.spawn_link<&ends>("x"_atom);
  start<&goes>(self, watched);
  start<&goes>(self, linked);
  const auto first = co_await self.receive<Down, Exit>();
  co_return std::holds_alternative<Down>(first) ? "down" : "exit";
}

Task<std::string> two_exits(Self self) {
  self.trap_exit(true);
  const Pid one = self.spawn_link<&ends>("one"_atom);
  const Pid two = self.spawn_link<&ends>("two"_atom);
  start<&goes>(self, one);
  start<&goes>(self, two);
  const std::string first_reason = co_await exit_reason(self);
  const std::string second_reason = co_await exit_reason(self);
  co_return first_reason + " " + second_reason;
}

Behaviour ends_at_once(Self self) {
  self.exit("own"_atom);
  co_return;
}

Task<std::string> spawn_monitor_and_kill(Self self) {
  const auto [other, ref] = self.spawn_monitor<&ends_at_once>();
  start<&exits>(self, other, atoms::kill);
  const std::string reason = co_await down_reason(self);
  co_return reason;
}

}  // namespace

LITMUS("a link to one who exits hears the reason or noproc", "x", "noproc", link_and_exit)
LITMUS("one who does not trap dies of the reason or of noproc", "x", "noproc",
       untrapped_link_and_exit)
LITMUS("unlink comes before the Exit or after it", "yes", "no", unlink_and_exit)
LITMUS("unlink saves one who does not trap, or comes too late", "x", "survived",
       untrapped_unlink_and_exit)
LITMUS("an exit signal comes before trap_exit or after it", "x", "{trapped,x}", trapping_and_signal)
LITMUS("an exit signal comes before the end of trapping or after it", "x", "{trapped,x}",
       trapping_no_more_and_signal)
LITMUS("a chain of links breaks before the signal or after it", "x", "survived", chain_and_unlink)
LITMUS("a child dies by itself or with its parent", "own", "parents", parent_and_child)
LITMUS("links that cross agree", "apart", "linked", crossing_links)
LITMUS("of two exit signals the first is the reason", "one", "two", two_signals)
LITMUS("a process ends by itself or by a signal", "own", "other", own_exit_and_signal)
LITMUS("a process returns or is killed", "normal", "killed", return_and_kill)
LITMUS("kill is the reason unless another came before", "killed", "x", kill_and_signal)
LITMUS("a message is handled before the kill or never", "yes", "no", message_and_kill)
LITMUS("a sleeper wakes before the kill or never", "yes", "no", sleep_and_kill)
LITMUS("a time-out comes before the exit signal or never", "normal", "x", time_out_and_exit)
LITMUS("a monitor of one who exits hears the reason or noproc", "x", "noproc", monitor_and_exit)
LITMUS("demonitor with flush leaves no Down", "yes", "no", demonitor_and_exit)
LITMUS("demonitor without flush tells whether a Down is there", "yes", "no",
       demonitor_without_flush)
LITMUS("Downs of two processes come in either order", "one two", "two one", two_downs)
LITMUS("Exits of two processes come in either order", "one two", "two one", two_exits)
LITMUS("a Down and a message come in either order", "down", "message", down_and_message)
LITMUS("a Down and an Exit come in either order", "down", "exit", down_and_exit)
LITMUS("spawn_monitor never misses the reason", "own", "killed", spawn_monitor_and_kill)

}  // namespace glasshouse::litmus
