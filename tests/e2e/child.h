#pragma once
// A program that a test runs, ended by its own number and never left behind.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/catch.h"

extern char** environ;

namespace glasshouse {

class Child {
 public:
  explicit Child(const std::vector<std::string>& words) {
    int in[2];
    int out[2];
    REQUIRE(pipe2(in, O_CLOEXEC) == 0);
    REQUIRE(pipe2(out, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, out[1], 2);
    std::vector<char*> argv;
    for (const std::string& word : words)
      argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const int failure = posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(in[0]);
    ::close(out[1]);
    in_ = in[1];
    out_ = out[0];
    INFO(words[0] << " could not be started");
    REQUIRE(failure == 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ > 0) end(SIGKILL);
    end_input();
    ::close(out_);
  }

  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t written = ::write(in_, text.data(), text.size());
      REQUIRE(written > 0);
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void end_input() {
    if (in_ >= 0) ::close(std::exchange(in_, -1));
  }
  // The next line it prints, without its end; what there is when it ends.
  std::string read_line() {
    std::string line;
    char letter = 0;
    while (::read(out_, &letter, 1) == 1 && letter != '\n')
      line.push_back(letter);
    return line;
  }
  std::string read_all() {
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(out_, buffer, sizeof(buffer))) > 0;)
      text.append(buffer, static_cast<std::size_t>(got));
    return text;
  }
  // Its exit status; 128 and the signal's number if one ended it.
  int wait() {
    int status = 0;
    REQUIRE(waitpid(std::exchange(pid_, 0), &status, 0) > 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  int end(int signal) {
    send(signal);
    return wait();
  }
  void send(int signal) { ::kill(pid_, signal); }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
  int in_ = -1;
  int out_ = -1;
};

}  // namespace glasshouse
