// Suspending, hibernating, priorities, limits of mailboxes.

#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

struct Go {};
struct Number {
  int value = 0;
};

Behaviour notes_numbers(Self self, Notes* notes) {
  for (;;) {
    const Number number = co_await self.receive<Number>();
    notes->push_back(std::to_string(number.value));
  }
}

template <auto Body>
Notes notes_of(std::uint64_t seed = 1) {
  Notes notes;
  OneNode one(seed);
  one.spawn<Body>(&notes);
  one.world().run_for(Duration::seconds(10));
  return notes;
}

// -- suspending -----------------------------------------------------------------------------------

Behaviour suspends_twice(Self self, Notes* notes) {
  const Pid other = self.spawn<&notes_numbers>(notes);
  co_await self.suspend_process(other);
  co_await self.suspend_process(other);
  const Term suspending = co_await self.process_info(self.pid(), "suspending"_atom);
  notes->push_back(suspending.element(1) == list(tuple(Term(other), Term(2), Term(0))) ? "twice"
                                                                                       : "no");
  self.send<Number>(other, 1);
  self.resume_process(other);
  co_await self.sleep(1_ms);
  notes->push_back("once resumed");
  self.resume_process(other);
  co_await self.sleep(1_ms);
  notes->push_back("resumed");
}

Behaviour suspends_and(Self self, Pid other, Pid teller) {
  co_await self.suspend_process(other);
  co_await self.suspend_process(other);
  self.send<Go>(teller);
  co_await self.receive<Go>();
}

Behaviour two_suspend(Self self, Notes* notes) {
  const Pid other = self.spawn<&notes_numbers>(notes);
  const Pid suspender = self.spawn<&suspends_and>(other, self.pid());
  co_await self.receive<Go>();
  co_await self.suspend_process(other);
  self.send<Number>(other, 1);
  self.resume_process(other);
  co_await self.sleep(1_ms);
  notes->push_back("the other still holds it");
  self.exit(suspender, Term(atoms::kill));
  co_await self.sleep(1_ms);
  notes->push_back("the other is dead");
}

template <class Action>
std::string reason_of(Action action) {
  try {
    action();
  } catch (const ExitException& error) {
    return text(error.reason());
  }
  return "none";
}

Behaviour suspends_wrongly(Self self, Notes* notes) {
  const Pid other = self.spawn<&notes_numbers>(notes);
  notes->push_back(reason_of([&] { self.resume_process(other); }));
  notes->push_back(reason_of([&] { static_cast<void>(self.suspend_process(self.pid())); }));
  self.exit(other, Term(atoms::kill));
  try {
    co_await self.suspend_process(other);
  } catch (const ExitException& error) {
    notes->push_back(text(error.reason()));
  }
  const Term suspending = co_await self.process_info(self.pid(), "suspending"_atom);
  notes->push_back(text(suspending));
}

Behaviour signals_act_on_the_suspended(Self self, Notes* notes) {
  const auto [other, ref] = self.spawn_monitor<&notes_numbers>(notes);
  co_await self.suspend_process(other);
  const Term status = co_await self.process_info(other, "status"_atom);
  notes->push_back(text(status));
  self.exit(other, Term("x"_atom));
  const Down down = co_await self.receive<Down>();
  notes->push_back(text(down.reason));
  const Term suspending = co_await self.process_info(self.pid(), "suspending"_atom);
  notes->push_back(text(suspending));
}

// What a suspension answered, and how many this process has now.
Task<std::string> counted(Self self, bool suspended) {
  const Term suspending = co_await self.process_info(self.pid(), "suspending"_atom);
  const Term& all = suspending.element(1);
  const std::string count = all == nil() ? "0" : text(all.as_list().front().element(1));
  co_return (suspended ? "true " : "false ") + count;
}

