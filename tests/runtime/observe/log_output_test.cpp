#include "runtime/observe/log_output.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include "tests/catch.h"

namespace glasshouse::tests {

using namespace runtime;

namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    path_ = (fs::temp_directory_path() / "glasshouse-log-XXXXXX").string();
    REQUIRE(mkdtemp(path_.data()) != nullptr);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path_), {}));
  }

 private:
  std::string path_;
};

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::unique_ptr<LogOutput> open_file(const LogFile& file) {
  Result<std::unique_ptr<LogOutput>> output = file_output(file);
  REQUIRE(output.ok());
  return std::move(output).value();
}

LogEvent event() {
  return {.level = LogLevel::warning,
          .message = binary("no room\nleft"),
          .meta = map("time"_atom, 0, "module"_atom, "store"_atom)};
}

// "line 1....", 40 bytes with its end.
std::string numbered(int number) {
  std::string line = "line " + std::to_string(number);
  line.resize(39, '.');
  return line;
}

}  // namespace

TEST_CASE("a file has an event a line, as text or as JSON", "[log_output]") {
  const Folder folder;
  {
    LineHandler text(open_file({.path = folder / "text"}));
    LineHandler json(open_file({.path = folder / "json"}), format_json);
    for (int i = 0; i < 2; ++i) {
      text.log(event());
      json.log(event());
    }
  }
  const std::string line = "1970-01-01T00:00:00.000000Z warning store: no room left\n";
  REQUIRE(text_of(folder / "text") == line + line);
  const std::string object = format_json(event()) + "\n";
  REQUIRE(object.find(R"("level":"warning")") != std::string::npos);
  REQUIRE(text_of(folder / "json") == object + object);
}

TEST_CASE("a percent sign in a line is a percent sign", "[log_output]") {
  const Folder folder;
  open_file({.path = folder / "log"})->write("100 %v {} %d");
  REQUIRE(text_of(folder / "log") == "100 %v {} %d\n");
}

TEST_CASE("a log goes on where the one before ended", "[log_output]") {
  const Folder folder;
  for (const std::size_t bytes_max : {0, 1'000}) {
    const LogFile file{.path = folder / std::to_string(bytes_max), .bytes_max = bytes_max};
    open_file(file)->write("one");
    open_file(file)->write("two");
    REQUIRE(text_of(file.path) == "one\ntwo\n");
  }
}

TEST_CASE("after a sync a line is in the file", "[log_output]") {
  const Folder folder;
  const auto output = open_file({.path = folder / "log"});
  output->write("seen");
  output->sync();
  REQUIRE(text_of(folder / "log") == "seen\n");
}

TEST_CASE("a log is rotated before it is too long, and the oldest files go", "[log_output]") {
  const Folder folder;
  {
    const auto output = open_file({.path = folder / "a.log", .bytes_max = 100, .files_max = 2});
    for (int i = 1; i <= 9; ++i)
      output->write(numbered(i));
  }
  REQUIRE(text_of(folder / "a.log") == numbered(9) + "\n");
  REQUIRE(text_of(folder / "a.1.log") == numbered(7) + "\n" + numbered(8) + "\n");
  REQUIRE(text_of(folder / "a.2.log") == numbered(5) + "\n" + numbered(6) + "\n");
  REQUIRE(folder.files() == 3);
}

TEST_CASE("a log in a folder that cannot be is refused in one sentence", "[log_output]") {
  const Folder folder;
  open_file({.path = folder / "file"})->write("this is no folder");
  for (const std::size_t bytes_max : {0, 1'000}) {
    const std::string path = folder / "file/a.log";
    const auto refused = file_output({.path = path, .bytes_max = bytes_max});
    REQUIRE_FALSE(refused.ok());
    REQUIRE(refused.error().what ==
            "Failed opening file " + path + " for writing: Not a directory");
  }
}

TEST_CASE("a disk without room is told by who writes", "[log_output]") {
  const auto output = open_file({.path = "/dev/full"});
  const auto write_all = [&] {
    output->write("lost");
    output->sync();
  };
  REQUIRE_THROWS(write_all());
}

TEST_CASE("standard error gets whole lines", "[log_output]") {
  const Folder folder;
  const std::string path = folder / "stderr";
  std::fflush(stderr);
  const int kept = dup(STDERR_FILENO);
  std::FILE* const file = std::fopen(path.c_str(), "w");
  dup2(fileno(file), STDERR_FILENO);
  const auto output = standard_error_output();
  output->write("to whom it may concern");
  output->sync();
  dup2(kept, STDERR_FILENO);
  close(kept);
  std::fclose(file);
  REQUIRE(text_of(path) == "to whom it may concern\n");
}

}  // namespace glasshouse::tests
