// How servers of all behaviours begin, also where they do not.

#include "runtime/behaviour/gen_event.h"
#include "runtime/behaviour/gen_server.h"
#include "runtime/behaviour/gen_statem.h"
#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

using namespace runtime::literals;

namespace {

struct Get {
  using Reply = std::int64_t;
};
struct Do {
  Atom what;
};

class Plain {
 public:
  using Accepts = Messages<Get, Exit>;
  Plain(Self self, Notes* notes, Atom how) : notes_(notes) {
    if (how == "traps"_atom) self.trap_exit(true);
    if (how == "stops"_atom) self.stop("early"_atom);
  }
  std::int64_t handle(Get) const { return 1; }
  void handle(Exit exit) { notes_->push_back("info " + text(exit.reason)); }
  void terminate(Term reason) { notes_->push_back("terminate " + text(reason)); }

 private:
  Notes* notes_;
};

Task<Pid> plain(Self self, Notes* notes, Atom how) {
  auto starting = start<Plain>(self, notes, how);
  const auto started = co_await starting;
  co_return started.pid.pid;
}

// -- the start ------------------------------------------------------------------------------------

Behaviour starts_one_that_stops(Self self, Notes* notes) {
  auto starting = start<Plain>(self, notes, "stops"_atom);
  const auto started = co_await starting;
  notes->push_back(started ? "ok" : "error " + text(started.error));
}

Behaviour gives_up_named(Self self, Atom outcome, Notes* notes) {
  self.register_name("fleeting"_atom);
  answer_starter(self, outcome, Term());
  notes->push_back(self.whereis("fleeting"_atom) ? "named" : "free");
  co_await self.sleep(1_ms);
}

Behaviour starts_who_gives_up(Self self, Notes* notes) {
  for (const Atom outcome : {atoms::ignore, atoms::error, atoms::ok}) {
    auto starting = proc_lib::start<&gives_up_named>(self, outcome, notes);
    static_cast<void>(co_await starting);
    co_await self.sleep(1_s);
  }
}

Behaviour rests_and_becomes_a_server(Self self, Notes* notes) {
  proc_lib::init_ack(self);
  co_await self.hibernate();
  auto loop = enter_loop<Plain>(self, Atom(), notes, "well"_atom);
  co_await loop;
}

Behaviour wakes_a_server(Self self, Notes* notes) {
  auto starting = proc_lib::start<&rests_and_becomes_a_server>(self, notes);
  const auto started = co_await starting;
  const std::int64_t value = co_await self.call<Get>(started.pid);
  notes->push_back(std::to_string(value));
}

// -- the parent -----------------------------------------------------------------------------------

Behaviour exits_its_child(Self self, Notes* notes, Pid main) {
  const Pid server = co_await plain(self, notes, "traps"_atom);
  self.exit(server, "x"_atom);
  const std::int64_t value = co_await self.call<Get>(server);
  notes->push_back("lives " + std::to_string(value));
  const Term status = co_await sys::get_status(self, server);
  notes->push_back(status.element(3).element(2) == Term(server) ? "its own parent" : "a child");
  self.exit(main, Term(atoms::kill));
}

Behaviour keeps_a_server_unlinked(Self self, Notes* notes) {
  self.spawn<&exits_its_child>(notes, self.pid());
  co_await self.sleep(1_s);
}

class Ear {
 public:
  using Accepts = Messages<Do>;
  explicit Ear(Notes* notes) : notes_(notes) {}
  void handle(const Do& told) { notes_->push_back("heard " + std::string(told.what.text())); }
  Term terminate(const Term& why) {
    notes_->push_back("terminate " + text(why));
    return {};
  }

 private:
  Notes* notes_;
};

struct Manager {
  Pid pid;
};
Behaviour starts_a_manager(Self self, Notes* notes, Pid main) {
  auto starting = gen_event::start(self);
  const Started manager = co_await starting;
  auto adding = gen_event::add_sup_handler(self, manager.pid, gen_event::IdOf<Ear>{}, notes);
  static_cast<void>(co_await adding);
  self.send<Manager>(main, manager.pid);
  self.exit("over"_atom);
}

Behaviour outlives_who_started_it(Self self, Notes* notes) {
  self.spawn<&starts_a_manager>(notes, self.pid());
  const Manager manager = co_await self.receive<Manager>();
  co_await self.sleep(1_s);
  const Term handlers = co_await gen_event::which_handlers(self, manager.pid);
  notes->push_back(text(handlers));
  auto stopping = gen_event::stop(self, manager.pid);
  co_await stopping;
}

// -- a machine's first actions --------------------------------------------------------------------

class Postponer {
 public:
  using State = Atom;
  using Accepts = Messages<Do, Get>;
  gen_statem::Next<Atom> init() { return gen_statem::ok("a"_atom, gen_statem::postpone()); }
  gen_statem::Next<Atom> handle(Atom, const Do& told) { return gen_statem::next_state(told.what); }
  gen_statem::Next<Atom> handle(Atom state, const gen_statem::CallEvent<Get>& call) {
    const std::int64_t value = state == "b"_atom ? 2 : 0;
    return gen_statem::keep_state(gen_statem::reply(call, value));
  }
};

Behaviour postpones_at_first(Self self, Notes* notes) {
  auto starting = gen_statem::start<Postponer>(self);
  const auto machine = co_await starting;
  self.cast<Do>(machine.pid, "b"_atom);
  const std::int64_t value = co_await gen_statem::call<Get>(self, machine.pid.pid);
  notes->push_back(std::to_string(value));
  const Term status = co_await sys::get_status(self, machine.pid.pid);
  notes->push_back(text(status).find("{<<\"Postponed\">>,[]}") == std::string::npos ? "some"
                                                                                    : "none");
}

}  // namespace

TEST_CASE("a server that is stopped before it has started has not started", "[gen_server]") {
  REQUIRE(notes_of_all_gone<starts_one_that_stops>() == Notes{"error early"});
}

TEST_CASE("of a start that gives no process the name is free at once", "[proc_lib]") {
  REQUIRE(notes_of<starts_who_gives_up>() == Notes{"free", "free", "named"});
}

TEST_CASE("a process that hibernated may still become a server", "[proc_lib]") {
  REQUIRE(notes_of<wakes_a_server>() == Notes{"1"});
}

TEST_CASE("a server that was started without a link has no parent but itself", "[gen_server]") {
  REQUIRE(notes_of<keeps_a_server_unlinked>() == Notes{"info x", "lives 1", "its own parent"});
}

TEST_CASE("a manager that was started without a link outlives who started it", "[gen_event]") {
  REQUIRE(notes_of_all_gone<outlives_who_started_it>() == Notes{"terminate {stop,over}", "[]"});
}

TEST_CASE("what starts a machine cannot be postponed", "[gen_statem]") {
  REQUIRE(notes_of<postpones_at_first>() == Notes{"2", "none"});
}

}  // namespace glasshouse::tests
