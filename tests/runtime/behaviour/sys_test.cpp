#include "runtime/behaviour/sys.h"

#include "tests/catch.h"
#include "tests/runtime/failure_of.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

namespace {

struct Say {
  std::int64_t number = 0;
};
struct Heard {
  using Reply = std::int64_t;
};
struct Wait {
  std::int64_t milliseconds = 0;
};

// Not copyable, and no aggregate: its state shows through describe.
class Listener {
 public:
  using Accepts = Messages<Say, Heard, Wait, Timeout>;
  Listener(Self self, Notes* notes) : self_(self), notes_(notes) {}
  void handle(Say say) { notes_->push_back("say " + std::to_string(say.number)); }
  std::int64_t handle(Heard) const { return static_cast<std::int64_t>(notes_->size()); }
  void handle(Wait wait) { self_.set_timeout(Duration::milliseconds(wait.milliseconds)); }
  void handle(Timeout) {
    notes_->push_back("timeout at " +
                      std::to_string(self_.now().since_origin() / Duration::milliseconds(1)));
  }
  void terminate(Term reason) { notes_->push_back("terminate " + text(reason)); }
  Term describe() const { return Term("listening"_atom); }

 private:
  Self self_;
  Notes* notes_;
};

Task<Pid> listener(Self self, Notes* notes) {
  auto starting = start<Listener>(self, notes);
  const auto started = co_await starting;
  co_return started.pid.pid;
}

Behaviour halts(Self self, Notes* notes) {
  const Pid pid = co_await listener(self, notes);
  co_await sys::suspend(self, pid);
  co_await sys::suspend(self, pid);
  self.send<Say>(pid, 1);
  self.send<Say>(pid, 2);
  co_await self.sleep(Duration::seconds(1));
  const Term state = co_await sys::get_state(self, pid);
  notes->push_back(text(state));
  self.send<Say>(pid, 3);
  co_await sys::resume(self, pid);
}

Behaviour ends(Self self, Notes* notes) {
  const Pid pid = co_await listener(self, notes);
  self.monitor(pid);
  co_await sys::suspend(self, pid);
  self.send<Say>(pid, 1);
  co_await sys::terminate(self, pid, Term("bye"_atom));
  notes->push_back("answered");
  const Down down = co_await self.receive<Down>();
  notes->push_back("down " + text(down.reason));
}

Behaviour waits(Self self, Notes* notes) {
  const Pid pid = co_await listener(self, notes);
  self.send<Wait>(pid, 100);
  co_await self.sleep(Duration::milliseconds(60));
  static_cast<void>(co_await sys::get_state(self, pid));
}

Behaviour waits_suspended(Self self, Notes* notes) {
  const Pid pid = co_await listener(self, notes);
  self.send<Wait>(pid, 100);
  co_await sys::suspend(self, pid);
  co_await self.sleep(Duration::milliseconds(500));
  co_await sys::resume(self, pid);
}

Behaviour counts(Self self, Notes* notes) {
  const Pid pid = co_await listener(self, notes);
  const Term none = co_await sys::get_statistics(self, pid);
  notes->push_back(text(none));
  co_await sys::statistics(self, pid, sys::Switch::on);
  self.send<Say>(pid, 1);
  co_await self.call<Heard>(pid);
  const Term some = co_await sys::get_statistics(self, pid);
  notes->push_back(text(some.element(3)) + text(some.element(4)));
  co_await sys::no_debug(self, pid);
  const Term gone = co_await sys::get_statistics(self, pid);
  notes->push_back(text(gone));
}

Behaviour traces(Self self, Notes* notes) {
  const Pid pid = co_await listener(self, notes);
  co_await sys::trace_to(self, pid, self.pid());
  self.send<Say>(pid, 7);
  const SystemEvent in = co_await self.receive<SystemEvent>();
  const SystemEvent end = co_await self.receive<SystemEvent>();
  notes->push_back(text(in.event) + text(end.event));
  co_await sys::trace(self, pid, sys::Switch::off);
  self.send<Say>(pid, 8);
  const auto more = co_await self.receive<SystemEvent>(Duration::seconds(1));
  notes->push_back(more ? "traced" : "quiet");
}

Behaviour installs(Self self, Notes* notes) {
  const Pid pid = co_await listener(self, notes);
  const DebugFunction counting = [](const Term& count, const Term& event, const Term&) {
    if (!event.is_tuple("in"_atom, 2)) return count;
    if (count == Term(1)) return Term("done"_atom);
    return Term(*count.as_integer() - 1);
  };
  const DebugFunction failing = [](const Term&, const Term&, const Term&) -> Term {
    throw std::runtime_error("a debug function");
  };
  co_await sys::install(self, pid, Term("count"_atom), counting, Term(2));
  co_await sys::install(self, pid, Term("count"_atom), failing, Term(2));
  co_await sys::install(self, pid, Term("fails"_atom), failing, Term(0));
  for (int step = 0; step < 3; ++step) {
    const Term status = co_await sys::get_status(self, pid);
    notes->push_back(text(status.element(3).element(3)));
    self.send<Say>(pid, step);
  }
  co_await sys::install(self, pid, Term("count"_atom), counting, Term(9));
  co_await sys::remove(self, pid, Term("count"_atom));
  const Term status = co_await sys::get_status(self, pid);
  notes->push_back(text(status.element(3).element(3)));
}

Behaviour asks_badly(Self self, Notes* notes) {
  const Pid pid = co_await listener(self, notes);
  const Term unknown = co_await sys::request(self, pid, Term("dance"_atom));
  notes->push_back(text(unknown));
  auto nobody = failure_of(sys::get_state(self, "nobody"_atom));
  const Term gone = co_await nobody;
  notes->push_back(text(gone));
  auto hurried = failure_of(sys::suspend(self, self.pid(), Duration::milliseconds(20)));
  const Term itself = co_await hurried;
  notes->push_back(text(itself.element(0)) + text(itself.element(1).element(2).element(1)));
  auto opaque = failure_of(sys::set_state(self, pid, Term(1)));
  const Term refused = co_await opaque;
  notes->push_back(text(refused.element(0)));
  auto none = failure_of(sys::log(self, pid, 0));
  const Term empty = co_await none;
  notes->push_back(text(empty.element(0)));
}

}  // namespace

