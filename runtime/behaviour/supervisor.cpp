#include "runtime/behaviour/supervisor.h"

#include <algorithm>
#include <utility>

#include "runtime/observe/metrics.h"
#include "runtime/observe/reports.h"
#include "runtime/term/print.h"

namespace glasshouse::runtime {

namespace {

// How many children its description names.
constexpr std::size_t children_described_max = 100;

ChildAnswer ok(Pid pid, Term info = {}) {
  return {.pid = pid, .error = Term(), .info = std::move(info)};
}
ChildAnswer failed(Term error) {
  return {.pid = Pid(), .error = std::move(error)};
}

}  // namespace

Term ChildAnswer::term() const {
  if (!ok()) return tuple(Term(atoms::error), error);
  const Term child = pid.is_null() ? Term() : Term(pid);
  if (info.is_undefined()) return tuple(Term(atoms::ok), child);
  return tuple(Term(atoms::ok), child, info);
}

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

Supervisor::Supervisor(Self self, SupervisorSpec spec)
    : Supervisor(self, std::move(spec), Atom()) {}
// NOLINTNEXTLINE(performance-unnecessary-value-param): it is the supervisor's, as a spec is
Supervisor::Supervisor(Self self, SupervisorInit init)
    : Supervisor(self, init.make(), init.module) {}

Supervisor::Supervisor(Self self, SupervisorSpec spec, Atom module)
    : self_(self), spec_(std::move(spec)), module_(module) {
  self_.trap_exit(true);
  if (spec_.limit.period <= Duration::zero()) {
    const Term period(spec_.limit.period.nanoseconds() / 1'000'000'000);
    self_.exit(tuple(Term("supervisor_data"_atom), tuple(Term("invalid_period"_atom), period)));
  }
  if (is_simple() && spec_.children.size() != 1) {
    std::vector<Term> ids;
    for (const ChildSpec& child : spec_.children)
      ids.emplace_back(child.id);
    self_.exit(tuple(Term("bad_start_spec"_atom), list_of(std::move(ids))));
  }
  if (is_simple() && !spec_.children.front().start) {
    // The pattern says what all have in common, and that is not the start.
    spec_.children.front().start = [](Process&, CallFrom) { return Pid(); };
  }
  const Term good = check_childspecs(spec_.children, spec_.auto_shutdown);
  if (!good.is_atom()) self_.exit(tuple(Term("start_spec"_atom), good.element(1)));
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
    const auto shared = std::make_shared<const ChildSpec>(spec);
    auto starting = start(shared);
    const Started started = co_await starting;
    if (!started && !started.ignored) {
      auto stopping = stop_all();
      co_await stopping;
      self_.exit(tuple(Term(atoms::shutdown),
                       tuple(Term("failed_to_start_child"_atom), Term(spec.id), started.error)));
    }
    // OTP: a temporary child that is ignored leaves no specification.
    if (!started && spec.restart == Restart::temporary) continue;
    children_.push_back({shared, Pid(), false});
    set_running(spec.id, started.pid);
  }
}

void Supervisor::set_running(Atom id, Pid pid) {
  children_.find(id)->pid = pid;
  if (!pid.is_null()) running_.push_back({pid, id});
}

void Supervisor::set_down(Child& child) {
  running_.erase(child.pid);
  child.pid = Pid();
}

bool Supervisor::is_alive(Pid pid) const {
  const Process* const process = self_.node().find(pid);
  return process != nullptr && process->pid() == pid && process->is_alive();
}

// A start function that throws is a start that failed. OTP: {error, {'EXIT', Reason}}.
Task<Started> Supervisor::start(Spec spec) {
  Started started;
  std::optional<StartWait> wait;
  try {
    wait.emplace(self_.process(), spec->start);
  } catch (...) {
    started.error = tuple(Term(atoms::exit_upper), exit_reason_of(std::current_exception()));
  }
  if (wait) {
    StartWait& answer = *wait;
    started = co_await answer;
    if (!started && !wait->child().is_null()) {
      // The exit of one that failed to start is news already told.
      self_.process().fetch();
      self_.process().drop_mail([pid = wait->child()](const Message& message) {
        return same_type(message.type, message_type<Exit>()) && body_of<Exit>(message).from == pid;
      });
    }
  }
  if (started) {
    tell_started(*spec, started.pid);
  } else if (!started.ignored) {
    tell_error("start_error", *spec, Pid(), started.error);
  }
  co_return started;
}

// -- requests -----------------------------------------------------------------------------------

Task<ChildAnswer> Supervisor::start_simple(Spec offered) {
  auto starting = start(offered);
  Started started = co_await starting;
  if (!started) co_return started.ignored ? ok(Pid()) : failed(started.error);
  // OTP: do_not_save_start_parameters_for_temporary_children.
  if (pattern().restart == Restart::temporary) offered = nullptr;
  dynamic_.push_back({started.pid, std::move(offered)});
  co_return ok(started.pid, std::move(started.info));
}

Task<ChildAnswer> Supervisor::handle(StartChild request) {
  const Spec offered = std::move(request.offer.spec);
  if (is_simple()) {
    auto starting = start_simple(offered);
    co_return co_await starting;
  }
  const Term good = check_childspecs(std::span(offered.get(), 1), spec_.auto_shutdown);
  if (!good.is_atom()) co_return failed(good.element(1));
  if (const Child* known = children_.find(offered->id)) {
    if (known->pid.is_null()) co_return failed(Term("already_present"_atom));
    co_return failed(tuple(Term(atoms::already_started), Term(known->pid)));
  }
  auto starting = start(offered);
  Started started = co_await starting;
  if (!started && !started.ignored) {
    co_return failed(tuple(started.error, child_term(*offered)));
  }
  if (!started && offered->restart == Restart::temporary) co_return ok(Pid());
  children_.push_back({offered, Pid(), false});
  set_running(offered->id, started.pid);
  co_return ok(started.pid, std::move(started.info));
}

Task<ChildAnswer> Supervisor::handle(TerminateChild request) {
  if (is_simple()) {
    if (request.pid.is_null()) co_return failed(Term(atoms::simple_one_for_one));
    if (dynamic_.contains(request.pid)) {
      const auto shared = std::make_shared<const ChildSpec>(pattern());
      auto stopping = stop(request.pid, shared);
      co_await stopping;
      dynamic_.erase(request.pid);
    } else if (!restarting_.erase(request.pid) && is_alive(request.pid)) {
      co_return failed(Term(atoms::not_found));
    }
    co_return ok(Pid());  // OTP: also for one that is dead, whoever it was
  }
  if (!children_.contains(request.id)) co_return failed(Term(atoms::not_found));
  auto stopping = stop_child(request.id);
  co_await stopping;
  Child& child = *children_.find(request.id);
  child.restarting = false;
  if (child.spec->restart == Restart::temporary) children_.erase(request.id);
  co_return ok(Pid());
}

ChildAnswer Supervisor::handle(DeleteChild request) {
  if (is_simple()) return failed(Term(atoms::simple_one_for_one));
  const Child* const child = children_.find(request.id);
  if (child == nullptr) return failed(Term(atoms::not_found));
  if (child->restarting) return failed(Term(atoms::restarting));
  if (!child->pid.is_null()) return failed(Term("running"_atom));
  children_.erase(request.id);
  return ok(Pid());
}

Task<ChildAnswer> Supervisor::handle(RestartChild request) {
  if (is_simple()) co_return failed(Term(atoms::simple_one_for_one));
  const Child* const child = children_.find(request.id);
  if (child == nullptr) co_return failed(Term(atoms::not_found));
  if (child->restarting) co_return failed(Term(atoms::restarting));
  if (!child->pid.is_null()) co_return failed(Term("running"_atom));
  auto starting = start(child->spec);
  Started started = co_await starting;
  if (!started && !started.ignored) co_return failed(started.error);
  set_running(request.id, started.pid);
  co_return ok(started.pid, std::move(started.info));
}

std::vector<ChildRow> Supervisor::handle(WhichChildren) const {
  std::vector<ChildRow> rows;
  rows.reserve(children_.size() + dynamic_.size() + restarting_.size());
  for (const Child& child : children_) {
    const ChildSpec& spec = *child.spec;
    rows.push_back({spec.id, child.pid, child.restarting, spec.type, spec.restart, spec.modules});
  }
  std::reverse(rows.begin(), rows.end());
  const auto add_dynamic = [&](Pid pid, bool restarting) {
    rows.push_back({Atom(), pid, restarting, pattern().type, pattern().restart, pattern().modules});
  };
  for (const Dynamic& child : dynamic_)
    add_dynamic(child.pid, false);
  for (std::size_t i = 0; i < restarting_.size(); ++i)
    add_dynamic(Pid(), true);
  return rows;
}

ChildCount Supervisor::handle(CountChildren) const {
  if (is_simple()) {
    const std::uint64_t all = dynamic_.size() + restarting_.size();
    const bool workers = pattern().type == ChildType::worker;
    return {.specs = 1,
            .active = dynamic_.size(),
            .supervisors = workers ? 0 : all,
            .workers = workers ? all : 0};
  }
  ChildCount count{.specs = children_.size(), .active = running_.size()};
  for (const Child& child : children_)
    ++(child.spec->type == ChildType::worker ? count.workers : count.supervisors);
  return count;
}

ChildSpecAnswer Supervisor::handle(GetChildSpec request) const {
  if (is_simple()) {
    const bool is_ours = dynamic_.contains(request.pid) || restarting_.contains(request.pid) ||
                         (request.pid.is_null() && request.id == pattern().id);
    if (!is_ours) return {};
    return {offer_of(pattern())};
  }
  const Running* const running = request.pid.is_null() ? nullptr : running_.find(request.pid);
  const Child* const child = children_.find(running == nullptr ? request.id : running->id);
  if (child == nullptr) return {};
  return {{child->spec}};
}

// -- what is told -------------------------------------------------------------------------------

void Supervisor::tell_decision(Pid child, const ChildSpec& spec, Decision decision,
                               const Term& reason) {
  // A start that is tried again is no child that terminated.
  const bool is_news = spec.restart == Restart::permanent || !is_orderly(reason);
  if (!child.is_null() && is_news) report_error("child_terminated", spec, child, reason);
  if (decision == Decision::give_up) report_give_up(spec, child);
  if (decision == Decision::restart) self_.node().metrics().count_restart();
  if (!self_.node().wants(EventKind::restart)) return;
  const std::size_t used = restarts_within(restarts_, spec_.limit.period, self_.now());
  const std::string why =
      std::string(spec.id.text()) + " ended with " + to_string(reason, {.bytes_max = 200}) + ": " +
      std::string(decision_name(decision).text()) + " (" + std::to_string(used) + " of " +
      std::to_string(spec_.limit.intensity) + " in " + to_string(spec_.limit.period) + ")";
  self_.node().emit({.kind = EventKind::restart,
                     .name = decision_name(decision),
                     .subject = self_.process().key(),
                     .peer = self_.node().key_of(child),
                     .argument = static_cast<std::int64_t>(used)},
                    std::string_view(why));
}

void Supervisor::tell_started(const ChildSpec& spec, Pid pid) {
  if (self_.node().logger().allows(LogLevel::info)) {
    log_progress(self_.process(), child_report(spec, pid));
  }
  if (!self_.node().wants(EventKind::child)) return;
  self_.node().emit({.kind = EventKind::child,
                     .name = spec.id,
                     .subject = self_.process().key(),
                     .peer = self_.node().key_of(pid),
                     .argument = static_cast<std::int64_t>(spec.restart)});
}

// OTP: the supervisor reports start_error and shutdown_error.
void Supervisor::tell_error(std::string_view context, const ChildSpec& spec, Pid pid,
                            const Term& reason) {
  report_error(context, spec, pid, reason);
  if (!self_.node().wants(EventKind::log)) return;
  std::string report = std::string(context) + ": " + std::string(spec.id.text());
  if (!pid.is_null()) report += " " + to_string(Term(pid));
  report += ", reason " + to_string(reason, {.bytes_max = 200});
  self_.node().emit(
      {.kind = EventKind::log, .name = atoms::error, .subject = self_.process().key()},
      std::string_view(report));
}

void Supervisor::report_error(std::string_view context, const ChildSpec& spec, Pid pid,
                              const Term& reason) {
  if (!self_.node().logger().allows(LogLevel::error)) return;
  log_supervisor_error(self_.process(), context, reason, child_report(spec, pid));
}

void Supervisor::report_give_up(const ChildSpec& spec, Pid pid) {
  report_error("shutdown", spec, pid, Term("reached_max_restart_intensity"_atom));
}

Term Supervisor::describe() const {
  std::vector<Term> children;
  for (const Child& child : children_) {
    if (children.size() == children_described_max) break;
    children.push_back(tuple(Term(child.spec->id), child.restarting      ? Term(atoms::restarting)
                                                   : child.pid.is_null() ? Term(atoms::undefined)
                                                                         : Term(child.pid)));
  }
  const std::size_t others = dynamic_.size() + children_.size() - children.size();
  if (is_simple() || others > 0) children.emplace_back(static_cast<std::int64_t>(others));
  return map(Term("strategy"_atom), Term(strategy_name(spec_.strategy)), Term("intensity"_atom),
             Term(static_cast<std::int64_t>(spec_.limit.intensity)), Term("period"_atom),
             Term(spec_.limit.period.nanoseconds()), Term("restarts"_atom),
             Term(static_cast<std::int64_t>(restarts_.size())), Term("children"_atom),
             list_of(std::move(children)));
}

}  // namespace glasshouse::runtime
