#include "runtime/behaviour/gen_event.h"

#include "runtime/observe/logger.h"
#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

using namespace runtime::literals;
using gen_event::IdOf;

namespace {

struct Ring {
  Atom what;
};
struct Other {};
struct Rung {
  using Reply = std::int64_t;
};

class Successor {
 public:
  using Accepts = Messages<Ring>;
  Successor(Notes* notes, gen_event::Swapped before) : notes_(notes) {
    notes_->push_back("successor of " + text(before.result));
  }
  void handle(const Ring& ring) { notes_->push_back("successor " + std::string(ring.what.text())); }

 private:
  Notes* notes_;
};

class Bell {
 public:
  using Accepts = Messages<Ring>;
  Bell(Atom name, Notes* notes) : name_(name), notes_(notes) {
    if (name == "broken"_atom) throw ExitException("broken"_atom);
  }
  gen_event::Result handle(const Ring& ring) {
    notes_->push_back(std::string(name_.text()) + " " + std::string(ring.what.text()));
    if (ring.what == "crash"_atom) throw ExitException("crashed"_atom);
    if (ring.what == "retire"_atom) {
      return gen_event::swap_handler(Term("retired"_atom), IdOf<Successor>(), notes_);
    }
    return gen_event::ok();
  }
  void handle_info(const Ring& ring) {
    notes_->push_back(std::string(name_.text()) + " info " + std::string(ring.what.text()));
  }
  Term terminate(const Term& why) {
    if (why == Term("hard"_atom)) throw ExitException("hard"_atom);
    return tuple(Term(name_), why);
  }

 private:
  Atom name_;
  Notes* notes_;
};

Task<Pid> manager_with(Self self, Atom first, Atom second, Notes* notes) {
  auto starting = gen_event::start(self);
  const Started started = co_await starting;
  for (const Atom name : {first, second}) {
    auto adding = gen_event::add_handler(self, started.pid, IdOf<Bell>{Term(name)}, name, notes);
    static_cast<void>(co_await adding);
  }
  co_return started.pid;
}

Task<void> ring(Self self, Pid manager, Atom what) {
  auto work = gen_event::sync_notify<Ring>(self, manager, what);
  co_await work;
}

// Counts its rings; after three it cannot say how many.
class Counter {
 public:
  using Accepts = Messages<Ring, Rung>;
  void handle(const Ring&) { ++rung_; }
  std::int64_t handle(const Rung&) {
    if (rung_ > 3) throw ExitException("many"_atom);
    return rung_;
  }