TEST_CASE("while a server is suspended messages wait in their order", "[sys]") {
  REQUIRE(notes_of<halts>() == Notes{"listening", "say 1", "say 2", "say 3"});
}

TEST_CASE("terminate ends a suspended server through its terminate", "[sys]") {
  REQUIRE(notes_of<ends>() == Notes{"terminate bye", "answered", "down bye"});
}

TEST_CASE("after a system message a time-out begins anew", "[sys]") {
  REQUIRE(notes_of<waits>() == Notes{"timeout at 160"});
}

TEST_CASE("a suspended server has no time-out until it is resumed", "[sys]") {
  REQUIRE(notes_of<waits_suspended>() == Notes{"timeout at 600"});
}

TEST_CASE("statistics count what goes in and out while they are on", "[sys]") {
  REQUIRE(notes_of<counts>() ==
          Notes{"no_statistics", "say 1", "{messages_in,2}{messages_out,1}", "no_statistics"});
}

TEST_CASE("a trace tells its sink of each event until it is off", "[sys]") {
  REQUIRE(notes_of<traces>() ==
          Notes{"say 7", "{in,{say,7}}{noreply,listening}", "say 8", "quiet"});
}

TEST_CASE("an installed function keeps a state until it is done, fails or is removed", "[sys]") {
  REQUIRE(notes_of<installs>() ==
          Notes{"[{fails,0},{count,2}]", "say 0", "[{count,1}]", "say 1", "[]", "say 2", "[]"});
}

namespace {

Behaviour replaces_a_tree(Self self, Notes* notes) {
  auto starting = start_supervisor(self, SupervisorSpec());
  const auto sup = co_await starting;
  auto looking = sys::replace_state(self, sup.pid, [](const Term& state) { return state; });
  const Term same = co_await looking;
  notes->push_back(same.is_undefined() ? "nothing" : "the state");
  auto replacing =
      failure_of(sys::replace_state(self, sup.pid, [](const Term&) { return Term(1); }));
  const Term refused = co_await replacing;
  notes->push_back(text(refused.element(0)));
  self.exit(sup.pid, Term(atoms::kill));
}

}  // namespace

TEST_CASE("a state that no term holds is replaced by itself alone", "[sys]") {
  REQUIRE(notes_of<&replaces_a_tree>() ==
          Notes{"the state", "{callback_failed,{supervisor,system_replace_state},{exit,undef}}"});
}

TEST_CASE("a failing request says what was asked and of whom", "[sys]") {
  REQUIRE(notes_of<asks_badly>() ==
          Notes{"{error,{unknown_system_msg,dance}}", "{noproc,{sys,get_state,[nobody]}}",
                "calling_self20",
                "{callback_failed,{gen_server,system_replace_state},{exit,undef}}",
                "unknown_debug"});
}

}  // namespace glasshouse::tests
