// The key-value store as whole programs, with real clients: redis-cli, redis-benchmark, and writers
// that check that nothing acknowledged is lost.

#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "scenarios/kv/history.h"
#include "tests/catch.h"
#include "tests/e2e/child.h"
#include "tests/e2e/kv_program.h"
#include "tests/e2e/kv_writer.h"

namespace glasshouse::scenarios::kv {

namespace {

// A sanitizer makes everything slower.
constexpr int benchmark_requests = GLASSHOUSE_SANITIZED ? 20'000 : 200'000;

// kv_server: kills what it is told to.
class KillableServer {
 public:
  KillableServer(const std::string& folder, std::uint16_t port,
                 std::uint64_t rewrite_bytes_least = 16 << 20)
      : child_({KV_SERVER_PROGRAM, folder, std::to_string(port), "4",
                std::to_string(rewrite_bytes_least)}) {
    REQUIRE(child_.read_line() == std::to_string(port));
  }
  void kill(const std::string& whom) {
    const std::lock_guard lock(mutex_);
    child_.write("kill " + whom + "\n");
  }

 private:
  std::mutex mutex_;
  Child child_;
};

struct Benchmark {
  int status = 0;
  std::string text;
};

Benchmark benchmark(std::uint16_t port, std::vector<std::string> more) {
  std::vector<std::string> words{"redis-benchmark", "-p", std::to_string(port), "-q"};
  words.insert(words.end(), more.begin(), more.end());
  Child child(words);
  child.end_input();
  Benchmark result;
  result.text = child.read_all();
  result.status = child.wait();
  return result;
}

std::string joined(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences)
    text += sentence + "\n";
  return text;
}

std::string redis_cli(std::uint16_t port, const std::string& lines) {
  Child child({"redis-cli", "-p", std::to_string(port)});
  child.write(lines);
  child.end_input();
  std::string text = child.read_all();
  REQUIRE(child.wait() == 0);
  return text;
}

}  // namespace

TEST_CASE("redis-cli is answered as Redis would answer", "[kv][e2e]") {
  const TemporaryFolder folder;
  const std::uint16_t port = free_port();
  const Program program(folder.path(), port);
  REQUIRE(redis_cli(port, "ping\nping hello\necho \"a b\"\nselect 0\ncommand count\n") ==
          "PONG\nhello\na b\nOK\n14\n");
  REQUIRE(redis_cli(port,
                    "set a 1\nget a\nincr a\nget none\nset a x nx\nset b y nx\nset b z xx\n"
                    "mget a b none\ndbsize\ndel a b none\ndbsize\n") ==
          "OK\n1\n2\n\n\nOK\nOK\n2\nz\n\n2\n2\n0\n");
  REQUIRE(redis_cli(port, "set t text\nincr t\n") ==
          "OK\nERR value is not an integer or out of range\n\n");
  REQUIRE(redis_cli(port, "get\n") == "ERR wrong number of arguments for 'get' command\n\n");
  REQUIRE(redis_cli(port, "flushall now\n") ==
          "ERR unknown command 'flushall', with args beginning with: 'now' \n\n");
  REQUIRE(redis_cli(port, "set t x ex 10\n") == "ERR the option ex of SET is not supported\n\n");
  REQUIRE(redis_cli(port, "hello 3\n") == "NOPROTO unsupported protocol version\n\n");
  REQUIRE(redis_cli(port, "config get save\n") == "save\n\n");
  REQUIRE(redis_cli(port, "client setname me\nclient getname\nquit\n") == "OK\n\n");
}

TEST_CASE("a pipeline is answered in order, and what is no protocol ends it", "[kv][e2e]") {
  const TemporaryFolder folder;
  const std::uint16_t port = free_port();
  const Program program(folder.path(), port);
  auto line = Line::open(port);
  REQUIRE(line);
  constexpr int count = 5'000;
  std::string pipeline;
  for (int i = 0; i < count; ++i) {
    const std::string key = "k" + std::to_string(i % 100);
    append_command(pipeline, {"SET", key, std::to_string(i)});
    append_command(pipeline, {"GET", key});
    append_command(pipeline, {"ECHO", std::to_string(i)});
  }
  pipeline += "*1\r\n!\r\n";
  std::thread sender([&] { REQUIRE(line->send(pipeline)); });
  for (int i = 0; i < count; ++i) {
    const auto set = line->receive();
    const auto get = line->receive();
    const auto echo = line->receive();
    if (!set || !get || !echo || set->text != "OK" || get->text != std::to_string(i) ||
        echo->text != std::to_string(i)) {
      sender.join();
      FAIL("reply " << i);
    }
  }
  sender.join();
  const auto error = line->receive();
  REQUIRE(error);
  REQUIRE(error->text == "ERR Protocol error: expected '$', got '!'");
  REQUIRE_FALSE(line->receive());
}

