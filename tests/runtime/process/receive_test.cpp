#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

namespace {

struct Number {
  int value = 0;
};
struct Word {
  std::string text;
};

void note_number(Notes* notes, const Number& number) {
  notes->push_back(std::to_string(number.value));
}

Behaviour takes_out_of_order(Self self, Notes* notes) {
  for (int i = 1; i <= 4; ++i)
    self.send<Number>(self.pid(), i);
  self.send<Word>(self.pid(), "word");
  self.send<Number>(self.pid(), 5);
  Word word = co_await self.receive<Word>();
  notes->push_back(word.text);
  const auto is_three = [](const Number& number) { return number.value == 3; };
  auto third = self.receive_if<Number>(is_three);
  const auto three = co_await third;
  note_number(notes, *three);
  for (int i = 0; i < 4; ++i) {
    Number number = co_await self.receive<Number>();
    note_number(notes, number);
  }
}

Behaviour fails_to_choose(Self self, Notes* notes) {
  self.send<Number>(self.pid(), 1);
  self.send_after<Number>(Duration::milliseconds(10), self.pid(), 2);
  self.send_after<Number>(Duration::milliseconds(20), self.pid(), 3);
  const auto needs_three = [](const Number& number) {
    if (number.value != 3) throw std::runtime_error("not three");
    return true;
  };
  auto third = self.receive_if<Number>(needs_three);
  const auto three = co_await third;
  note_number(notes, *three);
  for (int i = 0; i < 2; ++i) {
    const Number number = co_await self.receive<Number>();
    note_number(notes, number);
  }
}

Behaviour looks_with_zero(Self self, Notes* notes) {
  self.send<Number>(self.pid(), 1);
  const auto first = co_await self.receive<Number>(Duration::zero());
  notes->push_back(first ? "got" : "timeout");
  self.send<Word>(self.pid(), "stays");
  const auto second = co_await self.receive<Number>(Duration::zero());
  notes->push_back(second ? "got" : "timeout");
  Word word = co_await self.receive<Word>();
  notes->push_back(word.text);
}

Behaviour chatters(Self self, Pid to) {
  for (int i = 0; i < 5; ++i) {
    self.send<Word>(to, "noise");
    co_await self.sleep(Duration::milliseconds(300));
  }
}

Behaviour is_not_put_off(Self self, Notes* notes) {
  self.spawn<&chatters>(self.pid());
  const Instant began = self.now();
  const auto none = co_await self.receive<Number>(Duration::seconds(1));
  REQUIRE_FALSE(none);
  const Duration waited = self.now() - began;
  REQUIRE(waited >= Duration::seconds(1));
  REQUIRE(waited < Duration::milliseconds(1100));
  notes->push_back("timeout");
}

Behaviour timers_in_order(Self self, Notes* notes) {
  const Instant began = self.now();
  for (const int ms : {60, 10, 120, 30, 90}) {
    self.send_after<Number>(Duration::milliseconds(ms), self.pid(), ms);
  }
  for (int i = 0; i < 5; ++i) {
    Number number = co_await self.receive<Number>();
    REQUIRE(self.now() - began >= Duration::milliseconds(number.value));
    note_number(notes, number);
  }
}

Behaviour cancels(Self self, Notes* notes) {
  const TimerId timer = self.send_after<Number>(Duration::seconds(5), self.pid(), 1);
  co_await self.sleep(Duration::seconds(1));
  const auto read = self.read_timer(timer);
  REQUIRE(read);
  REQUIRE(*read <= Duration::seconds(4));
  REQUIRE(self.cancel_timer(timer));
  REQUIRE_FALSE(self.cancel_timer(timer));
  REQUIRE_FALSE(self.read_timer(timer));
  const TimerId late = self.send_after<Number>(Duration::milliseconds(1), self.pid(), 2);
  co_await self.sleep(Duration::seconds(1));
  REQUIRE_FALSE(self.cancel_timer(late));
  Number number = co_await self.receive<Number>();
  note_number(notes, number);
}

Behaviour creates_a_timer_and_goes(Self self, Pid to) {
  self.send_after<Number>(Duration::seconds(1), to, 7);
  co_return;
}

Behaviour outlives_a_creator(Self self, Notes* notes) {
  self.spawn<&creates_a_timer_and_goes>(self.pid());
  Number number = co_await self.receive<Number>();
  note_number(notes, number);
}

Behaviour blocks(Self self, Notes* notes) {
  auto sum = self.blocking([] { return 40 + 2; });
  const int value = co_await sum;
  notes->push_back(std::to_string(value));
  auto fails = self.blocking([]() -> int { throw ExitException(Term("disk_gone"_atom)); });
  co_await fails;
}

}  // namespace

TEST_CASE("what a receive passes over stays in its order", "[receive][RCV-003][RCV-004]") {
  REQUIRE(notes_of_all_gone<&takes_out_of_order>() == Notes{"word", "3", "1", "2", "4", "5"});
}

TEST_CASE("a guard that throws does not match", "[receive][RCV-004]") {
  REQUIRE(notes_of_all_gone<&fails_to_choose>() == Notes{"3", "1", "2"});
}

TEST_CASE("a zero time-out looks at the mailbox first", "[receive][RCV-005]") {
  REQUIRE(notes_of_all_gone<&looks_with_zero>() == Notes{"got", "timeout", "stays"});
}

TEST_CASE("messages that do not match do not put a time-out off", "[receive]") {
  REQUIRE(notes_of_all_gone<&is_not_put_off>() == Notes{"timeout"});
}

TEST_CASE("timers fire in the order of their deadlines, never early", "[timers][RCV-014]") {
  REQUIRE(notes_of_all_gone<&timers_in_order>() == Notes{"10", "30", "60", "90", "120"});
}

TEST_CASE("cancel_timer says what was left, and takes nothing back", "[timers][RCV-010]") {
  REQUIRE(notes_of_all_gone<&cancels>() == Notes{"2"});
}

TEST_CASE("a timer belongs to its destination, not to its creator", "[timers]") {
  REQUIRE(notes_of_all_gone<&outlives_a_creator>() == Notes{"7"});
}

TEST_CASE("a blocking job answers with its value, or throws in the process", "[blocking]") {
  REQUIRE(notes_of_all_gone<&blocks>() == Notes{"42"});
}

}  // namespace glasshouse::tests
