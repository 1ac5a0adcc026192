#pragma once
// Children and directors for the cases about supervisors.

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "tests/conformance/both_worlds.h"

namespace glasshouse::conformance {

struct Crash {
  Term reason;
};

// Notes "+name" when it starts, "-name" when it is told to stop, "!name" when it ends otherwise.
// Traps exits, and is registered under its name.
class Announcer {
 public:
  using Accepts = Messages<Crash>;
  Announcer(Self self, std::string name, Verdict* verdict, Duration stopping)
      : self_(self), name_(std::move(name)), verdict_(verdict), stopping_(stopping) {
    self_.trap_exit(true);
    self_.register_name(Atom(name_));
    verdict_->note("+" + name_);
  }
  void handle(Crash crash) { self_.stop(std::move(crash.reason)); }
  Task<void> terminate(Term reason) {
    const bool is_told = reason == Term(atoms::shutdown);
    verdict_->note((is_told ? "-" : "!") + name_);
    if (is_told) co_await self_.sleep(stopping_);
  }

 private:
  Self self_;
  std::string name_;
  Verdict* verdict_;
  Duration stopping_;
};

inline ChildSpec announcer(const std::string& name, Verdict* verdict,
                           Restart restart = Restart::permanent,
                           Duration stopping = Duration::zero()) {
  return {.id = Atom(name), .start = child<Announcer>(name, verdict, stopping), .restart = restart};
}

// Of announcers c1 ... cN.
inline SupervisorSpec tree_of(int count, Verdict* verdict,
                              Strategy strategy = Strategy::one_for_one,
                              std::uint32_t intensity = 100) {
  SupervisorSpec spec{.strategy = strategy, .limit = {.intensity = intensity, .period = 60_s}};
  for (int i = 1; i <= count; ++i)
    spec.children.push_back(announcer("c" + std::to_string(i), verdict));
  return spec;
}

// A process that waits and traps nothing: any signal ends it.
inline Behaviour idle(Self self) {
  co_await self.receive<Exit>();
}

inline ChildSpec idler(Atom id, Restart restart = Restart::permanent) {
  return {.id = id, .start = child_process<&idle>(), .restart = restart};
}

// A start function that answers, and spawns nothing.
inline StartFunction start_that_says(Atom outcome, Term detail) {
  return [outcome, detail](Process& parent, CallFrom starter) {
    answer_start(parent, starter, outcome, detail);
    return Pid();
  };
}
// {ok, Pid, info}
inline Pid start_with_info(Process& parent, CallFrom starter) {
  SpawnOptions options;
  options.link = true;
  const Pid pid = spawn_process<&idle>(parent.node(), &parent, options);
  answer_start(parent, starter, atoms::ok, Term(atoms::info));
  return pid;
}

// Starts, and counts the starts; from the second on the first `failing` of them fail with `no`.
struct Counted {
  std::shared_ptr<std::atomic<int>> starts = std::make_shared<std::atomic<int>>(0);
  int failing = 0;
  Pid operator()(Process& parent, CallFrom starter) const {
    const int number = ++*starts;
    if (number > 1 && number - 1 <= failing) {
      answer_start(parent, starter, atoms::error, Term("no"_atom));
      return {};
    }
    return child_process<&idle>()(parent, starter);
  }
};

// Waits for what that monitor tells. Gives the exit reason.
inline Task<Term> down_of(Self self, Ref ref) {
  auto next = self.receive_if<Down>([ref](const Down& down) { return down.ref == ref; });
  std::optional<Down> down = co_await next;
  co_return std::move(down->reason);
}

// Waits until the process is gone; its supervisor has the news then. Gives its exit reason.
inline Task<Term> gone(Self self, Pid pid) {
  auto waiting = down_of(self, self.monitor(pid));
  co_return co_await waiting;
}

// Ends a process by an exit signal, or an announcer by its name. Monitored before that: who comes
// after the end hears noproc, at once.
inline Task<Term> end(Self self, Pid pid, Term reason) {
  const Ref ref = self.monitor(pid);
  self.exit(pid, std::move(reason));
  auto waiting = down_of(self, ref);
  co_return co_await waiting;
}
inline Task<Term> crash(Self self, Atom name, Term reason = Term("abnormal"_atom)) {
  const Pid pid = self.whereis(name).value_or(Pid());
  const Ref ref = self.monitor(pid);
  self.send<Crash>(pid, std::move(reason));
  auto waiting = down_of(self, ref);
  co_return co_await waiting;
}

// "c1 c2(down) c3(restarting)", in the order started.
inline Task<std::string> picture(Self self, Pid supervisor) {
  auto asking = which_children(self, supervisor);
  const std::vector<ChildRow> rows = co_await asking;
  std::string text;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    if (!text.empty()) text += ' ';
    text += row->id.text();
    if (row->restarting) {
      text += "(restarting)";
    } else if (row->pid.is_null()) {
      text += "(down)";
    }
  }
  co_return text;
}

// The pid of a child; null if it does not run.
inline Task<Pid> child_of(Self self, Pid supervisor, Atom id) {
  auto asking = which_children(self, supervisor);
  const std::vector<ChildRow> rows = co_await asking;
  for (const ChildRow& row : rows)
    if (row.id == id) co_return row.pid;
  co_return Pid();
}

}  // namespace glasshouse::conformance
