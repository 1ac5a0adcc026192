// Event managers. The ids are those of docs/conformance.md.

#include "runtime/behaviour/gen_event.h"

#include "runtime/behaviour/sys.h"
#include "tests/conformance/both_worlds.h"
#include "tests/runtime/observe/log_collector.h"

namespace glasshouse::conformance {

using namespace runtime::gen_event;

namespace {

struct Say {
  Atom what;
};
struct Ask {
  using Reply = Term;
  Atom what;
};

// How long a handler takes that takes its time: longer than anybody is kept from running.
constexpr Duration long_work = 1_s;

// A handler that notes what happens to it, and does what an event tells it.
class Eh {
 public:
  using Accepts = Messages<Say, Ask>;

  Eh(Self self, Atom name, Verdict* verdict) : self_(self), name_(name), verdict_(verdict) {
    if (name == "refuses"_atom) throw Refuse{"r"_atom};
  }
  Eh(Self self, Atom name, Verdict* verdict, Swapped before) : Eh(self, name, verdict) {
    if (!before.result.is_undefined()) note("after " + to_string(before.result));
  }

  Task<runtime::gen_event::Result> handle(Say say) {
    if (say.what == "e1"_atom && name_ == "slow"_atom) co_await self_.sleep(long_work);
    if (say.what == name_) throw ExitException("crashed"_atom);
    note(say.what.text());
    co_return say.what == "go_away"_atom ? remove_handler() : ok();
  }
  Task<Answer<Term>> handle(Ask ask) {
    if (ask.what == "crash"_atom) throw ExitException("crashed"_atom);
    if (ask.what == "sleep"_atom) co_await self_.sleep(long_work);
    co_return answer(tuple(Term(name_), Term(ask.what)),
                     ask.what == "remove"_atom ? remove_handler() : ok());
  }
  Term terminate(const Term& why) {
    note("terminate " + to_string(why));
    return tuple(Term("state_of"_atom), Term(name_));
  }
  Term describe() const { return Term(name_); }
  void replace_state(const Term& wanted) { name_ = *wanted.as_atom(); }

 private:
  void note(std::string_view text) {
    std::string note = std::string(name_.text()) + ":";
    for (const char c : text)
      note += c == ' ' ? '_' : c;
    verdict_->note(std::move(note));
  }

