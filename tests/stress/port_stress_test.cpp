// Ports to real programs: their bytes, their ends, and what is left of them. Every test waits for
// messages, never for a time.

#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/behaviour/request.h"
#include "runtime/behaviour/supervisor.h"
#include "runtime/port/port.h"
#include "tests/catch.h"
#include "tests/stress/many_cores.h"

namespace glasshouse::stress {

using namespace runtime;

namespace {

ProgramOptions shell(const std::string& script) {
  return {.path = "/bin/sh", .arguments = {"-c", script}};
}

void expect(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

Task<Pid> opened(Self self, PortOptions options) {
  auto opening = open_port(self, options);
  const auto port = co_await opening;
  if (!port) self.exit(port.error);
  co_return port.pid.pid;
}

// What the program wrote until its port said how it ended.
struct Said {
  std::string text;
  std::int32_t status = 0;
};
Task<Said> heard(Self self) {
  Said said;
  for (;;) {
    auto next = self.receive<PortData, PortExited>();
    auto message = co_await next;
    if (const auto* data = std::get_if<PortData>(&message)) {
      said.text += data->bytes.view();
    } else {
      said.status = std::get<PortExited>(message).status;
      co_return said;
    }
  }
}

Behaviour expects(Self self, PortOptions options, std::string text, std::int32_t status) {
  options.exit_status = true;
  auto opening = opened(self, options);
  co_await opening;
  auto hearing = heard(self);
  const Said said = co_await hearing;
  if (said.text != text) self.exit(binary(said.text));
  if (said.status != status) self.exit(Term(said.status));
}

Behaviour fails_with(Self self, PortOptions options, Atom error) {
  auto opening = open_port(self, options);
  const auto port = co_await opening;
  expect(!port, "it was started");
  if (port.error != Term(error)) self.exit(port.error);
}

Behaviour echoes_packets(Self self, std::uint32_t length_bytes) {
  const PortOptions options{.program = {.path = "/bin/cat"},
                            .framing = Framing::packet(length_bytes)};
  auto opening = opened(self, options);
  const Pid port = co_await opening;
  for (const std::size_t size : {0, 1, 200, 255}) {
    const std::string text(size, 'p');
    auto sending = port_command(self, port, Binary(text));
    const bool sent = co_await sending;
    expect(sent, "it was busy");
    auto next = self.receive<PortData>();
    const PortData data = co_await next;
    expect(data.port == port && data.bytes == Binary(text), "another packet came back");
  }
}

Behaviour hears_lines(Self self) {
  PortOptions options{.program = shell("printf 'one\\ntoolong\\nend'"),
                      .framing = Framing::line(4)};
  auto opening = opened(self, options);
  co_await opening;
  std::string all;
  for (int lines = 0; lines < 4; ++lines) {
    auto next = self.receive<PortLine>();
    const PortLine line = co_await next;
    all += std::string(line.line.view()) + (line.end == LineEnd::eol ? "." : "-");
  }
  expect(all == "one.tool-ong.end-", all.c_str());
}

// The program sleeps until it is woken, and reads nothing: the queue fills.
Behaviour feels_pressure(Self self) {
  const PortOptions options{.program = shell("kill -STOP $$; cat >/dev/null")};
  auto opening = opened(self, options);
  const Pid port = co_await opening;
  const Binary much(std::string(512 << 10, 'x'));
  std::uint64_t sent = 0;
  bool goes_on = true;
  while (goes_on) {
    auto trying = port_command(self, port, much, WhenBusy::nosuspend);
    goes_on = co_await trying;
    if (goes_on) sent += much.size();
  }
  expect(sent > send_queue_high, "busy too early");
  const auto waits = send_request<PortCommand>(self, port, much, WhenBusy::suspend);
  auto forcing = port_command(self, port, much, WhenBusy::force);
  const bool forced = co_await forcing;
  auto looking = port_info(self, port);
  const PortDescription info = co_await looking;
  expect(forced && info.busy && info.output == sent + much.size(), "what is queued is not told");
  // It may not have stopped yet: the signal that wakes it is repeated until it works.
  bool answered = false;
  while (!answered) {
    ::kill(static_cast<pid_t>(info.os_pid), SIGCONT);
    auto response = wait_response(self, waits, 10_ms);
    const auto answer = co_await response;
    answered = static_cast<bool>(answer);
    expect(!answered || *answer.value, "the one that waited was not sent");
  }
}

// Much more than the pipes hold, to a program that answers only when it has seen the end.
Behaviour sorts(Self self) {
  const PortOptions options{
      .program = {.path = "/usr/bin/sort"}, .framing = Framing::line(100), .exit_status = true};
  auto opening = opened(self, options);
  const Pid port = co_await opening;
  for (int number = 199'999; number >= 100'000; --number) {
    auto sending = port_command(self, port, Binary(std::to_string(number) + "\n"));
    co_await sending;
  }
  auto ending = port_end_input(self, port);
  co_await ending;
  for (int number = 100'000; number < 200'000; ++number) {
    auto next = self.receive<PortLine>();
    const PortLine line = co_await next;
    expect(line.line.view() == std::to_string(number), "not sorted");
  }
  auto last = self.receive<PortExited>();
  const PortExited exited = co_await last;
  expect(exited.status == 0, "sort failed");
}

// A small one is still queued when the longest that may be is sent.
Behaviour sends_the_longest(Self self) {
  const PortOptions options{.program = shell("sleep 1; wc -c"), .exit_status = true};
  auto opening = opened(self, options);
  const Pid port = co_await opening;
  const std::string small(512 << 10, 'x');
  const std::string longest(framed_bytes_max, 'x');
  for (const std::string* text : {&small, &longest}) {
    auto sending = port_command(self, port, Binary(*text));
    const bool sent = co_await sending;
    expect(sent, "it was not sent");
  }
  auto ending = port_end_input(self, port);
  co_await ending;
  auto hearing = heard(self);
  const Said said = co_await hearing;
  expect(std::stoull(said.text) == small.size() + longest.size(), said.text.c_str());
}

// It reads nothing: what is forced on it ends its port, also for who waits for its status.
Behaviour forces_too_much(Self self) {
  self.trap_exit(true);
  const PortOptions options{.program = shell("sleep 1000"), .exit_status = true};
  auto opening = opened(self, options);
  const Pid port = co_await opening;
  const Binary much(std::string(40 << 20, 'x'));
  for (int n = 0; n < 2; ++n) {
    auto sending = self.try_call<PortCommand>(60_s, port, much, WhenBusy::force);
    static_cast<void>(co_await sending);
  }
  auto next = self.receive<Exit>();
  const Exit end = co_await next;
  if (end.reason != Term("enobufs"_atom)) self.exit(end.reason);
}

// The program, and the process whose number it says first.
struct Family {
  std::int64_t program = 0;
  std::int64_t child = 0;
};

Behaviour owner_of(Self self, PortOptions options, std::promise<Family>* family) {
  auto opening = opened(self, options);
  const Pid port = co_await opening;
  auto looking = port_info(self, port);
  const PortDescription info = co_await looking;
  auto ready = self.receive<PortData>();
  const PortData said = co_await ready;
  family->set_value({info.os_pid, std::stoll(std::string(said.bytes.view()))});
  auto forever = self.receive<Down>();
  static_cast<void>(co_await forever);
}

// Sends and is gone.
Behaviour leaves_bytes(Self self, PortOptions options, std::size_t bytes) {
  auto opening = opened(self, options);
  const Pid port = co_await opening;
  auto sending = port_command(self, port, Binary(std::string(bytes, 'x')));
  const bool sent = co_await sending;
  expect(sent, "it was not sent");
}

// A zombie does not: who should have waited for it may be gone.
bool runs(std::int64_t os_pid) {
  std::ifstream file("/proc/" + std::to_string(os_pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(") ");
  return name_end != std::string::npos && text[name_end + 2] != 'Z' && text[name_end + 2] != 'X';
}

template <class Condition>
void expect_soon(Condition holds) {
  const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!holds() && std::chrono::steady_clock::now() < latest)
    std::this_thread::yield();
  REQUIRE(holds());
}

// What a program left behind says without its port. To open it waits for the other side.
struct NamedPipe {
  NamedPipe() { REQUIRE(mkfifo(path.c_str(), 0600) == 0); }
  NamedPipe(const NamedPipe&) = delete;
  NamedPipe& operator=(const NamedPipe&) = delete;
  ~NamedPipe() { std::filesystem::remove(path); }
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("port_pipe." + std::to_string(::getpid()));
};

std::size_t descriptor_count() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

}  // namespace

TEST_CASE("a program gets its arguments, environment and folder", "[port]") {
  ManyCores cores;
  PortOptions options{.program = shell("printf '%s ' \"$0\" \"$1\" \"$COLOUR\"; pwd")};
  options.program.arguments = {"-c", options.program.arguments[1], "zero", "one two"};
  options.program.environment = {{"COLOUR", "blue"}, {"HOME", std::nullopt}};
  options.program.folder = "/usr";
  cores.expect_normal_exit<expects>(options, "zero one two blue /usr\n", 0);
  options.program = shell("echo \"${HOME-none}\"");
  options.program.environment = {{"HOME", std::nullopt}};
  cores.expect_normal_exit<expects>(options, "none\n", 0);
  options.program = shell("echo said >&2");
  options.program.stderr_to_stdout = true;
  cores.expect_normal_exit<expects>(options, "said\n", 0);
}

TEST_CASE("the exit status comes after the last byte, 128 + N for signal N", "[port]") {
  ManyCores cores;
  const auto expects_status = [&cores](const std::string& script, std::int32_t status) {
    cores.expect_normal_exit<expects>(PortOptions{.program = shell(script)}, "x", status);
  };
  expects_status("printf x", 0);
  expects_status("printf x; exit 3", 3);
  expects_status("printf x; kill -SEGV $$", 128 + SIGSEGV);
  expects_status("printf x; kill -KILL $$", 128 + SIGKILL);
  // What it started still writes: that is its output, too.
  expects_status("(read nothing; printf x) <&0 & exit 7", 7);
}

TEST_CASE("a program that cannot be started is one of the system's errors", "[port]") {
  ManyCores cores;
  const auto expects_error = [&cores](const ProgramOptions& program, std::string_view error) {
    cores.expect_normal_exit<fails_with>(PortOptions{.program = program}, Atom(error));
  };
  expects_error({.path = "/no/such/program"}, "enoent");
  expects_error({.path = "/etc/passwd"}, "eacces");
  expects_error({.path = "/usr"}, "eacces");
  expects_error({.path = "/bin/cat", .folder = "/no/such/folder"}, "enoent");
  expects_error({.path = "/bin/cat", .folder = "/etc/passwd"}, "enotdir");
  PortOptions wrong{.program = {.path = "/bin/cat"}, .framing = Framing::packet(3)};
  cores.expect_normal_exit<fails_with>(wrong, "badarg"_atom);
}

TEST_CASE("packets and lines cross the pipes whole", "[port]") {
  ManyCores cores;
  for (const std::uint32_t length_bytes : {1U, 2U, 4U})
    cores.expect_normal_exit<echoes_packets>(length_bytes);
  cores.expect_normal_exit<hears_lines>();
}

TEST_CASE("a hundred thousand lines are sorted by a program", "[port]") {
  ManyCores cores;
  cores.expect_normal_exit<sorts>();
}

TEST_CASE("who sends to a busy port waits, or is told, or insists", "[port]") {
  ManyCores cores;
  cores.expect_normal_exit<feels_pressure>();
}

TEST_CASE("the longest message arrives whole, also behind others", "[port]") {
  ManyCores cores;
  cores.expect_normal_exit<sends_the_longest>();
}

TEST_CASE("more than a pipe holds ends its port with enobufs, also with exit_status", "[port]") {
  ManyCores cores;
  cores.expect_normal_exit<forces_too_much>();
}

TEST_CASE("a program ends with its owner, and so does what it started", "[port]") {
  ManyCores cores;
  // Deaf to the end of its input and to SIGTERM, with a child that is, too.
  PortOptions options{.program = shell("trap '' TERM; (while :; do sleep 1; done) & echo $!; "
                                       "while :; do sleep 1; done")};
  options.program.terminate_after = 10_ms;
  options.program.kill_after = 10_ms;
  std::promise<Family> starting;
  const Pid owner = cores.node.spawn<owner_of>(options, &starting);
  const Family family = starting.get_future().get();
  REQUIRE(runs(family.program));
  REQUIRE(runs(family.child));
  cores.node.exit(owner, Term(atoms::kill));
  expect_soon([family] { return !runs(family.program) && !runs(family.child); });
}

TEST_CASE("what was sent waits for a slow reader as long as there is patience", "[port]") {
  ManyCores cores;
  const NamedPipe pipe;
  // More than a pipe holds, read after tcp_close_linger, which has nothing to do with it.
  PortOptions options{.program = shell("sleep 6; wc -c >\"$0\"")};
  options.program.arguments.push_back(pipe.path.string());
  options.program.terminate_after = 1000_s;
  constexpr std::size_t sent = 512 << 10;
  cores.expect_normal_exit<leaves_bytes>(options, sent);
  std::size_t counted = 0;
  std::ifstream(pipe.path) >> counted;
  REQUIRE(counted == sent);
}

TEST_CASE("a program that ends at the end of its input leaves nobody behind", "[port]") {
  ManyCores cores;
  PortOptions options{.program = shell("sleep 1000 & echo $!; cat >/dev/null")};
  std::promise<Family> starting;
  const Pid owner = cores.node.spawn<owner_of>(options, &starting);
  const Family family = starting.get_future().get();
  cores.node.exit(owner, Term("enough"_atom));
  expect_soon([family] { return !runs(family.program) && !runs(family.child); });
}

TEST_CASE("a program that ends by itself may leave others behind", "[port]") {
  ManyCores cores;
  const NamedPipe pipe;
  // Its port ends with its output; the program only then, by the end of its input.
  PortOptions options{
      .program = shell("(trap 'echo lives; exit' TERM; echo ready; "
                       "while :; do sleep 0.01; done) >\"$0\" & echo $!; exec >&-; read none")};
  options.program.arguments.push_back(pipe.path.string());
  std::promise<Family> starting;
  cores.node.spawn<owner_of>(options, &starting);
  std::ifstream left_behind(pipe.path);
  std::string word;
  left_behind >> word;
  REQUIRE(word == "ready");
  const Family family = starting.get_future().get();
  expect_soon([family] { return ::kill(static_cast<pid_t>(family.program), 0) != 0; });  // reaped
  ::kill(static_cast<pid_t>(family.child), SIGTERM);
  left_behind >> word;
  REQUIRE(word == "lives");
}

TEST_CASE("without a limit to patience the end of its input is all a program sees", "[port]") {
  ManyCores cores;
  PortOptions options{.program = shell("echo $$; cat >/dev/null")};
  options.program.terminate_after = Duration::infinity();
  std::promise<Family> starting;
  const Pid owner = cores.node.spawn<owner_of>(options, &starting);
  const Family family = starting.get_future().get();
  cores.node.exit(owner, Term("enough"_atom));
  expect_soon([family] { return !runs(family.program); });
}

TEST_CASE("two hundred programs leave no descriptor and no zombie behind", "[port]") {
  const std::size_t before = descriptor_count();
  {
    ManyCores cores;
    const std::size_t open = descriptor_count();
    for (int round = 0; round < 20; ++round) {
      std::vector<std::future<Term>> ends;
      for (int n = 0; n < 10; ++n) {
        const PortOptions options{.program = shell("echo $(ls /proc/self/fd | wc -l)")};
        ends.push_back(cores.start<expects>(options, "4\n", 0));  // 0, 1, 2 and that of ls itself
      }
      for (auto& end : ends)
        ManyCores::expect_normal(std::move(end));
    }
    // The world itself opens some when it has work; the programs had three each.
    expect_soon([open] { return descriptor_count() < open + 30; });
  }
  REQUIRE(descriptor_count() <= before);
  siginfo_t child{};
  REQUIRE(waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) != 0);  // there is none
}

TEST_CASE("a world that ends kills the programs that are still there", "[port]") {
  Family family;
  {
    ManyCores cores;
    std::promise<Family> starting;
    const PortOptions options{.program = shell("echo $$; sleep 1000")};
    cores.node.spawn<owner_of>(options, &starting);
    family = starting.get_future().get();
    REQUIRE(runs(family.program));
  }
  REQUIRE_FALSE(runs(family.program));
}

TEST_CASE("a program that left its group is ended all the same", "[port]") {
  // It goes into the group of the test; a group must be of one session to be entered.
  const char* const leaves = "$| = 1; setpgrp(0, getpgrp(getppid)) or die; print $$; sleep 1000";
  PortOptions options{.program = {.path = "/usr/bin/perl", .arguments = {"-e", leaves}}};
  for (const Duration patience : {10_ms, 1000_s}) {  // by a signal; by the end of the world
    Family family;
    {
      ManyCores cores;
      options.program.terminate_after = patience;
      std::promise<Family> starting;
      const Pid owner = cores.node.spawn<owner_of>(options, &starting);
      family = starting.get_future().get();
      cores.node.exit(owner, Term(atoms::kill));
      if (patience == 10_ms) expect_soon([family] { return !runs(family.program); });
    }
    REQUIRE_FALSE(runs(family.program));
  }
}

// -- isolation ----------------------------------------------------------------------------------

namespace {

struct Solve {
  using Reply = std::string;
  std::string task;
};

// Owns a program that may crash, and crashes with it.
class Solver {
 public:
  using Accepts = Messages<Solve, PortData, PortExited>;
  explicit Solver(Self self) : self_(self) {}
  Task<void> init() {
    const PortOptions options{
        .program = shell("while read x; do [ $x = bad ] && kill -SEGV $$; echo solved $x; done"),
        .exit_status = true};
    auto opening = opened(self_, options);
    port_ = co_await opening;
  }
  Task<void> handle(Request<Solve> request) {
    asked_.push_back(std::move(request));
    auto sending = port_command(self_, port_, Binary(asked_.back().value.task + "\n"));
    co_await sending;
  }
  void handle(const PortData& data) {
    self_.reply(asked_.front(), std::string(data.bytes.view()));
    asked_.pop_front();
  }
  void handle(const PortExited& exited) {
    self_.stop(tuple("program_exited"_atom, Term(exited.status)));
  }

