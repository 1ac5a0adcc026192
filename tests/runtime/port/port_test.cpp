// Ports to simulated programs: the same code as with real ones, under virtual time.

#include "runtime/port/port.h"

#include <string>
#include <variant>

#include "runtime/behaviour/request.h"
#include "sim/program.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {
namespace {

using sim::ProgramSide;
using sim::read_input;
using sim::write_output;

// -- programs -----------------------------------------------------------------------------------

Task<int> echo(Self self, ProgramSide side) {
  for (;;) {
    auto reading = read_input(self, &side);
    const Binary bytes = co_await reading;
    if (bytes.empty()) co_return 0;
    write_output(self, side, bytes);
  }
}

Task<int> count_to_three(Self self, ProgramSide side) {
  for (const char* word : {"one", "two\nthr", "ee\n"}) {
    co_await self.sleep(1_s);
    write_output(self, side, Binary(word));
  }
  co_return 7;
}

Task<int> crash(Self self, ProgramSide side) {
  write_output(self, side, Binary("about to"));
  self.exit(Term("boom"_atom));
}

// A kilobyte a millisecond.
Task<int> slow_reader(Self self, ProgramSide side) {
  for (;;) {
    auto reading = read_input(self, &side, 1024);
    const Binary bytes = co_await reading;
    if (bytes.empty()) co_return 0;
    co_await self.sleep(1_ms);
  }
}

Task<int> deaf(Self self, ProgramSide) {
  self.trap_exit(true);
  co_await self.sleep(Duration::infinity());
  co_return 0;
}

Task<int> needs_a_signal(Self self, ProgramSide) {
  co_await self.sleep(Duration::infinity());
  co_return 0;
}

Task<int> reads_no_more(Self self, ProgramSide side) {
  auto reading = read_input(self, &side, 1);
  static_cast<void>(co_await reading);
  self.network().close(side.input);
  co_await self.sleep(10_s);
  co_return 3;
}

class PortNode : public OneNode {
 public:
  explicit PortNode(std::uint64_t seed = 1) : OneNode(seed) {
    world().add_program("/bin/echo", &echo);
    world().add_program("/bin/three", &count_to_three);
    world().add_program("/bin/crash", &crash);
    world().add_program("/bin/slow", &slow_reader);
    world().add_program("/bin/deaf", &deaf);
    world().add_program("/bin/signal", &needs_a_signal);
    world().add_program("/bin/deaf_ears", &reads_no_more);
  }
};

// -- owners -------------------------------------------------------------------------------------

PortOptions port_to(std::string path, Framing framing = Framing::stream()) {
  return {.program = {.path = std::move(path)}, .framing = framing, .exit_status = true};
}

Task<Pid> opened(Self self, PortOptions options) {
  auto opening = open_port(self, options);
  const auto port = co_await opening;
  if (!port) self.exit(port.error);
  co_return port.pid.pid;
}

std::string seconds(Self self) {
  return "@" + std::to_string(self.now().since_origin().nanoseconds() / 1'000'000'000);
}

// Notes what a port says until it is gone.
Behaviour listener(Self self, PortOptions options, Notes* notes) {
  self.trap_exit(true);
  auto opening = opened(self, options);
  co_await opening;
  for (;;) {
    auto next = self.receive<PortData, PortLine, PortExited, PortEof, Exit>();
    auto message = co_await next;
    if (const auto* data = std::get_if<PortData>(&message)) {
      notes->push_back("data " + std::string(data->bytes.view()));
    } else if (const auto* line = std::get_if<PortLine>(&message)) {
      const bool is_whole = line->end == LineEnd::eol;
      notes->push_back((is_whole ? "eol " : "noeol ") + std::string(line->line.view()));
    } else if (const auto* exited = std::get_if<PortExited>(&message)) {
      notes->push_back("status " + std::to_string(exited->status) + seconds(self));
    } else if (std::holds_alternative<PortEof>(message)) {
      notes->push_back("eof");
    } else {
      notes->push_back("EXIT " + text(std::get<Exit>(message).reason));
      co_return;
    }
  }
}

Behaviour echoes(Self self, Notes* notes) {
  auto opening = opened(self, port_to("/bin/echo", Framing::packet(2)));
  const Pid port = co_await opening;
  for (const std::size_t size : {0, 5, 60'000}) {
    const std::string sent(size, 'e');
    auto sending = port_command(self, port, Binary(sent));
    co_await sending;
    auto next = self.receive<PortData>();
    const PortData data = co_await next;
    notes->push_back(data.bytes == Binary(sent) ? std::to_string(size) : "another");
  }
  self.send<PortClose>(port, self.pid());
  auto closing = self.receive<PortClosed>();
  const PortClosed closed = co_await closing;
  notes->push_back(closed.port == port ? "closed" : "another");
}

Behaviour says(Self self, PortOptions options, std::string text, Notes* notes) {
  self.trap_exit(true);
  auto opening = opened(self, options);
  const Pid port = co_await opening;
  for (int n = 0; n < 3; ++n) {
    auto sending = self.try_call<PortCommand>(5_s, port, Binary(text), WhenBusy::suspend);
    const auto sent = co_await sending;
    if (!sent) break;
    co_await self.sleep(1_s);
  }
  auto next = self.receive<Exit>();
  const Exit exit = co_await next;
  notes->push_back(tests::text(exit.reason));
}

// One command after the other until the port is gone.
Behaviour insists(Self self, PortOptions options, std::size_t bytes, Notes* notes) {
  self.trap_exit(true);
  auto opening = opened(self, options);
  const Pid port = co_await opening;
  for (;;) {
    const std::string message(bytes, 'x');
    auto sending = self.try_call<PortCommand>(60_s, port, Binary(message), WhenBusy::suspend);
    const auto sent = co_await sending;
    if (!sent) break;
    notes->push_back(*sent.value ? "sent" : "not sent");
    co_await self.sleep(3_s);
  }
}

Behaviour fills(Self self, Notes* notes) {
  auto opening = opened(self, port_to("/bin/slow"));
  const Pid port = co_await opening;
  const Binary much(std::string(300 << 10, 'x'));
  std::size_t sent = 0;
  bool goes_on = true;
  while (goes_on) {
    auto trying = port_command(self, port, much, WhenBusy::nosuspend);
    goes_on = co_await trying;
    if (goes_on) ++sent;
  }
  const Instant begun = self.now();
  auto waiting = port_command(self, port, much);
  const bool waited = co_await waiting;
  const bool was_full = sent * much.size() > send_queue_high;
  notes->push_back(was_full && waited ? "busy" : "never busy");
  notes->push_back(self.now() - begun > 100_ms ? "for long" : "not at all");
}

// The second waits, because of the first, when the program stops reading.
Behaviour waits_for_the_deaf(Self self, Notes* notes) {
  auto opening = opened(self, port_to("/bin/deaf_ears"));
  const Pid port = co_await opening;
  const Binary much(std::string(5'000'000, 'x'));
  const auto first = send_request<PortCommand>(self, port, much, WhenBusy::suspend);
  const auto second = send_request<PortCommand>(self, port, much, WhenBusy::suspend);
  for (const auto& asked : {first, second}) {
    auto response = wait_response(self, asked, 60_s);
    const auto answer = co_await response;
    notes->push_back(answer && *answer.value ? "sent" : "not sent");
  }
}

Behaviour owns(Self self, PortOptions options, Pid* port) {
  auto opening = opened(self, options);
  *port = co_await opening;
  co_await self.sleep(10_s);
}

Behaviour gives_away(Self self, Pid heir, Notes* notes) {
  auto opening = opened(self, port_to("/bin/echo"));
  const Pid port = co_await opening;
  auto connecting = port_connect(self, port, heir);
  co_await connecting;
  auto looking = port_info(self, port);
  const PortDescription info = co_await looking;
  notes->push_back(info.connected == heir ? "connected" : "not connected");
  notes->push_back(info.program + (info.os_pid > 0 ? " runs" : " does not run"));
  self.unlink(port);
  auto sending = port_command(self, port, Binary("for the heir"));
  co_await sending;
}

Behaviour inherits(Self self, Notes* notes) {
  self.trap_exit(true);
  auto next = self.receive<PortData>();
  const PortData data = co_await next;
  notes->push_back(std::string(data.bytes.view()));
}

Behaviour ends_input(Self self, Notes* notes) {
  auto opening = opened(self, port_to("/bin/echo"));
  const Pid port = co_await opening;
  auto sending = port_command(self, port, Binary("last"));
  co_await sending;
  auto ending = port_end_input(self, port);
  co_await ending;
  auto late = port_command(self, port, Binary("late"));
  const bool was_sent = co_await late;
  notes->push_back(was_sent ? "sent" : "not sent");
  auto data = self.receive<PortData>();
  const PortData came = co_await data;
  notes->push_back(std::string(came.bytes.view()));
  auto exited = self.receive<PortExited>();
  const PortExited end = co_await exited;
  notes->push_back(std::to_string(end.status));
}

Behaviour fails(Self self, PortOptions options, Notes* notes) {
  auto opening = open_port(self, options);
  const auto port = co_await opening;
  notes->push_back(text(port.error));
}

Behaviour intrudes(Self self, Pid* port) {
  co_await self.sleep(1_ms);
  self.send<PortClose>(*port, self.pid());
  co_await self.sleep(Duration::infinity());
}

Behaviour watches(Self self, Pid* watched, Notes* notes) {
  self.monitor(*watched);
  auto next = self.receive<Down>();
  const Down down = co_await next;
  notes->push_back(text(down.reason) + seconds(self));
}

std::size_t processes_left(PortNode& node) {
  return node.node().process_count();
}

Notes listened(const PortOptions& options, std::uint64_t seed = 1) {
  PortNode node(seed);
  Notes notes;
  node.spawn<listener>(options, &notes);
  node.run();
  REQUIRE(processes_left(node) == 0);
  return notes;
}

}  // namespace

TEST_CASE("what a program says comes in order, its status last, then the port ends", "[port]") {
  REQUIRE(listened(port_to("/bin/three")) ==
          Notes{"data one", "data two\nthr", "data ee\n", "status 7@3", "EXIT normal"});
  REQUIRE(listened(port_to("/bin/three", Framing::line(4))) ==
          Notes{"noeol onet", "eol wo", "noeol thre", "eol e", "status 7@3", "EXIT normal"});
}

TEST_CASE("without exit_status a port ends when the program's output does", "[port]") {
  PortOptions options = port_to("/bin/three");
  options.exit_status = false;
  REQUIRE(listened(options).back() == "EXIT normal");
  REQUIRE(listened(options).size() == 4);
}

TEST_CASE("a program that crashes is an exit status", "[port]") {
  REQUIRE(listened(port_to("/bin/crash")) == Notes{"data about to", "status 134@0", "EXIT normal"});
}

TEST_CASE("with eof the port says so and stays", "[port]") {
  PortNode node;
  Notes notes;
  PortOptions options = port_to("/bin/three");
  options.eof = true;
  node.spawn<listener>(options, &notes);
  node.run();
  REQUIRE(notes == Notes{"data one", "data two\nthr", "data ee\n", "eof", "status 7@3"});
  REQUIRE(processes_left(node) == 2);
}

TEST_CASE("packets go there and back, and PortClose is answered", "[port]") {
  PortNode node;
  Notes notes;
  node.spawn<echoes>(&notes);
  node.run();
  REQUIRE(notes == Notes{"0", "5", "60000", "closed"});
  REQUIRE(processes_left(node) == 0);
}

TEST_CASE("equal seeds give equal runs of ports and programs", "[port]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto run = [seed] {
      PortNode node(seed);
      Notes notes;
      node.spawn<echoes>(&notes);
      node.run();
      REQUIRE(notes.back() == "closed");
      return std::pair(node.world().now(), node.world().steps());
    };
    REQUIRE(run() == run());
  }
}

