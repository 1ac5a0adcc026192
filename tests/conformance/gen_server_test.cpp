// gen_server. The ids are those of docs/conformance.md.

#include "runtime/behaviour/gen_server.h"

#include "tests/conformance/both_worlds.h"

namespace glasshouse::conformance {

namespace {

struct Get {
  using Reply = std::int64_t;
};
struct Mark {
  std::string text;
};
struct Next {
  std::string text;
};
struct Begin {
  using Reply = std::string;
  std::string next;
};
struct End {
  using Reply = std::string;
  std::string how;
};
struct Wait {
  using Reply = void;
  std::int64_t milliseconds = 0;
};
struct CallSelf {
  using Reply = std::string;
  bool by_name = false;
};
struct Leaves {};
struct Marked {
  std::string text;
};

// The reason with which awaiting `work` would end its process.
template <class Awaiter>
Task<Term> failure_of(Awaiter& work) {
  try {
    co_await work;
  } catch (const ExitException& exit) {
    co_return exit.reason();
  }
  co_return Term("no failure"_atom);
}

// Does what it is told, and notes what happens to it.
class Scripted {
 public:
  using Accepts = Messages<Get, Mark, Next, Begin, End, Leaves, Wait, CallSelf, Exit, Timeout>;

  Scripted(Self self, Verdict* verdict, std::string start)
      : self_(self), verdict_(verdict), start_(std::move(start)) {
    self.trap_exit(start_ != "plain");
    if (start_ == "ignore") throw Ignore{};
    if (start_ == "error") throw std::runtime_error("e");
    if (start_ == "exit") self.exit(Term("x"_atom));
    if (start_ != "continue") return;
    self.send<Mark>(self.pid(), "m");
    self.continue_with<Next>("c");
  }

  Task<void> init() {
    if (start_ == "slow") co_await self_.sleep(60_ms);
    if (start_ == "stuck") co_await self_.sleep(Duration::hours(1));
  }

  std::int64_t handle(Get) const { return 1; }
  void handle(Mark mark) { verdict_->note(mark.text); }
  void handle(Next next) { verdict_->note(next.text); }
  std::string handle(Begin begin) {
    self_.send<Mark>(self_.pid(), "queued");
    self_.continue_with<Next>(std::move(begin.next));
    return "r";
  }
  std::string handle(End end) {
    if (end.how == "error") throw std::runtime_error("e");
    if (end.how == "exit") self_.exit(Term("x"_atom));
    self_.stop(end.how == "bye" ? Term("bye"_atom) : Term("orig"_atom));
    return "done";
  }
  void handle(Leaves) { self_.stop(Term("orig"_atom)); }
  void handle(Wait wait) { self_.set_timeout(Duration::milliseconds(wait.milliseconds)); }
  Task<std::string> handle(CallSelf call) {
    const To to = call.by_name ? To("gsv_self"_atom) : To(self_.pid());
    auto calling = self_.call<Get>(to);
    const Term failure = co_await failure_of(calling);
    co_return to_string(failure);
  }
  void handle(Exit exit) { verdict_->note("info " + to_string(exit.reason)); }
  void handle(Timeout) { verdict_->note("timeout"); }
  void terminate(Term reason) {
    verdict_->note("terminate " + to_string(reason));
    if (start_ == "crashes") throw std::runtime_error("tcrash");
    if (!told_.is_null()) self_.send<Marked>(told_, "marker");
  }
  Term describe() const { return Term(0); }

 private:
  Self self_;
  Verdict* verdict_;
  std::string start_;

