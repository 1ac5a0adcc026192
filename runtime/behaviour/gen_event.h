#pragma once
// gen_event: one process, the manager, and in it handlers of any classes, each of which gets every
// event it accepts. A handler that throws is removed, and only that one.
//
//   class Meter {
//    public:
//     using Accepts = Messages<Sold, Total>;
//     explicit Meter(std::int64_t start);            // or Meter(Self, ...): init
//     void handle(const Sold&);                      // an event: every handler gets it
//     std::int64_t handle(const Total&);             // a call to this handler: Total has a Reply
//     Term terminate(const Term& why);               // optional; or void
//   };
//   co_await gen_event::add_handler(self, manager, IdOf<Meter>(), 5);
//   gen_event::notify<Sold>(self, manager, 3);
//
// A handler of an event returns nothing, or a Result: ok(), remove_handler(), swap_handler(...). Of
// a call: the reply, or an Answer. Either may be a Task, for which all other handlers wait.
// handle_info(const M&) takes messages of Accepts that were sent without notify. What is not in
// Accepts passes a handler by. A constructor that throws Refuse{Reason} is init's {error, Reason}.
// Optional: describe(), replace_state(term), format_status(status), as in gen_server.h, of this
// handler alone; and code_change(old_version,
// extra), ok or why not, which sys::change_code(manager, Module, ...) calls in every handler of the
// class Module: in all of them or, if they can be copied, in none.
//
// Handlers run in the manager's process, the newest first. `why` of terminate is OTP's: what
// delete_handler or swap_handler said, remove_handler, stop, {stop, Reason} after the end of a
// supervising process, {error, {'EXIT', Reason}} after a throw.
//
// OTP: gen_event. Cases: docs/conformance.md, EVT.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/behaviour/gen_event_handler.h"
#include "runtime/behaviour/gen_event_words.h"
#include "runtime/behaviour/gen_server.h"
#include "runtime/behaviour/request.h"