  Self self_;
  Atom name_;
  Verdict* verdict_;
};

Task<Pid> manager_of(Self self) {
  auto starting = gen_event::start_link(self);
  const Started started = co_await starting;
  co_return started.pid;
}

Task<std::string> add(Self self, Pid manager, Term id, Atom name, Verdict* verdict) {
  auto adding = gen_event::add_handler(self, manager, IdOf<Eh>{std::move(id)}, name, verdict);
  const Term added = co_await adding;
  co_return to_string(added);
}

Task<std::string> handlers_of(Self self, Pid manager) {
  auto asking = gen_event::which_handlers(self, manager);
  const Term handlers = co_await asking;
  co_return to_string(handlers);
}

Task<void> sync(Self self, Pid manager, Atom what) {
  auto work = gen_event::sync_notify<Say>(self, manager, what);
  co_await work;
}

// -- EVT-001 --------------------------------------------------------------------------------------

Behaviour starting(Self self, Verdict* verdict) {
  self.trap_exit(true);
  const Atom name("evt_n");
  auto first = gen_event::start_link(self, name);
  const Started named = co_await first;
  verdict->holds(self.whereis(name) == named.pid, "it has its name");
  const std::string none = co_await handlers_of(self, named.pid);
  verdict->equal(none, "[]");
  auto second = gen_event::start(self, name);
  const Started refused = co_await second;
  verdict->equal(refused.error, "{already_started," + to_string(Term(named.pid)) + "}");
  auto stopping = gen_event::stop(self, name);
  co_await stopping;
  const Exit exit = co_await self.receive<Exit>();
  verdict->equal(exit.reason, "normal");
  auto plain = gen_event::start(self);
  const Started unlinked = co_await plain;
  verdict->holds(bool(unlinked), "a plain start gives the manager");
  const std::string empty = co_await handlers_of(self, unlinked.pid);
  verdict->equal(empty, "[]");
  const Ref watch = self.monitor(unlinked.pid);
  auto leaving = gen_event::stop(self, unlinked.pid);
  co_await leaving;
  const Down gone = co_await self.receive<Down>();
  verdict->holds(gone.ref == watch, "the manager is gone when stop returns");
  verdict->equal(gone.reason, "normal");
  auto third = gen_event::start_monitor(self);
  const MonitoredStart monitored = co_await third;
  auto ending = gen_event::stop(self, monitored.started.pid, Term(atoms::shutdown), 1_s);
  co_await ending;
  const Down down = co_await self.receive<Down>();
  verdict->holds(down.ref == monitored.monitor, "the monitor of the start says so");
  verdict->equal(down.reason, "shutdown");
}

// -- EVT-004 --------------------------------------------------------------------------------------

Task<void> notifying_waits(Self self, Verdict* verdict) {
  const Pid manager = co_await manager_of(self);
  co_await add(self, manager, Term(false), "quick"_atom, verdict);
  co_await add(self, manager, Term(2), "slow"_atom, verdict);
  const Instant before = self.now();
  gen_event::notify<Say>(self, manager, "e1"_atom);
  verdict->holds(self.now() - before < long_work, "notify does not wait");
  auto asking = gen_event::call_within<Ask>(self, 20_s, manager, IdOf<Eh>(), "q"_atom);
  co_await asking;
  verdict->holds(self.now() - before >= long_work, "what was queued before is handled before");
}

Behaviour notifying(Self self, Verdict* verdict) {
  const Pid manager = co_await manager_of(self);
  co_await sync(self, manager, "nobody_there"_atom);
  co_await add(self, manager, Term(false), "slow"_atom, verdict);
  co_await add(self, manager, Term(2), "quick"_atom, verdict);
  const Instant before = self.now();
  gen_event::notify<Say>(self, manager, "e1"_atom);
  gen_event::notify<Say>(self, manager, "e2"_atom);
  verdict->holds(self.now() - before < long_work, "notify does not wait");
  co_await sync(self, manager, "e3"_atom);
  verdict->holds(self.now() - before >= long_work, "sync_notify waits");
  verdict->equal(verdict->take_notes(), "quick:e1 slow:e1 quick:e2 slow:e2 quick:e3 slow:e3");
  // To nobody: OTP's notify to a dead pid is ok, and here one to an unknown name as well.
  gen_event::notify<Say>(self, "nobody"_atom, "e"_atom);
  co_await notifying_waits(self, verdict);
}

// -- EVT-006 --------------------------------------------------------------------------------------

Behaviour crashing(Self self, Verdict* verdict) {
  const Pid manager = co_await manager_of(self);
  const auto log = std::make_shared<tests::LogCollector>();
  static_cast<void>(self.node().logger().add_handler("log"_atom, log));
  co_await add(self, manager, Term(2), "h2"_atom, verdict);
  co_await add(self, manager, Term(1), "h1"_atom, verdict);
  co_await sync(self, manager, "h1"_atom);
  const auto reports = log->labelled("{gen_event,terminate}");
  verdict->holds(reports.size() == 1 && reports.front().level == LogLevel::error,
                 "an error report is logged");
  verdict->holds(log->events().size() == 1, "and nothing else");
  if (!reports.empty()) {
    verdict->equal(*reports.front().message.find(Term("handler"_atom)), "{eh,1}");
    verdict->equal(*reports.front().message.find(Term("reason"_atom)), "{'EXIT',crashed}");
  }
  verdict->equal(verdict->take_notes(), "h1:terminate_{error,{'EXIT',crashed}} h2:h1");
  co_await sync(self, manager, "e"_atom);
  verdict->equal(verdict->take_notes(), "h2:e");
  const std::string left = co_await handlers_of(self, manager);
  verdict->equal(left, "[{eh,2}]");
  auto rest = self.receive_any(Duration::zero());
  const MessagePtr message = co_await rest;
  verdict->holds(message == nullptr, "who added it is told nothing");
}

// A result that is none does not compile in a handler of any class.
struct Untidy {
  using Accepts = Messages<Say>;
  void handle(const Say&) {}
};
static_assert(runtime::gen_event::detail::takes_event<Untidy, Say>);
static_assert(!std::convertible_to<Atom, runtime::gen_event::Result>);

// -- EVT-008 --------------------------------------------------------------------------------------

Behaviour adds_and_exits(Self self, Pid manager, Verdict* verdict) {
  auto adding =
      gen_event::add_sup_handler(self, manager, IdOf<Eh>{Term("k"_atom)}, "k"_atom, verdict);
  const Term added = co_await adding;
  verdict->equal(added, "ok");
  self.exit("why"_atom);
}

Behaviour death_of_the_supervisor(Self self, Verdict* verdict) {
  const Pid manager = co_await manager_of(self);
  self.spawn_monitor<&adds_and_exits>(manager, verdict);
  co_await self.receive<Down>();
  // The exit signal and the next request are in no order of their own.
  auto waiting = expect_notes(self, verdict, "k:terminate_{stop,why}");
  co_await waiting;
  const std::string left = co_await handlers_of(self, manager);
  verdict->equal(left, "[]");
}

// -- EVT-010 --------------------------------------------------------------------------------------

Task<std::string> swap(Self self, Pid manager, Atom old, Atom next, Verdict* verdict) {
  auto swapping = gen_event::swap_handler(self, manager, IdOf<Eh>{Term(old)}, Term("bye"_atom),
                                          IdOf<Eh>{Term(next)}, next, verdict);
  const Term swapped = co_await swapping;
  co_return to_string(swapped);
}

Behaviour swapping(Self self, Verdict* verdict) {
  const Pid manager = co_await manager_of(self);
  co_await add(self, manager, Term("old"_atom), "old"_atom, verdict);
  const std::string first = co_await swap(self, manager, "old"_atom, "new"_atom, verdict);
  verdict->equal(first, "ok");
  verdict->equal(verdict->take_notes(), "old:terminate_bye new:after_{state_of,old}");
  const std::string without = co_await swap(self, manager, "none"_atom, "more"_atom, verdict);
  verdict->equal(without, "ok");
  verdict->equal(verdict->take_notes(), "more:after_error");
  const std::string both = co_await handlers_of(self, manager);
  verdict->equal(both, "[{eh,more},{eh,new}]");
  const std::string refused = co_await swap(self, manager, "new"_atom, "refuses"_atom, verdict);
  verdict->equal(refused, "{error,{error,r}}");
  const std::string left = co_await handlers_of(self, manager);
  verdict->equal(left, "[{eh,more}]");
}

// -- EVT-011 --------------------------------------------------------------------------------------

Behaviour takes_over(Self self, Pid manager, Verdict* verdict) {
  auto swapping =
      gen_event::swap_sup_handler(self, manager, IdOf<Eh>{Term("old"_atom)}, Term("bye"_atom),
                                  IdOf<Eh>{Term("new"_atom)}, "new"_atom, verdict);
  const Term swapped = co_await swapping;
  verdict->equal(swapped, "ok");
  const HandlerExit exit = co_await self.receive<HandlerExit>();
  verdict->equal(to_term(exit), "{gen_event_EXIT,{eh,new},normal}");
}

Behaviour swapping_supervision(Self self, Verdict* verdict) {
  const Pid manager = co_await manager_of(self);
  auto adding =
      gen_event::add_sup_handler(self, manager, IdOf<Eh>{Term("old"_atom)}, "old"_atom, verdict);
  static_cast<void>(co_await adding);
  const auto other = self.spawn_monitor<&takes_over>(manager, verdict);
  const HandlerExit exit = co_await self.receive<HandlerExit>();
  verdict->equal(to_term(exit),
                 "{gen_event_EXIT,{eh,old},{swapped,{eh,new}," + to_string(Term(other.pid)) + "}}");
  auto deleting = gen_event::delete_handler(self, manager, IdOf<Eh>{Term("new"_atom)});
  const Term deleted = co_await deleting;
  verdict->equal(deleted, "{state_of,new}");
  const Down down = co_await self.receive<Down>();
  verdict->equal(down.reason, "normal");
}

// -- EVT-012 --------------------------------------------------------------------------------------

Task<std::string> ask(Self self, Pid manager, Term id, Atom what) {
  auto asking = gen_event::call<Ask>(self, manager, IdOf<Eh>{std::move(id)}, what);
  const auto answer = co_await asking;
  co_return to_string(answer ? *answer.value : answer.failure);
}

Behaviour asks_slow(Self self, Pid manager, Duration limit) {
  auto asking = gen_event::call_within<Ask>(self, limit, manager, IdOf<Eh>(), "sleep"_atom);
  co_await asking;
}

Behaviour calling(Self self, Verdict* verdict) {
  const Pid manager = co_await manager_of(self);
  co_await add(self, manager, Term(false), "plain"_atom, verdict);
  co_await add(self, manager, Term(1), "one"_atom, verdict);
  const std::string reply = co_await ask(self, manager, Term(1), "q"_atom);
  verdict->equal(reply, "{one,q}");
  const std::string nobody = co_await ask(self, manager, Term("bad_h"_atom), "q"_atom);
  verdict->equal(nobody, "{error,bad_module}");
  const std::string crashed = co_await ask(self, manager, Term(1), "crash"_atom);
  verdict->equal(crashed, "{error,{'EXIT',crashed}}");
  co_await add(self, manager, Term(2), "two"_atom, verdict);
  const std::string removed = co_await ask(self, manager, Term(2), "remove"_atom);
  verdict->equal(removed, "{two,remove}");
  verdict->equal(verdict->take_notes(),
                 "one:terminate_{error,{'EXIT',crashed}} two:terminate_remove_handler");
  const std::string left = co_await handlers_of(self, manager);
  verdict->equal(left, "[eh]");
  self.spawn_monitor<&asks_slow>(manager, 20_ms);
  const Down late = co_await self.receive<Down>();
  verdict->equal(late.reason,
                 "{timeout,{gen_event,call,[" + to_string(Term(manager)) + ",eh,{ask,sleep},20]}}");
  self.spawn_monitor<&asks_slow>(Pid(), 20_ms);
  const Down nowhere = co_await self.receive<Down>();
  verdict->equal(nowhere.reason.element(0), "noproc");
}

// -- EVT-014 --------------------------------------------------------------------------------------

struct Handled {
  Pid manager;
};

Behaviour starts_and_exits(Self self, Pid main, Verdict* verdict) {
  const Pid manager = co_await manager_of(self);
  co_await add(self, manager, Term(1), "h1"_atom, verdict);
  co_await add(self, manager, Term(2), "h2"_atom, verdict);
  self.send<Handled>(main, manager);
  co_await self.receive<Say>();
  self.exit("why"_atom);
}

Behaviour stopping(Self self, Verdict* verdict) {
  self.trap_exit(true);
  const Pid manager = co_await manager_of(self);
  co_await add(self, manager, Term(1), "h1"_atom, verdict);
  co_await add(self, manager, Term(2), "h2"_atom, verdict);
  auto ending = gen_event::stop(self, manager);
  co_await ending;
  const Exit exit = co_await self.receive<Exit>();
  verdict->equal(exit.reason, "normal");
  verdict->equal(verdict->take_notes(), "h2:terminate_stop h1:terminate_stop");
  const Pid parent = self.spawn<&starts_and_exits>(self.pid(), verdict);
  const Handled other = co_await self.receive<Handled>();
  self.monitor(other.manager);
  self.send<Say>(parent, "go"_atom);
  const Down down = co_await self.receive<Down>();
  verdict->equal(down.reason, "why");
  verdict->equal(verdict->take_notes(), "h2:terminate_stop h1:terminate_stop");
}

// -- EVT-015 --------------------------------------------------------------------------------------

Term renamed(const Term& triple) {
  if (triple.element(1) == Term(2)) throw ExitException("no"_atom);
  return tuple(triple.element(0), triple.element(1), Term("changed"_atom));
}

Behaviour looking_in(Self self, Verdict* verdict) {
  const Pid manager = co_await manager_of(self);
  co_await add(self, manager, Term(false), "s1"_atom, verdict);
  co_await add(self, manager, Term(2), "s2"_atom, verdict);
  auto getting = sys::get_state(self, manager);
  const Term states = co_await getting;
  verdict->equal(states, "[{eh,2,s2},{eh,false,s1}]");
  auto replacing = sys::replace_state(self, manager, gen_event::each_handler(renamed));
  const Term replaced = co_await replacing;
  verdict->equal(replaced, "[{eh,2,s2},{eh,false,changed}]");
}

}  // namespace

CONFORMANCE("EVT-001", "a manager starts without handlers and stops with its reason", starting)
CONFORMANCE("EVT-004", "notify does not wait, sync_notify waits for all handlers", notifying)
CONFORMANCE("EVT-006", "a handler that crashes is removed, and only it", crashing)
CONFORMANCE("EVT-008", "a supervised handler ends with who added it", death_of_the_supervisor)
CONFORMANCE("EVT-010", "a swap hands over what the old handler said", swapping)
CONFORMANCE("EVT-011", "a swap may take over the supervision", swapping_supervision)
CONFORMANCE("EVT-012", "a call reaches one handler, and its failure only the caller", calling)
CONFORMANCE("EVT-014", "the end of the manager terminates every handler", stopping)
CONFORMANCE("EVT-015", "sys sees and replaces the states of the handlers", looking_in)

}  // namespace glasshouse::conformance
