#pragma once
// What must hold for every packed piece of a trace file: keyframes, lists of events, and rows of
// events applied to a model; shared by the fuzzer and by the test that needs none.

#include <string_view>
#include <vector>

#include "runtime/base/check.h"
#include "tracing/posting_lists.h"
#include "tracing/varint.h"
#include "tracing/world_model.h"

namespace glasshouse::tracing {

inline constexpr ProcessNumber fuzzed_processes_max = 1'000;

// A model from a keyframe, then events on top, as a reader does it.
inline void expect_lawful_keyframe(std::string_view bytes, std::string_view events) {
  WorldModel model;
  if (!model.decode(bytes, fuzzed_processes_max)) return;
  CHECK(model.alive().size() == model.alive_count());
  const std::string written = model.encode();
  WorldModel again;
  CHECK(again.decode(written, fuzzed_processes_max));
  CHECK(again.encode() == written);
  VarintCursor cursor(events);
  Seq seq = model.seq() % 1'000'000;
  while (!cursor.at_end()) {
    NumberedEvent event;
    event.seq = ++seq;
    event.time = unzigzag(cursor.next());
    event.kind = static_cast<EventKind>(cursor.next() % runtime::event_kind_count);
    event.node = static_cast<std::uint16_t>(cursor.next());
    event.subject = static_cast<ProcessNumber>(cursor.next() % fuzzed_processes_max);
    event.peer = static_cast<ProcessNumber>(cursor.next() % fuzzed_processes_max);
    event.name = static_cast<NameId>(cursor.next() % 8);
    event.message = cursor.next();
    event.argument = unzigzag(cursor.next());
    static_cast<void>(model.apply(event, cursor.next()));
  }
  CHECK(model.alive().size() == model.alive_count());
}

// Whole lists stay within their chunk and in order.
inline void expect_lawful_postings(std::uint64_t chunk, std::string_view bytes) {
  std::vector<Posting> postings;
  if (!unpack_postings(chunk, bytes, postings)) return;
  Seq last = first_of_chunk(chunk) - 1;
  for (const Posting& posting : postings) {
    CHECK(posting.seq > last);
    CHECK(chunk_of(posting.seq) == chunk);
    last = posting.seq;
  }
}

// The first byte says how much of the rest is a keyframe.
inline void expect_lawful_blobs(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto first = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  const std::size_t cut = bytes.size() * first / 255;
  expect_lawful_postings(first, bytes);
  expect_lawful_keyframe(bytes.substr(0, cut), bytes.substr(cut));
}

}  // namespace glasshouse::tracing
