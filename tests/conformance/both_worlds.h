#pragma once
// Cases of conformance with Erlang/OTP: each is a process body that runs in both worlds.
//
//   Behaviour returning_is_normal(Self self, Verdict* verdict) {
//     ...
//     verdict->equal(reason, "normal");
//   }
//   CONFORMANCE("PRC-002", "returning from the entry function is exit reason normal",
//               returning_is_normal)
//
// The simulated form runs under `seeds_of_a_case` seeds, which are as many schedules. The body may
// spawn what it likes; the case is over when the body returns, and fails if it crashes, is still
// waiting when nothing is due, or has judged nothing. docs/conformance.md is made from the names.
//
// Threads: a Verdict may be told from any process.

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/behaviour/supervisor.h"
#include "runtime/process/self.h"
#include "runtime/term/print.h"
#include "tests/catch.h"

namespace glasshouse::conformance {

using namespace runtime;
using namespace runtime::literals;

inline constexpr int seeds_of_a_case = 20;

// What a case found. Terms are compared as Erlang prints them.
class Verdict {
 public:
  void equal(const Term& actual, std::string_view expected);
  void equal(std::string_view actual, std::string_view expected);
  void holds(bool condition, std::string_view what);

  // For the order in which things happen: says something, in the order said.
  void note(std::string text);
  // All that was noted so far, with spaces between.
  std::string notes() const;
  // The same, and begins anew.
  std::string take_notes();

  int judged() const;
  std::vector<std::string> failures() const;

 private:
  mutable std::mutex mutex_;
  int judged_ = 0;
  std::vector<std::string> notes_;
  std::vector<std::string> failures_;
};

// Takes the notes when they are as expected, or when that takes far too long. What comes on top of
// them afterwards is in the notes that are taken next.
Task<void> expect_notes(Self self, Verdict* verdict, std::string_view expected);

// Spawns the case, monitored: no end is too early to be seen.
using CaseBody = void (*)(Self, Verdict*);

// Both fail the running test where the case does not hold.
void run_simulated(CaseBody body);
void run_on_cores(CaseBody body);

template <auto Body>
void spawn_case(Self self, Verdict* verdict) {
  self.spawn_monitor<Body>(verdict);
}

}  // namespace glasshouse::conformance

#define CONFORMANCE_SIMULATED(id, law, body)                                                 \
  TEST_CASE(id " " law ", simulated", "[conformance]") {                                     \
    ::glasshouse::conformance::run_simulated(&::glasshouse::conformance::spawn_case<&body>); \
  }
#define CONFORMANCE_ON_CORES(id, law, body)                                                 \
  TEST_CASE(id " " law ", on many cores", "[conformance][threads]") {                       \
    ::glasshouse::conformance::run_on_cores(&::glasshouse::conformance::spawn_case<&body>); \
  }
// A case that makes sense in both worlds: nearly all.
#define CONFORMANCE(id, law, body)     \
  CONFORMANCE_SIMULATED(id, law, body) \
  CONFORMANCE_ON_CORES(id, law, body)