TEST_CASE("redis-benchmark goes on while shards and connections are killed", "[kv][e2e]") {
  const TemporaryFolder folder;
  const std::uint16_t port = free_port();
  KillableServer server(folder.path(), port);
  History history;
  std::atomic<int> kills{0};
  {
    // The connections of redis-benchmark, which cannot come back, are spared; those of the writers
    // are not.
    const auto kill_now_and_then = [&](std::uint64_t done, std::int64_t connection) {
      if (done % 50 == 0) server.kill("shard");
      if (done % 170 == 0) server.kill(std::to_string(connection));
      if (done % 50 == 0) ++kills;
    };
    std::vector<std::unique_ptr<Writer>> writers;
    for (std::uint32_t number = 1; number <= 3; ++number) {
      writers.push_back(std::make_unique<Writer>(
          Writer::Setting{.number = number, .port = port, .after = kill_now_and_then}, history));
    }
    const Benchmark result =
        benchmark(port, {"-t", "set,get", "-n", std::to_string(benchmark_requests), "-c", "50"});
    INFO(result.text);
    REQUIRE(result.status == 0);
    REQUIRE(result.text.find("SET: ") != std::string::npos);
    REQUIRE(result.text.find("GET: ") != std::string::npos);
    REQUIRE(result.text.find("rror") == std::string::npos);
  }
  REQUIRE(kills > 5);
  for (std::uint32_t number = 1; number <= 3; ++number)
    REQUIRE(Writer::verify(number, port, history));
  REQUIRE(joined(check(history.operations())) == "");
  REQUIRE(history.count(Outcome::ok) > 1000);
}

TEST_CASE("logs are rewritten while they are served, and while shards and the program are killed",
          "[kv][e2e]") {
  const TemporaryFolder folder;
  const std::uint16_t port = free_port();
  History history;
  std::set<std::string> logs;
  for (std::uint32_t life = 1; life <= 3; ++life) {
    // Killed at its end, in the middle of whatever it does.
    KillableServer server(folder.path(), port, 300);
    const auto look_and_kill = [&](std::uint64_t done, std::int64_t) {
      if (done % 40 == 0) server.kill("shard");
    };
    Writer first({.number = 1, .port = port, .life = life, .after = look_and_kill}, history);
    Writer second({.number = 2, .port = port, .life = life}, history);
    while (first.done() < 400 || second.done() < 400) {
      std::error_code gone;
      for (const auto& file : std::filesystem::recursive_directory_iterator(folder.path(), gone))
        logs.insert(file.path().filename().string());
      std::this_thread::yield();
    }
  }
  INFO(logs.size() << " files");
  REQUIRE(logs.size() > 100);
  KillableServer server(folder.path(), port);
  for (std::uint32_t number = 1; number <= 2; ++number)
    REQUIRE(Writer::verify(number, port, history));
  REQUIRE(joined(check(history.operations())) == "");
}

TEST_CASE("the store outlives the killing of any of its processes", "[kv][e2e]") {
  const TemporaryFolder folder;
  const std::uint16_t port = free_port();
  const Program program(folder.path(), port, "100ms");
  History history;
  {
    Writer first({.number = 1, .port = port}, history);
    Writer second({.number = 2, .port = port}, history);
    // Its connections are killed, too: it stops, and is started again.
    for (int round = 0; round < 3; ++round)
      benchmark(port, {"-t", "set,get,incr", "-n", "20000", "-c", "20", "-P", "4"});
    while (first.done() < 500 || second.done() < 500)
      std::this_thread::yield();
  }
  for (std::uint32_t number = 1; number <= 2; ++number) {
    while (!Writer::verify(number, port, history)) {
    }
  }
  REQUIRE(joined(check(history.operations())) == "");
}

TEST_CASE("no acknowledged write is lost when the whole program is killed", "[kv][e2e]") {
  const TemporaryFolder folder;
  const std::uint16_t port = free_port();
  History history;
  for (std::uint32_t life = 1; life <= 3; ++life) {
    Program program(folder.path(), port);
    for (std::uint32_t number = 1; number <= 3; ++number)
      REQUIRE(Writer::verify(number, port, history));
    std::vector<std::unique_ptr<Writer>> writers;
    for (std::uint32_t number = 1; number <= 3; ++number) {
      writers.push_back(std::make_unique<Writer>(
          Writer::Setting{.number = number, .port = port, .life = life}, history));
    }
    while (writers[0]->done() < 300)
      std::this_thread::yield();
    program.child.end(SIGKILL);
  }
  Program program(folder.path(), port);
  for (std::uint32_t number = 1; number <= 3; ++number)
    REQUIRE(Writer::verify(number, port, history));
  REQUIRE(joined(check(history.operations())) == "");
  REQUIRE(history.count(Outcome::unknown) > 0);
}

}  // namespace glasshouse::scenarios::kv