namespace glasshouse::runtime::gen_event {

// -- starting and stopping ------------------------------------------------------------------------

// The manager as a child of a supervisor, perhaps under a registered name (undefined: none).
StartFunction child(Atom name = Atom());
// OTP: gen_event:start_link/0,1 and start/0,1. The awaiter gives Started.
StartWait start_link(Self self, Atom name = Atom());
// The same with handlers from its start on, the first the oldest; where one refuses or throws, the
// manager does not start: {error, What add_handler would say}.
template <class H, class... Args>
Spec handler(IdOf<H> id, Args... args) {
  return detail::spec_of<H>(std::move(id), std::move(args)...);
}
StartFunction child(Atom name, std::vector<Spec> handlers);
// And with OTP's start option hibernate_after: it hibernates whenever it has waited so long.
struct ManagerOptions {
  Atom name = {};  // undefined: none
  std::vector<Spec> handlers = {};
  Duration hibernate_after = Duration::infinity();
};
StartFunction child(ManagerOptions options);
StartWait start_link(Self self, ManagerOptions options);
StartWait start(Self self, ManagerOptions options);
// From outside any process; nobody waits for it.
Pid start_on(Node& node, Atom name, std::vector<Spec> handlers = {});
StartWait start(Self self, Atom name = Atom());
struct MonitoredStart {
  Started started;
  Ref monitor;
};
Task<MonitoredStart> start_monitor(Self self, Atom name = Atom());
// Returns when it has ended; exits with its reason if that is another one.
Task<void> stop(Self self, To manager, Term reason = Term(atoms::normal),
                Duration timeout = Duration::infinity());

// -- for everybody: a request exits its caller when there is no manager, or it dies ---------------

namespace detail {

// To the manager.
struct Notify {
  MessagePtr event;
};
struct ManagerAnswer {
  Term term;
  MessagePtr value;  // the BoxedReply of a call to a handler
};
struct ManagerRequest {
  using Reply = ManagerAnswer;
  enum class What : std::uint8_t { add, remove, swap, which, call, sync_notify };
  What what = What::which;
  bool supervised = false;  // by who asks
  HandlerId id = {};
  Term args = {};
  Spec spec = {};
  MessagePtr content = nullptr;  // of call and sync_notify: a Boxed message
};

template <class M, class H, class... Args>
ManagerRequest request_to(const IdOf<H>& handler, Args&&... args) {
  static_assert(accepts<H, M>, "this handler does not accept such a call");
  ManagerRequest request;
  request.what = ManagerRequest::What::call;
  request.id = handler.untyped();
  request.content = make_message<M>(std::forward<Args>(args)...);
  return request;
}
template <class M>
CallResult<M> result_of(ManagerAnswer answer) {
  if (!answer.value) return {.value = std::nullopt, .failure = std::move(answer.term)};
  return {.value = std::move(static_cast<BoxedReply<M>&>(*answer.value).value), .failure = {}};
}

void send_notify(Self self, To manager, MessagePtr event);
Task<void> send_sync_notify(Self self, To manager, MessagePtr event);
Task<Term> request(Self self, To manager, ManagerRequest request);
runtime::RequestId<ManagerRequest> send_request(Self self, To manager, ManagerRequest request);
// Exits as OTP's gen_event:call does; `where` is [Manager, Handler, Request, Timeout].
Task<ManagerAnswer> request_call(Self self, To manager, ManagerRequest request, Duration timeout);

}  // namespace detail

// Asynchronous; to nobody if there is no such manager. OTP: notify/2 (but an unknown name is no
// error here either).
template <Sendable M, class... Args>
void notify(Self self, To manager, Args&&... args) {
  detail::send_notify(self, manager, make_message<M>(std::forward<Args>(args)...));
}
// Returns when every handler has handled it.
template <Sendable M, class... Args>
Task<void> sync_notify(Self self, To manager, Args&&... args) {
  return detail::send_sync_notify(self, manager, make_message<M>(std::forward<Args>(args)...));
}

// ok; {error, Reason} of Refuse; {'EXIT', Reason} where the constructor throws otherwise. One class
// may be there many times, even under one id.
template <class H, class... Args>
Task<Term> add_handler(Self self, To manager, IdOf<H> id, Args... args) {
  detail::ManagerRequest request;
  request.what = detail::ManagerRequest::What::add;
  request.spec = detail::spec_of<H>(std::move(id), std::move(args)...);
  return detail::request(self, manager, std::move(request));
}
// The same, and it ends with this process ({stop, Reason}), which gets a HandlerExit if it ends
// otherwise. The two processes are linked meanwhile.
template <class H, class... Args>
Task<Term> add_sup_handler(Self self, To manager, IdOf<H> id, Args... args) {
  detail::ManagerRequest request;
  request.what = detail::ManagerRequest::What::add;
  request.supervised = true;
  request.spec = detail::spec_of<H>(std::move(id), std::move(args)...);
  return detail::request(self, manager, std::move(request));
}
// What its terminate returns (ok for void); {error, module_not_found}; {'EXIT', Reason}.
Task<Term> delete_handler(Self self, To manager, HandlerId handler, Term args);
template <class H>
Task<Term> delete_handler(Self self, To manager, IdOf<H> handler, Term args = Term()) {
  return delete_handler(self, manager, handler.untyped(), std::move(args));
}
// Ends `old` with terminate(args1), whose result the new one may have as Swapped. ok, or {error,
// Term} where add_handler would return Term; the old one is gone all the same. Supervision goes
// over with it.
template <class H, class Old, class... Args>
Task<Term> swap_handler(Self self, To manager, IdOf<Old> old, Term args1, IdOf<H> next,
                        Args... args2) {
  detail::ManagerRequest request;
  request.what = detail::ManagerRequest::What::swap;
  request.id = old.untyped();
  request.args = std::move(args1);
  request.spec = detail::spec_of<H>(std::move(next), std::move(args2)...);
  return detail::request(self, manager, std::move(request));
}
// The same; the new one is supervised by this process.
template <class H, class Old, class... Args>
Task<Term> swap_sup_handler(Self self, To manager, IdOf<Old> old, Term args1, IdOf<H> next,
                            Args... args2) {
  detail::ManagerRequest request;
  request.what = detail::ManagerRequest::What::swap;
  request.supervised = true;
  request.id = old.untyped();
  request.args = std::move(args1);
  request.spec = detail::spec_of<H>(std::move(next), std::move(args2)...);
  return detail::request(self, manager, std::move(request));
}
// [Module | {Module, Id}], the newest first.
Task<Term> which_handlers(Self self, To manager);

// Asks one handler. The failure is {error, bad_module} without such a handler, {error, {'EXIT',
// Reason}} if it throws, and then it is removed.
template <Sendable M, class H, class... Args>
Task<CallResult<M>> call_within(Self self, Duration timeout, To manager, IdOf<H> handler,
                                Args... args) {
  auto request = detail::request_to<M>(handler, std::move(args)...);
  auto asking = detail::request_call(self, manager, std::move(request), timeout);
  detail::ManagerAnswer answer = co_await asking;
  co_return detail::result_of<M>(std::move(answer));
}
template <Sendable M, class H, class... Args>
Task<CallResult<M>> call(Self self, To manager, IdOf<H> handler, Args... args) {
  return call_within<M>(self, call_timeout, manager, std::move(handler), std::move(args)...);
}

// The same in two halves, as in request.h: where there is no manager, or it ends, the failure says
// why; after the time-out it is `timeout`, and the request is given up. OTP:
// gen_event:send_request/3 and receive_response/2.
template <class M>
struct RequestId {
  runtime::RequestId<detail::ManagerRequest> of_manager;
};
template <Sendable M, class H, class... Args>
RequestId<M> send_request(Self self, To manager, IdOf<H> handler, Args&&... args) {
  auto request = detail::request_to<M>(handler, std::forward<Args>(args)...);
  return {detail::send_request(self, manager, std::move(request))};
}
template <class M>
Task<CallResult<M>> receive_response(Self self, RequestId<M> id,
                                     Duration timeout = Duration::infinity()) {
  auto waiting = runtime::receive_response(self, id.of_manager, timeout);
  CallResult<detail::ManagerRequest> answer = co_await waiting;
  if (answer) co_return detail::result_of<M>(std::move(*answer.value));
  co_return CallResult<M>{.value = std::nullopt, .failure = std::move(answer.failure)};
}

// For sys::replace_state, which gives and takes [{Module, Id, State}]: applies `change` to each
// triple by itself; where it throws, that handler keeps its state.
std::function<Term(const Term& states)> each_handler(std::function<Term(const Term&)> change);

}  // namespace glasshouse::runtime::gen_event

namespace glasshouse::runtime {

template <>
inline constexpr bool sendable_by_choice<gen_event::detail::Notify> = true;
template <>
inline constexpr bool sendable_by_choice<gen_event::detail::ManagerAnswer> = true;
template <>
inline constexpr bool sendable_by_choice<gen_event::detail::ManagerRequest> = true;

}  // namespace glasshouse::runtime
