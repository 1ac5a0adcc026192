#include "runtime/behaviour/request.h"

#include "runtime/behaviour/gen_server.h"
#include "runtime/behaviour/gen_statem.h"
#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

namespace {

struct Add {
  using Reply = std::int64_t;
  std::int64_t a = 0;
  std::int64_t milliseconds = 0;
};
struct Fail {
  using Reply = void;
};
struct Told {
  std::string text;
};

class Slow {
 public:
  using Accepts = Messages<Add, Fail>;
  explicit Slow(Self self) : self_(self) {}
  Task<std::int64_t> handle(Add add) {
    co_await self_.sleep(Duration::milliseconds(add.milliseconds));
    co_return add.a + 1;
  }
  void handle(Fail) { throw std::runtime_error("failed"); }

 private:
  Self self_;
};

Task<Pid> slow(Self self) {
  auto starting = start<Slow>(self);
  const auto started = co_await starting;
  co_return started.pid.pid;
}

std::string text_of(const CallResult<Add>& result) {
  return result ? std::to_string(*result.value) : text(result.failure);
}

Behaviour asks_twice(Self self, Notes* notes) {
  const Pid first = co_await slow(self);
  const Pid second = co_await slow(self);
  const auto late = send_request<Add>(self, first, 1, 200);
  const auto early = send_request<Add>(self, second, 2, 100);
  const CallResult<Add> a = co_await receive_response(self, late);
  notes->push_back(text_of(a) + " at " +
                   std::to_string(self.now().since_origin() / Duration::milliseconds(1)));
  const CallResult<Add> b = co_await receive_response(self, early);
  notes->push_back(text_of(b));
  const CallResult<Add> again = co_await receive_response(self, early, Duration::zero());
  notes->push_back(text_of(again));
}

Behaviour gives_up(Self self, Notes* notes) {
  const Pid pid = co_await slow(self);
  const auto kept = send_request<Add>(self, pid, 1, 100);
  const CallResult<Add> waited = co_await wait_response(self, kept, Duration::milliseconds(10));
  notes->push_back(text_of(waited));
  const CallResult<Add> then = co_await wait_response(self, kept, Duration::seconds(1));
  notes->push_back(text_of(then));
  const auto dropped = send_request<Add>(self, pid, 2, 100);
  const CallResult<Add> late = co_await receive_response(self, dropped, Duration::milliseconds(10));
  notes->push_back(text_of(late));
  const MessagePtr nothing = co_await self.receive_any(Duration::seconds(1));
  notes->push_back(nothing ? "leaked" : "clean");
}

Behaviour asks_the_dead(Self self, Notes* notes) {
  const auto nobody = send_request<Add>(self, "nobody"_atom, 1, 0);
  const CallResult<Add> gone = co_await receive_response(self, nobody);
  notes->push_back(text_of(gone));
  const auto far = send_request<Add>(self, To("slow"_atom, "b@h"_atom), 1, 0);
  const CallResult<Add> away = co_await receive_response(self, far);
  notes->push_back(text_of(away));
  const Pid pid = co_await slow(self);
  const auto failing = send_request<Fail>(self, pid);
  const auto behind = send_request<Add>(self, pid, 1, 0);
  const CallResult<Fail> failed = co_await receive_response(self, failing);
  notes->push_back(text(failed.failure));
  const CallResult<Add> unheard = co_await receive_response(self, behind);
  notes->push_back(text_of(unheard));
}

Behaviour collects(Self self, Notes* notes) {
  RequestIds<Add, std::string> ids;
  for (const std::int64_t wait : {300, 100, 200}) {
    const Pid pid = co_await slow(self);
    ids.add(send_request<Add>(self, pid, wait, wait), "after " + std::to_string(wait));
  }
  for (int turn = 0; turn < 2; ++turn) {
    auto waiting = receive_response(self, ids, Duration::seconds(1));
    const auto next = co_await waiting;
    notes->push_back(next->label + ": " + text_of(next->result));
  }
  auto keeping = wait_response(self, ids, Duration::milliseconds(1));
  const auto none = co_await keeping;
  notes->push_back(none ? "one" : "none, " + std::to_string(ids.size()) + " left");
  auto ending = receive_response(self, ids, Duration::milliseconds(1));
  co_await ending;
  auto empty = receive_response(self, ids, Duration::infinity());
  const auto nothing = co_await empty;
  notes->push_back(nothing ? "one" : "none, " + std::to_string(ids.size()) + " left");
  const MessagePtr late = co_await self.receive_any(Duration::seconds(1));
  notes->push_back(late ? "leaked" : "clean");
}

// Asks others and takes what they say among its other messages.
struct Ask {
  Pid whom;
};
class Asker {
 public:
  using Accepts = Messages<Ask, Down>;
  Asker(Self self, Notes* notes) : self_(self), notes_(notes) {}
  void handle(Ask ask) { ids_.add(send_request<Add>(self_, ask.whom, 7, 10), "asked"); }
  void handle(Response response) {
    const auto found = ids_.take(response.message());
    const auto result = check_response(found->id, response);
    notes_->push_back(found->label + " " + text_of(*result) + ", " + std::to_string(ids_.size()));
  }
  void handle(Down down) {
    const auto id = ids_.list().front().id;
    notes_->push_back("down " + text_of(*check_response(id, down)));
  }

