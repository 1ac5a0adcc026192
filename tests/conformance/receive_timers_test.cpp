// Receiving and timers. The ids are those of docs/conformance.md.

#include <type_traits>
#include <vector>

#include "tests/conformance/both_worlds.h"

namespace glasshouse::conformance {

namespace {

struct Number {
  int value = 0;
};
struct Other {
  int value = 0;
};
struct Fired {
  Duration after;
};
struct Echo {
  using Reply = int;
  int value = 0;
};

Behaviour the_rest_keeps_its_order(Self self, Verdict* verdict) {
  for (int i = 1; i <= 10; ++i)
    self.send<Number>(self.pid(), i);
  for (const int wanted : {5, 2}) {
    auto picking = self.receive_if<Number>([wanted](const Number& n) { return n.value == wanted; });
    const auto picked = co_await picking;
    verdict->holds(picked && picked->value == wanted, "picked");
  }
  std::string rest;
  for (int i = 0; i < 8; ++i) {
    const Number number = co_await self.receive<Number>();
    rest += std::to_string(number.value) + " ";
  }
  verdict->equal(rest, "1 3 4 6 7 8 9 10 ");
}

// A message of any kind: an atom or a number.
struct Thing {
  Term value;
};

// Throws for what is no number, as `rem` fails.
bool is_even(const Thing& thing) {
  return thing.value.as_integer().value() % 2 == 0;
}

Behaviour what_does_not_match_stays(Self self, Verdict* verdict) {
  self.send<Thing>(self.pid(), Term("foo"_atom));
  self.send<Other>(self.pid(), 1);
  self.send<Thing>(self.pid(), Term(4));
  auto even = self.receive_if<Thing>(&is_even);
  const auto found = co_await even;
  verdict->equal(found->value, "4");
  const auto foo = co_await self.receive<Thing>(Duration::zero());
  verdict->holds(foo.has_value(), "what the guard failed for is still there");
  verdict->equal(foo->value, "foo");
  const auto left = co_await self.receive<Other>(Duration::zero());
  verdict->holds(left.has_value(), "and so is what is of another type");
}

Behaviour zero_looks_first(Self self, Verdict* verdict) {
  self.send<Other>(self.pid(), 1);
  const auto none = co_await self.receive<Number>(Duration::zero());
  verdict->holds(!none, "nothing matched");
  self.send<Number>(self.pid(), 1);
  const auto found = co_await self.receive<Number>(Duration::zero());
  verdict->holds(found.has_value(), "found without waiting");
  const auto left = co_await self.receive<Other>(Duration::zero());
  verdict->holds(left.has_value(), "the other was left");
}

// receive after foo does not compile.
template <class After>
concept CanWait = requires(Self self, After after) {
  self.receive<Number>(after);
};
static_assert(CanWait<Duration> && !CanWait<Atom> && !CanWait<const char*>);

Behaviour bad_timeouts_are_errors(Self self, Verdict* verdict) {
  std::string reason = "none";
  try {
    auto next = self.receive<Number>(Duration::milliseconds(-1));
  } catch (const ExitException& error) {
    reason = to_string(error.reason());
  }
  verdict->equal(reason, "timeout_value");
  self.send_after<Number>(20_ms, self.pid(), 1);
  const auto late = co_await self.receive<Number>(Duration::infinity());
  verdict->holds(late.has_value(), "infinity waits");
}

Behaviour echoes(Self self) {
  for (;;) {
    auto next = self.receive_any();
    MessagePtr message = co_await next;
    const auto& asked = static_cast<BoxedCall<Echo>&>(*message);
    self.reply(Request<Echo>{asked.from, asked.value}, asked.value.value);
  }
}

// The answer goes to the call, not through the mailbox: nothing here looks at what waits.
Behaviour a_full_mailbox_does_not_matter(Self self, Verdict* verdict) {
  constexpr int waiting = 20'000;
  const Pid echo = self.spawn_link<&echoes>();
  for (int i = 0; i < waiting; ++i)
    self.send<Other>(self.pid(), i);
  bool all_good = true;
  for (int i = 0; i < 200; ++i) {
    const int answer = co_await self.call<Echo>(echo, i);
    all_good = all_good && answer == i;
  }
  verdict->holds(all_good, "each reply is that of its request");
  for (int i = 0; i < waiting; ++i) {
    const Other other = co_await self.receive<Other>();
    if (other.value != i) verdict->holds(false, "the others are untouched");
  }
}

// cancel_timer of something that is no timer does not compile.
template <class What>
concept CanCancel = requires(Self self, What what) {
  self.cancel_timer(what);
};
static_assert(CanCancel<TimerId> && !CanCancel<Ref> && !CanCancel<Atom>);

Behaviour cancelling_says_what_was_left(Self self, Verdict* verdict) {
  const TimerId timer = self.send_after<Number>(5_s, self.pid(), 1);
  const auto read = self.read_timer(timer);
  verdict->holds(read && *read <= 5_s && *read > 1_s, "it is on its way");
  const auto left = self.cancel_timer(timer);
  verdict->holds(left && *left <= 5_s, "it was");
  verdict->holds(!self.cancel_timer(timer), "once");
  const TimerId fast = self.send_after<Number>(10_ms, self.pid(), 2);
  // Its message stays where it is: this waits until it is there, and takes nothing.
  const Instant begin = self.now();
  for (bool is_there = false; !is_there && self.now() - begin < 5_s;) {
    co_await self.sleep(1_ms);
    auto asking = self.process_info(self.pid(), "message_queue_len"_atom);
    const Term length = co_await asking;
    is_there = length.element(1) == Term(1);
  }
  verdict->holds(!self.cancel_timer(fast), "too late");
  verdict->holds(!self.read_timer(fast), "too late to read");
  const auto number = co_await self.receive<Number>(Duration::zero());
  verdict->holds(number && number->value == 2, "the message stays in the mailbox");
}

template <int milliseconds>
Behaviour asynchronous_cancel(Self self, Verdict* verdict) {
  const Duration waits_for = Duration::milliseconds(milliseconds);
  const TimerId one = self.send_after<Number>(5_s, self.pid(), 1);
  const TimerId two = self.send_after<Number>(5_s, self.pid(), 2);
  self.cancel_timer_async(one);
  self.cancel_timer_async(two, Self::TimerInfo::no);
  self.cancel_timer_async(TimerId());
  const TimerCancelled first = co_await self.receive<TimerCancelled>();
  verdict->holds(first.timer.number() == one.number(), "the first is answered");
  verdict->holds(first.left && *first.left <= 5_s && *first.left > 1_s, "what was left of it");
  const TimerCancelled third = co_await self.receive<TimerCancelled>();
  verdict->holds(third.timer.number() == TimerId().number(), "the third is answered");
  verdict->holds(!third.left, "it never was");
  // In the simulator that is later than all of them; on many cores nobody waits so long.
  const auto more = co_await self.receive<TimerCancelled, Number>(waits_for);
  verdict->holds(!more, "nothing for the second, and none fires");
  verdict->holds(!self.read_timer(one) && !self.read_timer(two), "both are gone");
}

// Sets five timers so fast that their deadlines are in the order of their delays. Since when.
Task<Instant> set_timers(Self self) {
  for (;;) {
    const Instant began = self.now();
    std::vector<TimerId> timers;
    for (const int delay : {90, 30, 60, 10, 120}) {
      const Duration after = Duration::milliseconds(delay);
      timers.push_back(self.send_after<Fired>(after, self.pid(), after));
    }
    if (self.now() - began < 10_ms) co_return began;
    for (const TimerId timer : timers) {
      if (self.cancel_timer(timer)) continue;
      auto next = self.receive<Fired>();
      co_await next;
    }
  }
}

Behaviour deadlines_are_kept_in_order(Self self, Verdict* verdict) {
  auto setting = set_timers(self);
  const Instant began = co_await setting;
  Duration last;
  for (int i = 0; i < 5; ++i) {
    const Fired fired = co_await self.receive<Fired>();
    verdict->holds(fired.after > last, "in the order of deadlines");
    verdict->holds(self.now() - began >= fired.after, "never early");
    last = fired.after;
  }
}

}  // namespace

CONFORMANCE("RCV-003", "messages that did not match keep their order", the_rest_keeps_its_order)
CONFORMANCE("RCV-004", "a guard that fails skips the message", what_does_not_match_stays)
CONFORMANCE("RCV-005", "a zero time-out looks at the mailbox first", zero_looks_first)
CONFORMANCE("RCV-007", "bad time-outs are errors", bad_timeouts_are_errors)
CONFORMANCE("RCV-008", "a full mailbox does not hinder a call", a_full_mailbox_does_not_matter)
CONFORMANCE("RCV-010", "cancel_timer says what was left", cancelling_says_what_was_left)
CONFORMANCE_SIMULATED("RCV-011", "cancel_timer may be asynchronous", asynchronous_cancel<10'000>)
CONFORMANCE_ON_CORES("RCV-011", "cancel_timer may be asynchronous", asynchronous_cancel<20>)
CONFORMANCE("RCV-014", "timers fire in the order of deadlines, never early",
            deadlines_are_kept_in_order)

}  // namespace glasshouse::conformance
