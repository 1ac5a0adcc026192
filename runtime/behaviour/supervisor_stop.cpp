// How a supervisor stops its children.

#include <algorithm>
#include <utility>

#include "runtime/behaviour/supervisor.h"

namespace glasshouse::runtime {

namespace {

Term word_of(const Shutdown& shutdown) {
  return Term(shutdown.is_brutal() ? atoms::kill : atoms::shutdown);
}

// Whether a child that was told to stop ended as it was told. OTP: supervisor:shutdown/1.
bool ended_as_told(const Term& reason, const Shutdown& shutdown, Restart restart) {
  if (reason == Term(shutdown.is_brutal() ? atoms::killed : atoms::shutdown)) return true;
  return restart != Restart::permanent && is_orderly(reason);
}

bool is_exit_of(const Message& message, Pid pid) {
  return same_type(message.type, message_type<Exit>()) && body_of<Exit>(message).from == pid;
}

// Of a child that was gone, or going, when it was monitored: the Exit of its link knows why, and
// has come or is on its way. OTP: supervisor:unlink_flush/2.
Task<Term> reason_of_exit(Self self, Pid pid) {
  self.process().fetch();
  const Relations* const relations = self.process().relations_if_any();
  const bool is_linked = relations != nullptr && relations->links.contains(pid);
  auto next = self.receive_if<Exit>([pid](const Exit& exit) { return exit.from == pid; },
                                    is_linked ? Duration::infinity() : Duration::zero());
  std::optional<Exit> exit = co_await next;
  co_return exit ? std::move(exit->reason) : Term("child_process_unlinked"_atom);
}

}  // namespace

// The exit signal of the link comes before the Down, but where the Down says noproc.
Task<void> Supervisor::stop(Pid pid, Spec spec) {
  const Shutdown& shutdown = spec->shutdown;
  const Ref ref = self_.monitor(pid);
  self_.exit(pid, word_of(shutdown));
  const auto is_ours = [ref](const Down& down) { return down.ref == ref; };
  auto patient = self_.receive_if<Down>(
      is_ours, shutdown.is_brutal() ? Duration::infinity() : shutdown.within());
  std::optional<Down> down = co_await patient;
  if (!down) {
    self_.exit(pid, Term(atoms::kill));
    auto killed = self_.receive_if<Down>(is_ours);
    down = co_await killed;
  }
  Term reason = std::move(down->reason);
  if (reason == Term(atoms::noproc)) {
    auto asking = reason_of_exit(self_, pid);
    reason = co_await asking;
  } else {
    self_.process().drop_mail([pid](const Message& message) { return is_exit_of(message, pid); });
  }
  if (!ended_as_told(reason, shutdown, spec->restart)) {
    tell_error("shutdown_error", *spec, pid, reason);
  }
}

// Its specification stays, without a process.
Task<void> Supervisor::stop_child(Atom id) {
  const Child& child = *children_.find(id);
  if (child.pid.is_null()) co_return;
  auto stopping = stop(child.pid, child.spec);
  co_await stopping;
  set_down(*children_.find(id));
}

Task<void> Supervisor::stop_all() {
  std::vector<Atom> ids;
  for (const Child& child : children_)
    ids.push_back(child.spec->id);
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    auto stopping = stop_child(*id);
    co_await stopping;
  }
}

// OTP: all get their signal at once, and share one time limit.
Task<void> Supervisor::stop_simple() {
  const Shutdown shutdown = pattern().shutdown;
  for (const Dynamic& child : dynamic_) {
    self_.monitor(child.pid);
    self_.exit(child.pid, word_of(shutdown));
  }
  const Instant deadline = self_.now() + shutdown.within();
  bool patient = !shutdown.is_brutal();
  while (!dynamic_.empty()) {
    // What was at hand may have been dealt with after the deadline.
    const Duration left =
        patient ? std::max(deadline - self_.now(), Duration::zero()) : Duration::infinity();
    // Exits, too, so that they do not pile up before the Downs.
    auto next = self_.receive<Exit, Down>(left);
    const auto news = co_await next;
    if (!news) {
      patient = false;
      for (const Dynamic& child : dynamic_)
        self_.exit(child.pid, Term(atoms::kill));
      continue;
    }
    const auto* const down = std::get_if<Down>(&*news);
    const Pid pid = down == nullptr ? std::get<Exit>(*news).from : down->pid;
    Term reason = down == nullptr ? std::get<Exit>(*news).reason : down->reason;
    if (!dynamic_.erase(pid)) continue;
    if (down != nullptr && reason == Term(atoms::noproc)) {
      auto asking = reason_of_exit(self_, pid);
      reason = co_await asking;
    }
    if (!ended_as_told(reason, shutdown, pattern().restart)) {
      tell_error("shutdown_error", pattern(), pid, reason);
    }
  }
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

}  // namespace glasshouse::runtime