 private:
  Self self_;
  Notes* notes_;
  RequestIds<Add, std::string> ids_;
};

Behaviour asks_in_a_server(Self self, Notes* notes) {
  auto starting = start<Asker>(self, notes);
  const auto asker = co_await starting;
  const Pid pid = co_await slow(self);
  self.cast<Ask>(asker.pid, pid);
  co_await self.sleep(Duration::milliseconds(50));
  self.exit(pid, Term(atoms::kill));
  self.cast<Ask>(asker.pid, pid);
}

// Hands each request to a process of its own.
class Manager {
 public:
  using Accepts = Messages<Add>;
  explicit Manager(Self self) : self_(self) {}
  void handle(Request<Add> request) { self_.spawn<&worker>(std::move(request)); }

 private:
  static Behaviour worker(Self self, Request<Add> request) {
    co_await self.sleep(Duration::milliseconds(10));
    self.reply(request, request.value.a * 2);
  }
  Self self_;
};

Behaviour is_answered_by_another(Self self, Notes* notes) {
  auto starting = start<Manager>(self);
  const auto manager = co_await starting;
  const std::int64_t answer = co_await self.call<Add>(manager.pid, 21, 0);
  notes->push_back(std::to_string(answer));
  co_await self.sleep(Duration::milliseconds(10));
  const auto* kept = self.node().find(manager.pid)->relations_if_any();
  notes->push_back(std::to_string(kept->monitored_by.size()) + " watch");
}

Behaviour asks_one_who_passes_on(Self self, Notes* notes) {
  auto starting = start<Manager>(self);
  const auto manager = co_await starting;
  const auto request = send_request<Add>(self, manager.pid, 21, 0);
  const CallResult<Add> answer = co_await receive_response(self, request);
  notes->push_back(text_of(answer));
  co_await self.sleep(Duration::milliseconds(10));
  const auto* kept = self.node().find(manager.pid)->relations_if_any();
  notes->push_back(std::to_string(kept->monitored_by.size()) + " watch");
}

// Responses are looked for behind what waited when the first of them was asked for. What is taken
// in between, from before that place and from behind it, must not lead past one.
Behaviour receives_in_between(Self self, Notes* notes) {
  const Pid pid = co_await slow(self);
  const auto told = [&] { self.send<Told>(self.pid(), "told"); };
  told();
  told();
  const auto first = send_request<Add>(self, pid, 1, 0);
  told();
  const auto second = send_request<Add>(self, pid, 2, 0);
  co_await self.sleep(Duration::milliseconds(1));
  const CallResult<Add> b = co_await receive_response(self, second);
  co_await self.receive<Told>();
  const auto third = send_request<Add>(self, pid, 3, 0);
  co_await self.sleep(Duration::milliseconds(1));
  const CallResult<Add> a = co_await receive_response(self, first);
  co_await self.receive<Told>();
  const auto fourth = send_request<Add>(self, pid, 4, 0);
  const CallResult<Add> c = co_await receive_response(self, third);
  const CallResult<Add> d = co_await receive_response(self, fourth);
  notes->push_back(text_of(a) + text_of(b) + text_of(c) + text_of(d));
  const auto last = co_await self.receive<Told>(Duration::zero());
  const auto none = co_await self.receive<Told>(Duration::zero());
  notes->push_back(last && !none ? "one is left" : "lost");
}

// The newest message is received between the making of the wait and the wait itself.
Behaviour receives_before_it_waits(Self self, Notes* notes) {
  const Pid pid = co_await slow(self);
  self.send<Told>(self.pid(), "told");
  const auto one = send_request<Add>(self, pid, 1, 10);
  RequestIds<Add> ids;
  ids.add(send_request<Add>(self, pid, 2, 10), Term());
  auto waiting = receive_response(self, one, Duration::seconds(1));
  auto collecting = receive_response(self, ids, Duration::seconds(1));
  co_await self.receive<Told>();
  const CallResult<Add> first = co_await waiting;
  const auto second = co_await collecting;
  notes->push_back(text_of(first) + " " + (second ? text_of(second->result) : "none"));
}

// A machine that says how it was told.
class Listener {
 public:
  enum class State : std::uint8_t { on };
  using Accepts = Messages<Told>;
  Listener(Self self, Notes* notes, Ref* alias) : notes_(notes) { *alias = self.alias(); }
  void handle(State, const gen_statem::CastEvent<Told>& event) {
    notes_->push_back("cast " + event.content.text);
  }
  void handle(State, const gen_statem::InfoEvent<Told>& event) {
    notes_->push_back("info " + event.content.text);
  }