TEST_CASE("the end of its input is not the end of a program's output", "[port]") {
  PortNode node;
  Notes notes;
  node.spawn<ends_input>(&notes);
  node.run();
  REQUIRE(notes == Notes{"not sent", "last", "0"});
  REQUIRE(processes_left(node) == 0);
}

TEST_CASE("a killed program is status 137", "[port]") {
  PortNode node;
  Notes notes;
  node.spawn<listener>(port_to("/bin/deaf"), &notes);
  node.world().run_for(5_s);
  const auto id = *node.world().find_node("a@h");
  REQUIRE(node.world().exit_processes(id, "deaf", Term(atoms::kill)) == 1);
  node.run();
  REQUIRE(notes == Notes{"status 137@5", "EXIT normal"});
}

TEST_CASE("a slow program makes its port busy, and who sends waits", "[port]") {
  PortNode node;
  Notes notes;
  node.spawn<fills>(&notes);
  node.run();
  REQUIRE(notes == Notes{"busy", "for long"});
}

TEST_CASE("sending to a program that reads no more is epipe, or its status", "[port]") {
  for (const bool wants_status : {false, true}) {
    PortNode node;
    Notes notes;
    PortOptions options = port_to("/bin/deaf_ears");
    options.exit_status = wants_status;
    node.spawn<says>(options, std::string(5'000'000, 'x'), &notes);
    node.run();
    REQUIRE(notes.size() == 1);
    REQUIRE(notes[0] == (wants_status ? "normal" : "epipe"));
    REQUIRE(processes_left(node) == 0);
  }
}

