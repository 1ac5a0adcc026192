#include "runtime/behaviour/supervisor.h"

#include <algorithm>
#include <utility>

#include "runtime/term/print.h"

namespace glasshouse::runtime {

ChildOffer offer_of(ChildSpec spec) {
  return {std::make_shared<const ChildSpec>(std::move(spec))};
}

ChildSpec supervisor_child(Atom id, SupervisorSpec spec, Restart restart) {
  StartFunction start = [id, held = std::move(spec)](Process& parent, CallFrom starter) {
    SpawnOptions options;
    options.initial = held.name == Atom() ? id : held.name;
    options.link = true;
    options.starter = starter;
    return spawn_process<&serve<Supervisor, SupervisorSpec>>(parent.node(), &parent, options,
                                                             held.name, held);
  };
  return {.id = id,
          .start = std::move(start),
          .restart = restart,
          .shutdown = Shutdown::infinity(),
          .type = ChildType::supervisor};
}

ServerStart<Supervisor> start_supervisor(Self self, SupervisorSpec spec) {
  const Atom name = spec.name;
  return start_link_as<Supervisor>(self, name, std::move(spec));
}

PidOf<Supervisor> start_supervisor_on(Node& node, SupervisorSpec spec) {
  const Atom name = spec.name;
  return start_on<Supervisor>(node, name, std::move(spec));
}

Supervisor::Supervisor(Self self, SupervisorSpec spec) : self_(self), spec_(std::move(spec)) {
  self_.trap_exit(true);
  if (is_simple() && spec_.children.size() != 1) {
    self_.exit(tuple(Term("start_spec"_atom), Term("bad_simple_one_for_one"_atom)));
  }
  if (self_.node().wants(EventKind::supervisor)) {
    self_.node().emit({.kind = EventKind::supervisor,
                       .name = strategy_name(spec_.strategy),
                       .subject = self_.process().key(),
                       .message = static_cast<std::uint64_t>(spec_.limit.period.nanoseconds()),
                       .argument = spec_.limit.intensity});
  }
}

Task<void> Supervisor::init() {
  if (is_simple()) co_return;
  for (const ChildSpec& spec : spec_.children) {
    if (index_of(spec.id) != children_.size()) {
      self_.exit(
          tuple(Term("start_spec"_atom), tuple(Term("duplicate_child_name"_atom), Term(spec.id))));
    }
    Child child{std::make_shared<const ChildSpec>(spec), Pid(), false};
    auto starting = start(child);
    const Started started = co_await starting;
    child.pid = started.pid;
    if (!started && !started.ignored) {
      auto stopping = stop_all();
      co_await stopping;
      self_.exit(tuple(Term(atoms::shutdown),
                       tuple(Term("failed_to_start_child"_atom), Term(spec.id), started.error)));
    }
    children_.push_back(std::move(child));
  }
}

std::size_t Supervisor::index_of(Atom id) const {
  const auto found = std::find_if(children_.begin(), children_.end(),
                                  [&](const Child& child) { return child.spec->id == id; });
  return static_cast<std::size_t>(found - children_.begin());
}

std::size_t Supervisor::index_of(Pid pid) const {
  const auto found = std::find_if(children_.begin(), children_.end(),
                                  [&](const Child& child) { return child.pid == pid; });
  return static_cast<std::size_t>(found - children_.begin());
}

Task<Started> Supervisor::start(Child child) {
  StartWait wait(self_.process(), child.spec->start);
  Started started = co_await wait;
  if (!started) {
    // The exit of one that failed to start is news already told.
    self_.process().fetch();
    self_.process().drop_mail([pid = wait.child()](const Message& message) {
      return same_type(message.type, message_type<Exit>()) && body_of<Exit>(message).from == pid;
    });
  }
  child.pid = started.pid;
  if (started) tell_child(child);
  co_return started;
}

// OTP: supervisor:shutdown/1. The exit signal of the link comes before the Down.
Task<void> Supervisor::stop(Pid pid, Shutdown shutdown) {
  const Ref ref = self_.monitor(pid);
  self_.exit(pid, Term(shutdown.is_brutal() ? atoms::kill : atoms::shutdown));
  const auto is_ours = [ref](const Down& down) { return down.ref == ref; };
  auto patient = self_.receive_if<Down>(
      is_ours, shutdown.is_brutal() ? Duration::infinity() : shutdown.within());
  std::optional<Down> down = co_await patient;
  if (!down) {
    self_.exit(pid, Term(atoms::kill));
    auto killed = self_.receive_if<Down>(is_ours);
    down = co_await killed;
  } else if (!shutdown.is_brutal() && !is_orderly(down->reason) &&
             down->reason != Term(atoms::noproc)) {
    self_.log(Self::Level::error, "shutdown_error: " + to_string(Term(pid)) + " exited with " +
                                      to_string(down->reason));
  }
  self_.process().drop_mail([pid](const Message& message) {
    return same_type(message.type, message_type<Exit>()) && body_of<Exit>(message).from == pid;
  });
}

Task<void> Supervisor::stop_all() {
  for (auto child = children_.rbegin(); child != children_.rend(); ++child) {
    if (child->pid.is_null()) continue;
    auto stopping = stop(child->pid, child->spec->shutdown);
    co_await stopping;
    child->pid = Pid();
  }
}

// OTP: all get their signal at once, and share one time limit.
Task<void> Supervisor::stop_simple() {
  const Shutdown shutdown = spec_.children.front().shutdown;
  std::map<Ref, Pid> waiting;
  for (const auto& [pid, spec] : dynamic_) {
    waiting.emplace(self_.monitor(pid), pid);
    self_.exit(pid, Term(shutdown.is_brutal() ? atoms::kill : atoms::shutdown));
  }
  const Instant deadline = self_.now() + shutdown.within();
  bool patient = !shutdown.is_brutal();
  while (!waiting.empty()) {
    const Duration left = patient ? deadline - self_.now() : Duration::infinity();
    auto next = self_.receive<Down>(left);
    const std::optional<Down> down = co_await next;
    if (down) {
      waiting.erase(down->ref);
    } else {
      patient = false;
      for (const auto& [ref, pid] : waiting)
        self_.exit(pid, Term(atoms::kill));
    }
  }
  dynamic_.clear();
}

Task<void> Supervisor::terminate(Term) {
  if (is_simple()) {
    auto stopping = stop_simple();
    co_await stopping;
  } else {
    auto stopping = stop_all();
    co_await stopping;
  }
}

// -- requests -----------------------------------------------------------------------------------

namespace {

ChildAnswer ok(Pid pid) {
  return {.pid = pid, .error = Term()};
}
ChildAnswer failed(Term error) {
  return {.pid = Pid(), .error = std::move(error)};
}

}  // namespace

Task<ChildAnswer> Supervisor::start_simple(std::shared_ptr<const ChildSpec> offered) {
  Child child{std::move(offered), Pid(), false};
  auto starting = start(child);
  const Started started = co_await starting;
  if (!started) co_return started.ignored ? ok(Pid()) : failed(started.error);
  dynamic_.emplace(started.pid, child.spec);
  co_return ok(started.pid);
}

Task<ChildAnswer> Supervisor::handle(StartChild request) {
  std::shared_ptr<const ChildSpec> offered = std::move(request.offer.spec);
  if (is_simple()) {
    auto starting = start_simple(std::move(offered));
    co_return co_await starting;
  }
  const std::size_t index = index_of(offered->id);
  if (index < children_.size()) {
    const Pid running = children_[index].pid;
    if (running.is_null()) co_return failed(Term("already_present"_atom));
    co_return failed(tuple(Term(atoms::already_started), Term(running)));
  }
  Child child{std::move(offered), Pid(), false};
  auto starting = start(child);
  const Started started = co_await starting;
  if (!started && !started.ignored) co_return failed(started.error);
  child.pid = started.pid;
  children_.push_back(std::move(child));
  co_return ok(started.pid);
}

Task<ChildAnswer> Supervisor::handle(TerminateChild request) {
  if (is_simple()) {
    if (dynamic_.count(request.pid) == 0) co_return failed(Term(atoms::not_found));
    auto stopping = stop(request.pid, spec_.children.front().shutdown);
    co_await stopping;
    dynamic_.erase(request.pid);
    co_return ok(Pid());
  }
  std::size_t index = index_of(request.id);
  if (index == children_.size()) co_return failed(Term(atoms::not_found));
  children_[index].restarting = false;
  if (!children_[index].pid.is_null()) {
    auto stopping = stop(children_[index].pid, children_[index].spec->shutdown);
    co_await stopping;
    children_[index].pid = Pid();
  }
  if (children_[index].spec->restart == Restart::temporary) {
    children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(index));
  }
  co_return ok(Pid());
}

