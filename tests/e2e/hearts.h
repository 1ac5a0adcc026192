#pragma once
// A node under glasshouse-heart, for tests. Uses the programs HEART_PROGRAM and HEART_NODE_PROGRAM.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/e2e/child.h"

namespace glasshouse {

class HeartFolder {
 public:
  HeartFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "heart-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  HeartFolder(const HeartFolder&) = delete;
  HeartFolder& operator=(const HeartFolder&) = delete;
  ~HeartFolder() { std::filesystem::remove_all(path_); }

  std::string lives_file() const { return path_ + "/lives"; }
  // What the lives, and a command, have written.
  std::vector<std::string> lives() const {
    std::vector<std::string> lines;
    std::ifstream file(lives_file());
    for (std::string line; std::getline(file, line);)
      lines.push_back(line);
    return lines;
  }
  std::vector<std::string> command(const std::string& timeout, const std::string& mode,
                                   const std::string& grace = "0.1") const {
    return {HEART_PROGRAM, "--timeout", timeout, "--grace",          grace,        "--restarts",
            "2",           "--within",  "60",    HEART_NODE_PROGRAM, lives_file(), mode};
  }

 private:
  std::string path_;
};

struct HeartEnd {
  int status = 0;
  std::string said;
};

inline HeartEnd end_of(Child& heart) {
  HeartEnd end;
  end.said = heart.read_all();
  end.status = heart.wait();
  return end;
}

}  // namespace glasshouse
