// Stopping a program that serves: in order at the first signal, at once at the second.

#include <cerrno>
#include <csignal>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>

#include "scenarios/kv/history.h"
#include "tests/catch.h"
#include "tests/e2e/child.h"
#include "tests/e2e/kv_program.h"
#include "tests/e2e/kv_writer.h"
#include "tracing/reader.h"

namespace glasshouse::scenarios::kv {

namespace {

std::string sentences(const History& history) {
  std::string text;
  for (const std::string& sentence : check(history.operations()))
    text += sentence + "\n";
  return text;
}

// When the last process of that name ended.
std::map<std::string, tracing::Seq> ends(tracing::Reader& trace) {
  tracing::EventRange all;
  all.limit = 10'000'000;
  const auto exits = trace.events(all, {.kinds = runtime::kind_bit(runtime::EventKind::exit)});
  REQUIRE(exits);
  std::map<std::string, tracing::Seq> last;
  for (const auto& exit : *exits)
    last[exit.subject.label] = exit.seq;
  return last;
}

void expect_ordered_end(const std::string& path) {
  auto trace = tracing::Reader::open(path);
  REQUIRE(trace);
  REQUIRE_FALSE(trace->run().cut);
  REQUIRE(trace->run().outcome.find("was stopped after") != std::string::npos);
  auto end = ends(*trace);
  const std::vector<std::string> order{
      "kv_acceptor", "kv_connection_sup", "kv_shard_3",   "kv_shard_2",
      "kv_shard_1",  "kv_shard_0",        "kv_shard_sup", "kv_sup"};
  for (std::size_t i = 1; i < order.size(); ++i) {
    CAPTURE(order[i - 1], order[i]);
    REQUIRE(end[order[i - 1]] != 0);
    REQUIRE(end[order[i - 1]] < end[order[i]]);
  }
}

std::size_t recorded(tracing::Reader& trace, runtime::EventKind kind) {
  const auto events = trace.events({}, {.kinds = runtime::kind_bit(kind)});
  REQUIRE(events);
  return events->size();
}

// Lets nothing more into what the program prints, so that it stands still at its next line.
void fill_output(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/fd/1";
  const int pipe = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(pipe >= 0);
  while (::write(pipe, "\n", 1) == 1) {
  }
  REQUIRE(errno == EAGAIN);
  ::close(pipe);
}

// Was it sent that signal, and has not taken it yet?
bool is_pending(pid_t pid, int signal) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  const std::string wanted = "ShdPnd:";
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(wanted)) continue;
    return (std::stoull(line.substr(wanted.size()), nullptr, 16) >> (signal - 1) & 1) != 0;
  }
  return false;
}

}  // namespace

TEST_CASE("on many cores lives are recorded, and messages when they are asked for", "[kv][e2e]") {
  const TemporaryFolder folder;
  for (const bool all : {false, true}) {
    const std::string path = folder.path() + (all ? "/all.db" : "/lives.db");
    Child run({GLASSHOUSE_PROGRAM, "run", SCENARIOS_FOLDER "/kv.lua", "--on", "multicore", "--set",
               "port=" + std::to_string(free_port()), "--until", "200ms", "--trace", path,
               "--record", all ? "all" : "lives"});
    run.end_input();
    INFO(run.read_all());
    REQUIRE(run.wait() == 0);
    auto trace = tracing::Reader::open(path);
    REQUIRE(trace);
    REQUIRE(recorded(*trace, runtime::EventKind::spawn) > 0);
    REQUIRE((recorded(*trace, runtime::EventKind::send) > 0) == all);
  }
}

TEST_CASE("a signal stops the store in order, and nothing acknowledged is lost", "[kv][e2e]") {
  const TemporaryFolder folder;
  const TemporaryFolder traces;
  const std::uint16_t port = free_port();
  History history;
  std::uint32_t life = 0;
  for (const int signal : {SIGINT, SIGTERM}) {
    CAPTURE(signal);
    const std::string path = traces.path() + "/" + std::to_string(signal) + ".db";
    Program program(folder.path(), port, "0s", {"--trace", path});
    ++life;
    std::vector<std::unique_ptr<Writer>> writers;
    for (std::uint32_t number = 1; number <= 3; ++number) {
      writers.push_back(std::make_unique<Writer>(
          Writer::Setting{.number = number, .port = port, .life = life}, history));
    }
    while (writers[0]->done() < 200)
      std::this_thread::yield();
    program.child.send(signal);
    const std::string printed = program.child.read_all();
    INFO(printed);
    REQUIRE(program.child.wait() == 0);
    REQUIRE(printed.find("stopping") != std::string::npos);
    REQUIRE(printed.find("was stopped after") != std::string::npos);
    expect_ordered_end(path);
  }
  Program program(folder.path(), port);
  for (std::uint32_t number = 1; number <= 3; ++number)
    REQUIRE(Writer::verify(number, port, history));
  REQUIRE(sentences(history) == "");
}

TEST_CASE("a second signal ends the store at once, and its trace says that it was cut",
          "[kv][e2e]") {
  const TemporaryFolder folder;
  const TemporaryFolder traces;
  const std::string path = traces.path() + "/cut.db";
  Program program(folder.path(), free_port(), "0s", {"--trace", path});
  const pid_t pid = program.child.pid();
  fill_output(pid);
  program.child.send(SIGINT);
  while (is_pending(pid, SIGINT))
    std::this_thread::yield();
  program.child.send(SIGINT);
  REQUIRE(program.child.wait() == 128 + SIGINT);
  auto trace = tracing::Reader::open(path);
  REQUIRE(trace);
  REQUIRE(trace->run().cut);
}

}  // namespace glasshouse::scenarios::kv