ChildAnswer Supervisor::handle(DeleteChild request) {
  const std::size_t index = index_of(request.id);
  if (index == children_.size()) return failed(Term(atoms::not_found));
  if (children_[index].restarting) return failed(Term(atoms::restarting));
  if (!children_[index].pid.is_null()) return failed(Term("running"_atom));
  children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(index));
  return ok(Pid());
}

Task<ChildAnswer> Supervisor::handle(RestartChild request) {
  const std::size_t index = index_of(request.id);
  if (index == children_.size()) co_return failed(Term(atoms::not_found));
  if (children_[index].restarting) co_return failed(Term(atoms::restarting));
  if (!children_[index].pid.is_null()) co_return failed(Term("running"_atom));
  auto starting = start(children_[index]);
  const Started started = co_await starting;
  if (!started && !started.ignored) co_return failed(started.error);
  children_[index].pid = started.pid;
  co_return ok(started.pid);
}

std::vector<ChildRow> Supervisor::handle(WhichChildren) const {
  std::vector<ChildRow> rows;
  for (const Child& child : children_) {
    rows.push_back(
        {child.spec->id, child.pid, child.restarting, child.spec->type, child.spec->restart});
  }
  for (const auto& [pid, spec] : dynamic_) {
    rows.push_back({Atom(), pid, false, spec->type, spec->restart});
  }
  return rows;
}