 public:
  Pid told_ = self_.parent();  // hears of the end before it
};

using Server_ = StartedServer<Scripted>;

Task<Pid> scripted(Self self, Verdict* verdict, std::string how = "run") {
  auto starting = start<Scripted>(self, verdict, std::move(how));
  const Server_ started = co_await starting;
  co_return started.pid.pid;
}

Behaviour start_waits_for_init(Self self, Verdict* verdict) {
  const Instant before = self.now();
  auto starting = start_link<Scripted>(self, verdict, "slow");
  const Server_ started = co_await starting;
  verdict->holds(self.now() - before >= 60_ms, "the start took as long as init");
  const std::int64_t value = co_await self.call<Get>(started.pid);
  verdict->holds(value == 1, "the first call is answered");
}

Behaviour init_ignores(Self self, Verdict* verdict) {
  self.trap_exit(true);
  auto starting = start_link_as<Scripted>(self, "gsv_ign"_atom, verdict, "ignore");
  const Server_ started = co_await starting;
  verdict->holds(started.ignored && !started, "the start is ignored");
  verdict->holds(!self.whereis("gsv_ign"_atom), "the name is free when the start returns");
  auto again = start_link_as<Scripted>(self, "gsv_ign"_atom, verdict, "ignore");
  const Server_ second = co_await again;
  verdict->holds(second.ignored, "and can be used again");
  for (int i = 0; i < 2; ++i) {
    const Exit exit = co_await self.receive<Exit>();
    verdict->equal(exit.reason, "normal");
  }
}

Behaviour init_fails(Self self, Verdict* verdict) {
  auto raising = start<Scripted>(self, verdict, "error");
  const Server_ raised = co_await raising;
  verdict->equal(raised.error, "{runtime_error,<<\"e\">>}");
  auto exiting = start<Scripted>(self, verdict, "exit");
  const Server_ exited = co_await exiting;
  verdict->equal(exited.error, "x");
}

Behaviour init_takes_too_long(Self self, Verdict* verdict) {
  self.trap_exit(true);
  const ServerOptions options{.name = "gsv_slow"_atom, .timeout = 30_ms};
  auto starting = start_with<Scripted>(self, options, verdict, "stuck");
  const Server_ late = co_await starting;
  verdict->equal(late.error, "timeout");
  const auto exit = co_await self.receive<Exit>(50_ms);
  verdict->holds(!exit, "no exit is left behind");
  verdict->holds(!self.whereis("gsv_slow"_atom), "the name is free");
}

Behaviour nobody_is_called(Self self, Verdict* verdict) {
  const Pid dead = co_await scripted(self, verdict);
  auto stopping = stop(self, dead);
  co_await stopping;
  auto by_pid = self.call<Get>(dead);
  const Term first = co_await failure_of(by_pid);
  verdict->equal(first, "{noproc,{gen_server,call,[" + to_string(Term(dead)) + ",get]}}");
  auto by_name = self.call_within<Get>(20_ms, "gsv_no"_atom);
  const Term second = co_await failure_of(by_name);
  verdict->equal(second, "{noproc,{gen_server,call,[gsv_no,get,20]}}");
  auto elsewhere = self.call<Get>(To("gsv_no"_atom, "b@h"_atom));
  const Term third = co_await failure_of(elsewhere);
  verdict->equal(third, "{{nodedown,b@h},{gen_server,call,[{gsv_no,b@h},get]}}");
}

Behaviour the_callee_ends(Self self, Verdict* verdict) {
  for (const auto& [how, reason] :
       {std::pair{"error", "{runtime_error,<<\"e\">>}"}, std::pair{"exit", "x"}}) {
    const Pid pid = co_await scripted(self, verdict, "run");
    auto calling = self.call<End>(pid, how);
    const Term failure = co_await failure_of(calling);
    verdict->equal(failure.element(0), reason);
    verdict->equal(failure.element(1).element(0), "gen_server");
    verdict->equal(failure.element(1).element(2).element(0), to_string(Term(pid)));
  }
}

// Keeps its caller waiting, and ends.
struct Leave {
  using Reply = void;
  std::int64_t how = 0;
};
class Leaver {
 public:
  using Accepts = Messages<Leave>;
  explicit Leaver(Self self) : self_(self) {}
  void handle(Request<Leave> leave) {
    const Term y = tuple(Term(atoms::shutdown), Term("y"_atom));
    self_.stop(leave.value.how == 0 ? Term(atoms::normal) : y);
  }

