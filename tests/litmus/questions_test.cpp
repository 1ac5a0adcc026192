// Races of questions, suspensions, group leaders, servers and limits.

#include "runtime/behaviour/gen_server.h"
#include "tests/litmus/litmus.h"

namespace glasshouse::litmus {

namespace {

Behaviour waits(Self self) {
  co_await self.receive<Go>();
}

// `name` for the value, `otherwise` for the text of nothing, and else the answer itself.
std::string known_as(const std::string& answer, const Term& value, std::string_view name,
                     std::string_view nothing, std::string_view otherwise) {
  if (answer == to_string(value)) return std::string(name);
  return answer == nothing ? std::string(otherwise) : answer;
}
std::string known_as(const std::string& answer, Pid value, std::string_view name,
                     std::string_view nothing, std::string_view otherwise) {
  return known_as(answer, Term(value), name, nothing, otherwise);
}

// -- questions ------------------------------------------------------------------------------------

Task<std::string> alive_and_exit(Self self) {
  const Pid other = self.spawn<&waits>();
  litmus::start<&exits>(self, other, atoms::kill);
  co_await self.yield();
  const bool alive = co_await self.is_process_alive(other);
  co_return text(alive);
}

Task<std::string> status_and_exit(Self self) {
  const Pid other = self.spawn<&waits>();
  litmus::start<&goes>(self, other);
  co_await self.yield();
  const std::string parent = co_await info(self, other, "parent"_atom);
  co_return known_as(parent, self.pid(), "there", "undefined", "gone");
}

Task<std::string> length_and_message(Self self) {
  const Pid other = self.spawn<&waits>();
  litmus::start<&says>(self, other, 1);
  co_await self.yield();
  const std::string length = co_await info(self, other, "message_queue_len"_atom);
  co_return length;
}

Behaviour traps_when_told(Self self) {
  co_await self.receive<Go>();
  self.trap_exit(true);
  self.priority(Priority::high);
  static_cast<void>(self.put(Term("key"_atom), Term(1)));
  self.set_label(Term("label"_atom));
  co_await self.receive<Go>();
}

template <int which>
Task<std::string> item_and_change(Self self) {
  static const Atom items[] = {"trap_exit"_atom, "priority"_atom, "dictionary"_atom, "label"_atom};
  const Pid other = self.spawn<&traps_when_told>();
  litmus::start<&goes>(self, other);
  co_await self.yield();
  const Atom item = items[which];
  const std::string value = co_await info(self, other, item);
  co_return value;
}

Behaviour links_and_stays(Self self, Pid other) {
  co_await self.yield();
  self.link(other);
  co_await self.receive<Go>();
}

Task<std::string> links_and_link(Self self) {
  const Pid other = self.spawn<&waits>();
  const Pid linker = self.spawn<&links_and_stays>(other);
  co_await self.yield();
  const std::string links = co_await info(self, other, "links"_atom);
  co_return known_as(links, runtime::list(Term(linker)), "one", "[]", "none");
}

Behaviour watches(Self self, Pid other) {
  co_await self.yield();
  self.monitor(other);
  co_await self.receive<Go>();
}

Task<std::string> monitored_by_and_monitor(Self self) {
  const Pid other = self.spawn<&waits>();
  const Pid watcher = self.spawn<&watches>(other);
  co_await self.yield();
  const std::string watchers = co_await info(self, other, "monitored_by"_atom);
  co_return known_as(watchers, runtime::list(Term(watcher)), "one", "[]", "none");
}

// -- suspensions ----------------------------------------------------------------------------------

Behaviour answers_once(Self self, Pid arena) {
  co_await self.receive<Go>();
  self.send<Number>(arena, 1);
  co_await self.receive<Go>();
}

Task<std::string> suspend_and_message(Self self) {
  const Pid other = self.spawn<&answers_once>(self.pid());
  litmus::start<&goes>(self, other);
  co_await self.yield();
  co_await self.suspend_process(other);
  co_await done(self, 1);
  const std::string came = co_await any_number(self);
  if (came == "yes") co_return "handled";
  // It may have taken the message out of its mailbox; to go on it must be resumed.
  const auto meanwhile = co_await self.receive<Number>(1_ms);
  if (meanwhile) co_return "it ran while it was suspended";
  self.resume_process(other);
  co_await self.receive<Number>();
  co_return "waited";
}

Task<std::string> suspend_and_exit(Self self) {
  const Pid other = self.spawn<&waits>();
  litmus::start<&exits>(self, other, atoms::kill);
  co_await self.yield();
  std::string result = "suspended";
  try {
    co_await self.suspend_process(other);
  } catch (const ExitException& error) {
    result = to_string(error.reason());
  }
  co_return result;
}

Behaviour suspends_until_told(Self self, Pid other, Pid arena) {
  co_await self.suspend_process(other);
  self.send<Said>(arena, "suspended");
  co_await self.receive<Go>();
  self.resume_process(other);
  co_await self.receive<Go>();
}

Behaviour begins_and_waits(Self self, Pid arena) {
  self.send<Go>(arena);
  co_await self.receive<Go>();
}

Task<std::string> resume_and_status(Self self) {
  const Pid other = self.spawn<&begins_and_waits>(self.pid());
  co_await self.receive<Go>();
  const Pid suspender = self.spawn<&suspends_until_told>(other, self.pid());
  co_await what_was_said(self);
  litmus::start<&goes>(self, suspender);
  co_await self.yield();
  const std::string status = co_await info(self, other, "status"_atom);
  co_return status;
}

Task<std::string> suspender_dies_and_status(Self self) {
  const Pid other = self.spawn<&begins_and_waits>(self.pid());
  co_await self.receive<Go>();
  const Pid suspender = self.spawn<&suspends_until_told>(other, self.pid());
  co_await what_was_said(self);
  litmus::start<&exits>(self, suspender, atoms::kill);
  co_await self.yield();
  const std::string status = co_await info(self, other, "status"_atom);
  co_return status;
}

Task<std::string> resume_and_kill(Self self) {
  const auto [other, ref] = self.spawn_monitor<&answers_once>(self.pid());
  const Pid suspender = self.spawn<&suspends_until_told>(other, self.pid());
  co_await what_was_said(self);
  self.send<Go>(other);
  litmus::start<&goes>(self, suspender);
  litmus::start<&exits>(self, other, atoms::kill);
  const std::string came = co_await came_before_the_end(self);
  co_return came;
}

// -- group leaders --------------------------------------------------------------------------------

void leads(Self self, Pid leader, Pid other) {
  self.set_group_leader(leader, other);
}

Task<std::string> two_leaders(Self self) {
  const Pid one = self.spawn<&waits>();
  const Pid two = self.spawn<&waits>();
  const Pid other = self.spawn<&waits>();
  litmus::start<&leads>(self, one, other);
  litmus::start<&leads>(self, two, other);
  co_await done(self, 2);
  const std::string leader = co_await info(self, other, "group_leader"_atom);
  co_return leader == to_string(Term(one)) ? "one"
  : leader == to_string(Term(two))         ? "two"
                                           : leader;
}

struct Child {
  Pid pid;
};

Behaviour spawns_when_told(Self self, Pid arena) {
  co_await self.receive<Go>();
  self.send<Child>(arena, self.spawn<&waits>());
}

Task<std::string> leader_and_spawn(Self self) {
  const Pid parent = self.spawn<&spawns_when_told>(self.pid());
  litmus::start<&leads>(self, self.pid(), parent);
  litmus::start<&goes>(self, parent);
  const Child child = co_await self.receive<Child>();
  const std::string leader = co_await info(self, child.pid, "group_leader"_atom);
  co_return known_as(leader, self.pid(), "new", "undefined", "old");
}

Task<std::string> leader_and_info(Self self) {
  const Pid other = self.spawn<&waits>();
  litmus::start<&leads>(self, self.pid(), other);
  co_await self.yield();
  const std::string leader = co_await info(self, other, "group_leader"_atom);
  co_return known_as(leader, self.pid(), "new", "undefined", "old");
}

// -- servers --------------------------------------------------------------------------------------

struct Next {
  using Reply = int;
};
struct Stop {};

class Counter {
 public:
  using Accepts = Messages<Next, Go, Stop>;
  explicit Counter(Self self) : self_(self) {}
  int handle(Next) { return ++count_; }
  void handle(Go) { ++count_; }
  void handle(Stop) { self_.stop("stopped"_atom); }

