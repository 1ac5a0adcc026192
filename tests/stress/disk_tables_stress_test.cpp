// A program that is killed between two instructions, again and again: nothing that its disk tables
// acknowledged is lost, and no transaction is seen half.

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>

#include "tests/e2e/child.h"

namespace glasshouse {
namespace {

// Told by all lives of the program.
struct Told {
  std::map<int, long> done;
  std::string wrong;

  void hear(const std::string& line) {
    std::istringstream words(line);
    std::string what;
    int client = -1;
    long number = -1;
    words >> what >> client >> number;
    if (what == "done") {
      done[client] = number;
    } else if (what == "state" && number >= done[client] && number <= done[client] + 1) {
      done[client] = number;  // told to somebody, so it must stay
    } else {
      wrong = line + ", and " + std::to_string(done[client]) + " was acknowledged";
    }
  }
};

TEST_CASE("a program killed at any moment loses nothing its disk tables acknowledged", "[table]") {
  constexpr int lives = GLASSHOUSE_SANITIZED ? 6 : 20;
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("glasshouse-tables-" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  Told told;
  for (int life = 0; life < lives && told.wrong.empty(); ++life) {
    Child program({TABLE_WRITER_PROGRAM, folder.string()});
    // Now while it recovers, now in the middle of its work.
    const int lines = life % 4 == 3 ? 1 : 40 + 23 * life;
    for (int i = 0; i < lines; ++i)
      told.hear(program.read_line());
    program.send(SIGKILL);
    std::istringstream rest(program.read_all());
    for (std::string line; std::getline(rest, line);) {
      if (!rest.eof()) told.hear(line);  // the last one may be cut
    }
    REQUIRE(program.wait() == 128 + SIGKILL);
  }
  std::filesystem::remove_all(folder);
  INFO(told.wrong);
  REQUIRE(told.wrong.empty());
  REQUIRE(told.done.size() == 4);
  REQUIRE(told.done[0] > 20);
}

}  // namespace
}  // namespace glasshouse
