#include "tests/conformance/both_worlds.h"

#include <utility>

#include "sim/world.h"
#include "tests/stress/many_cores.h"

namespace glasshouse::conformance {

namespace {

std::string joined(const std::vector<std::string>& notes) {
  std::string all;
  for (const std::string& text : notes) {
    if (!all.empty()) all += ' ';
    all += text;
  }
  return all;
}

}  // namespace

void Verdict::equal(const Term& actual, std::string_view expected) {
  equal(std::string_view(to_string(actual)), expected);
}

void Verdict::equal(std::string_view actual, std::string_view expected) {
  const std::scoped_lock lock(mutex_);
  ++judged_;
  if (actual == expected) return;
  failures_.push_back("got " + std::string(actual) + ", expected " + std::string(expected));
}

void Verdict::holds(bool condition, std::string_view what) {
  const std::scoped_lock lock(mutex_);
  ++judged_;
  if (!condition) failures_.push_back("does not hold: " + std::string(what));
}

void Verdict::note(std::string text) {
  const std::scoped_lock lock(mutex_);
  notes_.push_back(std::move(text));
}

std::string Verdict::notes() const {
  const std::scoped_lock lock(mutex_);
  return joined(notes_);
}

std::string Verdict::take_notes() {
  const std::scoped_lock lock(mutex_);
  return joined(std::exchange(notes_, {}));
}

int Verdict::judged() const {
  const std::scoped_lock lock(mutex_);
  return judged_;
}

std::vector<std::string> Verdict::failures() const {
  const std::scoped_lock lock(mutex_);
  return failures_;
}

Task<void> expect_notes(Self self, Verdict* verdict, std::string_view expected) {
  constexpr int looks = 2'000;  // 10 s, at least
  for (int i = 0; i < looks && verdict->notes() != expected; ++i)
    co_await self.sleep(5_ms);
  verdict->equal(verdict->take_notes(), expected);
}

namespace {

void expect_good(const Verdict& verdict, const Term& reason) {
  std::string all;
  for (const std::string& failure : verdict.failures())
    all += "  " + failure + "\n";
  INFO(all);
  REQUIRE(verdict.failures().empty());
  REQUIRE(to_string(reason) == "normal");
  REQUIRE(verdict.judged() > 0);
}

// Runs beside the case and notes how it ended.
Behaviour overseer(Self self, CaseBody body, Verdict* verdict, std::optional<Term>* end) {
  body(self, verdict);
  auto next = self.receive<Down>();
  Down down = co_await next;
  *end = std::move(down.reason);
}

void run_seed(CaseBody body, std::uint64_t seed) {
  Verdict verdict;
  std::optional<Term> end;
  {
    sim::WorldOptions options;
    options.seed = seed;
    sim::World world(options);
    const sim::HostId host = world.add_host("h");
    world.start_node(host, "a@h", [&](Node& node) { node.spawn<overseer>(body, &verdict, &end); });
    world.run_while([&] { return !end.has_value(); });
  }
  INFO("seed " << seed);
  expect_good(verdict, end.value_or(Term(Atom("the case waits for ever"))));
}

}  // namespace

void run_simulated(CaseBody body) {
  for (int seed = 1; seed <= seeds_of_a_case; ++seed)
    run_seed(body, static_cast<std::uint64_t>(seed));
}

void run_on_cores(CaseBody body) {
  Verdict verdict;
  std::optional<Term> end;
  stress::ManyCores cores(2);
  cores.expect_normal_exit<&overseer>(body, &verdict, &end);
  expect_good(verdict, end.value_or(Term()));
}

}  // namespace glasshouse::conformance
