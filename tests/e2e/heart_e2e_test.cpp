// glasshouse-heart and nodes that die in every way.

#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/e2e/hearts.h"

namespace glasshouse {
namespace {

using Lives = std::vector<std::string>;

// One life goes wrong, the next one well.
void expect_restart(const std::string& mode, const std::string& said,
                    const std::string& grace = "0.1") {
  const HeartFolder folder;
  Child heart(folder.command("1.5", mode, grace));
  const HeartEnd end = end_of(heart);
  INFO(mode << ": " << end.said);
  REQUIRE(end.status == 0);
  REQUIRE(folder.lives() == Lives{"life", "life"});
  REQUIRE(end.said.find(said) != std::string::npos);
}

HeartEnd heart_with(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {HEART_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  Child heart(words);
  return end_of(heart);
}

}  // namespace

TEST_CASE("a node that beats is left alone, and its good end is the heart's", "[heart]") {
  const HeartFolder folder;
  Child heart(folder.command("4", "well"));
  const HeartEnd end = end_of(heart);
  INFO(end.said);
  REQUIRE(end.status == 0);
  REQUIRE(folder.lives() == Lives{"life"});
}

TEST_CASE("a node that crashes is started again", "[heart]") {
  expect_restart("crash", "ended with status 134 and is started again");
}

TEST_CASE("a node that stands still is killed and started again", "[heart]") {
  expect_restart("freeze", "has not beaten for 1.5 s and is ended");
}

TEST_CASE("a node whose workers are all held is ended and started again", "[heart]") {
  expect_restart("held", "has not beaten for 1.5 s and is ended");
}

TEST_CASE("a node whose callback says no is ended and started again", "[heart]") {
  expect_restart("sick", "has not beaten for 1.5 s and is ended");
}

TEST_CASE("a silent node that ends well when it is told to is started again", "[heart]") {
  expect_restart("polite", "ended with status 0 and is started again", "20");
}

TEST_CASE("a silent node under a shell is ended whole before the next start", "[heart]") {
  const HeartFolder folder;
  Child heart({HEART_PROGRAM, "--timeout", "1.5", "--grace", "0.1", "sh", "-c",
               std::string(HEART_NODE_PROGRAM) + " " + folder.lives_file() + " deaf; true"});
  const HeartEnd end = end_of(heart);
  INFO(end.said);
  REQUIRE(end.status == 0);
  REQUIRE(folder.lives() == Lives{"life", "life"});
}

TEST_CASE("a silent node under a shell has its grace, too", "[heart]") {
  const HeartFolder folder;
  Child heart({HEART_PROGRAM, "--timeout", "1.5", "--grace", "20", "sh", "-c",
               std::string(HEART_NODE_PROGRAM) + " " + folder.lives_file() + " slow; true"});
  const HeartEnd end = end_of(heart);
  INFO(end.said);
  REQUIRE(end.status == 0);
  REQUIRE(folder.lives() == Lives{"life", "ended", "life"});
}

TEST_CASE("a heart that is asked to end waits for a node under a shell", "[heart]") {
  const HeartFolder folder;
  Child heart({HEART_PROGRAM, "sh", "-c",
               std::string(HEART_NODE_PROGRAM) + " " + folder.lives_file() + " slow; true"});
  REQUIRE(heart.read_line() == "ready");
  REQUIRE(heart.end(SIGTERM) == 128 + SIGTERM);
  REQUIRE(folder.lives() == Lives{"life", "ended"});
}

// As under nohup. The program has time for a heart that takes the signal for a wish.
TEST_CASE("a signal that the heart was started to ignore changes nothing", "[heart]") {
  const HeartFolder folder;
  const auto former = ::signal(SIGHUP, SIG_IGN);
  Child heart({HEART_PROGRAM, "sh", "-c",
               "[ -e $0 ] && exit 0; touch $0; kill -HUP $PPID; sleep 0.3; exit 7",
               folder.lives_file()});
  ::signal(SIGHUP, former);
  const HeartEnd end = end_of(heart);
  INFO(end.said);
  REQUIRE(end.status == 0);
  REQUIRE(end.said.find("ended with status 7 and is started again") != std::string::npos);
}

TEST_CASE("after too many restarts the heart gives up and says so", "[heart]") {
  const HeartFolder folder;
  Child heart(folder.command("60", "always_crash"));
  const HeartEnd end = end_of(heart);
  INFO(end.said);
  REQUIRE(end.status == 3);
  REQUIRE(folder.lives() == Lives{"life", "life", "life"});
  REQUIRE(end.said.find("after 2 restarts within 60 s: it is not started again") !=
          std::string::npos);
}

TEST_CASE("signals are passed on, and then the end is the end", "[heart]") {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
    REQUIRE(::signal(signal, SIG_DFL) != SIG_ERR);  // what starts in the background may ignore it
    const HeartFolder folder;
    Child heart(folder.command("60", "wait"));
    REQUIRE(heart.read_line() == "ready");
    REQUIRE(heart.end(signal) == 128 + signal);
    REQUIRE(folder.lives() == Lives{"life"});
  }
}

TEST_CASE("a silent node that was asked to end is not asked again but killed", "[heart]") {
  const HeartFolder folder;
  Child heart(folder.command("1.5", "counts"));
  REQUIRE(heart.read_line() == "ready");
  REQUIRE(heart.end(SIGTERM) == 128 + SIGKILL);
  REQUIRE(folder.lives() == Lives{"life", "asked"});
}

// So a terminal's signals come once: to the heart, which passes them on.
TEST_CASE("a node leads a process group of its own", "[heart]") {
  REQUIRE(heart_with({"--restarts", "0", "sh", "-c",
                      "read pid name state parent group rest < /proc/$$/stat; [ $pid = $group ]"})
              .status == 0);
}

TEST_CASE("what cannot be is told in one sentence", "[heart]") {
  const HeartEnd missing = heart_with({"/no/such/program"});
  REQUIRE(missing.status == 4);
  REQUIRE(missing.said ==
          "glasshouse-heart: cannot start /no/such/program: No such file or directory\n");
  const HeartEnd nothing = heart_with({});
  REQUIRE(nothing.status == 2);
  REQUIRE(nothing.said == "glasshouse-heart: name the program to start; see --help\n");
  const HeartEnd unknown = heart_with({"--bogus"});
  REQUIRE(unknown.status == 2);
  REQUIRE(unknown.said == "glasshouse-heart: there is no option --bogus; see --help\n");
  REQUIRE(heart_with({"--timeout", "never", "true"}).status == 2);
  REQUIRE(heart_with({"--timeout", "0", "true"}).status == 2);
}

TEST_CASE("the help names each option and each status", "[heart]") {
  const HeartEnd help = heart_with({"--help"});
  REQUIRE(help.status == 0);
  for (const char* word : {"PROGRAM [ARGUMENTS...]", "--timeout", "--grace", "--restarts",
                           "--within", "gave up", "could not be started"})
    REQUIRE(help.said.find(word) != std::string::npos);
}

TEST_CASE("the program's own options are its own, and its status is passed through", "[heart]") {
  REQUIRE(heart_with({"sh", "-c", "echo $0 $1; exit 0", "one", "--timeout"}).said ==
          "one --timeout\n");
  REQUIRE(heart_with({"--", "true"}).status == 0);
  REQUIRE(heart_with({"--restarts", "0", "sh", "-c", "exit 9"}).status == 3);
}

}  // namespace glasshouse
