#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>
#include <sys/wait.h>

#include "tests/catch.h"
#include "tests/tracing/trace_file.h"
#include "tracing/causality.h"
#include "tracing/database.h"

namespace glasshouse::tracing {

namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Every answer is either valid or one sentence that names the file.
void expect_sentence(const runtime::Error& error, const std::string& path) {
  INFO(error.what);
  REQUIRE(error.what.find(path) != std::string::npos);
  REQUIRE(error.what.ends_with('.'));
  REQUIRE(error.what.find('\n') == std::string::npos);
  REQUIRE_FALSE(error.code.empty());
}

template <class T>
void expect_answer(const Result<T>& result, const std::string& path) {
  if (!result.ok()) expect_sentence(result.error(), path);
}

void expect_valid_answers(const std::string& path) {
  auto opened = Reader::open(path);
  if (!opened) return expect_sentence(opened.error(), path);
  Reader& reader = *opened;
  const Seq events = reader.run().events;
  expect_answer(reader.events({.limit = 5'000}), path);
  expect_answer(reader.events({}, {.text = "key3"}), path);
  expect_answer(reader.events({}, {.processes = {1, 2}}), path);
  expect_answer(reader.count({.kinds = runtime::kind_bit(EventKind::crash)}), path);
  for (const Seq at : {Seq{1}, events / 2, events}) {
    expect_answer(reader.cause(at), path);
    expect_answer(reader.effect(at), path);
    expect_answer(reader.processes(at, true), path);
    expect_answer(reader.supervisors(at), path);
    expect_answer(reader.mailbox(2, at), path);
    if (auto process = reader.process(2, at); !process && process.error().code != "noproc") {
      expect_sentence(process.error(), path);
    }
  }
  expect_answer(reader.find_processes("shard_1"), path);
  expect_answer(reader.crashes(), path);
  expect_answer(reader.faults(), path);
  expect_answer(reader.streams(), path);
  expect_answer(reader.digests(), path);
  expect_answer(reader.decisions(), path);
  expect_answer(reader.marks(), path);
  expect_answer(reader.overview(Axis::time, 0, reader.run().end.nanoseconds() + 1, 200), path);
  expect_answer(reader.check_integrity(), path);
}

}  // namespace

TEST_CASE("a file that is not there, not a database or not ours gets one sentence", "[reader]") {
  TraceFile file;
  const auto missing = Reader::open(file.path());
  REQUIRE(missing.error().code == "enoent");
  expect_sentence(missing.error(), file.path());

  write(file.path(), "dear diary, this is a text and no database at all, however long it is");
  const auto text = Reader::open(file.path());
  REQUIRE(text.error().code == "foreign");
  expect_sentence(text.error(), file.path());

  write(file.path(), "");
  REQUIRE(Reader::open(file.path()).error().code == "foreign");

  TraceFile other;
  REQUIRE((*Database::create(other.path()))->execute("CREATE TABLE recipes (name)").ok());
  const auto foreign = Reader::open(other.path());
  REQUIRE(foreign.error().code == "foreign");
  expect_sentence(foreign.error(), other.path());
}

TEST_CASE("a trace of a newer version says so and is not read", "[reader]") {
  Recorded recorded(10);
  REQUIRE((*Database::create(recorded.file.path()))->execute("PRAGMA user_version = 99").ok());
  const auto newer = Reader::open(recorded.file.path());
  REQUIRE(newer.error().code == "newer");
  expect_sentence(newer.error(), recorded.file.path());
  REQUIRE(newer.error().what.find("99") != std::string::npos);
}

TEST_CASE("an undamaged trace passes the integrity check", "[reader]") {
  Recorded recorded(1'000);
  Reader reader = recorded.open();
  REQUIRE(reader.check_integrity().ok());
}

TEST_CASE("an integrity check finds events that are missing", "[reader]") {
  Recorded recorded(1'000);
  REQUIRE((*Database::create(recorded.file.path()))
              ->execute("DELETE FROM events WHERE seq BETWEEN 50 AND 59")
              .ok());
  Reader reader = recorded.open();
  const auto checked = reader.check_integrity();
  REQUIRE_FALSE(checked.ok());
  REQUIRE(checked.error().what.find("10 of its events are missing") != std::string::npos);
}

TEST_CASE("a trace cut short anywhere gives valid answers or one sentence", "[reader]") {
  Recorded recorded(2'500);
  const std::string whole = contents(recorded.file.path());
  runtime::Draws draws(11);
  for (int seed = 0; seed < 200; ++seed) {
    TraceFile file;
    write(file.path(), std::string_view(whole).substr(0, draws.below(whole.size())));
    expect_valid_answers(file.path());
  }
}

TEST_CASE("a trace with flipped bytes gives valid answers or one sentence", "[reader]") {
  Recorded recorded(2'500);
  const std::string whole = contents(recorded.file.path());
  runtime::Draws draws(12);
  for (int seed = 0; seed < 200; ++seed) {
    TraceFile file;
    std::string spoilt = whole;
    const std::uint64_t flips = 1 + draws.below(40);
    // Half of them in the first pages, where the tables are described.
    const std::uint64_t range = draws.below(2) == 0 ? 40'000 : spoilt.size();
    for (std::uint64_t i = 0; i < flips; ++i) {
      const auto place = static_cast<std::size_t>(draws.below(range));
      spoilt[place] = static_cast<char>(draws.next());
    }
    write(file.path(), spoilt);
    expect_valid_answers(file.path());
  }
}

TEST_CASE("a recording survives the death of its program as far as it was committed",
          "[recorder]") {
  TraceFile file;
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    // Records for ever; says when the first part is committed, and is killed some time after.
    auto recorder = Recorder::create({.path = file.path(), .commit_events = 2'000}, described());
    if (!recorder) ::_exit(1);
    story::Story told(**recorder, 7);
    told.begin(4);
    told.run(5'000);
    if (!(*recorder)->flush()) ::_exit(1);
    const char done = 'x';
    if (::write(ready[1], &done, 1) != 1) ::_exit(1);
    for (;;)
      told.run(100);
  }
  REQUIRE(child > 0);
  char done = 0;
  REQUIRE(::read(ready[0], &done, 1) == 1);
  REQUIRE(::kill(child, SIGKILL) == 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  ::close(ready[0]);
  ::close(ready[1]);

  Reader reader = opened(file);
  REQUIRE(reader.run().cut);
  REQUIRE(reader.run().events >= 5'000);
  REQUIRE(reader.check_integrity().ok());
  story::Forgetful tracer;
  story::Story again(tracer, 7);
  again.begin(4);
  while (again.told().size() < reader.run().events)
    again.step();
  const auto events = value_of(reader.events({.limit = reader.run().events}));
  for (std::size_t i = 0; i < events.size(); ++i) {
    REQUIRE(events[i].kind == again.told()[i].event.kind);
    REQUIRE(events[i].detail == again.told()[i].text);
  }
  expect_valid_answers(file.path());
}

TEST_CASE("a full disk stops the recording with one sentence and nobody waits", "[recorder]") {
  const std::string path = "/dev/full/trace.db";
  const auto refused = Recorder::create({.path = path}, described());
  REQUIRE_FALSE(refused.ok());
  expect_sentence(refused.error(), path);
}

}  // namespace glasshouse::tracing
