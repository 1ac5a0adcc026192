// The snippets of docs/manual/gen_server.md, run.

#include "runtime/behaviour/gen_server.h"

#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests::manual {

namespace {

// region messages
struct Lookup {
  using Reply = std::string;
  std::int64_t key = 0;
};
struct Load {
  std::int64_t from = 0;
};
struct Fetch {
  using Reply = std::string;
  std::int64_t key = 0;
};
// endregion

// region continue
class Cache {
 public:
  using Accepts = Messages<Lookup, Load>;

  explicit Cache(Self self) : self_(self) {
    self_.continue_with<Load>(0);  // the starter goes on at once; nobody is served before
  }

  void handle(Load load) {
    for (std::int64_t key = load.from; key < load.from + 100; ++key)
      rows_[key] = "row " + std::to_string(key);
    if (load.from < 900) self_.continue_with<Load>(load.from + 100);
  }
  std::string handle(Lookup lookup) const { return rows_.at(lookup.key); }

 private:
  Self self_;
  std::map<std::int64_t, std::string> rows_;
};
// endregion

Task<std::string> read_slowly(Self self, std::int64_t key) {
  co_await self.sleep(10_ms);
  co_return "row " + std::to_string(key);
}

// region reply
class Reader {
 public:
  using Accepts = Messages<Fetch>;
  explicit Reader(Self self) : self_(self) {}

  // The server goes on; the process that does the work answers.
  void handle(Request<Fetch> request) { self_.spawn_link<&worker>(std::move(request)); }

 private:
  static Behaviour worker(Self self, Request<Fetch> request) {
    std::string row = co_await read_slowly(self, request.value.key);
    self.reply(request, std::move(row));
  }
  Self self_;
};
// endregion

// region timeout
class Session {
 public:
  using Accepts = Messages<Fetch, Timeout>;
  explicit Session(Self self) : self_(self) { self_.set_timeout(30_s); }

  std::string handle(Fetch fetch) {
    self_.set_timeout(30_s);  // any message ends the time-out: ask for it again
    return std::to_string(fetch.key);
  }
  void handle(Timeout) { self_.stop(Term(atoms::normal)); }

 private:
  Self self_;
};
// endregion

// region requests
Behaviour asks_three(Self self, std::vector<PidOf<Reader>> readers, Notes* notes) {
  RequestIds<Fetch, std::int64_t> open;
  std::int64_t key = 0;
  for (const PidOf<Reader> reader : readers) {
    open.add(send_request<Fetch>(self, reader, key), key);
    ++key;
  }
  while (!open.empty()) {
    auto waiting = receive_response(self, open, 1_s);
    auto next = co_await waiting;
    if (!next) break;  // too late: what is left has been given up
    notes->push_back(next->result ? *next->result.value : to_string(next->result.failure));
  }
}
// endregion

// region start
Behaviour boss(Self self, Notes* notes) {
  const ServerOptions options{.name = "session"_atom, .link = false, .monitor = true};
  auto starting = start_with<Session>(self, options);
  auto session = co_await starting;
  if (!session) self.exit(session.error);
  std::string row = co_await self.call_until<Fetch>(self.now() + 1_s, "session"_atom, 7);
  notes->push_back(row);
  auto stopping = stop(self, session.pid);  // through its terminate; waits until it is gone
  co_await stopping;
}
// endregion

// region hibernate_after
Behaviour quiet_boss(Self self) {
  const ServerOptions options{.name = "session"_atom, .hibernate_after = 1_min};
  auto starting = start_with<Session>(self, options);
  static_cast<void>(co_await starting);
}
// As a child of a supervisor:
StartFunction quiet_cache() {
  return child_with<Cache>({.name = "cache"_atom, .hibernate_after = 1_min});
}
// endregion

// region enter_loop
Behaviour prepares(Self self) {
  self.register_name("cache"_atom);
  proc_lib::init_ack(self);  // who waits for proc_lib::start_link goes on
  auto loop = enter_loop<Cache>(self, "cache"_atom);
  co_await loop;
}
// endregion

Behaviour uses_the_cache(Self self, Notes* notes) {
  auto starting = proc_lib::start_link<&prepares>(self);
  co_await starting;
  notes->push_back(co_await self.call<Lookup>("cache"_atom, 950));
  auto stopping = stop(self, "cache"_atom);
  co_await stopping;
}

Behaviour uses_the_quiet(Self self, Notes* notes) {
  SupervisorSpec spec;
  spec.children.push_back({.id = "cache"_atom, .start = quiet_cache()});
  co_await start_supervisor(self, spec);
  co_await self.sleep(Duration::seconds(61));
  notes->push_back(co_await self.call<Lookup>("cache"_atom, 950));
  self.spawn<&quiet_boss>();
}

Behaviour reads(Self self, Notes* notes) {
  std::vector<PidOf<Reader>> readers;
  for (int i = 0; i < 3; ++i) {
    const auto reader = co_await start<Reader>(self);
    readers.push_back(reader.pid);
  }
  self.spawn_link<&asks_three>(readers, notes);
  co_await self.sleep(1_s);
}

}  // namespace

TEST_CASE("the manual's cache is loaded before it is asked", "[manual]") {
  REQUIRE(notes_of<uses_the_cache>() == Notes{"row 950"});
}

TEST_CASE("the manual's readers answer at their own time", "[manual]") {
  Notes notes = notes_of<reads>();
  std::sort(notes.begin(), notes.end());
  REQUIRE(notes == Notes{"row 0", "row 1", "row 2"});
}

TEST_CASE("the manual's quiet servers answer when they are asked", "[manual]") {
  REQUIRE(notes_of<uses_the_quiet>() == Notes{"row 950"});
}

TEST_CASE("the manual's session is stopped in order", "[manual]") {
  REQUIRE(notes_of<boss>() == Notes{"7"});
}

}  // namespace glasshouse::tests::manual
