// The snippets of docs/manual/gen_event.md.

#include "runtime/behaviour/gen_event.h"

#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests::manual {

namespace {

// region handlers
struct Sold {
  std::string what;
  std::int64_t amount = 0;
};
struct Total {
  using Reply = std::int64_t;
};

// Counts, and can be asked.
class Till {
 public:
  using Accepts = Messages<Sold, Total>;
  void handle(const Sold& sold) { total_ += sold.amount; }
  std::int64_t handle(const Total&) { return total_; }

  // What delete_handler answers, and what a swap hands on.
  Term terminate(const Term&) { return Term(total_); }

 protected:
  std::int64_t total_ = 0;
};

// The till of the next day goes on with the amount of the former one.
class NextTill : public Till {
 public:
  explicit NextTill(gen_event::Swapped before) { total_ = before.result.as_integer().value_or(0); }
};

// Says once that something dear was sold, and takes itself out.
class Bell {
 public:
  using Accepts = Messages<Sold>;
  Bell(Self self, std::int64_t limit) : self_(self), limit_(limit) {}
  gen_event::Result handle(const Sold& sold) {
    if (sold.amount < limit_) return gen_event::ok();
    self_.probe("dear"_atom, sold.amount);
    return gen_event::remove_handler();
  }

 private:
  Self self_;
  std::int64_t limit_;
};
// endregion

// region use
Behaviour shop(Self self, Notes* notes) {
  Started started = co_await gen_event::start_link(self, "sales"_atom);
  Pid sales = started.pid;
  Term till = co_await gen_event::add_handler(self, sales, gen_event::IdOf<Till>());
  Term bell = co_await gen_event::add_handler(self, sales, gen_event::IdOf<Bell>(), 100);
  if (till != Term(atoms::ok) || bell != Term(atoms::ok)) self.exit("no_handlers"_atom);

  gen_event::notify<Sold>(self, sales, "tea", 3);
  co_await gen_event::sync_notify<Sold>(self, sales, "teapot", 120);  // all have handled it

  auto total = co_await gen_event::call<Total>(self, sales, gen_event::IdOf<Till>());
  notes->push_back(total ? std::to_string(*total.value) : to_string(total.failure));
  Term handlers = co_await gen_event::which_handlers(self, sales);
  notes->push_back(to_string(handlers));
}
// endregion

// region swap
Task<Term> next_day(Self self, Pid sales) {
  using gen_event::IdOf;
  auto swapping =
      gen_event::swap_handler(self, sales, IdOf<Till>(), Term("day_ends"_atom), IdOf<NextTill>());
  co_return co_await swapping;
}
// endregion

// region supervised
struct Overheard {
  std::string what;
};
class Tap {
 public:
  using Accepts = Messages<Sold>;
  Tap(Self self, Pid listener) : self_(self), listener_(listener) {}
  void handle(const Sold& sold) { self_.send<Overheard>(listener_, sold.what); }

 private:
  Self self_;
  Pid listener_;
};

// The tap ends with this process; if it ends before, this process is told why.
Behaviour listener(Self self, Pid sales, Notes* notes) {
  auto adding =
      gen_event::add_sup_handler(self, sales, gen_event::IdOf<Tap>{Term(self.pid())}, self.pid());
  Term added = co_await adding;
  if (added != Term(atoms::ok)) self.exit(added);
  for (;;) {
    auto next = co_await self.receive<Overheard, gen_event::HandlerExit>();
    if (auto* exit = std::get_if<gen_event::HandlerExit>(&next)) {
      notes->push_back("over: " + to_string(exit->reason));
      co_return;
    }
    notes->push_back(std::get<Overheard>(next).what);
  }
}
// endregion

Behaviour goes_on(Self self, Notes* notes) {
  Started started = co_await gen_event::start_link(self);
  Pid sales = started.pid;
  Term added = co_await gen_event::add_handler(self, sales, gen_event::IdOf<Till>());
  if (added != Term(atoms::ok)) self.exit(added);
  co_await gen_event::sync_notify<Sold>(self, sales, "tea", 3);
  Term swapped = co_await next_day(self, sales);
  co_await gen_event::sync_notify<Sold>(self, sales, "milk", 4);
  auto total = co_await gen_event::call<Total>(self, sales, gen_event::IdOf<NextTill>());
  notes->push_back(to_string(swapped) + " " + std::to_string(total.value.value_or(0)));
}

Behaviour is_overheard(Self self, Notes* notes) {
  Started started = co_await gen_event::start(self);
  Pid sales = started.pid;
  self.spawn<&listener>(sales, notes);
  co_await self.sleep(Duration::milliseconds(1));
  co_await gen_event::sync_notify<Sold>(self, sales, "tea", 3);
  co_await gen_event::stop(self, sales);
}

}  // namespace

TEST_CASE("handlers of one manager see the same events", "[manual]") {
  REQUIRE(notes_of<&shop>() == Notes{"123", "[till]"});
}

TEST_CASE("a swap hands on what was counted", "[manual]") {
  REQUIRE(notes_of<&goes_on>() == Notes{"ok 7"});
}

TEST_CASE("a supervised handler tells its owner why it ended", "[manual]") {
  REQUIRE(notes_of<&is_overheard>() == Notes{"tea", "over: shutdown"});
}

}  // namespace glasshouse::tests::manual