Behaviour suspends_unless(Self self, Notes* notes) {
  const Pid other = self.spawn<&notes_numbers>(notes);
  for (int round = 0; round < 2; ++round) {
    const bool suspended = co_await self.suspend_process(other, Suspend::unless_suspending);
    notes->push_back(co_await counted(self, suspended));
  }
  notes->push_back(co_await counted(self, self.suspend_process_async(other)));
  const bool again = self.suspend_process_async(other, Suspend::unless_suspending);
  notes->push_back(co_await counted(self, again));
  self.send<Number>(other, 1);
  self.resume_process(other);
  co_await self.sleep(1_ms);
  notes->push_back("once resumed");
  self.resume_process(other);
  co_await self.sleep(1_ms);
  notes->push_back(reason_of([&] { self.resume_process(other); }));
}

Task<std::string> next_reply(Self self) {
  const auto reply = co_await self.receive<SuspendReply>(10_ms);
  co_return reply ? text(to_term(*reply)) : "none";
}

Behaviour suspends_and_is_told(Self self, Notes* notes) {
  const Pid other = self.spawn<&notes_numbers>(notes);
  self.suspend_process_async(other, Suspend::once_more, Term("first"_atom));
  notes->push_back(co_await next_reply(self));
  self.suspend_process_async(other, Suspend::unless_suspending, Term("second"_atom));
  self.resume_process(other);
  notes->push_back(co_await next_reply(self));
  const Pid dying = self.spawn<&notes_numbers>(notes);
  self.exit(dying, Term(atoms::kill));
  self.suspend_process_async(dying, Suspend::once_more, Term("third"_atom));
  notes->push_back(co_await next_reply(self));
  notes->push_back(co_await counted(self, true));
  self.suspend_process_async(dying, Suspend::once_more, Term("fourth"_atom));
  self.suspend_process_async(dying);
  notes->push_back(co_await next_reply(self));
  notes->push_back(co_await next_reply(self));
  notes->push_back(co_await counted(self, true));
  self.exit(other, Term(atoms::kill));
}

// -- hibernating ----------------------------------------------------------------------------------

Behaviour hibernates(Self self, Notes* notes) {
  const Instant began = self.now();
  self.send_after<Number>(1_ms, self.pid(), 7);
  co_await self.hibernate();
  notes->push_back(self.now() - began >= 1_ms ? "slept" : "woke early");
  co_await self.hibernate();
  const auto number = co_await self.receive<Number>(Duration::zero());
  notes->push_back(number ? std::to_string(number->value) : "lost");
  notes->push_back(self.process().relations_if_any() == nullptr ? "small" : "large");
}

// -- priorities -----------------------------------------------------------------------------------

Behaviour has_turns(Self self, Notes* notes, std::string name, int turns) {
  for (int i = 0; i < turns; ++i) {
    notes->push_back(name);
    co_await self.yield();
  }
}

Behaviour spawns_all_levels(Self self, Notes* notes) {
  const auto spawn_at = [&](Priority level, const char* name) {
    self.spawn_opt<&has_turns>({.priority = level}, notes, std::string(name), 2);
  };
  spawn_at(Priority::low, "low");
  spawn_at(Priority::normal, "normal");
  spawn_at(Priority::high, "high");
  spawn_at(Priority::max, "max");
  co_return;
}

Behaviour starves_nobody(Self self, Notes* notes) {
  for (int i = 0; i < 2; ++i)
    self.spawn<&has_turns>(notes, std::string("n"), 1000);
  self.spawn_opt<&has_turns>({.priority = Priority::low}, notes, std::string("low"), 1);
  co_return;
}

Behaviour flags(Self self, Notes* notes) {
  const Priority before = self.priority(Priority::max);
  const Priority after = self.priority(Priority::normal);
  notes->push_back(before == Priority::normal && after == Priority::max ? "told" : "wrong");
  co_return;
}

// -- limits ---------------------------------------------------------------------------------------

Behaviour never_receives(Self self) {
  co_await self.receive<Go>();
}

Behaviour limit_kills(Self self, Notes* notes) {
  const SpawnOpt options{.monitor = true, .mail_limit = {.messages = 3}};
  const auto [other, ref] = self.spawn_opt<&never_receives>(options);
  for (int i = 1; i <= 4; ++i) {
    self.send<Number>(other, i);
    co_await self.sleep(1_ms);
    const bool alive = co_await self.is_process_alive(other);
    notes->push_back(alive ? "alive" : "dead");
  }
  const Down down = co_await self.receive<Down>();
  notes->push_back(text(down.reason));
}