TEST_CASE("what a program can no longer read is not said to be sent", "[port]") {
  PortNode node;
  Notes notes;
  node.spawn<insists>(port_to("/bin/deaf_ears"), 5'000'000, &notes);
  node.run();
  // The first fills the pipe before the program reads no more; it ends at 10 s.
  REQUIRE(notes == Notes{"sent", "not sent", "not sent", "not sent"});
}

TEST_CASE("a suspended command is not said to be sent when its program stops reading", "[port]") {
  PortNode node;
  Notes notes;
  const Pid asker = node.spawn<waits_for_the_deaf>(&notes);
  node.run();
  REQUIRE(notes == Notes{"sent", "not sent"});
  REQUIRE_FALSE(node.node().find(asker)->is_alive());
}

TEST_CASE("a message that no pipe takes is refused and ends the port with einval", "[port]") {
  PortNode node;
  Notes notes;
  node.spawn<insists>(port_to("/bin/echo"), framed_bytes_max + 1, &notes);
  node.run();
  REQUIRE(notes == Notes{"not sent"});
  node.spawn<says>(port_to("/bin/echo"), std::string(framed_bytes_max + 1, 'x'), &notes);
  node.run();
  REQUIRE(notes.back() == "einval");
}

TEST_CASE("a message that does not fit its packet ends the port with einval", "[port]") {
  PortNode node;
  Notes notes;
  node.spawn<says>(port_to("/bin/echo", Framing::packet(1)), std::string(256, 'x'), &notes);
  node.run();
  REQUIRE(notes == Notes{"einval"});
}