 private:
  Self self_;
  int count_ = 0;
};

void stops(Self self, Pid server) {
  self.send<Stop>(server);
}

Task<std::string> two_clients(Self self) {
  auto started = co_await runtime::start<Counter>(self);
  litmus::start<&goes>(self, started.pid.pid);
  co_await self.yield();
  const int count = co_await self.call<Next>(started.pid);
  co_return std::to_string(count);
}

Task<std::string> call_and_stop(Self self) {
  auto started = co_await runtime::start<Counter>(self);
  litmus::start<&stops>(self, started.pid.pid);
  co_await self.yield();
  auto answer = co_await self.try_call<Next>(1_s, started.pid);
  if (answer) co_return "answered";
  const bool known =
      answer.failure == Term("stopped"_atom) || answer.failure == Term(atoms::noproc);
  co_return known ? "refused" : to_string(answer.failure);
}

Behaviour asks_and_tells(Self self, Pid server) {
  auto call = self.try_call<Next>(1_s, server);
  const auto answer = co_await call;
  const bool is_gone =
      answer.failure == Term(atoms::killed) || answer.failure == Term(atoms::noproc);
  self.send<Said>(self.parent(), answer ? "" : is_gone ? "gone" : to_string(answer.failure));
}

// What a server has in hand when its turn is over waits like the rest.
Task<std::string> many_calls_and_kill(Self self) {
  auto started = co_await runtime::start<Counter>(self);
  constexpr int clients = 5;
  for (int i = 0; i < clients; ++i)
    self.spawn<&asks_and_tells>(started.pid.pid);
  co_await self.yield();
  litmus::start<&exits>(self, started.pid.pid, atoms::kill);
  std::string said;
  for (int i = 0; i < clients; ++i) {
    const Said one = co_await self.receive<Said>();
    if (said.empty() || said == "gone") said = one.text.empty() ? said : one.text;
  }
  co_await done(self, 1);
  co_return said.empty() ? "all answered" : said;
}

struct Passed {
  using Reply = int;
};

Behaviour answers_for_another(Self self, Request<Passed> request) {
  self.reply(request, 7);
  co_return;
}

class Relay {
 public:
  using Accepts = Messages<Passed>;
  explicit Relay(Self self) : self_(self) {}
  void handle(Request<Passed> request) { self_.spawn<&answers_for_another>(std::move(request)); }