ChildCount Supervisor::handle(CountChildren) const {
  if (is_simple()) {
    const std::uint64_t active = dynamic_.size();
    const bool workers = spec_.children.front().type == ChildType::worker;
    return {.specs = 1,
            .active = active,
            .supervisors = workers ? 0 : active,
            .workers = workers ? active : 0};
  }
  ChildCount count{.specs = children_.size()};
  for (const Child& child : children_) {
    if (!child.pid.is_null()) ++count.active;
    ++(child.spec->type == ChildType::worker ? count.workers : count.supervisors);
  }
  return count;
}

// -- restarts -----------------------------------------------------------------------------------

Task<void> Supervisor::handle(Exit exit) {
  if (is_simple()) {
    auto ended = simple_ended(exit.from, std::move(exit.reason));
    co_await ended;
    co_return;
  }
  // No child of ours: OTP ignores it, too. Nobody is no child, though one may have no process.
  if (exit.from.is_null()) co_return;
  const std::size_t index = index_of(exit.from);
  if (index == children_.size()) co_return;
  children_[index].pid = Pid();
  auto ended = child_ended(index, exit.from, std::move(exit.reason));
  co_await ended;
}

Task<void> Supervisor::handle(TryAgainRestart again) {
  if (is_simple()) {
    auto restarting = restart_simple(again.pid);
    co_await restarting;
    co_return;
  }
  const std::size_t index = index_of(again.id);
  if (index == children_.size() || !children_[index].restarting) co_return;
  children_[index].restarting = false;
  auto ended = child_ended(index, Pid(), Term("restarting"_atom));
  co_await ended;
}

Task<void> Supervisor::child_ended(std::size_t index, Pid pid, Term reason) {
  std::vector<ChildState> states;
  for (const Child& child : children_) {
    states.push_back({child.spec->restart, !child.pid.is_null()});
  }
  Plan plan =
      plan_restart(spec_.strategy, states, index, reason, {spec_.limit, restarts_, self_.now()});
  const Decision decision = plan.decision;
  if (decision == Decision::restart || decision == Decision::give_up) {
    note_restart();
  }
  tell_decision(pid, children_[index].spec->id, decision, reason);
  if (decision == Decision::forget) {
    children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(index));
  } else if (decision == Decision::give_up) {
    give_up();
  } else if (decision == Decision::restart) {
    auto doing = carry_out(std::move(plan));
    co_await doing;
  }
}

// False if a start failed; then it is tried again through the mailbox, and counted again.
Task<bool> Supervisor::carry_out(Plan plan) {
  for (const std::size_t index : plan.stop) {
    auto stopping = stop(children_[index].pid, children_[index].spec->shutdown);
    co_await stopping;
    children_[index].pid = Pid();
  }
  for (std::size_t i = 0; i < plan.start.size(); ++i) {
    const std::size_t index = plan.start[i];
    auto starting = start(children_[index]);
    const Started started = co_await starting;
    if (started || started.ignored) {
      children_[index].pid = started.pid;
      continue;
    }
    // OTP: one_for_all undoes what it started and tries all again; rest_for_one goes on here.
    for (std::size_t undo = i; spec_.strategy == Strategy::one_for_all && undo-- > 0;) {
      Child& other = children_[plan.start[undo]];
      if (other.pid.is_null()) continue;
      auto stopping = stop(other.pid, other.spec->shutdown);
      co_await stopping;
      other.pid = Pid();
    }
    try_again(index);
    forget_temporaries(plan);
    co_return false;
  }
  forget_temporaries(plan);
  co_return true;
}

