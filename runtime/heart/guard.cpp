#include "runtime/heart/guard.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/heart/heart_line.h"

extern char** environ;

namespace glasshouse::runtime {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int signal_status = 128;
constexpr Milliseconds rest_patience{1000};

void say(const std::string& sentence) {
  std::fprintf(stderr, "glasshouse-heart: %s\n", sentence.c_str());
}

std::string seconds(Milliseconds time) {
  std::string text = std::to_string(time.count() / 1000);
  if (time.count() % 1000 != 0) {
    text += "." + std::to_string(1000 + time.count() % 1000).substr(1);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + " s";
}

void close_if_open(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

// A program in a group of its own that reads the terminal would be stopped.
int keep_from_terminal(posix_spawn_file_actions_t& actions) {
  if (isatty(STDIN_FILENO) == 0) return 0;
  return posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
}

// A group of its own: a terminal's signals come to the heart alone, which passes them on once, and
// what a shell or the program started is ended with it.
int set_attributes(posix_spawnattr_t& attributes, const sigset_t& mask) {
  int error = posix_spawnattr_setsigmask(&attributes, &mask);
  if (error == 0) error = posix_spawnattr_setpgroup(&attributes, 0);
  if (error != 0) return error;
  return posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
}

bool is_ignored(int signal) {
  struct sigaction now {};
  return sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

class Guard {
 public:
  explicit Guard(const GuardOptions& options) : options_(options) {
    sigset_t passed_on;
    sigemptyset(&passed_on);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
      if (!is_ignored(signal)) sigaddset(&passed_on, signal);  // blocked, it would come
    }
    sigprocmask(SIG_BLOCK, &passed_on, &signals_of_program_);
    signals_ = signalfd(-1, &passed_on, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard() {
    forget_program();
    close_if_open(signals_);
  }

  int run();

 private:
  int start();
  int spawn(int line);
  int watch();
  int next_poll_ms() const;
  bool may_restart();
  void hear();
  void pass_signals_on();
  void lose_patience();
  // REQUIRES: the program is not reaped; until then the number is that of no other group.
  void kill_group(int signal) const { ::kill(-pid_, signal); }
  bool has_ended(int& status) const;
  // One that began under the program, which was told to end with it, still holds the line.
  bool is_rest_awaited() const {
    return (is_ending_ || is_asked_to_end_) && !is_killed_ && line_ >= 0;
  }
  void reap() const;
  void await_rest() const;
  void forget_program() {
    close_if_open(program_);
    close_if_open(line_);
  }

  const GuardOptions& options_;
  sigset_t signals_of_program_{};
  int signals_ = -1;  // a signalfd
  pid_t pid_ = 0;     // of the program and of its group
  int program_ = -1;  // a pidfd
  int line_ = -1;
  Clock::time_point deadline_;  // of the next beat, then of the program
  bool is_ending_ = false;      // for its silence
  bool is_killed_ = false;      // because it went on then
  bool is_asked_to_end_ = false;
  std::string command_;  // instead of the program, from the second start on
  std::deque<Clock::time_point> restarts_;
};

int Guard::run() {
  if (const int error = start(); error != 0) {
    say("cannot start " + options_.command.front() + ": " + strerrordesc_np(error));
    return guard_cannot_start;
  }
  for (;;) {
    const int status = watch();
    reap();
    forget_program();
    if ((status == 0 && !is_ending_) || is_asked_to_end_) return status;
    if (!may_restart()) {
      say(options_.command.front() + " ended with status " + std::to_string(status) + " after " +
          std::to_string(options_.restarts) + " restarts within " + seconds(options_.within) +
          ": it is not started again");
      return guard_gave_up;
    }
    say(options_.command.front() + " ended with status " + std::to_string(status) +
        " and is started again");
    if (const int error = start(); error != 0) {
      say("cannot start " + options_.command.front() + " again: " + strerrordesc_np(error));
      return guard_cannot_start;
    }
  }
}

// OTP's supervisors count in the same way.
bool Guard::may_restart() {
  const Clock::time_point now = Clock::now();
  while (!restarts_.empty() && now - restarts_.front() > options_.within)
    restarts_.pop_front();
  if (restarts_.size() >= options_.restarts) return false;
  restarts_.push_back(now);
  return true;
}

// -- starting -----------------------------------------------------------------------------------

int Guard::start() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return errno;
  line_ = ends[0];
  const int error = spawn(ends[1]);
  ::close(ends[1]);
  if (error != 0) forget_program();
  deadline_ = Clock::now() + options_.timeout;
  is_ending_ = false;
  is_killed_ = false;
  return error;
}

// The line keeps its number in the program.
int Guard::spawn(int line) {
  std::vector<std::string> words = options_.command;
  if (!command_.empty()) words = {"/bin/sh", "-c", command_};
  std::vector<std::string> variables = {
      std::string(heart_line_variable) + "=" + std::to_string(line),
      std::string(heart_timeout_variable) + "=" + std::to_string(options_.timeout.count())};
  for (char** each = environ; *each != nullptr; ++each)
    variables.emplace_back(*each);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  int error = posix_spawn_file_actions_adddup2(&actions, line, line);
  if (error == 0) error = keep_from_terminal(actions);
  if (error == 0) error = set_attributes(attributes, signals_of_program_);
  if (error == 0) {
    error = posix_spawnp(&pid_, words.front().c_str(), &actions, &attributes,
                         pointers_to(words).data(), pointers_to(variables).data());
  }
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return error;
  program_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (program_ >= 0) return 0;
  error = errno;
  kill_group(SIGKILL);
  waitpid(pid_, nullptr, 0);
  return error;
}

// -- watching -----------------------------------------------------------------------------------

// Until the program has ended, and the rest that is awaited; the program's status.
int Guard::watch() {
  int status = 0;
  for (bool ended = false;;) {
    std::array<pollfd, 3> sources = {{{.fd = signals_, .events = POLLIN, .revents = 0},
                                      {.fd = ended ? -1 : program_, .events = POLLIN, .revents = 0},
                                      {.fd = line_, .events = POLLIN, .revents = 0}}};
    poll(sources.data(), sources.size(), next_poll_ms());
    hear();
    ended = has_ended(status);
    if (ended && !is_rest_awaited()) return status;
    pass_signals_on();
    if (Clock::now() >= deadline_) lose_patience();
  }
}

// Rounded up, so that a deadline has passed when the poll is over.
int Guard::next_poll_ms() const {
  const auto left = std::chrono::ceil<Milliseconds>(deadline_ - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

// Without reaping it.
bool Guard::has_ended(int& status) const {
  siginfo_t info{};
  const int done = waitid(P_PIDFD, static_cast<id_t>(program_), &info, WEXITED | WNOHANG | WNOWAIT);
  if (done != 0 || info.si_pid == 0) return false;
  status = info.si_code == CLD_EXITED ? info.si_status : signal_status + info.si_status;
  return true;
}

// What outlives a silent program, such as a node under a shell that obeyed, would live beside the
// next one. It is killed first, as long as the group's number is certain.
void Guard::reap() const {
  if (is_ending_) kill_group(SIGKILL);
  siginfo_t info{};
  waitid(P_PIDFD, static_cast<id_t>(program_), &info, WEXITED);
  if (is_ending_) await_rest();
}

// The next start may need what the rest still holds, such as a port. There is a limit, because the
// dead stay in the group until their new parent reaps them; where that is the heart, as the first
// process of a container, it does.
void Guard::await_rest() const {
  const Clock::time_point until = Clock::now() + rest_patience;
  while (::kill(-pid_, 0) == 0 && Clock::now() < until) {
    siginfo_t info{};
    waitid(P_PGID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG);
    poll(nullptr, 0, 1);
  }
}

void Guard::hear() {
  std::array<char, 1 + heart_command_bytes_max> message{};
  while (line_ >= 0) {
    const ssize_t size = recv(line_, message.data(), message.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) return close_if_open(line_);  // no more beats: the deadline stands
    const std::string_view text(message.data() + 1, static_cast<std::size_t>(size) - 1);
    switch (static_cast<HeartWord>(message[0])) {
      case HeartWord::beat:
        if (!is_ending_) deadline_ = Clock::now() + options_.timeout;
        break;
      case HeartWord::set_command:
        command_ = text;
        break;
      case HeartWord::clear_command:
        command_.clear();
        break;
    }
  }
}

void Guard::pass_signals_on() {
  signalfd_siginfo came{};
  while (read(signals_, &came, sizeof came) == sizeof came) {
    is_asked_to_end_ = true;
    kill_group(static_cast<int>(came.ssi_signo));
  }
}

void Guard::lose_patience() {
  if (is_ending_) {
    is_killed_ = true;
    kill_group(SIGKILL);
    deadline_ = Clock::now() + options_.grace + options_.timeout;  // it cannot refuse
    return;
  }
  is_ending_ = true;
  say(options_.command.front() + " has not beaten for " + seconds(options_.timeout) +
      " and is ended");
  if (!is_asked_to_end_) kill_group(SIGTERM);  // a second one may mean: at once
  deadline_ = Clock::now() + options_.grace;
}

}  // namespace

int guard(const GuardOptions& options) {
  return Guard(options).run();
}

}  // namespace glasshouse::runtime
