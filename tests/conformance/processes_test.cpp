// Exits, links, the order of signals, and what can be asked of a process. The ids are those of
// docs/conformance.md.

#include <stdexcept>

#include "tests/conformance/both_worlds.h"

namespace glasshouse::conformance {

namespace {

struct Go {};
struct Hello {
  Pid pid;
};
struct Number {
  int value = 0;
};

Term oops() {
  return tuple(Term("oops"_atom), Term(42));
}

// -- exits and links ------------------------------------------------------------------------------

Behaviour returns(Self) {
  co_return;
}

Behaviour returning_is_normal(Self self, Verdict* verdict) {
  self.trap_exit(true);
  const Pid child = self.spawn_link<&returns>();
  const Exit exit = co_await self.receive<Exit>();
  verdict->holds(exit.from == child, "the exit is the child's");
  verdict->equal(exit.reason, "normal");
  const auto more = co_await self.receive<Exit>(10_ms);
  verdict->holds(!more, "there is one exit message");
}

Behaviour member(Self self, Pid observer, int below) {
  if (below > 0) self.spawn_link<&member>(observer, below - 1);
  self.send<Hello>(observer, self.pid());
  co_await self.receive<Go>();
  self.exit(oops());
}

Behaviour reasons_travel(Self self, Verdict* verdict) {
  self.spawn<&member>(self.pid(), 3);
  Pid last;
  for (int i = 0; i < 4; ++i) {
    const Hello hello = co_await self.receive<Hello>();
    self.monitor(hello.pid);
    last = hello.pid;
  }
  self.send<Go>(last);
  for (int i = 0; i < 4; ++i) {
    const Down down = co_await self.receive<Down>();
    verdict->equal(down.reason, "{oops,42}");
  }
}

Behaviour raises(Self self) {
  co_await self.yield();
  throw std::runtime_error("boom");
}

Behaviour raised_error_is_the_reason(Self self, Verdict* verdict) {
  self.trap_exit(true);
  self.spawn_link<&raises>();
  const Exit exit = co_await self.receive<Exit>();
  verdict->equal(exit.reason, "{runtime_error,<<\"boom\">>}");
}

// Says how much is in its mailbox when it is told to go.
Behaviour counts_its_mail(Self self, Pid to) {
  co_await self.receive<Go>();
  self.send<Number>(to, static_cast<int>(self.process().mail_length()));
  co_await self.receive<Go>();
}

Behaviour normal_is_ignored(Self self, Verdict* verdict) {
  const Pid other = self.spawn<&counts_its_mail>(self.pid());
  self.exit(other, Term(atoms::normal));
  self.send<Go>(other);
  const Number mail = co_await self.receive<Number>();
  verdict->holds(mail.value == 0, "no message came of it");
  self.send<Go>(other);
}

Behaviour ends_itself(Self self, Pid to) {
  self.exit(self.pid(), Term(atoms::normal));
  self.send<Number>(to, 1);
  co_return;
}

Behaviour normal_to_oneself_ends(Self self, Verdict* verdict) {
  self.spawn_monitor<&ends_itself>(self.pid());
  const Down down = co_await self.receive<Down>();
  verdict->equal(down.reason, "normal");
  const auto after = co_await self.receive<Number>(Duration::zero());
  verdict->holds(!after, "nothing after the exit was done");
}

Behaviour line(Self self, int below) {
  if (below > 0) {
    self.spawn_link<&line>(below - 1);
    co_await self.receive<Go>();
  }
  co_await self.yield();
  self.exit(Term(atoms::kill));
}

Behaviour kill_by_exit_1_is_ordinary(Self self, Verdict* verdict) {
  self.trap_exit(true);
  const Pid head = self.spawn_link<&line>(4);
  const Exit exit = co_await self.receive<Exit>();
  verdict->holds(exit.from == head, "the head of the line died");
  verdict->equal(exit.reason, "kill");
}

Behaviour kill_over_a_link_stays_kill(Self self, Verdict* verdict) {
  self.spawn_monitor<&line>(1);
  const Down down = co_await self.receive<Down>();
  verdict->equal(down.reason, "kill");
}

Behaviour dies_when_told(Self self) {
  co_await self.receive<Go>();
  self.exit(Term("x"_atom));
}

Behaviour links_do_not_stack(Self self, Verdict* verdict) {
  self.trap_exit(true);
  for (const bool unlinks : {false, true}) {
    const Pid other = self.spawn<&dies_when_told>();
    for (int i = 0; i < 3; ++i)
      self.link(other);
    if (unlinks) self.unlink(other);
    self.monitor(other);
    self.send<Go>(other);
    co_await self.receive<Down>();
    int exits = 0;
    while (true) {
      const auto exit = co_await self.receive<Exit>(Duration::zero());
      if (!exit) break;
      ++exits;
    }
    verdict->holds(exits == (unlinks ? 0 : 1), "one link, however often made");
  }
}

Behaviour linking_oneself_does_nothing(Self self, Verdict* verdict) {
  self.link(self.pid());
  const Term links = co_await self.process_info(self.pid(), "links"_atom);
  verdict->equal(links, "{links,[]}");
  self.unlink(self.pid());
  const auto exit = co_await self.receive<Exit>(1_ms);
  verdict->holds(!exit, "no message came");
}

Behaviour linking_the_dead_is_an_error(Self self, Verdict* verdict) {
  const auto [other, ref] = self.spawn_monitor<&returns>();
  co_await self.receive<Down>();
  std::string reason = "none";
  try {
    self.link(other);
  } catch (const ExitException& error) {
    reason = to_string(error.reason());
  }
  verdict->equal(reason, "noproc");
  const Term links = co_await self.process_info(self.pid(), "links"_atom);
  verdict->equal(links, "{links,[]}");
  // No signal follows, so we go on.
  co_await self.sleep(1_ms);
}

Behaviour unlinking_a_stranger_is_nothing(Self self, Verdict* verdict) {
  const Pid alive = self.spawn<&dies_when_told>();
  const auto [dead, ref] = self.spawn_monitor<&returns>();
  co_await self.receive<Down>();
  self.unlink(alive);
  self.unlink(dead);
  const auto exit = co_await self.receive<Exit>(1_ms);
  verdict->holds(!exit, "no message came");
  self.send<Go>(alive);
}

Behaviour exits_with(Self self, int value) {
  self.exit(Term(value));
  co_return;
}

Behaviour spawn_link_is_atomic(Self self, Verdict* verdict) {
  self.trap_exit(true);
  for (int round = 0; round < 500; ++round) {
    const Pid child = self.spawn_link<&exits_with>(round);
    const Exit exit = co_await self.receive<Exit>();
    const bool good = exit.from == child && exit.reason == Term(round);
    if (!good) verdict->equal(exit.reason, std::to_string(round));
  }
  const auto more = co_await self.receive<Exit>(Duration::zero());
  verdict->holds(!more, "one exit for each child");
}

struct MayReach {};
struct MayNotReach {};

Behaviour refuses_to_be_reached(Self self) {
  for (;;) {
    const auto message = co_await self.receive<MayReach, MayNotReach>();
    if (std::holds_alternative<MayNotReach>(message)) self.exit(Term("bad_signal_order"_atom));
  }
}

Behaviour signals_keep_their_order(Self self, Verdict* verdict) {
  for (int round = 0; round < 100; ++round) {
    const Pid other = self.spawn<&refuses_to_be_reached>();
    self.monitor(other);
    for (int i = 0; i < 3; ++i)
      self.send<MayReach>(other);
    self.exit(other, Term("good_signal_order"_atom));
    for (int i = 0; i < 3; ++i)
      self.send<MayNotReach>(other);
    const Down down = co_await self.receive<Down>();
    verdict->equal(down.reason, "good_signal_order");
  }
}

Behaviour the_dead_hear_nothing(Self self, Verdict* verdict) {
  const auto [dead, ref] = self.spawn_monitor<&returns>();
  co_await self.receive<Down>();
  self.exit(dead, Term("whatever"_atom));
  self.send<Go>(dead);
  const auto message = co_await self.receive_any(1_ms);
  verdict->holds(message == nullptr, "no message came of it");
}

// -- what can be asked ----------------------------------------------------------------------------

Behaviour waits(Self self) {
  co_await self.receive<Go>();
}

Behaviour a_child_starts_with_defaults(Self self, Verdict* verdict) {
  const Pid leader = self.spawn<&waits>();
  self.set_group_leader(leader);
  self.trap_exit(true);
  self.priority(Priority::high);
  verdict->holds(self.register_name("prc_030"_atom), "the parent has a name");
  static_cast<void>(self.put(Term("key"_atom), Term(1)));
  const Pid child = self.spawn<&waits>();
  const Term group = co_await self.process_info(child, "group_leader"_atom);
  verdict->holds(group.element(1) == Term(leader), "the group leader is inherited");
  std::vector<Atom> items{"trap_exit"_atom, "priority"_atom, "dictionary"_atom,
                          "registered_name"_atom, "links"_atom};
  const Term defaults = co_await self.process_info(child, items);
  verdict->equal(defaults,
                 "[{trap_exit,false},{priority,normal},{dictionary,[]},{registered_name,[]},"
                 "{links,[]}]");
  self.send<Go>(child);
  self.send<Go>(leader);
}

Behaviour has_a_child(Self self, Pid observer) {
  self.send<Hello>(observer, self.spawn<&waits>());
  co_await self.receive<Go>();
}

Behaviour the_parent_is_remembered(Self self, Verdict* verdict) {
  const auto [parent, ref] = self.spawn_monitor<&has_a_child>(self.pid());
  const Hello child = co_await self.receive<Hello>();
  const Term before = co_await self.process_info(child.pid, "parent"_atom);
  verdict->holds(before.element(1) == Term(parent), "the parent lives");
  self.send<Go>(parent);
  co_await self.receive<Down>();
  const Term after = co_await self.process_info(child.pid, "parent"_atom);
  verdict->holds(after.element(1) == Term(parent), "the parent is dead");
  self.send<Go>(child.pid);
  const Pid first = self.node().spawn<&has_a_child>(self.pid());
  const Term of_first = co_await self.process_info(first, "parent"_atom);
  verdict->equal(of_first, "{parent,undefined}");
  const Hello second = co_await self.receive<Hello>();
  self.send<Go>(first);
  self.send<Go>(second.pid);
}

Behaviour the_dead_have_no_info(Self self, Verdict* verdict) {
  const auto [dead, ref] = self.spawn_monitor<&returns>();
  co_await self.receive<Down>();
  std::vector<Atom> items{"links"_atom, "status"_atom};
  const Term all = co_await self.process_info(dead);
  const Term links = co_await self.process_info(dead, "links"_atom);
  const Term both = co_await self.process_info(dead, items);
  verdict->equal(list(all, links, both), "[undefined,undefined,undefined]");
  const bool alive = co_await self.is_process_alive(dead);
  verdict->holds(!alive, "it is not alive");
  std::string reason = "none";
  try {
    auto asking = self.process_info(self.pid(), "unknown_item"_atom);
  } catch (const ExitException& error) {
    reason = to_string(error.reason());
  }
  verdict->equal(reason, "badarg");
}

template <class Options>
concept KnowsAnUnknownOption = requires {
  Options{.unknown_option = 1};
};
static_assert(!KnowsAnUnknownOption<SpawnRequest>, "badopt does not compile");

Behaviour spawn_request_is_asynchronous(Self self, Verdict* verdict) {
  const SpawnRequest plain;
  const Ref first = self.spawn_request<&returns>(plain);
  const SpawnReply told = co_await self.receive<SpawnReply>();
  verdict->holds(told.ref == first, "the reply is of this request");
  verdict->equal(to_term(told).element(0), "spawn_reply");
  verdict->equal(Term(told.outcome), "ok");

  const SpawnRequest watched{.spawn = {.monitor = true}, .reply_tag = Term("tag"_atom)};
  const Ref second = self.spawn_request<&returns>(watched);
  const SpawnReply tagged = co_await self.receive<SpawnReply>();
  verdict->equal(to_term(tagged).element(0), "tag");
  const Down down = co_await self.receive<Down>();
  verdict->holds(down.ref == second && tagged.ref == second, "one reference for both");
  verdict->holds(Term(down.pid) == tagged.result, "and one process");

  const SpawnRequest silent{.replies = SpawnReplies::never};
  self.spawn_request<&returns>(silent);
  const auto more = co_await self.receive<SpawnReply>(1_ms);
  verdict->holds(!more, "no reply was wanted");
}

Behaviour sends_numbers(Self self, Ref to, int first, int last) {
  for (int i = first; i <= last; ++i)
    self.send<Number>(to, i);
  co_return;
}

Task<std::string> numbers_here(Self self) {
  std::string all;
  for (;;) {
    const auto number = co_await self.receive<Number>(Duration::zero());
    if (!number) co_return all;
    all += std::to_string(number->value);
  }
}

Behaviour aliases_end(Self self, Verdict* verdict) {
  const Ref plain = self.alias();
  const Ref once = self.alias(AliasMode::reply);
  self.spawn_monitor<&sends_numbers>(plain, 1, 2);
  co_await self.receive<Down>();
  const std::string two = co_await numbers_here(self);
  verdict->equal(two, "12");
  verdict->holds(self.unalias(plain), "it was an alias");
  verdict->holds(!self.unalias(plain), "it is none any more");
  self.spawn_monitor<&sends_numbers>(plain, 3, 3);
  co_await self.receive<Down>();
  self.spawn_monitor<&sends_numbers>(once, 1, 3);
  co_await self.receive<Down>();
  const std::string one = co_await numbers_here(self);
  verdict->equal(one, "1");
  verdict->holds(!self.unalias(once), "it ended with the first message");
}

}  // namespace

CONFORMANCE("PRC-002", "returning from the entry function is exit reason normal",
            returning_is_normal)
CONFORMANCE("PRC-004", "an abnormal exit travels through links with its reason", reasons_travel)
CONFORMANCE("PRC-005", "a raised error is the exit reason", raised_error_is_the_reason)
CONFORMANCE("PRC-007", "exit(Pid, normal) does not end another process", normal_is_ignored)
CONFORMANCE("PRC-009", "exit(self(), normal) ends the caller", normal_to_oneself_ends)
CONFORMANCE("PRC-014", "exit/1 with reason kill is an ordinary exit", kill_by_exit_1_is_ordinary)
CONFORMANCE("PRC-015", "kill over a link ends with reason kill", kill_over_a_link_stays_kill)
CONFORMANCE("PRC-016", "links do not stack", links_do_not_stack)
CONFORMANCE("PRC-017", "linking to oneself does nothing", linking_oneself_does_nothing)
CONFORMANCE("PRC-018", "linking to the dead is a noproc error", linking_the_dead_is_an_error)
CONFORMANCE("PRC-021", "unlinking who is not linked does nothing", unlinking_a_stranger_is_nothing)
CONFORMANCE("PRC-023", "spawn_link is atomic", spawn_link_is_atomic)
CONFORMANCE("PRC-025", "messages and exit signals keep their order", signals_keep_their_order)
CONFORMANCE("PRC-028", "an exit signal to the dead is discarded", the_dead_hear_nothing)
CONFORMANCE("PRC-030", "a child inherits the group leader and nothing else",
            a_child_starts_with_defaults)
CONFORMANCE("PRC-031", "process_info knows the parent", the_parent_is_remembered)
CONFORMANCE("PRC-032", "process_info of the dead is undefined", the_dead_have_no_info)
CONFORMANCE("PRC-034", "spawn_request is asynchronous", spawn_request_is_asynchronous)
CONFORMANCE("PRC-036", "aliases are active, one-shot, or over", aliases_end)

}  // namespace glasshouse::conformance
