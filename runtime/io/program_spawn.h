#pragma once
// Starting a program: pipes, posix_spawn, and a pidfd to wait for it with, so that no signal
// handler and no wait for children is needed. Any thread.
//
// What the program gets: its end of the pipes as standard input and output, the node's standard
// error, no other descriptor of ours, no blocked or ignored signal, a process group of its own.
//
// REQUIRES of the whole program: SIGCHLD is not ignored, and nobody waits for children that are not
// his (wait, waitpid(-1)); who does takes the exit status, which is told as 255 then.

#include <cstdint>
#include <utility>

#include <sys/types.h>
#include <unistd.h>

#include "runtime/base/result.h"
#include "runtime/io/program.h"

namespace glasshouse::runtime {

// Closed when it goes.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

struct SpawnedProgram {
  Descriptor input;   // we write
  Descriptor output;  // we read
  Descriptor pidfd;
  pid_t pid = 0;
};

// A sentence that names the program or the folder, with the code that the system gave.
Result<SpawnedProgram> spawn_program(const ProgramOptions& options);

// Of a program that has ended. It stays a zombie, so that its number means nobody else.
int peek_exit_status(int pidfd);
// Of a program that was not reaped: to its group, and to the program itself if it left that. False:
// the program itself is not reached (eperm: it runs as another user).
bool signal_program(pid_t pid, int pidfd, int signal);

// A zombie is no more. `wait` is for the end of a program that still runs, and was killed for sure;
// else one that runs goes on, and is nobody's.
enum class Reaping : std::uint8_t { now, wait };
void reap_program(int pidfd, Reaping how);

}  // namespace glasshouse::runtime
