// A mailbox whose limit refuses: who is answered what, and what is never refused.

#include <algorithm>

#include "runtime/behaviour/gen_server.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

namespace {

struct Work {
  using Reply = std::int64_t;
  std::int64_t number = 0;
};
struct Note {
  std::int64_t number = 0;
};
struct Tick {};

constexpr std::uint32_t bound = 4;
constexpr MailLimit refusing{.messages = bound, .then = AtMailLimit::refuse};

// A millisecond for each call, while what comes is taken in.
class Bounded {
 public:
  using Accepts = Messages<Work, Note, Tick, Down>;
  Bounded(Self self, Notes* notes) : self_(self), notes_(notes) { self.limit_mail(refusing); }
  Task<std::int64_t> handle(Work work) {
    co_await self_.sleep(1_ms);
    co_return work.number;
  }
  void handle(Note note) { notes_->push_back("note " + std::to_string(note.number)); }
  void handle(Tick) { notes_->push_back("tick"); }
  void handle(Down) { notes_->push_back("down"); }

 private:
  Self self_;
  Notes* notes_;
};

struct Outcomes {
  int answered = 0;
  int overload = 0;
  int other = 0;
  std::uint32_t length_max = 0;
  Duration refused_within;
};

Behaviour asks(Self self, Pid server, std::int64_t number, Outcomes* outcomes) {
  const Instant begin = self.now();
  auto call = self.try_call<Work>(1_s, server, number);
  const CallResult<Work> result = co_await call;
  if (result) {
    ++(*result.value == number ? outcomes->answered : outcomes->other);
  } else if (result.failure == Term("overload"_atom)) {
    ++outcomes->overload;
    outcomes->refused_within = std::max(outcomes->refused_within, self.now() - begin);
  } else {
    ++outcomes->other;
  }
}

Behaviour watches_length(Self self, Pid server, Outcomes* outcomes) {
  for (int i = 0; i < 200; ++i) {
    const Process* const process = self.node().find(server);
    outcomes->length_max = std::max(outcomes->length_max, process->mail_length());
    co_await self.sleep(100_us);
  }
}

Outcomes outcomes_of_many(std::uint64_t seed, int callers) {
  Outcomes outcomes;
  Notes notes;
  OneNode one(seed);
  const Pid server = start_on<Bounded>(one.node(), Atom(), &notes);
  one.world().run_for(1_ms);  // what came before the limit was set, stays
  one.spawn<&watches_length>(server, &outcomes);
  for (int i = 0; i < callers; ++i)
    one.spawn<&asks>(server, i, &outcomes);
  one.run();
  return outcomes;
}

// While the server works on a call, much comes to it of every kind.
Behaviour sends_all_kinds(Self self, Notes* notes) {
  const PidOf<Bounded> server{start_on<Bounded>(self.node(), Atom(), notes)};
  const auto first = send_request<Work>(self, server, 1);
  co_await self.sleep(200_us);
  for (int i = 1; i <= 10; ++i)
    self.cast<Note>(server, i);
  self.send_after<Tick>(100_us, server);
  co_await self.sleep(500_us);
  const auto last = send_request<Work>(self, server, 2);
  auto refused = receive_response(self, last);
  const CallResult<Work> result = co_await refused;
  notes->push_back(text(result.failure));
  auto waiting = receive_response(self, first);
  const CallResult<Work> answer = co_await waiting;
  REQUIRE(answer.value == 1);
  co_await self.sleep(1_ms);
  notes->push_back(text(co_await self.process_info(server, "messages_refused"_atom)));
}

Behaviour dies_watched(Self self) {
  co_await self.sleep(500_us);
}

class Watching : public Bounded {
 public:
  Watching(Self self, Notes* notes) : Bounded(self, notes) {
    self.monitor(self.spawn<&dies_watched>());
  }
};

Behaviour fills_a_watching_one(Self self, Notes* notes) {
  const Pid server = start_on<Watching>(self.node(), Atom(), notes);
  const auto first = send_request<Work>(self, server, 1);
  co_await self.sleep(200_us);
  for (int i = 1; i <= 10; ++i)
    self.send<Note>(server, i);
  auto waiting = receive_response(self, first);
  static_cast<void>(co_await waiting);
  co_await self.sleep(1_ms);
}

Behaviour calls_a_full_one(Self self, Notes* notes) {
  const Pid server = start_on<Bounded>(self.node(), "bounded"_atom, notes);
  static_cast<void>(send_request<Work>(self, server, 0));
  co_await self.sleep(200_us);
  for (int i = 1; i <= 4; ++i)
    self.send<Note>(server, i);
  co_await self.call<Work>("bounded"_atom, 7);
}

Behaviour watches_the_caller(Self self, Notes* notes) {
  self.spawn_monitor<&calls_a_full_one>(notes);
  const Down down = co_await self.receive<Down>();
  notes->push_back(text(down.reason));
}

// Sends to itself without a wait: nothing is taken in meanwhile.
Behaviour sends_to_itself(Self self, Notes* notes) {
  self.limit_mail(refusing);
  for (int i = 1; i <= 10; ++i)
    self.send<Note>(self.pid(), i);
  notes->push_back("all sent");
  while (const auto note = co_await self.receive<Note>(Duration::zero()))
    notes->push_back(std::to_string(note->number));
}

// With nothing else that is kept for few.
Behaviour rests_after_refusals(Self self) {
  self.limit_mail(refusing);
  co_await self.sleep(1_ms);
  for (;;) {
    const auto note = co_await self.receive<Note>(Duration::zero());
    if (!note) break;
  }
  self.limit_mail({});
  co_await self.hibernate();
}

Behaviour looks_at_who_rests(Self self, Notes* notes) {
  const Pid other = self.spawn<&rests_after_refusals>();
  co_await self.sleep(100_us);
  for (int i = 0; i < 7; ++i)
    self.send<Note>(other, i);
  co_await self.sleep(2_ms);
  notes->push_back(text(co_await self.process_info(other, "messages_refused"_atom)));
}

Behaviour is_told(Self self, Notes* notes) {
  self.register_name("alarms"_atom);
  MailLimit limit = refusing;
  limit.report_to = "alarms"_atom;
  const SpawnOpt options{.mail_limit = limit};
  const auto [other, ref] = self.spawn_opt<&dies_watched>(options);
  for (int i = 0; i < 7; ++i)
    self.send<Note>(other, i);
  const auto report = co_await self.receive<MailLimitReached>(100_us);
  const bool good = report && report->pid == other && report->length == 7 && report->limit == bound;
  notes->push_back(good ? "reported" : "wrong");
  self.send<Note>(other, 7);
  const auto more = co_await self.receive<MailLimitReached>(100_us);
  notes->push_back(more ? "twice" : "once");
}

template <auto Body>
Notes notes_of(std::uint64_t seed = 1) {
  Notes notes;
  OneNode one(seed);
  one.spawn<Body>(&notes);
  one.run();
  return notes;
}

}  // namespace

