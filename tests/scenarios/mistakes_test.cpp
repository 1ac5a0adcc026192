// What a stranger types wrong, and the sentence that comes back: it names the thing and says what
// would be right.

#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>

#include "scenarios/command/command_line.h"
#include "tests/scenarios/run_fixture.h"

namespace glasshouse::scenarios {

namespace {

struct Mistake {
  std::vector<std::string> words;
  ExitStatus status;
  std::string sentence;  // after "glasshouse: "
};

void expect_refused(const Mistake& mistake) {
  CAPTURE(mistake.words);
  std::ostringstream out;
  std::ostringstream err;
  const ExitStatus status = run_command_line(mistake.words, {.out = out, .err = err});
  REQUIRE(err.str() == "glasshouse: " + mistake.sentence + "\n");
  REQUIRE(status == mistake.status);
}

constexpr std::string_view more = "; glasshouse --help says more";

std::string not_whole(const std::string& option, const std::string& text, const std::string& most) {
  return option + ": \"" + text + "\" is not a whole number from 0 to " + most + std::string(more);
}

class Folder {
 public:
  Folder() {
    path_ = (std::filesystem::temp_directory_path() / "glasshouse-mistakes-XXXXXX").string();
    REQUIRE(mkdtemp(path_.data()) != nullptr);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("a command that is not there is named with those that are", "[command]") {
  expect_refused({{"fly"},
                  ExitStatus::usage,
                  "there is no command \"fly\"; there are run, replay, trace, observe and bench" +
                      std::string(more)});
  const std::string questions =
      "trace wants a file and a question: stats, events, tree or why" + std::string(more);
  expect_refused({{"trace", "x.db", "fly"}, ExitStatus::usage, questions});
  expect_refused({{"trace", "x.db"}, ExitStatus::usage, questions});
}

TEST_CASE("a number is digits within its bounds", "[command]") {
  const std::string good = shipped("ping_pong.lua");
  const std::string most = "18446744073709551615";
  for (const std::string text : {"-1", "x", "1e3", "18446744073709551616", "5 "}) {
    expect_refused(
        {{"run", good, "--seed=" + text}, ExitStatus::usage, not_whole("--seed", text, most)});
    expect_refused({{"trace", "x.db", "events", "--limit=" + text},
                    ExitStatus::usage,
                    not_whole("--limit", text, most)});
  }
  expect_refused({{"run", good, "--seeds", "3", "--jobs", "4294967296"},
                  ExitStatus::usage,
                  not_whole("--jobs", "4294967296", "4294967295")});
}

TEST_CASE("an option of another kind of run is refused", "[command]") {
  const auto refused = [](std::vector<std::string> words, const std::string& sentence) {
    words.insert(words.begin(), {"run", shipped("ping_pong.lua")});
    expect_refused({words, ExitStatus::usage, sentence});
  };
  refused({"--twice"}, "--twice is for --seeds");
  refused({"--seed", "9", "--seeds", "1..2"}, "--seed is for one run, --seeds for many");
  refused({"--jobs", "3"}, "--jobs is for --seeds");
  refused({"--jobs", "0"}, "--jobs is for --seeds");
  refused({"--data", "folder"}, "--data is for --on multicore");
  refused({"--metrics", "0"}, "--metrics is for --on multicore");
  refused({"--trace", "x.db", "--record", "lives"}, "--record is for --on multicore");
  refused({"--on", "multicore", "--record", "all"}, "--record is for --trace");
  refused({"--on", "multicore", "--twice"}, "--twice is for --seeds");
  refused({"--on", "multicore", "--seeds", "3"}, "--seeds is for simulated runs");
}

TEST_CASE("a parameter is set once, and a file has a name", "[command]") {
  expect_refused({{"run", shipped("kv.lua"), "--set", "port=1", "--set", "port=2"},
                  ExitStatus::usage,
                  "--set port=2: port is set twice"});
  expect_refused({{"run", shipped("kv.lua"), "--trace", ""},
                  ExitStatus::usage,
                  "--trace: a name is missing" + std::string(more)});
}

TEST_CASE("what cannot be a trace is named as what it is", "[command]") {
  const Folder folder;
  std::filesystem::create_directory(folder / "folder");
  std::ofstream(folder / "empty.db").close();
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  for (const std::string command : {"replay", "trace"}) {
    const auto asked = [&](const std::string& name) {
      std::vector<std::string> words{command, folder / name};
      if (command == "trace") words.push_back("stats");
      return words;
    };
    expect_refused({asked("folder"), ExitStatus::unreadable,
                    (folder / "folder") + ": this is a folder; a trace is a file."});
    expect_refused({asked("empty.db"), ExitStatus::unreadable,
                    (folder / "empty.db") + ": the file is empty, so it is no trace."});
    expect_refused({asked("pipe"), ExitStatus::unreadable,
                    (folder / "pipe") + ": this is no ordinary file, so it is no trace."});
  }
}

TEST_CASE("nothing but a trace is ever replaced by a recording", "[command]") {
  const Folder folder;
  std::filesystem::create_directory(folder / "folder");
  std::ofstream(folder / "letter.txt") << "dear reader";
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const auto recorded = [&](const std::string& name) {
    return std::vector<std::string>{"run", shipped("ping_pong.lua"), "--trace", folder / name};
  };
  const std::string end = ", so nothing is recorded there; name another file.";
  expect_refused({recorded("folder"), ExitStatus::unreadable,
                  (folder / "folder") + ": this is a folder" + end});
  expect_refused({recorded("pipe"), ExitStatus::unreadable,
                  (folder / "pipe") + ": this is no ordinary file" + end});
  REQUIRE(std::filesystem::is_fifo(folder / "pipe"));
  expect_refused({recorded("letter.txt"), ExitStatus::unreadable,
                  (folder / "letter.txt") +
                      ": this file is not a trace, so it is not replaced; name another file."});
  expect_refused(
      {recorded("nowhere/x.db"), ExitStatus::unreadable,
       (folder / "nowhere/x.db") +
           ": cannot be opened (unable to open database file: No such file or directory); look "
           "whether its folder is there and what its rights are."});
}

TEST_CASE("one run at a time is recorded to a trace", "[command]") {
  const TemporaryTrace trace;
  RunOptions options = options_of("ping_pong.lua");
  options.trace = trace.path();
  auto first = Run::create(options);
  REQUIRE(first);
  (*first)->run_until(Instant::at(Duration::seconds(1)));
  expect_refused(
      {{"run", shipped("ping_pong.lua"), "--trace", trace.path()},
       ExitStatus::unreadable,
       trace.path() +
           ": another run is being recorded to this trace; wait for its end or name another "
           "file."});
  (*first)->run_to_end();
  const auto report = (*first)->finish();
  REQUIRE(report);
  REQUIRE(report->recording_failure.empty());
  first->reset();
  std::ostringstream out;
  std::ostringstream err;
  REQUIRE(run_command_line({"replay", trace.path(), "--verify"}, {.out = out, .err = err}) ==
          ExitStatus::good);
  REQUIRE(run_command_line({"run", shipped("ping_pong.lua"), "--trace", trace.path()},
                           {.out = out, .err = err}) == ExitStatus::good);
}

}  // namespace glasshouse::scenarios
