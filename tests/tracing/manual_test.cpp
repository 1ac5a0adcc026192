// What docs/manual/traces.md shows: its C++ is compiled here, its SQL is run.

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/tracing/trace_file.h"
#include "tracing/causality.h"
#include "tracing/database.h"
#include "tracing/explain.h"

namespace glasshouse::tracing {

namespace {

void run_world(runtime::Tracer& tracer) {
  story::Story told(tracer, 7);
  told.begin(4);
  told.run(300);
}

// region record
Result<void> record(const std::string& path) {
  auto recorder = Recorder::create({.path = path, .pressure = Pressure::lossless},
                                   {.scenario = "by hand", .seed = 7});
  if (!recorder) return recorder.error();
  run_world(**recorder);  // anything that takes a runtime::Tracer&
  return (*recorder)->finish({.words = "finished"});
}
// endregion

// region read
Result<std::string> first_crash(const std::string& path) {
  auto reader = Reader::open(path);
  if (!reader) return reader.error();
  auto crash = reader->next(0, {.kinds = runtime::kind_bit(EventKind::crash)});
  if (!crash) return crash.error();
  if (!*crash) return std::string("Nothing crashed.");
  auto reasons = why_event(*reader, (*crash)->seq);
  if (!reasons) return reasons.error();
  std::string text;
  for (const Reason& reason : *reasons)
    text += reason.sentence + '\n';
  return text;
}
// endregion

std::vector<std::string> sql_blocks() {
  std::ifstream page(std::string(TESTS_FOLDER) + "/../docs/manual/traces.md");
  const std::string text((std::istreambuf_iterator<char>(page)), std::istreambuf_iterator<char>());
  std::vector<std::string> blocks;
  const std::string begin = "```sql\n";
  for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
    at += begin.size();
    blocks.push_back(text.substr(at, text.find("```", at) - at));
  }
  return blocks;
}

}  // namespace

TEST_CASE("what the manual records can be read and explained", "[manual]") {
  TraceFile file;
  REQUIRE(record(file.path()).ok());
  const std::string text = value_of(first_crash(file.path()));
  REQUIRE(text.find("crashed") != std::string::npos);
}

TEST_CASE("every query of the manual runs and finds something", "[manual]") {
  Recorded recorded(300);
  auto database = value_of(Database::open(recorded.file.path()));
  const auto blocks = sql_blocks();
  REQUIRE(blocks.size() >= 10);
  for (const std::string& sql : blocks) {
    INFO(sql);
    auto rows = database->prepare(sql);
    if (!rows) FAIL(rows.error().what);
    REQUIRE(value_of(rows->step()));
  }
}

}  // namespace glasshouse::tracing