TEST_CASE("an announced packet that is too long ends the port with emsgsize", "[port]") {
  const Notes notes = listened(port_to("/bin/three", Framing::packet(4)));
  REQUIRE(notes.back() == "EXIT emsgsize");
}

TEST_CASE("an owner's end is the port's, then the program's, by force if it must be", "[port]") {
  struct Case {
    const char* program;
    std::int64_t ends_at;
  };
  // The owner lives for 10 s; then 5 s of patience before SIGTERM, and 5 before SIGKILL.
  for (const Case each : {Case{"/bin/echo", 10}, Case{"/bin/signal", 15}, Case{"/bin/deaf", 20}}) {
    PortNode node;
    Pid port;
    node.spawn<owns>(port_to(each.program), &port);
    node.world().run_for(9_s);
    REQUIRE(processes_left(node) == 4);
    node.world().run_for(Duration::milliseconds(1'500));
    REQUIRE_FALSE(node.node().find(port)->is_alive());
    node.world().run_while([&node] { return processes_left(node) > 0; });
    REQUIRE(processes_left(node) == 0);
    const std::int64_t ended = node.world().now().since_origin().nanoseconds() / 1'000'000'000;
    REQUIRE(ended == each.ends_at);
  }
}

TEST_CASE("without a limit to patience a program is left alone, as in OTP", "[port]") {
  PortNode node;
  Pid port;
  PortOptions options = port_to("/bin/deaf");
  options.program.terminate_after = Duration::infinity();
  node.spawn<owns>(options, &port);
  node.run();
  REQUIRE(processes_left(node) == 2);  // the program, and who waits for it
}

TEST_CASE("a port that is given away speaks to its new owner and ends with it", "[port]") {
  PortNode node;
  Notes notes;
  const Pid heir = node.spawn<inherits>(&notes);
  node.spawn<gives_away>(heir, &notes);
  node.run();
  REQUIRE(notes == Notes{"connected", "/bin/echo runs", "for the heir"});
  REQUIRE(processes_left(node) == 0);
}

TEST_CASE("only the owner may close a port: badsig to others", "[port]") {
  PortNode node;
  Notes notes;
  Pid port;
  node.spawn<owns>(port_to("/bin/echo"), &port);
  node.world().run_for(1_s);
  Pid intruder = node.spawn<intrudes>(&port);
  node.spawn<watches>(&intruder, &notes);
  node.spawn<watches>(&port, &notes);
  node.run();
  REQUIRE(notes == Notes{"badsig@1", "normal@10"});
}

TEST_CASE("a program that is not there, or a framing that cannot be, is an error", "[port]") {
  PortNode node;
  Notes notes;
  node.spawn<fails>(port_to("/bin/nothing"), &notes);
  node.run();
  node.spawn<fails>(port_to("/bin/echo", Framing::packet(3)), &notes);
  node.run();
  REQUIRE(notes == Notes{"enoent", "badarg"});
}

TEST_CASE("programs are gone with their node, and start again with it", "[port]") {
  for (const auto how : {sim::Crash::power_cut, sim::Crash::process_death}) {
    PortNode node;
    Notes notes;
    node.spawn<listener>(port_to("/bin/deaf"), &notes);
    node.world().run_for(1_s);
    const auto id = *node.world().find_node("a@h");
    node.world().crash_node(id, how);
    node.world().run_for(1_s);
    node.world().restart_node(id);
    REQUIRE(notes.empty());
    node.spawn<listener>(port_to("/bin/crash"), &notes);
    node.run();
    REQUIRE(notes == Notes{"data about to", "status 134@2", "EXIT normal"});
  }
}

}  // namespace glasshouse::tests
