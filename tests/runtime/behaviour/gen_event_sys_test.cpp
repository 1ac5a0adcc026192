// What sys is told of an event manager, and how it changes the handlers.

#include "runtime/behaviour/debug_text.h"
#include "runtime/behaviour/gen_event.h"
#include "runtime/behaviour/sys.h"
#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

using namespace runtime::literals;
using gen_event::IdOf;

namespace {

struct Sold {
  std::int64_t count = 0;
};
struct Total {
  using Reply = std::int64_t;
};

class Meter {
 public:
  using Accepts = Messages<Sold, Total>;
  explicit Meter(std::int64_t start) : total_(start) {}
  void handle(const Sold& sold) { total_ += sold.count; }
  std::int64_t handle(const Total&) { return total_; }
  Term code_change(const Term&, const Term& extra) {
    total_ += 100;
    return Term(total_) == extra ? Term("no"_atom) : Term(atoms::ok);
  }
  Term describe() const { return Term(total_); }

 private:
  std::int64_t total_;
};

struct Plain {
  using Accepts = Messages<Sold>;
  void handle(const Sold&) {}
};

Task<Pid> manager_with_meters(Self self) {
  auto starting = gen_event::start(self, "shop"_atom);
  const Started started = co_await starting;
  for (const std::int64_t start : {1, 2}) {
    auto adding = gen_event::add_handler(self, started.pid, IdOf<Meter>{Term(start)}, start);
    static_cast<void>(co_await adding);
  }
  auto adding = gen_event::add_handler(self, started.pid, IdOf<Plain>());
  static_cast<void>(co_await adding);
  co_return started.pid;
}

Behaviour reads_the_log(Self self, Notes* notes) {
  const Pid pid = co_await manager_with_meters(self);
  auto logging = sys::log(self, pid, 100);
  co_await logging;
  gen_event::notify<Sold>(self, pid, 3);
  auto telling = gen_event::sync_notify<Sold>(self, pid, 4);
  co_await telling;
  auto asking = gen_event::call<Total>(self, pid, IdOf<Meter>{Term(1)});
  static_cast<void>(co_await asking);
  self.send<Sold>(pid, 5);
  auto listing = gen_event::which_handlers(self, pid);
  static_cast<void>(co_await listing);
  auto reading = sys::get_log(self, pid);
  const Term events = co_await reading;
  for (const Term& event : events.as_list()) {
    std::string line = system_event_text(Term("shop"_atom), event);
    if (const auto place = line.find(text(Term(self.pid()))); place != std::string::npos) {
      line.resize(place);
    }
    notes->push_back(line);
    const Term& what = event.element(1);
    if (what.size() == 3) notes->push_back(text(what.element(2)));
  }
}

Task<std::string> change(Self self, Pid pid, std::string_view module, Term extra) {
  auto changing = sys::change_code(self, pid, Term(Atom(module)), Term("old"_atom), extra);
  const Term answer = co_await changing;
  auto looking = sys::get_state(self, pid);
  const Term state = co_await looking;
  co_return text(answer) + " " + text(state);
}

Behaviour changes_code(Self self, Notes* notes) {
  const Pid pid = co_await manager_with_meters(self);
  auto suspending = sys::suspend(self, pid);
  co_await suspending;
  for (const auto& [module, extra] : {std::pair("meter", Term(101)), std::pair("meter", Term(0)),
                                      std::pair("nobody", Term(0)), std::pair("plain", Term(0))}) {
    auto changing = change(self, pid, module, extra);
    notes->push_back(co_await changing);
  }
}

}  // namespace

TEST_CASE("sys is told of what comes to an event manager", "[gen_event]") {
  REQUIRE(notes_of<reads_the_log>() ==
          Notes{"*DBG* shop got event {sold,3}", "*DBG* shop got {", "{sync_notify,{sold,4}}",
                "*DBG* shop({meter,1}) got call total", "{call,{meter,1},total}",
                "*DBG* shop got {sold,5}", "*DBG* shop got {", "which_handlers"});
}

TEST_CASE("code_change changes all handlers of a class or none of them", "[gen_event]") {
  REQUIRE(notes_of<changes_code>() ==
          Notes{"{error,{'EXIT',{badmatch,no}}} [{plain,false,#{}},{meter,2,2},{meter,1,1}]",
                "ok [{plain,false,#{}},{meter,2,102},{meter,1,101}]",
                "ok [{plain,false,#{}},{meter,2,102},{meter,1,101}]",
                "{error,{'EXIT',undef}} [{plain,false,#{}},{meter,2,102},{meter,1,101}]"});
}

}  // namespace glasshouse::tests
