// Packed pieces of trace files that are damaged: the law of tests/fuzz/trace_blobs.h without the
// fuzzer.

#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "tests/catch.h"
#include "tests/fuzz/corpus.h"
#include "tests/fuzz/trace_blobs.h"
#include "tracing/posting_lists.h"
#include "tracing/world_model.h"

namespace glasshouse::tracing {

TEST_CASE("what the fuzzer of packed pieces has found is read or refused", "[reader]") {
  tests::expect_corpus_holds("trace_blobs",
                             [](const std::string& bytes) { expect_lawful_blobs(bytes); });
}

TEST_CASE("a list that names an event twice is damaged", "[reader]") {
  std::vector<Posting> postings;
  REQUIRE(unpack_postings(0, std::string_view("\0\2", 2), postings));
  REQUIRE(postings.size() == 2);
  REQUIRE_FALSE(unpack_postings(0, std::string_view("\0\0", 2), postings));
  REQUIRE_FALSE(unpack_postings(0, std::string_view("\2\1", 2), postings));
}

TEST_CASE("a keyframe that names a process twice is damaged", "[reader]") {
  WorldModel model;
  static_cast<void>(model.apply({.seq = 1, .kind = EventKind::spawn, .subject = 1}, 100));
  static_cast<void>(model.apply({.seq = 2, .kind = EventKind::spawn, .subject = 2}, 101));
  REQUIRE(model.alive_count() == 2);
  const std::string good = model.encode();
  WorldModel again;
  REQUIRE(again.decode(good, 10));
  REQUIRE(again.encode() == good);
  REQUIRE_FALSE(again.decode(good, 1));
  // Its processes are equally long, and the second begins with its distance from the first.
  std::string twice = good;
  const std::size_t second = 4 + (good.size() - 4) / 2;
  REQUIRE(twice[second] == 1);
  twice[second] = 0;
  REQUIRE_FALSE(again.decode(twice, 10));
}

TEST_CASE("keyframes with random damage are read or refused", "[reader]") {
  WorldModel model;
  for (std::uint32_t number = 1; number <= 20; ++number) {
    static_cast<void>(
        model.apply({.seq = number, .kind = EventKind::spawn, .subject = number}, 99 + number));
  }
  const std::string good = model.encode();
  runtime::Draws draws(10);
  for (int round = 0; round < 5'000; ++round) {
    std::string bytes = good;
    for (std::uint64_t changes = 1 + draws.below(4); changes > 0; --changes)
      bytes[draws.below(bytes.size())] = static_cast<char>(draws.below(256));
    expect_lawful_keyframe(bytes, good);
  }
}

}  // namespace glasshouse::tracing
