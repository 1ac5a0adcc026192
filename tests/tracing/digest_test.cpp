#include "tracing/digest.h"

#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/tracing/trace_file.h"
#include "tracing/database.h"

namespace glasshouse::tracing {

namespace {

std::uint64_t digest_of(const std::vector<story::Told>& told) {
  Digest digest;
  for (const auto& one : told)
    digest.add(one.event, one.text);
  return digest.value();
}

// A recording with digests of a story of so many steps.
struct Digested {
  TraceFile file;

  explicit Digested(int steps, std::uint64_t kinds = runtime::all_event_kinds, bool finish = true) {
    auto recorder = recorder_to(file, {.path = {}, .kinds = kinds});
    DigestTracer digest({.next = recorder.get(),
                         .checkpoint_log2 = 8,
                         .checkpoint = [&](std::uint64_t events, std::uint64_t value) {
                           recorder->digest_point(events, value);
                         }});
    story::Story told(digest, 7);
    told.begin(4);
    told.run(steps);
    if (!finish) return;
    REQUIRE(
        recorder
            ->finish(
                {.words = "finished", .digest = digest.digest(), .digest_events = digest.events()})
            .ok());
  }

  // The same story again; `change` may spoil it on the way.
  template <class Change>
  std::optional<Divergence> replay(int steps, const Change& change) const {
    Reader reader = opened(file);
    auto comparator = value_of(Comparator::create({.recording = reader}));
    story::Story told(*comparator, 7);
    told.begin(4);
    for (int i = 0; i < steps; ++i) {
      change(told, i);
      told.step();
    }
    return value_of(comparator->finish());
  }
};

const auto unchanged = [](story::Story&, int) {};

void spoil(const TraceFile& file, const std::string& sql) {
  auto recorder = Database::create(file.path());
  REQUIRE(recorder.ok());
  REQUIRE((*recorder)->execute(sql).ok());
}

}  // namespace

TEST_CASE("equal events give an equal digest, and every field of an event matters", "[digest]") {
  story::Forgetful tracer;
  story::Story told(tracer, 7);
  told.begin(2);
  told.run(20);
  const auto& events = told.told();
  const std::uint64_t digest = digest_of(events);
  REQUIRE(digest_of(events) == digest);
  const auto differs = [&](const auto& change) {
    auto changed = events;
    change(changed[5].event);
    return digest_of(changed) != digest;
  };
  REQUIRE(differs([](auto& event) { event.kind = EventKind::probe; }));
  REQUIRE(differs([](auto& event) { event.node = 2; }));
  REQUIRE(differs([](auto& event) { event.name = runtime::Atom("another"); }));
  REQUIRE(differs([](auto& event) { event.time += Duration::nanoseconds(1); }));
  REQUIRE(differs([](auto& event) { event.subject.value ^= 1; }));
  REQUIRE(differs([](auto& event) { event.peer.value ^= 1; }));
  REQUIRE(differs([](auto& event) { event.message += 1; }));
  REQUIRE(differs([](auto& event) { event.argument += 1; }));
  auto swapped = events;
  std::swap(swapped[8], swapped[9]);
  REQUIRE(digest_of(swapped) != digest);
}

TEST_CASE("a run has one digest, whether its texts are told or not", "[digest]") {
  story::Forgetful tracer;
  story::Story told(tracer, 7);
  told.begin(2);
  told.run(200);
  auto without = told.told();
  for (auto& one : without) {
    const auto kind = one.event.kind;
    if (kind == EventKind::send || kind == EventKind::state || kind == EventKind::crash ||
        kind == EventKind::exit) {
      one.text.clear();
    }
  }
  REQUIRE(digest_of(without) == digest_of(told.told()));
}

TEST_CASE("a digest reads as sixteen digits and back", "[digest]") {
  REQUIRE(digest_text(0xabc) == "0000000000000abc");
  REQUIRE(parse_digest("0000000000000abc") == 0xabc);
  REQUIRE(parse_digest(digest_text(~std::uint64_t{0})) == ~std::uint64_t{0});
  REQUIRE_FALSE(parse_digest("abc").has_value());
  REQUIRE_FALSE(parse_digest("000000000000zabc").has_value());
}

TEST_CASE("a run that repeats its recording has no divergence", "[digest]") {
  const Digested recorded(1'000);
  REQUIRE_FALSE(recorded.replay(1'000, unchanged).has_value());
}

TEST_CASE("the first different event is named, with both sides in words", "[digest]") {
  const Digested recorded(1'000);
  std::uint64_t expected = 0;
  const auto divergence = recorded.replay(1'000, [&](story::Story& told, int step) {
    if (step != 700) return;
    expected = told.told().size() + 1;
    told.tell(EventKind::log, told.supervisor(), {}, "warning", 0, 0, "intruder");
  });
  REQUIRE(divergence.has_value());
  REQUIRE(divergence->event == expected);
  REQUIRE(divergence->got.find("intruder") != std::string::npos);
  REQUIRE_FALSE(divergence->expected.empty());
  REQUIRE(divergence->sentence().find("event " + std::to_string(expected)) != std::string::npos);
}

TEST_CASE("a run that ends too early or too late is told", "[digest]") {
  const Digested recorded(1'000);
  const auto early = recorded.replay(900, unchanged);
  REQUIRE(early.has_value());
  REQUIRE(early->got.empty());
  const auto late = recorded.replay(1'100, unchanged);
  REQUIRE(late.has_value());
  REQUIRE(late->expected.empty());
  Reader reader = opened(recorded.file);
  REQUIRE(late->event == reader.run().events + 1);
}

TEST_CASE("a digest that was tampered with is found, in the middle and at the end", "[digest]") {
  const Digested middle(1'000);
  spoil(middle.file, "UPDATE digests SET digest = '0123456789abcdef' WHERE events = 512");
  const auto found = middle.replay(1'000, unchanged);
  REQUIRE(found.has_value());
  REQUIRE(found->event == 512);
  REQUIRE(found->expected == found->got);
  const Digested end(1'000);
  spoil(end.file, "UPDATE run SET digest = '0123456789abcdef'");
  const auto last = end.replay(1'000, unchanged);
  REQUIRE(last.has_value());
  Reader reader = opened(end.file);
  REQUIRE(last->event == reader.run().digest_events);
}

TEST_CASE("an event that was changed in the file is found although the run is the same",
          "[digest]") {
  const Digested recorded(1'000);
  spoil(recorded.file, "UPDATE events SET argument = argument + 1 WHERE seq = 700");
  const auto found = recorded.replay(1'000, unchanged);
  REQUIRE(found.has_value());
  REQUIRE(found->event == 700);
}

TEST_CASE("a text that was cut when recorded is no difference", "[digest]") {
  TraceFile file;
  auto recorder = recorder_to(file, {.path = {}, .detail_bytes_max = 5'000});
  const std::string text(9'000, 'x');
  const auto tell = [&](runtime::Tracer& tracer) {
    story::Story told(tracer, 7);
    told.begin(1);
    told.tell(EventKind::log, told.supervisor(), {}, "info", 0, 0, text);
  };
  DigestTracer digest({.next = recorder.get()});
  tell(digest);
  REQUIRE(
      recorder
          ->finish(
              {.words = "finished", .digest = digest.digest(), .digest_events = digest.events()})
          .ok());
  Reader reader = opened(file);
  auto comparator = value_of(Comparator::create({.recording = reader}));
  tell(*comparator);
  REQUIRE_FALSE(value_of(comparator->finish()).has_value());
}

TEST_CASE("a recording of some kinds only is compared in those", "[digest]") {
  const auto kinds = runtime::all_event_kinds & ~runtime::kind_bit(EventKind::receive) &
                     ~runtime::kind_bit(EventKind::wait);
  const Digested recorded(1'000, kinds);
  REQUIRE_FALSE(recorded.replay(1'000, unchanged).has_value());
  const auto divergence = recorded.replay(1'000, [&](story::Story& told, int step) {
    if (step == 700) told.tell(EventKind::log, told.supervisor(), {}, "warning", 0, 0, "intruder");
  });
  REQUIRE(divergence.has_value());
  REQUIRE(divergence->got.find("intruder") != std::string::npos);
}

TEST_CASE("a recording that was cut is compared as far as it goes", "[digest]") {
  const Digested recorded(1'000, runtime::all_event_kinds, false);
  REQUIRE_FALSE(recorded.replay(1'500, unchanged).has_value());
}

}  // namespace glasshouse::tracing
