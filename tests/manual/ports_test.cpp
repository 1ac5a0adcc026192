// The snippets of docs/manual/ports.md, run.

#include <deque>
#include <memory>

#include "runtime/behaviour/supervisor.h"
#include "runtime/heart/heart.h"
#include "runtime/port/port.h"
#include "sim/program.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests::manual_ports {

namespace {

// region open
Behaviour sorts(Self self, Notes* notes) {
  PortOptions options{.program = {.path = "/usr/bin/sort", .arguments = {"-r"}},
                      .framing = Framing::line(1000),
                      .exit_status = true};
  auto opening = open_port(self, options);
  auto sort = co_await opening;
  if (!sort) self.exit(sort.error);  // enoent, eacces, ...

  auto sending = port_command(self, sort.pid, Binary("ant\nbee\n"));
  co_await sending;  // waits while the program does not read
  auto ending = port_end_input(self, sort.pid);
  co_await ending;

  for (;;) {
    auto next = self.receive<PortLine, PortExited>();
    auto message = co_await next;
    if (auto* line = std::get_if<PortLine>(&message)) {
      notes->push_back(std::string(line->line.view()));  // bee, ant
    } else {
      notes->push_back("status " + std::to_string(std::get<PortExited>(message).status));
      co_return;
    }
  }
}
// endregion

// region isolate
struct Solve {
  using Reply = std::string;
  std::string task;
};

// Owns a program that may crash: a library in it cannot take the node along.
class Solver {
 public:
  using Accepts = Messages<Solve, PortData, PortExited>;
  explicit Solver(Self self) : self_(self) {}

  Task<void> init() {
    PortOptions options{
        .program = {.path = "/opt/solver"}, .framing = Framing::packet(4), .exit_status = true};
    auto opening = open_port(self_, options);
    auto port = co_await opening;
    if (!port) self_.exit(port.error);
    port_ = port.pid;
  }
  Task<void> handle(Request<Solve> request) {
    asked_.push_back(request);
    auto sending = port_command(self_, port_, Binary(request.value.task));
    co_await sending;
  }
  void handle(PortData data) {
    self_.reply(asked_.front(), std::string(data.bytes.view()));
    asked_.pop_front();
  }
  void handle(PortExited exited) { self_.stop(tuple("solver_exited"_atom, Term(exited.status))); }

 private:
  Self self_;
  PidOf<Port> port_;
  std::deque<Request<Solve>> asked_;
};
// endregion

// region simulated
Task<int> simulated_solver(Self self, sim::ProgramSide side) {
  FrameReader tasks(Framing::packet(4));
  for (;;) {
    auto reading = sim::read_input(self, &side);
    const Binary bytes = co_await reading;
    if (bytes.empty()) co_return 0;  // the end of its input
    tasks.feed(bytes);
    while (const auto task = tasks.next()) {
      if (task->bytes == Binary("crash")) co_return 139;  // as if by SIGSEGV
      co_await self.sleep(20_ms);
      sim::write_output(self, side, *framed(Framing::packet(4), Binary("solved")));
    }
  }
}

void describe(sim::World& world) {
  world.add_program("/opt/solver", &simulated_solver);
}
// endregion

// region heart
// Asked before each beat: a node that runs and does nothing useful is not well either.
class Doctor {
 public:
  using Accepts = Messages<HeartCheck>;
  bool handle(HeartCheck) const { return has_disk_ && has_peers_; }

 private:
  bool has_disk_ = true;
  bool has_peers_ = true;
};

// `line` is what take_heart_line() gave main(); null without a heart.
SupervisorSpec node_sup(HeartLine* line) {
  SupervisorSpec spec{.name = "node_sup"_atom};
  spec.children.push_back({.id = "doctor"_atom, .start = named_child<Doctor>("doctor"_atom)});
  if (line) spec.children.push_back({.id = "heart"_atom, .start = heart::child(line)});
  return spec;
}

Behaviour guarded(Self self, HeartLine* line, Notes* notes) {
  auto starting = start_supervisor(self, node_sup(line));
  auto started = co_await starting;
  auto checking = heart::set_callback(self, "doctor"_atom);
  co_await checking;
  auto setting = heart::set_cmd(self, "/etc/init.d/node start");
  Term set = co_await setting;  // ok
  notes->push_back(text(set));
  co_await self.sleep(10_s);  // what the node is there for
  if (started) self.exit(Term("done"_atom));
}
// endregion

Task<int> simulated_sort(Self self, sim::ProgramSide side) {
  auto reading = sim::read_input(self, &side);
  const Binary bytes = co_await reading;
  if (bytes != Binary("ant\nbee\n")) co_return 1;
  sim::write_output(self, side, Binary("bee\nant\n"));
  co_return 0;
}

Behaviour asks(Self self, Notes* notes) {
  SupervisorSpec spec;
  spec.children.push_back({.id = "solver"_atom, .start = named_child<Solver>("solver"_atom)});
  auto starting = start_supervisor(self, spec);
  static_cast<void>(co_await starting);
  for (const char* task : {"one", "crash", "two"}) {
    auto solving = self.try_call<Solve>(5_s, "solver"_atom, task);
    const auto solved = co_await solving;
    notes->push_back(solved ? *solved.value : text(solved.failure));
    co_await self.sleep(1_s);  // its supervisor has started it again
  }
}

class CountingLine final : public HeartLine {
 public:
  void send(HeartWord word, std::string_view) override {
    if (word == HeartWord::beat) ++beats;
  }
  std::int64_t timeout_ms() const override { return 4'000; }
  int beats = 0;
};

}  // namespace

TEST_CASE("the manual's program sorts", "[manual]") {
  OneNode node;
  node.world().add_program("/usr/bin/sort", &simulated_sort);
  Notes notes;
  node.spawn<sorts>(&notes);
  node.run();
  REQUIRE(notes == Notes{"bee", "ant", "status 0"});
}

TEST_CASE("the manual's solver crashes and solves on", "[manual]") {
  OneNode node;
  describe(node.world());
  Notes notes;
  node.spawn<asks>(&notes);
  node.run();
  REQUIRE(notes == Notes{"solved", "{solver_exited,139}", "solved"});
}

TEST_CASE("the manual's node beats while its doctor says that it is well", "[manual]") {
  CountingLine line;
  OneNode node;
  Notes notes;
  node.spawn<guarded>(&line, &notes);
  node.run();
  REQUIRE(notes == Notes{"ok"});
  REQUIRE(line.beats >= 10);
}

}  // namespace glasshouse::tests::manual_ports
