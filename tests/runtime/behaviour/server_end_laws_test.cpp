// How servers and event managers end where something goes wrong.

#include "runtime/behaviour/gen_event.h"
#include "runtime/behaviour/gen_server.h"
#include "tests/catch.h"
#include "tests/runtime/failure_of.h"
#include "tests/runtime/notes_of.h"
#include "tests/runtime/observe/log_collector.h"

namespace glasshouse::tests {

using namespace runtime::literals;

namespace {

struct Stranger {
  using Reply = void;
};
struct Finish {
  using Reply = std::string;
};
struct Do {
  Atom what;
};

class Fragile {
 public:
  using Accepts = Messages<Finish, Do>;
  Fragile(Self self, Notes* notes, Atom how) : self_(self), notes_(notes), how_(how) {}
  std::string handle(Finish) {
    self_.stop("orig"_atom);
    return "done";
  }
  void handle(Do told) {
    if (told.what == "kill"_atom) self_.exit(self_.pid(), Term(atoms::kill));
    if (told.what == "exit"_atom) self_.exit(self_.pid(), "boom"_atom);
    throw ExitException(told.what);
  }
  void terminate(Term reason) {
    notes_->push_back("terminate " + text(reason));
    if (how_ == "throws"_atom) throw ExitException("tcrash"_atom);
  }
  Term describe() const {
    if (how_ == "secret"_atom) throw std::runtime_error("no words");
    return Term(how_);
  }

 private:
  Self self_;
  Notes* notes_;
  Atom how_;
};

Task<Pid> fragile(Self self, Notes* notes, Atom how) {
  auto starting = start<Fragile>(self, notes, how);
  const auto started = co_await starting;
  co_return started.pid.pid;
}

template <class M>
Task<void> call_for_ever(Self self, Pid to) {
  auto calling = self.call_within<M>(Duration::infinity(), to);
  static_cast<void>(co_await calling);
}

Task<std::string> end_of(Self self, Pid pid, Atom told) {
  self.monitor(pid);
  self.send<Do>(pid, told);
  const Down down = co_await self.receive<Down>();
  co_return text(down.reason);
}

// How many events have that label, as `body` runs alone.
template <auto Body>
std::size_t reports_of(Notes& notes, std::string_view label) {
  OneNode one;
  const auto log = collect(one.node().logger(), "log"_atom);
  one.spawn<Body>(&notes);
  one.run();
  return log->labelled(label).size();
}

// -- a call that nobody takes ---------------------------------------------------------------------

Behaviour asks_a_stranger(Self self, Notes* notes) {
  const Pid server = co_await fragile(self, notes, "well"_atom);
  auto calling = failure_of(call_for_ever<Stranger>(self, server));
  const Term failure = co_await calling;
  notes->push_back(text(failure.element(0)));
}

Behaviour asks_for_ever(Self self, Pid to, Notes* notes) {
  auto calling = failure_of(call_for_ever<Stranger>(self, to));
  const Term failure = co_await calling;
  notes->push_back(text(failure.element(0)));
}

Behaviour asks_a_manager(Self self, Notes* notes) {
  auto starting = gen_event::start(self);
  const Started manager = co_await starting;
  self.spawn<&asks_for_ever>(manager.pid, notes);
  co_await self.sleep(1_s);
  const Term handlers = co_await gen_event::which_handlers(self, manager.pid);
  notes->push_back(text(handlers));
  self.exit(manager.pid, Term(atoms::kill));
}

// -- the end --------------------------------------------------------------------------------------

Behaviour stops_one_whose_terminate_throws(Self self, Notes* notes) {
  const Pid server = co_await fragile(self, notes, "throws"_atom);
  self.monitor(server);
  const std::string reply = co_await self.call<Finish>(server);
  notes->push_back("reply " + reply);
  const Down down = co_await self.receive<Down>();
  notes->push_back(text(down.reason));
}

Behaviour dies_of_itself(Self self, Notes* notes) {
  for (const Atom how : {"kill"_atom, "exit"_atom}) {
    const Pid server = co_await fragile(self, notes, "well"_atom);
    const std::string reason = co_await end_of(self, server, how);
    notes->push_back(reason);
  }
}

Behaviour crashes_without_words(Self self, Notes* notes) {
  const Pid server = co_await fragile(self, notes, "secret"_atom);
  const Term status = co_await sys::get_status(self, server);
  notes->push_back(text(status.element(3).element(4).element(2)));
  const std::string reason = co_await end_of(self, server, "broken"_atom);
  notes->push_back(reason);
}

Behaviour stops_a_manager_twice(Self self, Notes* notes) {
  auto starting = gen_event::start(self);
  const Started manager = co_await starting;
  for (int i = 0; i < 2; ++i) {
    auto stopping = failure_of(gen_event::stop(self, manager.pid));
    const Term failure = co_await stopping;
    notes->push_back(text(failure));
  }
}

}  // namespace

TEST_CASE("a call that a server does not know ends it and so its caller", "[gen_server]") {
  Notes notes;
  REQUIRE(reports_of<&asks_a_stranger>(notes, "{gen_server,terminate}") == 1);
  REQUIRE(notes == Notes{"terminate {function_clause,[stranger]}", "{function_clause,[stranger]}"});
}

TEST_CASE("a call that an event manager does not know ends with the manager", "[gen_event]") {
  REQUIRE(notes_of_all_gone<asks_a_manager>() == Notes{"[]", "killed"});
}

TEST_CASE("a reply that waits for terminate is sent though terminate throws", "[gen_server]") {
  Notes notes;
  REQUIRE(reports_of<&stops_one_whose_terminate_throws>(notes, "{gen_server,terminate}") == 1);
  REQUIRE(notes == Notes{"terminate orig", "reply done", "tcrash"});
}

TEST_CASE("nothing runs in a server after a fatal exit signal of its own", "[gen_server]") {
  Notes notes;
  REQUIRE(reports_of<&dies_of_itself>(notes, "{gen_server,terminate}") == 0);
  REQUIRE(notes == Notes{"killed", "boom"});
}

TEST_CASE("a describe that throws changes nothing but what is shown", "[gen_server]") {
  REQUIRE(notes_of<crashes_without_words>() ==
          Notes{"{data,[{<<\"State\">>,<<\"fragile:describe crashed\">>}]}", "terminate broken",
                "broken"});
}

TEST_CASE("stopping a manager that is gone says no more than that", "[gen_event]") {
  REQUIRE(notes_of<stops_a_manager_twice>() == Notes{"ok", "noproc"});
}

}  // namespace glasshouse::tests
