// System messages. The ids are those of docs/conformance.md.

#include "runtime/behaviour/sys.h"

#include "tests/conformance/both_worlds.h"
#include "tests/runtime/failure_of.h"

namespace glasshouse::conformance {

namespace {

using tests::failure_of;

struct Get {
  using Reply = std::int64_t;
};
struct Put {
  std::int64_t value = 0;
};

// What the only field of a state is called: not every compiler tells the name, `v`.
constexpr std::string_view v_key = field_names_known ? "v" : "field_1";
std::string held(int value) {
  return "#{" + std::string(v_key) + " => " + std::to_string(value) + "}";
}

// The state #{v => 1}.
struct Holder {
  using Accepts = Messages<Get, Put>;
  std::int64_t v = 1;
  std::int64_t handle(Get) const { return v; }
  void handle(Put put) { v = put.value; }
};

// Traps exits, and says how it ends.
class Ender {
 public:
  using Accepts = Messages<Get, Exit>;
  Ender(Self self, Verdict* verdict) : verdict_(verdict) { self.trap_exit(true); }
  std::int64_t handle(Get) const { return 1; }
  void handle(Exit) { verdict_->note("info"); }
  void terminate(Term reason) { verdict_->note("terminate " + to_string(reason)); }

 private:
  Verdict* verdict_;
};

// code_change does what it is told.
struct Versioned {
  using Accepts = Messages<Get>;
  std::int64_t v = 1;
  std::int64_t handle(Get) const { return v; }
  Term code_change(Term, Term extra) {
    v = 99;
    if (extra == Term("raise"_atom)) throw ExitException(Term("e"_atom));
    if (extra == Term("no"_atom)) return tuple(Term(atoms::error), Term("no"_atom));
    return Term(atoms::ok);
  }
};

Behaviour status_has_its_shape(Self self, Verdict* verdict) {
  auto starting = start_link<Holder>(self);
  const auto holder = co_await starting;
  auto asking = sys::get_status(self, holder.pid);
  const Term status = co_await asking;
  const std::string own = to_string(Term(holder.pid.pid));
  const std::string parent = to_string(Term(self.pid()));
  const auto expected = [&](const std::string& how) {
    return "{status," + own + ",{module,gen_server},[[{'$initial_call',holder},{'$ancestors',[" +
           parent + "]}]," + how + "," + parent + ",[],[{header,<<\"Status for generic server " +
           own + "\">>},{data,[{<<\"Status\">>," + how + "},{<<\"Parent\">>," + parent +
           "},{<<\"Logged events\">>,[]}]},{data,[{<<\"State\">>," + held(1) + "}]}]]}";
  };
  verdict->equal(status, expected("running"));
  co_await sys::suspend(self, holder.pid);
  auto again = sys::get_status(self, holder.pid);
  const Term suspended = co_await again;
  verdict->equal(suspended, expected("suspended"));
}

struct Found {
  Pid pid;
};
Behaviour ending_parent(Self self, Pid main, Verdict* verdict) {
  auto starting = start_link<Ender>(self, verdict);
  const auto ender = co_await starting;
  co_await sys::suspend(self, ender.pid);
  self.send<Found>(main, ender.pid.pid);
  auto go = self.receive<Put>();
  co_await go;
  self.exit(Term("why"_atom));
}

Behaviour a_parents_exit_ends_a_suspended_server(Self self, Verdict* verdict) {
  const Pid parent = self.spawn<&ending_parent>(self.pid(), verdict);
  const Found found = co_await self.receive<Found>();
  self.monitor(found.pid);
  self.send<Put>(parent, 1);
  const Down down = co_await self.receive<Down>();
  verdict->equal(down.reason, "why");
  verdict->equal(verdict->take_notes(), "terminate why");
}

Behaviour state_is_got_and_replaced(Self self, Verdict* verdict) {
  auto starting = start<Holder>(self);
  const auto holder = co_await starting;
  const Term first = co_await sys::get_state(self, holder.pid);
  verdict->equal(first, held(1));
  auto doubling = sys::replace_state(self, holder.pid, [](const Term& state) {
    const Term key = Term(Atom(v_key));
    return map(key, Term(*state.find(key)->as_integer() + 1));
  });
  const Term second = co_await doubling;
  verdict->equal(second, held(2));
  auto raising = sys::replace_state(self, holder.pid,
                                    [](const Term&) -> Term { throw std::runtime_error("e"); });
  auto failing = failure_of(std::move(raising));
  const Term failure = co_await failing;
  verdict->equal(failure.element(0),
                 "{callback_failed,{gen_server,system_replace_state},"
                 "{error,{runtime_error,<<\"e\">>}}}");
  verdict->holds(failure.element(1).is_tuple("sys"_atom, 3), "the call is named");
  verdict->equal(failure.element(1).element(1), "replace_state");
  const std::int64_t value = co_await self.call<Get>(holder.pid);
  verdict->holds(value == 2, "the old state stays");
}

Behaviour a_state_that_does_not_fit_is_refused(Self self, Verdict* verdict) {
  auto starting = start<Holder>(self);
  const auto holder = co_await starting;
  auto wrong = failure_of(sys::set_state(self, holder.pid, Term("text"_atom)));
  const Term failure = co_await wrong;
  verdict->equal(failure.element(0).element(2).element(0), "exit");
  auto unknown = failure_of(
      sys::set_state(self, holder.pid, map(Term(Atom(v_key)), Term(7), Term("w"_atom), Term(8))));
  const Term second = co_await unknown;
  verdict->equal(second.element(0).element(0), "callback_failed");
  const std::int64_t value = co_await self.call<Get>(holder.pid);
  verdict->holds(value == 1, "the old state stays");
}

Behaviour the_log_keeps_the_newest(Self self, Verdict* verdict) {
  auto starting = start<Holder>(self);
  const auto holder = co_await starting;
  co_await sys::log(self, holder.pid, 3);
  self.cast<Put>(holder.pid, 5);
  co_await self.call<Get>(holder.pid);
  const Term events = co_await sys::get_log(self, holder.pid);
  const Pid me = self.pid();
  verdict->holds(events.size() == 3, "three events");
  verdict->equal(events.element(0), "{noreply," + held(5) + "}");
  verdict->equal(events.element(1).element(0), "in");
  verdict->equal(events.element(1).element(1).element(0), "'$gen_call'");
  verdict->equal(events.element(2), "{out,5," + to_string(Term(me)) + "," + held(5) + "}");
  co_await sys::log_off(self, holder.pid);
  const Term none = co_await sys::get_log(self, holder.pid);
  verdict->equal(none, "[]");
}

Task<Term> change(Self self, Pid pid, std::string_view extra) {
  return sys::change_code(self, pid, Term("gs"_atom), Term("v1"_atom), Term(Atom(extra)));
}

Behaviour code_is_changed_while_suspended(Self self, Verdict* verdict) {
  auto starting = start<Versioned>(self);
  const auto server = co_await starting;
  const Term running = co_await change(self, server.pid, "ex");
  verdict->equal(running, "{error,{unknown_system_msg,{change_code,gs,v1,ex}}}");
  co_await sys::suspend(self, server.pid);
  const Term refused = co_await change(self, server.pid, "no");
  verdict->equal(refused, "{error,{error,no}}");
  const Term raised = co_await change(self, server.pid, "raise");
  verdict->equal(raised, "{error,{'EXIT',e}}");
  const Term kept = co_await sys::get_state(self, server.pid);
  verdict->equal(kept, held(1));
  const Term changed = co_await change(self, server.pid, "ex");
  verdict->equal(changed, "ok");
  const Term state = co_await sys::get_state(self, server.pid);
  verdict->equal(state, held(99));
  const auto early = co_await self.try_call<Get>(10_ms, server.pid);
  verdict->equal(early.failure, "timeout");
  co_await sys::resume(self, server.pid);
  const std::int64_t value = co_await self.call<Get>(server.pid);
  verdict->holds(value == 99, "it works afterwards");
}

}  // namespace

CONFORMANCE("SYS-001", "get_status has its shape, running and suspended", status_has_its_shape)
CONFORMANCE("SYS-003", "a parent's exit ends a suspended server through its terminate",
            a_parents_exit_ends_a_suspended_server)
CONFORMANCE("SYS-004", "a state is got and replaced, and kept where that fails",
            state_is_got_and_replaced)
CONFORMANCE("SYS-004", "a state that does not fit is refused", a_state_that_does_not_fit_is_refused)
CONFORMANCE("SYS-006", "the log keeps the newest events until it is switched off",
            the_log_keeps_the_newest)
CONFORMANCE("SYS-008", "code is changed only while suspended, and kept where that fails",
            code_is_changed_while_suspended)

}  // namespace glasshouse::conformance
