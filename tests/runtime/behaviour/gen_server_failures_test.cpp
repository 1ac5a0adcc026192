// What is told of a call that failed, and of a server that did.

#include "runtime/behaviour/gen_server.h"
#include "runtime/behaviour/sys.h"
#include "tests/catch.h"
#include "tests/runtime/failure_of.h"
#include "tests/runtime/notes_of.h"
#include "tests/runtime/observe/log_collector.h"

namespace glasshouse::tests {

using namespace runtime::literals;

namespace {

struct Order {
  using Reply = void;
  std::string text;
  std::int64_t count = 0;
  std::vector<std::int64_t> parts;
  Term note;
};
struct Break {
  Atom why;
};

class Shop {
 public:
  using Accepts = Messages<Order, Break>;
  explicit Shop(Self self) : self_(self) {}
  Task<void> handle(Order) { co_await self_.sleep(1_s); }
  void handle(Break told) { throw ExitException(told.why); }
  Term describe() const { return Term("open"_atom); }

 private:
  Self self_;
};

Task<void> order(Self self, Pid shop, std::string what) {
  auto asking = self.call_within<Order>(10_ms, shop, std::move(what), 7,
                                        std::vector<std::int64_t>{1, 2}, Term("soon"_atom));
  co_await asking;
}

Behaviour gives_up_a_large_call(Self self, Notes* notes) {
  auto starting = start<Shop>(self);
  const auto shop = co_await starting;
  for (const char* what : {"tea", "once upon a time there was"}) {
    auto failing = failure_of(order(self, shop.pid.pid, what));
    const Term reason = co_await failing;
    notes->push_back(text(reason.element(0)) + " " +
                     text(reason.element(1).element(2).as_list()[1]));
  }
}

Behaviour breaks_a_shop(Self self, bool with_log) {
  auto starting = start<Shop>(self);
  const auto shop = co_await starting;
  if (with_log) {
    auto logging = sys::log(self, shop.pid.pid, 5);
    co_await logging;
  }
  self.cast<Break>(shop.pid, "fire"_atom);
}

std::string log_in_report(bool with_log) {
  OneNode one;
  const auto log = collect(one.node().logger(), "log"_atom);
  one.spawn<&breaks_a_shop>(with_log);
  one.run();
  const auto reports = log->labelled("{gen_server,terminate}");
  REQUIRE(reports.size() == 1);
  const Term* const events = reports.front().message.find("log"_atom);
  return events == nullptr ? "no log" : text(*events);
}

// Of the type of a call, but nobody asks.
Behaviour sends_orders(Self self, Notes* notes) {
  auto starting = start<Shop>(self);
  const auto shop = co_await starting;
  const std::vector<std::int64_t> parts;
  self.send<Order>(shop.pid, "sent", 1, parts, Term());
  self.send_after<Order>(1_ms, shop.pid, "later", 2, parts, Term());
  co_await self.sleep(2_ms);
  auto asking = self.try_call<Order>(2_s, shop.pid, "asked", 3, parts, Term());
  const CallResult<Order> asked = co_await asking;
  notes->push_back((asked ? "answered at " : "failed at ") +
                   std::to_string(self.now().since_origin() / 1_ms));
}

std::string abbreviated(std::string_view all) {
  return std::string(runtime::detail::AbbreviatedText(all).term().as_bytes());
}

}  // namespace

TEST_CASE("a large request that fails is named by its small fields and beginnings",
          "[gen_server]") {
  REQUIRE(notes_of<gives_up_a_large_call>() ==
          Notes{"timeout {order,<<\"tea\">>,7,'...',soon}",
                "timeout {order,<<\"once upon a time there...\">>,7,'...',soon}"});
}

TEST_CASE("a text is cut between characters, and only if it is too long", "[gen_server]") {
  REQUIRE(abbreviated("") == "");
  REQUIRE(abbreviated("twenty-two characters!") == "twenty-two characters!");
  REQUIRE(abbreviated("twenty-three characters") == "twenty-three character...");
  REQUIRE(abbreviated("twenty-one characters\u00e9") == "twenty-one characters...");
  REQUIRE(abbreviated("twenty characters ..\u00e9!") == "twenty characters ..\u00e9...");
}

TEST_CASE("the type of a call that is only sent has no handler and is dropped", "[gen_server]") {
  OneNode one;
  Notes notes;
  const auto log = collect(one.node().logger(), "log"_atom);
  one.spawn<&sends_orders>(&notes);
  one.run();
  REQUIRE(notes == Notes{"answered at 1002"});
  REQUIRE(log->lines() ==
          Notes{"warning an unexpected message was dropped: {order,<<\"sent\">>,1,[],undefined}",
                "warning an unexpected message was dropped: {order,<<\"later\">>,2,[],undefined}"});
}

TEST_CASE("the report of a server that fails has what sys has logged", "[gen_server]") {
  REQUIRE(log_in_report(false) == "[]");
  REQUIRE(log_in_report(true) == "[{in,{'$gen_cast',{break,fire}}}]");
}

}  // namespace glasshouse::tests