 private:
  Self self_;
};

Behaviour the_callee_stops_without_reply(Self self, Verdict* verdict) {
  for (const std::int64_t how : {0, 1}) {
    auto starting = start<Leaver>(self);
    const auto started = co_await starting;
    auto calling = self.call<Leave>(started.pid, how);
    const Term failure = co_await failure_of(calling);
    const std::string reason = how == 0 ? "normal" : "{shutdown,y}";
    verdict->equal(failure, "{" + reason + ",{gen_server,call,[" +
                                to_string(Term(started.pid.pid)) + ",{leave," +
                                std::to_string(how) + "}]}}");
  }
}

Behaviour a_server_calls_itself(Self self, Verdict* verdict) {
  auto starting = start_link_as<Scripted>(self, "gsv_self"_atom, verdict, "run");
  const Server_ started = co_await starting;
  const std::string by_pid = co_await self.call<CallSelf>(started.pid, false);
  const std::string dest = to_string(Term(started.pid.pid));
  verdict->equal(by_pid, "{calling_self,{gen_server,call,[" + dest + ",get]}}");
  const std::string by_name = co_await self.call<CallSelf>(started.pid, true);
  verdict->equal(by_name, "{calling_self,{gen_server,call,[gsv_self,get]}}");
}

Behaviour casts_never_fail(Self self, Verdict* verdict) {
  const Pid dead = co_await scripted(self, verdict);
  auto stopping = stop(self, dead);
  co_await stopping;
  verdict->take_notes();
  self.cast<Mark>(PidOf<Scripted>{dead}, "lost");
  self.send<Mark>("gsv_no"_atom, "lost");
  self.send<Mark>(To("gsv_no"_atom, "b@h"_atom), "lost");
  const auto message = co_await self.receive_any(20_ms);
  verdict->holds(message == nullptr || same_type(message->type, message_type<Marked>()),
                 "no message comes of it");
  verdict->equal(verdict->take_notes(), "");
}

Behaviour terminate_comes_before_the_reply(Self self, Verdict* verdict) {
  const Pid pid = co_await scripted(self, verdict);
  self.monitor(pid);
  const std::string reply = co_await self.call<End>(pid, "bye");
  verdict->equal(reply, "done");
  const auto marker = co_await self.receive<Marked>(0_ms);
  verdict->holds(marker.has_value(), "the marker came before the reply");
  const Down down = co_await self.receive<Down>();
  verdict->equal(down.reason, "bye");
  verdict->equal(verdict->take_notes(), "terminate bye");
}

Behaviour time_outs(Self self, Verdict* verdict) {
  const Pid pid = co_await scripted(self, verdict);
  co_await self.call<Wait>(pid, 50);
  auto waiting = expect_notes(self, verdict, "timeout");
  co_await waiting;
  co_await self.sleep(150_ms);
  verdict->equal(verdict->take_notes(), "");  // once
  co_await self.call<Wait>(pid, 1'000);
  co_await self.call<Get>(pid);
  co_await self.sleep(1'300_ms);
  verdict->equal(verdict->take_notes(), "");
}

// Sends itself a message and asks for a time-out of nothing.
struct Hurry {
  using Reply = void;
};
class Hasty {
 public:
  using Accepts = Messages<Hurry, Mark, Timeout>;
  Hasty(Self self, Verdict* verdict) : self_(self), verdict_(verdict) {}
  void handle(Hurry) {
    self_.send<Mark>(self_.pid(), "queued");
    self_.set_timeout(Duration::zero());
  }
  void handle(Mark mark) {
    verdict_->note(mark.text);
    self_.set_timeout(self_.now());
  }
  void handle(Timeout) { verdict_->note("timeout"); }

 private:
  Self self_;
  Verdict* verdict_;
};

Behaviour a_zero_time_out_waits_for_the_queue(Self self, Verdict* verdict) {
  auto starting = start<Hasty>(self, verdict);
  const auto started = co_await starting;
  co_await self.call<Hurry>(started.pid);
  auto waiting = expect_notes(self, verdict, "queued timeout");
  co_await waiting;
  co_await self.sleep(50_ms);
  verdict->equal(verdict->take_notes(), "");  // once
}

Behaviour continue_goes_first(Self self, Verdict* verdict) {
  const Pid pid = co_await scripted(self, verdict, "continue");
  co_await self.call<Get>(pid);
  verdict->equal(verdict->take_notes(), "c m");
  const std::string reply = co_await self.call<Begin>(pid, "c2");
  verdict->equal(reply, "r");
  co_await self.call<Get>(pid);
  verdict->equal(verdict->take_notes(), "c2 queued");
}

struct Found {
  Pid pid;
};
Behaviour parent_of(Self self, Pid main, Verdict* verdict, std::string how) {
  auto starting = start_link<Scripted>(self, verdict, std::move(how));
  const Server_ started = co_await starting;
  self.send<Found>(main, started.pid.pid);
  const Mark go = co_await self.receive<Mark>();
  self.exit(Term(Atom(go.text)));
}

Behaviour links_and_ends(Self self, Pid server) {
  self.link(server);
  co_await self.call<Get>(server);
  self.exit(Term("q"_atom));
}

Behaviour a_parents_exit_ends_who_traps(Self self, Verdict* verdict) {
  const Pid parent = self.spawn<&parent_of>(self.pid(), verdict, "run");
  const Found found = co_await self.receive<Found>();
  self.monitor(found.pid);
  const auto other = self.spawn_monitor<&links_and_ends>(found.pid);
  const Down gone = co_await self.receive<Down>();
  verdict->holds(gone.ref == other.ref, "the other one ends first");
  co_await self.call<Get>(found.pid);
  verdict->equal(verdict->take_notes(), "info q");
  self.send<Mark>(parent, "why");
  const Down down = co_await self.receive<Down>();
  verdict->equal(down.reason, "why");
  verdict->equal(verdict->take_notes(), "terminate why");
}

Behaviour a_parents_exit_kills_who_does_not(Self self, Verdict* verdict) {
  const Pid parent = self.spawn<&parent_of>(self.pid(), verdict, "plain");
  const Found found = co_await self.receive<Found>();
  self.monitor(found.pid);
  self.send<Mark>(parent, "shutdown");
  const Down down = co_await self.receive<Down>();
  verdict->equal(down.reason, "shutdown");
  verdict->equal(verdict->take_notes(), "");
}

Behaviour terminate_crashes(Self self, Verdict* verdict) {
  const Pid pid = co_await scripted(self, verdict, "crashes");
  self.monitor(pid);
  self.cast<Leaves>(PidOf<Scripted>{pid});
  const Down down = co_await self.receive<Down>();
  verdict->equal(down.reason, "{runtime_error,<<\"tcrash\">>}");
  verdict->equal(verdict->take_notes(), "terminate orig");
  // {stop, Reason, Reply, State}: the reply is sent all the same.
  const Pid asked = co_await scripted(self, verdict, "crashes");
  self.monitor(asked);
  const std::string reply = co_await self.call<End>(asked, "orig");
  verdict->equal(reply, "done");
  const Down second = co_await self.receive<Down>();
  verdict->equal(second.reason, "{runtime_error,<<\"tcrash\">>}");
}

// -- enter_loop ---------------------------------------------------------------------------------

Behaviour becomes_a_server(Self self, Verdict* verdict, std::string how) {
  if (how != "nameless") self.register_name("gsv_loop"_atom);
  proc_lib::init_ack(self);
  auto loop = enter_loop<Scripted>(self, "gsv_loop"_atom, verdict, std::move(how));
  co_await loop;
}

Behaviour a_process_becomes_a_server(Self self, Verdict* verdict) {
  auto starting = proc_lib::start<&becomes_a_server>(self, verdict, "run");
  const auto started = co_await starting;
  const std::int64_t value = co_await self.call<Get>("gsv_loop"_atom);
  verdict->holds(value == 1, "it is a server");
  auto stopping = stop(self, "gsv_loop"_atom);
  co_await stopping;
  verdict->equal(verdict->take_notes(), "terminate normal");
  const auto plain = self.spawn_monitor<&becomes_a_server>(verdict, "run");
  const Down refused = co_await self.receive<Down>();
  verdict->holds(refused.ref == plain.ref, "it is the plain one");
  verdict->equal(refused.reason, "process_was_not_started_by_proc_lib");
  auto third = proc_lib::start_monitor<&becomes_a_server>(self, verdict, "nameless");
  co_await third;
  const Down unnamed = co_await self.receive<Down>();
  verdict->equal(unnamed.reason, "process_not_registered");
}

Behaviour many_nodes_are_called(Self self, Verdict* verdict) {
  const Atom here = self.node().name();
  auto starting = start_link_as<Scripted>(self, "gsv_mc"_atom, verdict, "run");
  co_await starting;
  auto calling = multi_call(self, {here, "b@h"_atom}, "gsv_mc"_atom, 1000_ms, Get{});
  const MultiCall<Get> result = co_await calling;
  verdict->holds(
      result.replies.size() == 1 && result.replies[0].reply == 1 && result.replies[0].node == here,
      "this node's server answered");
  verdict->holds(result.bad_nodes == std::vector<Atom>{"b@h"_atom}, "the other node is bad");
  auto nobody = multi_call(self, {here}, "gsv_none"_atom, 1000_ms, Get{});
  const MultiCall<Get> none = co_await nobody;
  verdict->holds(none.replies.empty() && none.bad_nodes.size() == 1,
                 "a node without the server is bad");
  abcast<Mark>(self, {here, "b@h"_atom}, "gsv_mc"_atom, "cast");
  abcast<Mark>(self, {here}, "gsv_none"_atom, "lost");
  co_await self.call<Get>("gsv_mc"_atom);
  verdict->equal(verdict->take_notes(), "cast");
}

}  // namespace

CONFORMANCE("GSV-001", "a start is synchronous with init", start_waits_for_init)
CONFORMANCE("GSV-003", "an init that ignores leaves no process and no name", init_ignores)
CONFORMANCE("GSV-004", "an init that raises or exits gives its reason", init_fails)
CONFORMANCE("GSV-004", "an init that takes too long is killed and leaves nothing behind",
            init_takes_too_long)
CONFORMANCE("GSV-009", "a call to nobody exits the caller and names the call", nobody_is_called)
CONFORMANCE("GSV-010", "a callee that crashes gives its reason to the caller", the_callee_ends)
CONFORMANCE("GSV-010", "a callee that stops without a reply gives its reason to the caller",
            the_callee_stops_without_reply)
CONFORMANCE("GSV-011", "a server that calls itself fails at once", a_server_calls_itself)
CONFORMANCE("GSV-012", "a cast never fails", casts_never_fail)
CONFORMANCE("GSV-013", "a stop with a reply terminates before it replies",
            terminate_comes_before_the_reply)
CONFORMANCE("GSV-014", "a time-out comes once, and any message cancels it", time_outs)
CONFORMANCE("GSV-014", "a zero time-out comes after what is queued",
            a_zero_time_out_waits_for_the_queue)
CONFORMANCE("GSV-015", "continue runs after the reply and before anything queued",
            continue_goes_first)
CONFORMANCE("GSV-016", "a parent's exit terminates a server that traps exits",
            a_parents_exit_ends_who_traps)
CONFORMANCE("GSV-017", "a parent's exit kills a server that does not trap exits",
            a_parents_exit_kills_who_does_not)
CONFORMANCE("GSV-019", "a crash in terminate replaces the exit reason", terminate_crashes)
CONFORMANCE("GSV-026", "a process of proc_lib becomes a server, and no other",
            a_process_becomes_a_server)
CONFORMANCE("GSV-027", "multi_call and abcast reach the nodes that are there",
            many_nodes_are_called)

}  // namespace glasshouse::conformance