TEST_CASE("a call beyond the bound is answered at once with overload, all others as ever",
          "[mail_limit]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Outcomes outcomes = outcomes_of_many(seed, 20);
    REQUIRE(outcomes.answered + outcomes.overload == 20);
    REQUIRE(outcomes.answered >= static_cast<int>(bound));
    REQUIRE(outcomes.overload > 0);
    REQUIRE(outcomes.other == 0);
    REQUIRE(outcomes.refused_within < 1_ms);
    REQUIRE(outcomes.length_max <= bound);
  }
}

TEST_CASE("within the bound nobody is refused", "[mail_limit]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Outcomes outcomes = outcomes_of_many(seed, static_cast<int>(bound));
    REQUIRE(outcomes.answered == static_cast<int>(bound));
    REQUIRE(outcomes.overload == 0);
  }
}

TEST_CASE("beyond the bound casts are dropped and requests get overload, but timers come",
          "[mail_limit]") {
  REQUIRE(notes_of<&sends_all_kinds>() == Notes{"overload", "note 1", "note 2", "note 3", "note 4",
                                                "tick", "{messages_refused,7}"});
}

TEST_CASE("what was refused is counted in the whole life", "[mail_limit]") {
  REQUIRE(notes_of<&looks_at_who_rests>() == Notes{"{messages_refused,3}"});
}

TEST_CASE("a Down is never refused", "[mail_limit]") {
  REQUIRE(notes_of<&fills_a_watching_one>() ==
          Notes{"note 1", "note 2", "note 3", "note 4", "down"});
}

TEST_CASE("a caller that is refused exits as if the server had, with overload", "[mail_limit]") {
  const Notes notes = notes_of<&watches_the_caller>();
  const std::string reason = "{overload,{gen_server,call,[bounded,{work,7}]}}";
  REQUIRE(std::find(notes.begin(), notes.end(), reason) != notes.end());
}

TEST_CASE("nobody is refused before the process takes in", "[mail_limit]") {
  REQUIRE(notes_of<&sends_to_itself>() == Notes{"all sent", "1", "2", "3", "4"});
}

TEST_CASE("a limit that refuses reports once each time it is passed", "[mail_limit]") {
  REQUIRE(notes_of<&is_told>() == Notes{"reported", "once"});
}

}  // namespace glasshouse::tests
