#include "runtime/behaviour/gen_server.h"

#include "runtime/behaviour/proc_lib.h"

namespace glasshouse::runtime {

Started CallWait::take_started(Pid child) {
  const MessagePtr message = finish();
  if (!message) {
    if (timed_out()) proc_lib::give_up(Self(process_), child);
    return {.pid = {}, .ignored = false, .error = failure()};
  }
  StartAnswer& answer = static_cast<BoxedReply<Start>&>(*message).value;
  if (answer.outcome == atoms::ok) {
    return {.pid = child, .ignored = false, .error = {}, .info = std::move(answer.detail)};
  }
  if (answer.outcome == atoms::ignore) return {.pid = {}, .ignored = true, .error = {}};
  return {.pid = {}, .ignored = false, .error = std::move(answer.detail)};
}

StartWait::StartWait(Process& process, const StartFunction& start)
    : StartWait(process, start, process.make_ref()) {}

StartWait::StartWait(Process& process, const StartFunction& start, Ref ref)
    : CallWait(process, Pid(), Duration::infinity(), nullptr, ref) {
  child_ = start(process, CallFrom{process.pid(), ref});
  wait_for(child_);
  if (child_.is_null()) fail_unanswered(tuple(Term("bad_return_value"_atom), Term()));
}

Started StartWait::await_resume() {
  return take_started(child_);
}

void require_enter_loop(Self self, Atom name) {
  if (!proc_lib::was_started_here(self)) {
    self.exit(Term("process_was_not_started_by_proc_lib"_atom));
  }
  if (name == Atom()) return;
  if (self.process().name() != name) self.exit(Term("process_not_registered"_atom));
}

Task<void> stop(Self self, To server, Term reason, Duration timeout) {
  Pid pid = server.pid();
  if (server.by_name()) {
    const bool is_here = !server.is_elsewhere(self.node().name());
    pid = is_here ? self.whereis(server.name()).value_or(Pid()) : Pid();
  }
  if (pid.is_null()) self.exit(Term(atoms::noproc));
  if (pid == self.pid()) self.exit(Term("calling_self"_atom));
  const Ref watch = self.monitor(pid);
  const auto asked = send_request<SystemMessage>(self, pid, tuple(Term("terminate"_atom), reason));
  auto ending =
      self.receive_if<Down>([watch](const Down& down) { return down.ref == watch; }, timeout);
  const std::optional<Down> down = co_await ending;
  detail::give_up_request(self, asked.ref);
  if (!down) {
    self.demonitor(watch);
    self.exit(Term(atoms::timeout));
  }
  if (down->reason != reason) self.exit(down->reason);
}

}  // namespace glasshouse::runtime