Behaviour limit_reports(Self self, Notes* notes) {
  self.register_name("alarms"_atom);
  const SpawnOpt options{
      .mail_limit = {.messages = 4, .then = AtMailLimit::report, .report_to = "alarms"_atom}};
  const auto [other, ref] = self.spawn_opt<&notes_numbers>(options, notes);
  for (int round = 0; round < 2; ++round) {
    co_await self.suspend_process(other);
    for (int i = 0; i < 6; ++i)
      self.send<Number>(other, i);
    const auto report = co_await self.receive<MailLimitReached>(1_ms);
    const bool good = report && report->pid == other && report->length == 6 && report->limit == 4;
    notes->push_back(good ? "reported" : "wrong");
    const auto more = co_await self.receive<MailLimitReached>(1_ms);
    notes->push_back(more ? "twice" : "once");
    self.resume_process(other);
    co_await self.sleep(1_ms);
    // Looked at when something comes: here the length is low again.
    self.send<Number>(other, 6);
    co_await self.sleep(1_ms);
  }
}

}  // namespace

TEST_CASE("a process is suspended as often as it is not resumed", "[suspend]") {
  REQUIRE(notes_of<&suspends_twice>() == Notes{"twice", "once resumed", "1", "resumed"});
}

TEST_CASE("each suspender counts for itself, and its death resumes", "[suspend]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    REQUIRE(notes_of<&two_suspend>(seed) ==
            Notes{"the other still holds it", "1", "the other is dead"});
  }
}

TEST_CASE("who suspends already may ask not to do so once more", "[suspend]") {
  REQUIRE(notes_of<suspends_unless>() ==
          Notes{"true 1", "false 1", "true 2", "false 2", "once resumed", "1", "badarg"});
}

TEST_CASE("an asynchronous suspension is told of when it has happened or cannot", "[suspend]") {
  REQUIRE(notes_of<suspends_and_is_told>() == Notes{"{first,suspended}", "{second,suspended}",
                                                    "{third,exited}", "true 0", "{fourth,badarg}",
                                                    "none", "true 0"});
}

TEST_CASE("suspending oneself or the dead, and resuming a stranger, is badarg", "[suspend]") {
  REQUIRE(notes_of<&suspends_wrongly>() == Notes{"badarg", "badarg", "badarg", "{suspending,[]}"});
}

TEST_CASE("questions and exit signals act on who is suspended", "[suspend]") {
  REQUIRE(notes_of<&signals_act_on_the_suspended>() ==
          Notes{"{status,suspended}", "x", "{suspending,[]}"});
}

TEST_CASE("hibernate lasts until there is a message, and leaves it there", "[hibernate]") {
  REQUIRE(notes_of<&hibernates>() == Notes{"slept", "7", "small"});
}

TEST_CASE("who has a higher priority runs first, and until it waits", "[priority]") {
  const Notes expected{"max", "max", "high", "high", "normal", "normal", "low", "low"};
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    REQUIRE(notes_of<&spawns_all_levels>(seed) == expected);
  }
}

TEST_CASE("low priority has a turn while others run", "[priority]") {
  const Notes notes = notes_of<&starves_nobody>();
  REQUIRE(notes.size() == 2001);
  REQUIRE(notes.back() == "n");
}

TEST_CASE("setting a priority tells what it was", "[priority]") {
  REQUIRE(notes_of<&flags>() == Notes{"told"});
}

TEST_CASE("beyond the limit of its mailbox a process is killed", "[mail_limit]") {
  REQUIRE(notes_of<&limit_kills>() == Notes{"alive", "alive", "alive", "dead", "killed"});
}

TEST_CASE("a limit that does not kill reports once each time it is passed", "[mail_limit]") {
  const Notes round{"reported", "once", "0", "1", "2", "3", "4", "5", "6"};
  Notes twice = round;
  twice.insert(twice.end(), round.begin(), round.end());
  REQUIRE(notes_of<&limit_reports>() == twice);
}

}  // namespace glasshouse::tests
