// What a supervisor does when a child has ended. What is to be done is decided by plan_restart.

#include <utility>

#include "runtime/behaviour/supervisor.h"

namespace glasshouse::runtime {

Task<void> Supervisor::handle(Exit exit) {
  // Nobody is no child, though one may have no process.
  if (exit.from.is_null()) co_return;
  if (is_simple()) {
    auto ended = simple_ended(exit.from, std::move(exit.reason));
    co_await ended;
    co_return;
  }
  const Running* const running = running_.find(exit.from);
  // No child of ours: OTP ignores it, too.
  if (running == nullptr) co_return;
  const Atom id = running->id;
  set_down(*children_.find(id));
  auto ended = child_ended(id, exit.from, std::move(exit.reason));
  co_await ended;
}

Task<void> Supervisor::handle(TryAgainRestart again) {
  if (is_simple()) {
    auto restarting = restart_simple(again.pid);
    co_await restarting;
    co_return;
  }
  Child* const child = children_.find(again.id);
  if (child == nullptr || !child->restarting) co_return;
  child->restarting = false;
  auto ended = child_ended(again.id, Pid(), Term(atoms::restarting));
  co_await ended;
}

Task<void> Supervisor::child_ended(Atom id, Pid pid, Term reason) {
  // With one_for_one the others are nobody's business, however many they are.
  const bool is_group = spec_.strategy != Strategy::one_for_one;
  std::vector<Atom> ids;
  std::vector<ChildState> states;
  std::size_t failed = 0;
  if (is_group) {
    for (const Child& child : children_) {
      if (child.spec->id == id) failed = ids.size();
      ids.push_back(child.spec->id);
      states.push_back({child.spec->restart, !child.pid.is_null()});
    }
  } else {
    ids.push_back(id);
    states.push_back({children_.find(id)->spec->restart, false});
  }
  Plan plan =
      plan_restart(spec_.strategy, states, failed, reason, {spec_.limit, restarts_, self_.now()});
  const Decision decision = plan.decision;
  if (decision == Decision::restart || decision == Decision::give_up) note_restart();
  tell_decision(pid, *children_.find(id)->spec, decision, reason);
  if (decision == Decision::restart) {
    auto doing = carry_out(std::move(plan), std::move(ids));
    co_await doing;
  } else if (decision == Decision::give_up) {
    give_up();
  } else {
    const bool significant = children_.find(id)->spec->significant;
    if (decision == Decision::forget) children_.erase(id);
    ended_for_good(significant);
  }
}

// A start that fails is tried again through the mailbox, and counted again.
Task<void> Supervisor::carry_out(Plan plan, std::vector<Atom> ids) {
  for (const std::size_t index : plan.stop) {
    auto stopping = stop_child(ids[index]);
    co_await stopping;
  }
  // OTP: terminate_children forgets who was to be tried again.
  for (const std::size_t index : plan.start)
    children_.find(ids[index])->restarting = false;
  for (std::size_t i = 0; i < plan.start.size(); ++i) {
    const Atom id = ids[plan.start[i]];
    auto starting = start(children_.find(id)->spec);
    const Started started = co_await starting;
    if (started || started.ignored) {
      set_running(id, started.pid);
      continue;
    }
    // OTP: what was started before it runs until the next attempt; there one_for_all stops it, and
    // rest_for_one goes on here.
    try_again(id);
    break;
  }
  forget_temporaries(plan, ids);
}

void Supervisor::try_again(Atom id) {
  children_.find(id)->restarting = true;
  self_.send<TryAgainRestart>(self_.pid(), id, Pid());
}

void Supervisor::forget_temporaries(const Plan& plan, const std::vector<Atom>& ids) {
  for (const std::size_t index : plan.stop) {
    const Child& child = *children_.find(ids[index]);
    if (child.spec->restart == Restart::temporary) children_.erase(ids[index]);
  }
}

Task<void> Supervisor::simple_ended(Pid pid, Term reason) {
  const Dynamic* const found = dynamic_.find(pid);
  if (found == nullptr) co_return;
  Spec spec = found->spec;
  dynamic_.erase(pid);
  const ChildState state{pattern().restart, false};
  const Plan plan = plan_restart(spec_.strategy, std::span(&state, 1), 0, reason,
                                 {spec_.limit, restarts_, self_.now()});
  tell_decision(pid, pattern(), plan.decision, reason);
  if (plan.decision == Decision::restart) {
    restarting_.push_back({pid, std::move(spec)});
    auto restarting = restart_simple(pid);
    co_await restarting;
  } else if (plan.decision == Decision::give_up) {
    give_up();
  } else {
    ended_for_good(pattern().significant);
  }
}

Task<void> Supervisor::restart_simple(Pid pid) {
  const Dynamic* const found = restarting_.find(pid);
  if (found == nullptr) co_return;
  if (!count_restart()) {
    report_give_up(pattern(), pid);
    give_up();
    co_return;
  }
  const Spec spec = found->spec;
  auto starting = start(spec);
  const Started started = co_await starting;
  if (!started && !started.ignored) {
    self_.send<TryAgainRestart>(self_.pid(), Atom(), pid);
    co_return;
  }
  restarting_.erase(pid);
  if (started) dynamic_.push_back({started.pid, spec});
}

// A child ended and is not restarted. OTP: do_auto_shutdown.
void Supervisor::ended_for_good(bool significant) {
  if (!significant || spec_.auto_shutdown == AutoShutdown::never) return;
  if (spec_.auto_shutdown == AutoShutdown::any_significant || !has_significant()) {
    self_.stop(Term(atoms::shutdown));
  }
}

// Is any significant child running or about to?
bool Supervisor::has_significant() const {
  if (is_simple()) return !dynamic_.empty() || !restarting_.empty();
  for (const Child& child : children_) {
    if (child.spec->significant && (!child.pid.is_null() || child.restarting)) return true;
  }
  return false;
}

void Supervisor::note_restart() {
  const Instant now = self_.now();
  const std::size_t old = restarts_.size() - restarts_within(restarts_, spec_.limit.period, now);
  // Not each time one gets old: that would move all the others.
  if (old > restarts_.size() / 2) {
    restarts_.erase(restarts_.begin(), restarts_.begin() + static_cast<std::ptrdiff_t>(old));
  }
  restarts_.push_back(now);
}

bool Supervisor::count_restart() {
  note_restart();
  return restarts_within(restarts_, spec_.limit.period, self_.now()) <= spec_.limit.intensity;
}

// What is reported then: report_give_up.
void Supervisor::give_up() {
  self_.stop(Term(atoms::shutdown));
}

}  // namespace glasshouse::runtime