void Supervisor::try_again(std::size_t index) {
  children_[index].restarting = true;
  self_.send<TryAgainRestart>(self_.pid(), children_[index].spec->id, Pid());
}

void Supervisor::forget_temporaries(const Plan& plan) {
  for (const std::size_t index : plan.stop) {  // latest first: indexes stay right
    if (children_[index].spec->restart != Restart::temporary) continue;
    children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(index));
  }
}

Task<void> Supervisor::simple_ended(Pid pid, Term reason) {
  const auto found = dynamic_.find(pid);
  if (found == dynamic_.end()) co_return;
  const Restart kind = spec_.children.front().restart;
  const ChildState state{kind, false};
  const Plan plan = plan_restart(spec_.strategy, std::span(&state, 1), 0, reason,
                                 {spec_.limit, restarts_, self_.now()});
  tell_decision(pid, spec_.children.front().id, plan.decision, reason);
  restarting_.emplace(pid, std::move(found->second));
  dynamic_.erase(found);
  if (plan.decision == Decision::restart) {
    auto restarting = restart_simple(pid);
    co_await restarting;
  } else {
    restarting_.erase(pid);
    if (plan.decision == Decision::give_up) give_up();
  }
}

Task<void> Supervisor::restart_simple(Pid pid) {
  const auto found = restarting_.find(pid);
  if (found == restarting_.end()) co_return;
  if (!count_restart()) {
    give_up();
    co_return;
  }
  Child child{found->second, Pid(), false};
  auto starting = start(child);
  const Started started = co_await starting;
  if (!started && !started.ignored) {
    self_.send<TryAgainRestart>(self_.pid(), Atom(), pid);
    co_return;
  }
  restarting_.erase(pid);
  if (started) dynamic_.emplace(started.pid, child.spec);
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

void Supervisor::give_up() {
  self_.stop(Term(atoms::shutdown));
}

// -- what is told -------------------------------------------------------------------------------

void Supervisor::tell_decision(Pid child, Atom id, Decision decision, const Term& reason) {
  if (!self_.node().wants(EventKind::restart)) return;
  const std::size_t used = restarts_within(restarts_, spec_.limit.period, self_.now());
  const std::string why =
      std::string(id.text()) + " ended with " + to_string(reason, {.bytes_max = 200}) + ": " +
      std::string(decision_name(decision).text()) + " (" + std::to_string(used) + " of " +
      std::to_string(spec_.limit.intensity) + " in " + to_string(spec_.limit.period) + ")";
  self_.node().emit({.kind = EventKind::restart,
                     .name = decision_name(decision),
                     .subject = self_.process().key(),
                     .peer = self_.node().key_of(child),
                     .argument = static_cast<std::int64_t>(used)},
                    std::string_view(why));
}

void Supervisor::tell_child(const Child& child) {
  if (!self_.node().wants(EventKind::child)) return;
  self_.node().emit({.kind = EventKind::child,
                     .name = child.spec->id,
                     .subject = self_.process().key(),
                     .peer = self_.node().key_of(child.pid),
                     .argument = static_cast<std::int64_t>(child.spec->restart)});
}

Term Supervisor::describe() const {
  std::vector<Term> children;
  for (const Child& child : children_) {
    children.push_back(tuple(Term(child.spec->id), child.restarting      ? Term(atoms::restarting)
                                                   : child.pid.is_null() ? Term(atoms::undefined)
                                                                         : Term(child.pid)));
  }
  if (is_simple()) children.emplace_back(static_cast<std::int64_t>(dynamic_.size()));
  return map(Term("strategy"_atom), Term(strategy_name(spec_.strategy)), Term("intensity"_atom),
             Term(static_cast<std::int64_t>(spec_.limit.intensity)), Term("period"_atom),
             Term(spec_.limit.period.nanoseconds()), Term("restarts"_atom),
             Term(static_cast<std::int64_t>(restarts_.size())), Term("children"_atom),
             list_of(std::move(children)));
}

}  // namespace glasshouse::runtime
