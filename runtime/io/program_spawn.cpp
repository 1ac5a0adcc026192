#include "runtime/io/program_spawn.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "runtime/base/check.h"
#include "runtime/io/errno_name.h"

extern char** environ;

namespace glasshouse::runtime {

namespace {

constexpr int first_free_descriptor = 3;  // behind the standard ones
constexpr int unknown_status = 255;
constexpr int signal_status = 128;

struct Pipe {
  Descriptor reading;
  Descriptor writing;
};

// Never one of the standard ones, which a program started without them would have free: they are
// what the ends become in the new program.
Descriptor above_standard(Descriptor descriptor) {
  if (descriptor.number() >= first_free_descriptor) return descriptor;
  return Descriptor(fcntl(descriptor.number(), F_DUPFD_CLOEXEC, first_free_descriptor));
}

// Its ends are not open if there was an error.
Pipe make_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  return {above_standard(Descriptor(ends[0])), above_standard(Descriptor(ends[1]))};
}

// What posix_spawn wants to be told, made and unmade.
class SpawnPlan {
 public:
  SpawnPlan() {
    CHECK(posix_spawn_file_actions_init(&actions_) == 0);
    CHECK(posix_spawnattr_init(&attributes_) == 0);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  // The order is that in which the new program does them. False: out of memory.
  bool prepare(int input, int output, const ProgramOptions& options) {
    bool good = posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO) == 0 &&
                posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO) == 0;
    if (options.stderr_to_stdout) {
      good = good && posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO) == 0;
    }
    good = good && posix_spawn_file_actions_addclosefrom_np(&actions_, first_free_descriptor) == 0;
    if (!options.folder.empty()) {
      good = good && posix_spawn_file_actions_addchdir_np(&actions_, options.folder.c_str()) == 0;
    }
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    constexpr short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    return good && posix_spawnattr_setflags(&attributes_, flags) == 0;
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> words_of(const ProgramOptions& options) {
  std::vector<std::string> words = {options.argument_zero.empty() ? options.path
                                                                  : options.argument_zero};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  return words;
}

// The node's own, with the changes.
std::vector<std::string> variables_of(const ProgramOptions& options) {
  std::vector<std::string> variables;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view text(*each);
    const std::string_view name = text.substr(0, text.find('='));
    bool is_changed = false;
    for (const ProgramVariable& change : options.environment)
      is_changed = is_changed || change.name == name;
    if (!is_changed) variables.emplace_back(text);
  }
  for (const ProgramVariable& change : options.environment) {
    if (change.value) variables.push_back(change.name + "=" + *change.value);
  }
  return variables;
}

Error error_of(int number, const std::string& what) {
  return Error(what + ": " + strerrordesc_np(number), std::string(errno_atom(number).text()));
}

// The system does not say whether the folder or the program was wrong.
Error start_error(int number, const ProgramOptions& options) {
  struct stat found {};
  const bool has_folder = options.folder.empty() ||
                          (stat(options.folder.c_str(), &found) == 0 && S_ISDIR(found.st_mode) &&
                           access(options.folder.c_str(), X_OK) == 0);
  const std::string program = "cannot start the program " + options.path;
  if (has_folder) return error_of(number, program);
  return error_of(number, program + " in the folder " + options.folder);
}

}  // namespace

Result<SpawnedProgram> spawn_program(const ProgramOptions& options) {
  Pipe in = make_pipe();
  Pipe out = make_pipe();
  for (const Descriptor* end : {&in.reading, &in.writing, &out.reading, &out.writing}) {
    if (end->number() < 0) return error_of(errno, "no pipe for the program " + options.path);
  }
  SpawnPlan plan;
  if (!plan.prepare(in.reading.number(), out.writing.number(), options)) {
    return error_of(ENOMEM, "cannot start the program " + options.path);
  }
  std::vector<std::string> words = words_of(options);
  std::vector<std::string> variables = variables_of(options);
  pid_t pid = 0;
  const int failure = posix_spawn(&pid, options.path.c_str(), plan.actions(), plan.attributes(),
                                  pointers_to(words).data(), pointers_to(variables).data());
  if (failure != 0) return start_error(failure, options);
  Descriptor pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (pidfd.number() < 0) {
    const int reason = errno;
    ::kill(-pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return error_of(reason, "cannot watch the program " + options.path);
  }
  return SpawnedProgram{.input = std::move(in.writing),
                        .output = std::move(out.reading),
                        .pidfd = std::move(pidfd),
                        .pid = pid};
}

int peek_exit_status(int pidfd) {
  siginfo_t info{};
  const auto id = static_cast<id_t>(pidfd);
  if (waitid(P_PIDFD, id, &info, WEXITED | WNOWAIT | WNOHANG) != 0) return unknown_status;
  return info.si_code == CLD_EXITED ? info.si_status : signal_status + info.si_status;
}

// The group comes first: the other order would miss one that leaves in between. Who is still in it
// has the signal, and is only asked (0) whether it may be sent; SIGKILL does no harm twice, and
// whoever waits for the end must know that it was sent.
bool signal_program(pid_t pid, int pidfd, int signal) {
  ::kill(-pid, signal);
  const bool has_it = signal != SIGKILL && getpgid(pid) == pid;
  return syscall(SYS_pidfd_send_signal, pidfd, has_it ? 0 : signal, nullptr, 0) == 0;
}

// Asio makes the descriptor non-blocking, so waitid alone would not wait.
void reap_program(int pidfd, Reaping how) {
  pollfd ended{.fd = pidfd, .events = POLLIN, .revents = 0};
  while (how == Reaping::wait && poll(&ended, 1, -1) < 0 && errno == EINTR) {
  }
  siginfo_t info{};
  waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG);
}

}  // namespace glasshouse::runtime
