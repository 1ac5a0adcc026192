// A node with a heart, which in its first life does what it is told: heart_node FILE MODE.
//
//   well     beats for a second longer than its time-out, and exits with 0
//   crash    aborts; always_crash: in every life
//   freeze   stops itself with SIGSTOP
//   held     holds all its workers for ever
//   sick     has a callback that says no
//   command  leaves a command, which appends to FILE, and stops itself
//   wait     says "ready" and waits for a signal
//   polite   does not beat, and exits with 0 on SIGTERM
//   counts   does not beat, says "ready", and appends "asked" to FILE on each SIGTERM
//   deaf     does not beat, ignores SIGTERM, and outlives its parent
//   slow     does not beat, says "ready", outlives its parent, and on SIGTERM takes a moment before
//            it appends "ended" to FILE and exits with 0
//
// Each life appends "life" to FILE, or "life beside another"; all but the first exit with 0 at
// once.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "runtime/heart/heart.h"
#include "runtime/node/node.h"
#include "runtime/schedule/system.h"

namespace glasshouse {

using namespace runtime;
using namespace runtime::literals;

namespace {

class Sick {
 public:
  using Accepts = Messages<HeartCheck>;
  static bool handle(HeartCheck) { return false; }
};

[[noreturn]] void stand_still() {
  for (;;)
    ::raise(SIGSTOP);
}

Behaviour holds_its_worker(Self) {
  for (volatile bool forever = true; forever;) {
  }
  co_return;
}

Behaviour root(Self self, HeartLine* line, std::string file, std::string mode,
               std::promise<void>* end) {
  auto starting = start_link_as<Heart>(self, "heart"_atom, line);
  static_cast<void>(co_await starting);
  if (mode == "crash" || mode == "always_crash") std::abort();
  if (mode == "freeze") stand_still();
  if (mode == "held") self.spawn<&holds_its_worker>();
  if (mode == "sick") {
    auto being = start_link_as<Sick>(self, "sick"_atom);
    static_cast<void>(co_await being);
    auto asking = heart::set_callback(self, "sick"_atom);
    co_await asking;
  }
  if (mode == "command") {
    auto setting = heart::set_cmd(self, "echo command >> " + file);
    static_cast<void>(co_await setting);
    stand_still();
  }
  if (mode == "wait") {
    std::puts("ready");
    std::fflush(stdout);
  }
  const Duration time = Duration::milliseconds(line->timeout_ms());
  co_await self.sleep(mode == "well" ? time + 1_s : time * 100);
  end->set_value();
}

int lives_descriptor = -1;

// Whether no other life is still there: each holds the lock until its end.
bool takes_its_place(const std::string& file) {
  lives_descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  return flock(lives_descriptor, LOCK_EX | LOCK_NB) == 0;
}

// How many lives there were, this one among them.
int begin_life(const std::string& file) {
  const bool is_alone = takes_its_place(file);
  std::ofstream(file, std::ios::app) << (is_alone ? "life\n" : "life beside another\n");
  std::ifstream lives(file);
  int count = 0;
  for (std::string line; std::getline(lives, line);)
    ++count;
  return count;
}

[[noreturn]] void wait_for_signals() {
  for (;;)
    ::pause();
}

void note_asked(int) {
  if (::write(lives_descriptor, "asked\n", 6) < 0) ::_exit(1);
}

void end_slowly(int) {
  ::poll(nullptr, 0, 300);
  ::_exit(::write(lives_descriptor, "ended\n", 6) < 0 ? 1 : 0);
}

void say_ready() {
  std::puts("ready");
  std::fflush(stdout);
}

// What needs no node.
void be_silent(const std::string& mode) {
  if (mode == "polite") {
    ::signal(SIGTERM, [](int) { ::_exit(0); });
    wait_for_signals();
  }
  if (mode == "counts") {
    ::signal(SIGTERM, note_asked);
    say_ready();
    wait_for_signals();
  }
  if (mode == "slow") {
    ::signal(SIGTERM, end_slowly);
    say_ready();
    wait_for_signals();
  }
  if (mode == "deaf") {
    ::signal(SIGTERM, SIG_IGN);
    wait_for_signals();
  }
}

// Nothing is left behind by a test that fails.
void end_with_the_test(const std::string& mode) {
  if (mode == "deaf" || mode == "slow") {
    ::alarm(20);
  } else {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
  }
}

int live(const std::string& file, const std::string& mode) {
  end_with_the_test(mode);
  const auto line = take_heart_line();
  if (line == nullptr) return 2;
  if (begin_life(file) > 1 && mode != "always_crash") return 0;
  be_silent(mode);
  NullTracer tracer;
  MulticoreWorld world({.executor = {.workers = 1, .spares_max = 0}, .network = {}, .folder = "."},
                       tracer);
  Node node(world.environment(), {.name = "heart@localhost"_atom});
  std::promise<void> end;
  node.spawn<&root>(line.get(), file, mode, &end);
  end.get_future().wait();
  return 0;
}

}  // namespace
}  // namespace glasshouse

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  return glasshouse::live(argv[1], argv[2]);
}