 private:
  std::int64_t rung_ = 0;
};

Task<void> note_rung(Self self, gen_event::RequestId<Rung> request, Notes* notes) {
  auto waiting = gen_event::receive_response(self, request, 1_s);
  const CallResult<Rung> result = co_await waiting;
  notes->push_back(result ? std::to_string(*result.value) : text(result.failure));
}

Behaviour asks_later(Self self, Notes* notes) {
  const Pid manager = co_await manager_with(self, "a"_atom, "b"_atom, notes);
  auto adding = gen_event::add_handler(self, manager, IdOf<Counter>());
  static_cast<void>(co_await adding);
  const auto none = gen_event::send_request<Rung>(self, manager, IdOf<Counter>());
  gen_event::notify<Ring>(self, manager, "x"_atom);
  const auto one = gen_event::send_request<Rung>(self, manager, IdOf<Counter>());
  const auto nobody = gen_event::send_request<Rung>(self, "nobody"_atom, IdOf<Counter>());
  const auto missing = gen_event::send_request<Rung>(self, manager, IdOf<Counter>{Term(7)});
  for (const auto& request : {missing, one, none, nobody}) {
    auto noting = note_rung(self, request, notes);
    co_await noting;
  }
  for (int i = 0; i < 3; ++i)
    gen_event::notify<Ring>(self, manager, "x"_atom);
  const auto many = gen_event::send_request<Rung>(self, manager, IdOf<Counter>());
  const auto gone = gen_event::send_request<Rung>(self, manager, IdOf<Counter>());
  for (const auto& request : {many, gone}) {
    auto noting = note_rung(self, request, notes);
    co_await noting;
  }
  std::erase_if(*notes, [](const std::string& note) { return note.find(" x") != note.npos; });
}

Task<std::string> handlers_of(Self self, Pid manager) {
  auto asking = gen_event::which_handlers(self, manager);
  const Term ids = co_await asking;
  co_return text(ids);
}

Behaviour sends(Self self, Notes* notes) {
  const Pid manager = co_await manager_with(self, "a"_atom, "b"_atom, notes);
  self.send<Ring>(manager, "sent"_atom);
  self.send<Other>(manager);
  gen_event::notify<Other>(self, manager);
  co_await ring(self, manager, "told"_atom);
}

Behaviour retires(Self self, Notes* notes) {
  const Pid manager = co_await manager_with(self, "a"_atom, "b"_atom, notes);
  auto deleting = gen_event::delete_handler(self, manager, IdOf<Bell>{Term("a"_atom)});
  static_cast<void>(co_await deleting);
  auto adding = gen_event::add_handler(self, manager, IdOf<Bell>(), "c"_atom, notes);
  static_cast<void>(co_await adding);
  co_await ring(self, manager, "retire"_atom);
  const std::string ids = co_await handlers_of(self, manager);
  notes->push_back(ids);
}

Behaviour twice(Self self, Notes* notes) {
  const Pid manager = co_await manager_with(self, "a"_atom, "a"_atom, notes);
  auto deleting = gen_event::delete_handler(self, manager, IdOf<Bell>{Term("a"_atom)}, Term(1));
  const Term deleted = co_await deleting;
  notes->push_back(text(deleted));
  const std::string ids = co_await handlers_of(self, manager);
  notes->push_back(ids);
}

Behaviour goes_wrong(Self self, Notes* notes) {
  const Pid manager = co_await manager_with(self, "a"_atom, "b"_atom, notes);
  auto adding = gen_event::add_handler(self, manager, IdOf<Bell>(), "broken"_atom, notes);
  const Term added = co_await adding;
  notes->push_back(text(added));
  auto missing = gen_event::delete_handler(self, manager, IdOf<Bell>{Term(7)});
  const Term not_there = co_await missing;
  notes->push_back(text(not_there));
  auto hard =
      gen_event::delete_handler(self, manager, IdOf<Bell>{Term("a"_atom)}, Term("hard"_atom));
  const Term ended = co_await hard;
  notes->push_back(text(ended));
}

Behaviour owns(Self self, Notes* notes) {
  const Pid manager = co_await manager_with(self, "a"_atom, "b"_atom, notes);
  auto adding =
      gen_event::add_sup_handler(self, manager, IdOf<Bell>{Term("mine"_atom)}, "mine"_atom, notes);
  static_cast<void>(co_await adding);
  const std::size_t linked = self.process().relations().links.size();
  gen_event::notify<Ring>(self, manager, "crash"_atom);
  const auto exit = co_await self.receive<gen_event::HandlerExit>();
  notes->push_back(text(to_term(exit)));
  co_await self.sleep(1_ms);
  const std::size_t left = self.process().relations().links.size();
  notes->push_back(std::to_string(linked) + " link, then " + std::to_string(left));
  const std::string ids = co_await handlers_of(self, manager);
  notes->push_back(ids);
}

// Notes the reports of event handlers.
class Reports final : public LogHandler {
 public:
  explicit Reports(Notes* notes) : notes_(notes) {}
  void log(const LogEvent& event) override {
    const Term* label = event.message.find(Term("label"_atom));
    if (label == nullptr || text(*label) != "{gen_event,terminate}") return;
    for (const char* key : {"handler", "last_message", "reason"})
      notes_->push_back(text(*event.message.find(Term(Atom(key)))));
  }

 private:
  Notes* notes_;
};

Behaviour reports(Self self, Notes* notes) {
  const Pid manager = co_await manager_with(self, "a"_atom, "b"_atom, notes);
  auto deleting = gen_event::delete_handler(self, manager, IdOf<Bell>{Term("b"_atom)});
  static_cast<void>(co_await deleting);
  auto handler = std::make_shared<Reports>(notes);
  static_cast<void>(self.node().logger().add_handler("reports"_atom, handler));
  co_await ring(self, manager, "crash"_atom);
}

}  // namespace

TEST_CASE("a handler that crashed is reported with what it was told", "[gen_event]") {
  REQUIRE(notes_of<&reports>() == Notes{"a crash", "{bell,a}", "{ring,crash}", "{'EXIT',crashed}"});
}

TEST_CASE("what was sent without notify goes to handle_info, and strange messages to nobody",
          "[gen_event]") {
  REQUIRE(notes_of<&sends>() == Notes{"b info sent", "a info sent", "b told", "a told"});
}

TEST_CASE("a handler that swaps itself is followed in its place by one that knows its last word",
          "[gen_event]") {
  REQUIRE(notes_of<&retires>() == Notes{"c retire", "successor of {c,retired}", "b retire",
                                        "successor of {b,retired}", "[successor,successor]"});
}

TEST_CASE("a class may be there twice under one id, and the newest goes first", "[gen_event]") {
  REQUIRE(notes_of<&twice>() == Notes{"{a,1}", "[{bell,a}]"});
}

TEST_CASE("what goes wrong in a constructor or in terminate is the answer", "[gen_event]") {
  REQUIRE(notes_of<&goes_wrong>() ==
          Notes{"{'EXIT',broken}", "{error,module_not_found}", "{'EXIT',hard}"});
}

TEST_CASE("a handler is asked now and heard later", "[gen_event]") {
  REQUIRE(notes_of<&asks_later>() == Notes{"{error,bad_module}", "1", "0", "noproc",
                                           "{error,{'EXIT',many}}", "{error,bad_module}"});
}

TEST_CASE("who supervises a handler hears of its crash and is linked no more", "[gen_event]") {
  REQUIRE(notes_of<&owns>() == Notes{"mine crash", "b crash", "a crash",
                                     "{gen_event_EXIT,{bell,mine},{'EXIT',crashed}}",
                                     "1 link, then 0", "[]"});
}

}  // namespace glasshouse::tests