 private:
  Notes* notes_;
};

Behaviour casts_to_a_machine(Self self, Notes* notes) {
  Ref alias;
  auto starting = gen_statem::start_link_as<Listener>(self, "listener"_atom, notes, &alias);
  const auto started = co_await starting;
  self.cast<Told>(started.pid, "typed");
  self.cast<Told>(started.pid.pid, "pid");
  self.cast<Told>("listener"_atom, "name");
  self.cast<Told>(To("listener"_atom, self.node().name()), "node");
  self.cast<Told>(alias, "alias");
  abcast<Told>(self, {self.node().name(), "b@h"_atom}, "listener"_atom, "abcast");
  self.cast<Told>("nobody"_atom, "lost");
  self.send<Told>("listener"_atom, "sent");
  co_await self.sleep(Duration::milliseconds(1));
}

Behaviour calls_again_after_a_time_out(Self self, Notes* notes) {
  const Pid pid = co_await slow(self);
  auto first = self.try_call<Add>(Duration::milliseconds(10), pid, 1, 100);
  const CallResult<Add> late = co_await first;
  auto second = self.try_call<Add>(Duration::seconds(1), pid, 2, 0);
  const CallResult<Add> good = co_await second;
  notes->push_back(text_of(late) + " " + text_of(good));
}

Behaviour calls_until(Self self, Notes* notes) {
  const Pid pid = co_await slow(self);
  try {
    auto call = self.call_until<Add>(self.now() + Duration::milliseconds(30), pid, 1, 100);
    co_await call;
  } catch (const ExitException& exit) {
    notes->push_back(text(exit.reason().element(0)) + " " +
                     text(exit.reason().element(1).element(2).element(1)) + " " +
                     text(exit.reason().element(1).element(2).element(2)));
  }
}

}  // namespace

TEST_CASE("a request that was passed on leaves nothing at whom it was sent to", "[gen_server]") {
  REQUIRE(notes_of<&asks_one_who_passes_on>() == Notes{"42", "0 watch"});
}

TEST_CASE("a response is found whatever was received meanwhile", "[gen_server]") {
  REQUIRE(notes_of<&receives_in_between>() == Notes{"2345", "one is left"});
}

TEST_CASE("a wait for a response may be made before others are received", "[request]") {
  REQUIRE(notes_of<&receives_before_it_waits>() == Notes{"2 3"});
}

TEST_CASE("a cast is one by whatever name it goes", "[request]") {
  REQUIRE(notes_of<&casts_to_a_machine>() == Notes{"cast typed", "cast pid", "cast name",
                                                   "cast node", "cast alias", "cast abcast",
                                                   "info sent"});
}

TEST_CASE("responses are received in any order, each once", "[request]") {
  REQUIRE(notes_of<asks_twice>() == Notes{"2 at 200", "3", "timeout"});
}

TEST_CASE("a request that was given up says nothing any more", "[request]") {
  REQUIRE(notes_of<gives_up>() == Notes{"timeout", "2", "timeout", "clean"});
}

TEST_CASE("who waits for a response hears why there is none", "[request]") {
  REQUIRE(notes_of<asks_the_dead>() == Notes{"noproc", "{nodedown,b@h}",
                                             "{runtime_error,<<\"failed\">>}",
                                             "{runtime_error,<<\"failed\">>}"});
}

TEST_CASE("a collection gives the next response with its label", "[request]") {
  REQUIRE(notes_of<collects>() ==
          Notes{"after 100: 101", "after 200: 201", "none, 1 left", "none, 0 left", "clean"});
}

TEST_CASE("a server takes responses among its messages", "[request]") {
  REQUIRE(notes_of<asks_in_a_server>() == Notes{"asked 8, 0", "down noproc"});
}

TEST_CASE("a call may be answered by another process than the called", "[gen_server]") {
  REQUIRE(notes_of<is_answered_by_another>() == Notes{"42", "0 watch"});
}

TEST_CASE("after a call that was too late the next one works", "[gen_server]") {
  REQUIRE(notes_of<calls_again_after_a_time_out>() == Notes{"timeout 3"});
}

TEST_CASE("a call until a point in time names its request and what was left", "[gen_server]") {
  REQUIRE(notes_of<calls_until>() == Notes{"timeout {add,1,100} 30"});
}

}  // namespace glasshouse::tests
