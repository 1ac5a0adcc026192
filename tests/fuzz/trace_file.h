#pragma once
// What must hold for every file that is opened as a trace; shared by the fuzzer and by the test
// that needs none.

#include <fstream>
#include <string>
#include <string_view>

#include "runtime/base/check.h"
#include "tracing/reader.h"

namespace glasshouse::tracing {

// Whatever is asked is answered, or refused with a sentence about that file.
inline void expect_lawful_trace_file(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  auto opened = Reader::open(path);
  if (!opened) {
    CHECK(opened.error().what.find(path) != std::string::npos);
    return;
  }
  Reader& reader = *opened;
  const Seq last = reader.run().events;
  (void)reader.events({.limit = 200});
  (void)reader.events({.limit = 200}, {.processes = {1, 2}});
  (void)reader.events({.limit = 50}, {.text = "key"});
  for (const Seq at : {Seq{1}, last / 2, last}) {
    (void)reader.cause(at);
    (void)reader.effect(at);
    (void)reader.processes(at, true);
    (void)reader.supervisors(at);
    (void)reader.mailbox(2, at);
    (void)reader.process(2, at);
  }
  (void)reader.find_processes("a");
  (void)reader.crashes();
  (void)reader.faults();
  (void)reader.streams();
  (void)reader.digests();
  (void)reader.decisions();
  (void)reader.marks();
  (void)reader.overview(Axis::events, 0, 1'000, 50);
}

}  // namespace glasshouse::tracing
