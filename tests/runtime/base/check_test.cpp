#include "runtime/base/check.h"

#include <csignal>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/catch.h"

namespace {

using glasshouse::runtime::set_check_context;

struct Death {
  bool aborted = false;
  std::string said;
};

// What becomes of a child process that does this.
template <class Deed>
Death die(Deed deed) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGABRT, SIG_DFL);
    dup2(ends[1], STDERR_FILENO);
    deed();
    _exit(0);
  }
  close(ends[1]);
  Death death;
  char buffer[256];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;) {
    death.said.append(buffer, static_cast<std::size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  death.aborted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
  return death;
}

}  // namespace

TEST_CASE("a CHECK that holds does nothing and evaluates its condition once", "[check]") {
  int evaluated = 0;
  CHECK(++evaluated == 1);
  REQUIRE(evaluated == 1);
}

TEST_CASE("a broken CHECK aborts and says where and what", "[check]") {
  const Death death = die([] { CHECK(1 + 1 == 3); });
  REQUIRE(death.aborted);
  REQUIRE(death.said.find("check_test.cpp:") != std::string::npos);
  REQUIRE(death.said.find("1 + 1 == 3") != std::string::npos);
}

TEST_CASE("a broken CHECK adds the context of its thread", "[check]") {
  const Death death = die([] {
    set_check_context([] { return std::string("seed 7f3a, process <0.5.0>"); });
    CHECK(false);
  });
  REQUIRE(death.said.find("seed 7f3a, process <0.5.0>") != std::string::npos);
}

TEST_CASE("a context that breaks a CHECK itself does not loop", "[check]") {
  const Death death = die([] {
    set_check_context([] {
      CHECK(false);
      return std::string();
    });
    CHECK(false);
  });
  REQUIRE(death.aborted);
}
