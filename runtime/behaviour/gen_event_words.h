#pragma once
// What the author of an event handler writes, and the interface behind which a manager keeps it.
// Plain values. gen_event.h tells what they are for.

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "runtime/behaviour/gen_server.h"

namespace glasshouse::runtime::gen_event {

// OTP: Module, or {Module, Id} where Id is not false.
struct HandlerId {
  Atom module;
  Term id = Term(false);
  Term term() const;
  friend bool operator==(const HandlerId&, const HandlerId&) = default;
};
// The same for a handler of class H.
template <class H>
struct IdOf {
  Term id = Term(false);
  HandlerId untyped() const { return {Atom(type_name<H>()), id}; }
};

// To the process that added a supervised handler, when that is gone: {gen_event_EXIT, Handler,
// Reason}. Reason: normal, shutdown (the manager ended), {swapped, NewHandler, Pid}, or what it
// died of.
struct HandlerExit {
  HandlerId handler;
  Term reason;
};

// What the handler before said at its end, as the last argument of a constructor that wants it:
// `error` if there was none. OTP: init({Args, Term}).
struct Swapped {
  Term result;
};

// Thrown by a constructor: no handler. The adder is answered {error, Reason}.
struct Refuse {
  Term reason;
};

class Handler;

// A handler that is still to be made, in the manager's process.
struct Spec {
  HandlerId id;
  std::function<std::unique_ptr<Handler>(Self manager, const Swapped& before)> make;
};

// -- what a handler returns -----------------------------------------------------------------------

struct Result {
  enum class What : std::uint8_t { ok, hibernate, remove_handler, swap_handler };
  What what = What::ok;
  Term args = {};  // of swap_handler: what terminate of this one gets
  Spec next = {};
};
template <class Reply>
struct Answer {
  Reply reply;
  Result then;
};

inline Result ok() {
  return {};
}
// Gives memory back until the next event.
inline Result hibernate() {
  return {.what = Result::What::hibernate, .args = {}, .next = {}};
}
inline Result remove_handler() {
  return {.what = Result::What::remove_handler, .args = {}, .next = {}};
}
// H takes the place of this handler, made from `args2...` and perhaps Swapped.
template <class H, class... Args>
Result swap_handler(Term args1, IdOf<H> next, Args... args2);
template <class Reply>
Answer<Reply> answer(Reply reply, Result then) {
  return {std::move(reply), std::move(then)};
}

// -- the typed part -------------------------------------------------------------------------------

// What a handler did: at once, or as a Task that will have done it.
struct Done {
  MessagePtr reply = nullptr;  // of a call
  Result result = {};
};
struct Step {
  std::optional<Done> now;
  std::optional<Task<Done>> later;
};

// Any handler, as the manager sees it.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Step event(const Message& event) = 0;
  virtual Step info(const Message& message) = 0;
  // Neither now nor later: it does not accept such a call.
  virtual Step call(const Message& request) = 0;
  virtual Term terminate(const Term& why) = 0;
  virtual Term state() const = 0;
  virtual Status format_status(Status status) const = 0;
  virtual void replace_state(const Term& wanted) = 0;
  // Its code_change. A copy that has changed, so that nothing has yet; null, and it changed itself,
  // where it cannot be copied. Throws undef without one, and {badmatch, Why} where it said why not.
  virtual std::unique_ptr<Handler> change_code(const Term& old_version, const Term& extra) = 0;
};

}  // namespace glasshouse::runtime::gen_event

namespace glasshouse::runtime {

template <>
struct Conversion<gen_event::HandlerExit> {
  static Term to_term(const gen_event::HandlerExit& exit);
  static Result<gen_event::HandlerExit> from_term(const Term& term);
};

}  // namespace glasshouse::runtime
