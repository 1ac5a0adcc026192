// The program where only a whole program can be tried: beside what it starts, and where the system
// refuses.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/e2e/child.h"
#include "tests/e2e/kv_program.h"
#include "tracing/reader.h"

namespace glasshouse::scenarios::kv {

namespace {

namespace files = std::filesystem;

struct Ended {
  int status = 0;
  std::string text;
};

Ended ended(const std::vector<std::string>& words) {
  Child child(words);
  child.end_input();
  Ended result;
  result.text = child.read_all();
  result.status = child.wait();
  return result;
}

// By a shell, for what only a shell says shortly.
Ended in_shell(const std::string& line) {
  return ended({"sh", "-c", line});
}

// glasshouse alone in a folder.
class LonelyProgram {
 public:
  LonelyProgram() { files::copy_file(GLASSHOUSE_PROGRAM, path()); }
  std::string path() const { return folder_.path() + "/glasshouse"; }
  // A program beside it that prints what it is given, one a line, and ends with that status.
  void add(const std::string& name, int status) const {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path) << "#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit " << status << "\n";
    files::permissions(path, files::perms::owner_all);
  }
  std::string beside(const std::string& name) const {
    return files::canonical(folder_.path()).string() + "/" + name;
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("observe and bench start the programs beside, with all they were given", "[e2e]") {
  const LonelyProgram program;
  const std::vector<std::pair<std::string, std::string>> all{{"observe", "glasshouse-observer"},
                                                             {"bench", "glasshouse-bench"}};
  for (const auto& [command, name] : all) {
    CAPTURE(command);
    const Ended missing = ended({program.path(), command, "x"});
    REQUIRE(missing.status == 3);
    REQUIRE(missing.text == "glasshouse: " + program.beside(name) +
                                " is not there or cannot be started; build it with cmake --build, "
                                "target " +
                                name + "\n");
    program.add(name, 7);
    const Ended started = ended(
        {program.path(), command, "fire.db", "--view", "two words", "--json", "-x", "--", "z"});
    REQUIRE(started.text == "fire.db\n--view\ntwo words\n--json\n-x\n--\nz\n");
    REQUIRE(started.status == 7);
    REQUIRE(ended({program.path(), command}).text == "\n");
    const Ended help = ended({program.path(), command, "--help"});
    REQUIRE(help.status == 0);
    REQUIRE(help.text.find(name) != std::string::npos);
  }
}

TEST_CASE("a port in use ends the store with the sentence that says so", "[kv][e2e]") {
  const TemporaryFolder folder;
  const TemporaryFolder other;
  const std::uint16_t port = free_port();
  const Program program(folder.path(), port);
  const Ended second =
      ended({GLASSHOUSE_PROGRAM, "run", SCENARIOS_FOLDER "/kv.lua", "--on", "multicore", "--data",
             other.path(), "--set", "port=" + std::to_string(port)});
  INFO(second.text);
  REQUIRE(second.status == 3);
  const std::string why = "kv_acceptor: cannot listen on 127.0.0.1:" + std::to_string(port) +
                          ": Address already in use";
  REQUIRE(second.text.find("\n" + why + "\n") != std::string::npos);
  REQUIRE(second.text.ends_with(
      "glasshouse: node store: kv has ended and serves no more; the "
      "last errors were: " +
      why + "; kv_sup: start_error: kv_acceptor, reason {listen,eaddrinuse}\n"));
}

TEST_CASE("a disk without room for the trace costs the trace and not the report", "[e2e]") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/big.db";
  const std::string run = std::string(GLASSHOUSE_PROGRAM) + " run " + SCENARIOS_FOLDER +
                          "/ping_pong.lua --trace " + path;
  const Ended full = in_shell("trap '' XFSZ; ulimit -f 2000; exec " + run);
  INFO(full.text);
  REQUIRE(full.status == 3);
  REQUIRE(full.text.find("ping pong finished at 10 s") != std::string::npos);
  REQUIRE(full.text.find("glasshouse: " + path + ": ") != std::string::npos);
  // What was committed before can be read.
  auto trace = tracing::Reader::open(path);
  REQUIRE(trace);
  REQUIRE(trace->run().cut);
}

TEST_CASE("what standard output does not take is not called good", "[e2e]") {
  const std::string program = GLASSHOUSE_PROGRAM;
  const Ended full =
      in_shell(program + " run " + SCENARIOS_FOLDER "/ping_pong.lua 2>&1 >/dev/full");
  REQUIRE(full.status == 3);
  REQUIRE(full.text.find("standard output cannot be written to") != std::string::npos);
}

}  // namespace glasshouse::scenarios::kv