 private:
  Self self_;
};

// Another process answers for the server, which is killed.
Task<std::string> answer_of_another_and_kill(Self self) {
  auto started = co_await runtime::start<Relay>(self);
  litmus::start<&exits>(self, started.pid.pid, atoms::kill);
  co_await self.yield();
  auto answer = co_await self.try_call<Passed>(1_s, started.pid);
  co_await done(self, 1);
  const auto stray = co_await self.receive_any(10_us);
  if (stray) co_return "a second answer";
  if (answer) co_return std::to_string(*answer.value);
  const bool is_gone =
      answer.failure == Term(atoms::killed) || answer.failure == Term(atoms::noproc);
  co_return is_gone ? "gone" : to_string(answer.failure);
}

Task<std::string> call_and_time_out(Self self) {
  auto started = co_await runtime::start<Counter>(self);
  auto answer = co_await self.try_call<Next>(Duration::nanoseconds(300), started.pid);
  co_await self.sleep(1_ms);
  const auto stray = co_await self.receive_any(Duration::zero());
  if (stray) co_return "a late answer is in the mailbox";
  co_return answer ? "answered" : to_string(answer.failure);
}

// -- spawns and limits ----------------------------------------------------------------------------

Behaviour limited(Self self, Pid arena) {
  for (int i = 0; i < 2; ++i)
    co_await self.receive<Number>();
  self.send<Number>(arena, 1);
}

Task<std::string> limit_and_two_messages(Self self) {
  const SpawnOpt options{.monitor = true, .mail_limit = {.messages = 1}};
  const auto [other, ref] = self.spawn_opt<&limited>(options, self.pid());
  litmus::start<&says>(self, other, 1);
  litmus::start<&says>(self, other, 2);
  const std::string reason = co_await down_reason(self);
  co_return reason;
}

Task<std::string> spawn_reply_and_message(Self self) {
  litmus::start<&says>(self, self.pid(), 1);
  co_await self.yield();
  const SpawnRequest request;
  self.spawn_request<&waits>(request);
  const auto first = co_await self.receive<SpawnReply, Number>();
  co_return std::holds_alternative<Number>(first) ? "message" : "reply";
}

Task<std::string> hibernate_and_message(Self self) {
  litmus::start<&says>(self, self.pid(), 1);
  litmus::start<&goes>(self, self.pid());
  co_await self.hibernate();
  const auto first = co_await self.receive<Number, Go>();
  co_return std::holds_alternative<Number>(first) ? "number" : "go";
}

}  // namespace

LITMUS("a process is alive until the exit signal comes", "yes", "no", alive_and_exit)
LITMUS("process_info knows a process until it is gone", "there", "gone", status_and_exit)
LITMUS("process_info counts a message once it has come", "0", "1", length_and_message)
LITMUS("process_info shows trap_exit once it is set", "false", "true", item_and_change<0>)
LITMUS("process_info shows a priority once it is set", "normal", "high", item_and_change<1>)
LITMUS("process_info shows the dictionary as it is", "[]", "[{key,1}]", item_and_change<2>)
LITMUS("process_info shows a label once it is set", "undefined", "label", item_and_change<3>)
LITMUS("process_info shows a link while it lasts", "none", "one", links_and_link)
LITMUS("process_info shows a watcher while it watches", "none", "one", monitored_by_and_monitor)
LITMUS("a message is handled before the suspension or waits", "handled", "waited",
       suspend_and_message)
LITMUS("who is gone is not suspended", "suspended", "badarg", suspend_and_exit)
LITMUS("a process is suspended until it is resumed", "suspended", "waiting", resume_and_status)
LITMUS("a process is suspended until its suspender is gone", "suspended", "waiting",
       suspender_dies_and_status)
LITMUS("one who is resumed runs before the kill or never", "yes", "no", resume_and_kill)
LITMUS("of two group leaders the last stays", "one", "two", two_leaders)
LITMUS("a child has its parent's leader of that moment", "old", "new", leader_and_spawn)
LITMUS("process_info shows a group leader once it is set", "old", "new", leader_and_info)
LITMUS("a cast comes before a call or after it", "1", "2", two_clients)
LITMUS("a call is answered before the stop or refused", "answered", "refused", call_and_stop)
LITMUS("another's answer comes before the end of the server or not", "7", "gone",
       answer_of_another_and_kill)
LITMUS("many calls are answered or hear of the kill", "all answered", "gone", many_calls_and_kill)
LITMUS("a late answer goes nowhere", "answered", "timeout", call_and_time_out)
LITMUS("a limit of the mailbox holds if both messages wait", "normal", "killed",
       limit_and_two_messages)
LITMUS("a spawn reply and a message come in either order", "message", "reply",
       spawn_reply_and_message)
LITMUS("hibernate ends with whatever comes first", "number", "go", hibernate_and_message)

}  // namespace glasshouse::litmus