 private:
  Self self_;
  Pid port_;
  std::deque<Request<Solve>> asked_;
};

Behaviour asks_solver(Self self) {
  SupervisorSpec spec;
  spec.children.push_back({.id = "solver"_atom, .start = named_child<Solver>("solver"_atom)});
  auto starting = start_supervisor(self, spec);
  const auto supervisor = co_await starting;
  expect(static_cast<bool>(supervisor), "no supervisor");
  auto solving = self.try_call<Solve>(60_s, "solver"_atom, "good");
  const auto good = co_await solving;
  expect(good && *good.value == "solved good\n", "nothing was solved");
  auto crashing = self.try_call<Solve>(60_s, "solver"_atom, "bad");
  const auto bad = co_await crashing;
  if (bad) self.exit(binary(*bad.value));
  if (bad.failure != tuple("program_exited"_atom, Term(128 + SIGSEGV))) self.exit(bad.failure);
  while (!self.whereis("solver"_atom)) {
    auto pause = self.sleep(1_ms);
    co_await pause;
  }
  auto again = self.call_within<Solve>(60_s, "solver"_atom, "again");
  const std::string solved = co_await again;
  expect(solved == "solved again\n", "its next life solves nothing");
}

}  // namespace

TEST_CASE("a program that segfaults is restarted with its owner, and the node lives", "[port]") {
  ManyCores cores;
  cores.expect_normal_exit<asks_solver>();
}

}  // namespace glasshouse::stress
