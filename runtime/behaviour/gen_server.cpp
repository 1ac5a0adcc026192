#include "runtime/behaviour/gen_server.h"

namespace glasshouse::runtime {

Started CallWait::take_started(Pid child) {
  const MessagePtr message = finish();
  if (!message) return {.pid = {}, .ignored = false, .error = failure()};
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
}

Started StartWait::await_resume() {
  return take_started(child_);
}

}  // namespace glasshouse::runtime
