#pragma once
// Races with two outcomes. Two things happen at the same time; OTP's rules allow two outcomes and
// no third. A race is a few lines that say what came out:
//
//   Task<std::string> two_senders(Self self) {
//     start<&says>(self, self.pid(), 1);
//     start<&says>(self, self.pid(), 2);
//     return numbers(self, 2);
//   }
//   LITMUS("messages of two senders come in either order", "12", "21", two_senders)
//
// In the simulator many seeds run, until both outcomes were seen; on real cores many rounds, of
// which nothing is asked but that there is no third outcome.

#include <string>
#include <string_view>
#include <utility>

#include "runtime/process/self.h"
#include "runtime/term/print.h"
#include "tests/catch.h"

namespace glasshouse::litmus {

using namespace runtime;
using namespace runtime::literals;

// Each race runs under at least the first and at most the second number of seeds.
inline constexpr int seeds_least = 200;
inline constexpr int seeds_most = 5000;
inline constexpr int rounds_on_cores = 100;

struct Outcomes {
  std::string_view one;
  std::string_view other;
};
using Arena = Pid (*)(Node& node, std::string* outcome);

// Fail the running test.
void race_simulated(Arena arena, Outcomes allowed);
void race_on_cores(Arena arena, Outcomes allowed);

// -- what races are made of -----------------------------------------------------------------------

struct Go {};
struct Done {};
struct Number {
  int value = 0;
};
struct Said {
  std::string text;
};

namespace detail {
template <auto Action, class... Args>
Behaviour doing(Self self, Args... args) {
  Action(self, args...);
  self.send<Done>(self.parent());
  co_return;
}
template <auto Race>
Behaviour arena(Self self, std::string* outcome) {
  auto race = Race(self);
  *outcome = co_await race;
}
template <auto Race>
Pid spawn_arena(Node& node, std::string* outcome) {
  return node.spawn<&arena<Race>>(outcome);
}
}  // namespace detail

// A process that does `Action`, a plain function, and then says Done to its parent.
template <auto Action, class... Args>
Pid start(Self self, Args... args) {
  return self.spawn<&detail::doing<Action, Args...>>(args...);
}

// Waits for that many Done.
Task<void> done(Self self, int count);
// After the Down of one who says a number as the last thing: yes or no, unless it ended `normal`
// without having said it.
Task<std::string> came_before_the_end(Self self);
// The next numbers, in the order of arrival, as one text.
Task<std::string> numbers(Self self, int count);
// "yes" if a Number comes at all; REQUIRES: whoever would send it is through.
Task<std::string> any_number(Self self);
Task<std::string> what_was_said(Self self);
Task<std::string> down_reason(Self self);
Task<std::string> exit_reason(Self self);
// The value of an item.
Task<std::string> info(Self self, Pid whom, Atom item);

// A name that no other round has.
Atom fresh_name(Self self);

// Actions.
void says(Self self, Pid to, int value);
void says_to_name(Self self, Atom to, int value);
void says_to_alias(Self self, Ref to, int value);
void goes(Self self, Pid to);
void exits(Self self, Pid whom, Atom reason);

// Waits for Go, and ends with that reason.
Behaviour ends(Self self, Atom reason);
inline std::string text(bool yes) {
  return yes ? "yes" : "no";
}

}  // namespace glasshouse::litmus

#define LITMUS(law, one, other, race)                                                       \
  TEST_CASE(law ", simulated", "[litmus]") {                                                \
    ::glasshouse::litmus::race_simulated(&::glasshouse::litmus::detail::spawn_arena<&race>, \
                                         {one, other});                                     \
  }                                                                                         \
  TEST_CASE(law ", on many cores", "[litmus][threads]") {                                   \
    ::glasshouse::litmus::race_on_cores(&::glasshouse::litmus::detail::spawn_arena<&race>,  \
                                        {one, other});                                      \
  }
