#pragma once
// A call: a request with a fresh reference, answered under that reference or not at all.
//
// The request itself stands for the monitor that OTP's gen:call sets up: a process that exits with
// the request in its hands, its mailbox, or its list of open requests tells the caller why. So a
// call costs two messages, and what arrives after it ended is dropped.

#include <string>

#include "runtime/process/kept_request.h"
#include "runtime/process/pid_of.h"
#include "runtime/process/process.h"
#include "runtime/process/receive.h"

namespace glasshouse::runtime {

struct Started;

inline constexpr Duration call_timeout = Duration::seconds(5);  // OTP: gen_server:call/2

// What a call that may fail returns.
template <class M>
struct CallResult {
  std::optional<ReplyOf<M>> value;
  Term failure;  // why there is none: noproc, timeout, or the callee's exit reason
  explicit operator bool() const { return value.has_value(); }
};

class CallWait : public Wait {
 public:
  CallWait(const CallWait&) = delete;
  CallWait& operator=(const CallWait&) = delete;

  bool await_ready();
  void await_suspend(std::coroutine_handle<> where) {
    timer_.start();
    process_.suspend_in(*this, where);
  }
  bool poll(Process&) final { return slot_.done() || timer_.is_over(); }
  Atom what() const final { return atoms::call; }
  Pid whom() const final { return slot_.to; }

 protected:
  // `request` is a CallMessage under a reference of `process`, or null if it was sent already.
  CallWait(Process& process, To to, Duration timeout, MessagePtr request, Ref ref);
  ~CallWait();

  // For a request that was made otherwise: opens the slot for the answer of `callee`.
  void wait_for(Pid callee);
  // Unless the answer is there already: nobody else will give one.
  void fail_unanswered(Term reason);
  // Closes the slot. Null: the call failed with `failure()`.
  MessagePtr finish();
  // The same for the start of `child`.
  Started take_started(Pid child);
  const Term& failure() const { return slot_.failure; }
  const Message& request() const { return *request_; }
  // After finish() gave null: because of the time-out.
  bool timed_out() const { return !slot_.done(); }
  // Exits the caller with {Reason, {gen_server, call, [To, Request]}}, and with the time-out as
  // third where it is not call_timeout.
  [[noreturn]] void exit_caller(const Term& request) const;
  const To& callee() const { return to_; }
  // The request in full, if it came back, or else as it was `kept`.
  Term named_request(const Term& kept) const {
    return request_ ? request_->type->to_term(*request_) : kept;
  }

 private:
  void fail(Term reason);
  void tell_callee() const;  // it need not tell us of its exit

  Process& process_;
  To to_;
  MessagePtr request_;
  CallSlot slot_;
  WaitTimer timer_;
};

template <class M>
class Call final : public CallWait {
 public:
  template <class... Args>
  Call(Process& process, To to, Duration timeout, Args&&... args)
      : Call(process, to, timeout, process.make_ref(), std::forward<Args>(args)...) {}

  typename M::Reply await_resume() {
    MessagePtr answer = finish();
    if (!answer) exit_caller(kept_.term());
    if constexpr (!std::is_void_v<typename M::Reply>) {
      return std::move(static_cast<BoxedReply<M>&>(*answer).value);
    }
  }

 private:
  template <class... Args>
  Call(Process& process, To to, Duration timeout, Ref ref, Args&&... args)
      : CallWait(process, to, timeout,
                 make_call<M>(CallFrom{process.pid(), ref}, std::forward<Args>(args)...), ref),
        kept_(request()) {}

  [[no_unique_address]] detail::KeptRequest<M> kept_;
};

template <class M>
class TryCall final : public CallWait {
 public:
  template <class... Args>
  TryCall(Process& process, To to, Duration timeout, Args&&... args)
      : TryCall(process, to, timeout, process.make_ref(), std::forward<Args>(args)...) {}

  CallResult<M> await_resume() {
    MessagePtr answer = finish();
    if (!answer) return {.value = std::nullopt, .failure = failure()};
    return {.value = std::move(static_cast<BoxedReply<M>&>(*answer).value), .failure = Term()};
  }

 private:
  template <class... Args>
  TryCall(Process& process, To to, Duration timeout, Ref ref, Args&&... args)
      : CallWait(process, to, timeout,
                 make_call<M>(CallFrom{process.pid(), ref}, std::forward<Args>(args)...), ref) {}
};

}  // namespace glasshouse::runtime
