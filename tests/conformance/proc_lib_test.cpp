// Special processes. The ids are those of docs/conformance.md.

#include "runtime/behaviour/proc_lib.h"

#include "runtime/behaviour/gen_server.h"
#include "runtime/behaviour/special_process.h"
#include "tests/conformance/both_worlds.h"

namespace glasshouse::conformance {

namespace {

struct Bump {
  Pid back;
};
struct Bumped {
  std::int64_t value = 0;
};

class Channel final : public SpecialProcess {
 public:
  explicit Channel(Self own) : SpecialProcess(own, "channel"_atom) {}
  Term state() const override { return Term(value); }
  void replace_state(const Term& wanted) override { value = wanted.as_integer().value(); }
  Term change_code(const Term& module, const Term& old_version, const Term& extra) override {
    value = extra.as_integer().value();
    return module == Term("channel"_atom) && old_version == Term("v1"_atom) ? Term(atoms::ok)
                                                                            : Term("no"_atom);
  }
  std::int64_t value = 0;
};

Behaviour channel(Self self, Verdict* verdict) {
  Channel channel(self);
  proc_lib::init_ack(self);
  while (channel.is_running()) {
    ServerWait next(channel);
    const MessagePtr message = co_await next;
    if (!channel.begin(message)) continue;
    if (const Bump* bump = message_as<Bump>(*message)) {
      self.send<Bumped>(bump->back, ++channel.value);
    }
    channel.end();
  }
  verdict->note("terminate " + to_string(channel.stop_reason()));
  channel.finish();
}

Behaviour a_special_process_answers(Self self, Verdict* verdict) {
  auto starting = proc_lib::start_link<&channel>(self, verdict);
  const auto started = co_await starting;
  const Pid pid = started.pid;
  self.monitor(pid);
  self.trap_exit(true);
  const Term status = co_await sys::get_status(self, pid);
  verdict->equal(status.element(2), "{module,channel}");
  verdict->equal(status.element(3).element(1), "running");
  verdict->equal(status.element(3).element(4), "0");
  self.send<Bump>(pid, self.pid());
  const Bumped one = co_await self.receive<Bumped>();
  const Term state = co_await sys::get_state(self, pid);
  verdict->equal(state, std::to_string(one.value));
  const Term replaced = co_await sys::set_state(self, pid, Term(7));
  verdict->equal(replaced, "7");
  co_await sys::suspend(self, pid);
  const Term halted = co_await sys::get_status(self, pid);
  verdict->equal(halted.element(1), to_string(Term(pid)));
  verdict->equal(halted.element(2), "{module,channel}");
  verdict->equal(halted.element(3).element(1), "suspended");
  verdict->equal(halted.element(3).element(2), to_string(Term(self.pid())));
  verdict->equal(halted.element(3).element(4), "7");
  self.send<Bump>(pid, self.pid());
  auto changing = sys::change_code(self, pid, Term("channel"_atom), Term("v1"_atom), Term(40));
  const Term changed = co_await changing;
  verdict->equal(changed, "ok");
  const auto early = co_await self.receive<Bumped>(10_ms);
  verdict->holds(!early, "a suspended process does nothing");
  co_await sys::resume(self, pid);
  const Bumped last = co_await self.receive<Bumped>();
  verdict->holds(last.value == 41, "it goes on with the new state");
  co_await sys::terminate(self, pid, Term("enough"_atom));
  const Down down = co_await self.receive<Down>();
  verdict->equal(down.reason, "enough");
  verdict->equal(verdict->take_notes(), "terminate enough");
}

// -- synchronous start ----------------------------------------------------------------------------

struct Go {};

Behaviour starts_so(Self self, std::string how) {
  if (how == "slow") {
    co_await self.sleep(30_ms);
    proc_lib::init_ack(self);
    co_await self.receive<Go>();
  } else if (how == "term") {
    proc_lib::init_ack(self, Term("t"_atom));
    co_await self.receive<Go>();
  } else if (how == "exit") {
    self.exit(Term("why"_atom));
  } else if (how == "fail") {
    proc_lib::init_fail(self, Term("bad"_atom));
  } else if (how == "never") {
    co_await self.receive<Go>();
  }
}

Task<std::string> outcome(Self self, std::string how) {
  // Only who never acks is meant to be too late.
  const Duration patience = how == "never" ? 50_ms : 5_s;
  const proc_lib::StartOptions options{.link = true, .timeout = patience};
  auto starting = proc_lib::start_with<&starts_so>(self, options, std::move(how));
  const auto started = co_await starting;
  const auto left = co_await self.receive<Exit>(0_ms);
  const std::string text =
      started ? to_string(started.answer.size() == 2 ? started.answer.element(0) : started.answer)
              : to_string(started.answer);
  co_return left ? text + " and an exit" : text;
}

Behaviour starts_are_synchronous(Self self, Verdict* verdict) {
  self.trap_exit(true);
  const Instant before = self.now();
  const std::string acked = co_await outcome(self, "slow");
  verdict->equal(acked, "ok");
  verdict->holds(self.now() - before >= 30_ms, "the start waits for the ack");
  const std::string term = co_await outcome(self, "term");
  verdict->equal(term, "t");
  const std::string exited = co_await outcome(self, "exit");
  verdict->equal(exited, "{error,why}");
  const std::string returned = co_await outcome(self, "return");
  verdict->equal(returned, "{error,normal}");
  const std::string late = co_await outcome(self, "never");
  verdict->equal(late, "{error,timeout}");
  const auto exit = co_await self.receive<Exit>(20_ms);
  verdict->holds(!exit, "no exit is left behind");
}

Behaviour a_late_start_is_killed(Self self, Verdict* verdict) {
  const proc_lib::StartOptions options{.monitor = true, .timeout = 50_ms};
  auto starting = proc_lib::start_with<&starts_so>(self, options, "never");
  const auto late = co_await starting;
  verdict->equal(late.answer, "{error,timeout}");
  const Down down = co_await self.receive<Down>();
  verdict->holds(down.ref == late.monitor, "it is the monitor's");
  verdict->equal(down.reason, "killed");
  const proc_lib::StartOptions patient{.monitor = true, .timeout = 5_s};
  auto failing = proc_lib::start_with<&starts_so>(self, patient, "exit");
  const auto failed = co_await failing;
  verdict->equal(failed.answer, "{error,why}");
  const Down second = co_await self.receive<Down>();
  verdict->equal(second.reason, "why");
  auto refusing = proc_lib::start<&starts_so>(self, "fail");
  const auto refused = co_await refusing;
  verdict->equal(refused.answer, "{error,bad}");
  verdict->holds(!refused, "what fails is not running");
}

}  // namespace

CONFORMANCE("SYS-010", "a special process answers all system messages", a_special_process_answers)
CONFORMANCE("SYS-011", "a start of proc_lib returns what was acked, or why not",
            starts_are_synchronous)
CONFORMANCE("SYS-011", "a start that is too late is killed, and its monitor hears so",
            a_late_start_is_killed)

}  // namespace glasshouse::conformance
