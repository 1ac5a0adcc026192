// The snippets of docs/manual/processes.md, run.

#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests::manual {

namespace {

// region messages
struct Job {
  int number = 0;
};
struct Result {
  int number = 0;
};
struct Stop {};
// endregion

// region link
Behaviour careful(Self self, Pid other, Notes* notes) {
  try {
    self.link(other);
  } catch (const ExitException& error) {
    notes->push_back(to_string(error.reason()));  // noproc: it was gone already
  }
  co_return;
}
// endregion

Behaviour worker(Self self) {
  co_await self.receive<Stop>();
}

// region spawn_opt
Behaviour hires(Self self, Notes* notes) {
  const SpawnOpt options{
      .link = true, .monitor = true, .priority = Priority::low, .mail_limit = {.messages = 1000}};
  const auto [pid, ref] = self.spawn_opt<worker>(options);
  self.send<Stop>(pid);
  const Down down = co_await self.receive<Down>();
  notes->push_back(down.ref == ref ? to_string(down.reason) : "of another");  // normal
}
// endregion

// region spawn_request
Behaviour asks_for_a_process(Self self, Notes* notes) {
  const SpawnRequest request{.reply_tag = Term("hired"_atom)};
  const Ref ref = self.spawn_request<worker>(request);
  const SpawnReply reply = co_await self.receive<SpawnReply>();
  notes->push_back(reply.ref == ref ? to_string(Term(reply.outcome)) : "of another");  // ok
}
// endregion

// region monitor
Behaviour watches(Self self, Notes* notes) {
  const Pid pid = self.spawn<worker>();
  self.register_name("printer"_atom, pid);
  self.monitor("printer"_atom, {.tag = Term("printer_down"_atom)});
  self.exit(pid, "out_of_paper"_atom);
  const Down down = co_await self.receive<Down>();
  notes->push_back(to_string(down.tag) + " " + to_string(down.reason));
}
// endregion

// region alias
Behaviour does_jobs(Self self, Ref answers_go_to) {
  const Job job = co_await self.receive<Job>();
  self.send<Result>(answers_go_to, job.number * 2);
  self.send<Result>(answers_go_to, 0);  // one too many: dropped
}

Behaviour wants_one_answer(Self self, Notes* notes) {
  const Ref alias = self.alias(AliasMode::reply);
  const Pid pid = self.spawn<does_jobs>(alias);
  self.send<Job>(pid, 21);
  const Result result = co_await self.receive<Result>();
  const auto second = co_await self.receive<Result>(10_ms);
  notes->push_back(std::to_string(result.number) + (second ? " and more" : ""));  // 42
}
// endregion

// region info
Behaviour looks(Self self, Notes* notes) {
  const Pid pid = self.spawn<worker>();
  self.send<Job>(pid, 1);
  co_await self.sleep(1_ms);
  const Term waiting = co_await self.process_info(pid, "current_wait"_atom);
  const Term length = co_await self.process_info(pid, "message_queue_len"_atom);
  notes->push_back(to_string(waiting));  // {current_wait,{'receive',undefined}}
  notes->push_back(to_string(length));   // {message_queue_len,1}
  self.exit(pid, "enough"_atom);
  const bool alive = co_await self.is_process_alive(pid);
  notes->push_back(alive ? "alive" : "dead");  // dead: the signal came first
}
// endregion

// region suspend
Behaviour debugs(Self self, Notes* notes) {
  const Pid pid = self.spawn<worker>();
  co_await self.suspend_process(pid);
  self.send<Stop>(pid);  // waits in its mailbox
  const bool before = co_await self.is_process_alive(pid);
  self.resume_process(pid);
  co_await self.sleep(1_ms);
  const bool after = co_await self.is_process_alive(pid);
  notes->push_back(before && !after ? "held" : "ran");
}
// endregion

// region timers
Behaviour waits_for_a_name(Self self, Notes* notes) {
  self.send_after<Job>(10_ms, "later"_atom, 1);  // nobody has the name yet
  self.register_name("later"_atom);
  const Job job = co_await self.receive<Job>();
  const TimerId timer = self.send_after<Job>(10_ms, self.pid(), 2);
  const auto left = self.cancel_timer(timer);
  notes->push_back(std::to_string(job.number) + (left ? " cancelled" : " fired"));
}
// endregion

template <auto Body, class... Args>
Notes play(Args... args) {
  Notes notes;
  OneNode one;
  one.spawn<Body>(args..., &notes);
  one.world().run_for(Duration::seconds(1));
  return notes;
}

}  // namespace

TEST_CASE("the manual's processes do what it says", "[manual]") {
  OneNode one;
  const Pid gone = one.spawn<&worker>();
  one.node().exit(gone, Term("over"_atom));
  one.run();
  Notes notes;
  one.spawn<&careful>(gone, &notes);
  one.run();
  REQUIRE(notes == Notes{"noproc"});
  REQUIRE(play<&hires>() == Notes{"normal"});
  REQUIRE(play<&asks_for_a_process>() == Notes{"ok"});
  REQUIRE(play<&watches>() == Notes{"printer_down out_of_paper"});
  REQUIRE(play<&wants_one_answer>() == Notes{"42"});
  REQUIRE(play<&looks>() ==
          Notes{"{current_wait,{'receive',undefined}}", "{message_queue_len,1}", "dead"});
  REQUIRE(play<&debugs>() == Notes{"held"});
  REQUIRE(play<&waits_for_a_name>() == Notes{"1 cancelled"});
}

}  // namespace glasshouse::tests::manual
