#pragma once
// What the author of a state machine writes: events as a handler sees them, actions, and results.
// Plain values; a handler makes them and returns them, and nothing happens before that.
//
//   return next_state(State::open, state_timeout(10_s, Relock{}), reply(call, true));
//
// A handler that does not decide at compile time which actions it takes collects them in Actions
// (append) and hands those over instead. OTP: gen_statem, action() and event_handler_result().

#include <concepts>
#include <type_traits>
#include <utility>

#include "runtime/behaviour/gen_statem_core.h"

namespace glasshouse::runtime::gen_statem {

// The content of an event that says nothing but its type.
using runtime::Unit;

// -- events, as parameters of a handler. `content` belongs to the machine: copy what you keep. ----

// Who asked, and for what kind of answer. May be kept and answered in any later state.
template <class M>
struct From {
  CallFrom from;
};
template <class M>
struct CallEvent : From<M> {
  const M& content;
};
template <class M>
struct CastEvent {
  const M& content;
};
template <class M>
struct InfoEvent {
  const M& content;
};
template <class M>
struct InternalEvent {
  const M& content;
};
template <class M = Unit>
struct StateTimeout {
  const M& content;
};
template <class M = Unit>
struct EventTimeout {
  const M& content;
};
// OTP: {timeout, Name}.
template <class M = Unit>
struct NamedTimeout {
  const Term& name;
  const M& content;
};
// The state was entered. At the start `old` is the state itself, as after repeat_state.
template <class State>
struct Enter {
  const State& old;
};

// One value of an enum as a type: handle(At<State::open>, ...) is the function of that state.
template <auto Value>
struct At {
  static constexpr auto state = Value;
};

// -- actions --------------------------------------------------------------------------------------

// Answers a call; the handler of the call may do so, or any later one.
template <class M, class... Args>
SendReply reply(const From<M>& to, Args&&... value) {
  return {to.from, make_reply<M>(to.from.ref, std::forward<Args>(value)...)};
}

// The event comes again after the next change of state, before all newer ones.
inline Postpone postpone(bool on = true) {
  return {on};
}
// Gives memory back while it waits for the next event.
inline Hibernate hibernate(bool on = true) {
  return {on};
}

// Inserted before everything queued, in the order of the actions.
template <Sendable M>
NextEvent next_event(EventType type, M content) {
  return {{.type = type, .name = {}, .from = {}, .content = make_message<M>(std::move(content))}};
}
// As if the time-out `name` had come.
template <Sendable M>
NextEvent next_event(Term name, M content) {
  NextEvent next = next_event(EventType::named_timeout, std::move(content));
  next.event.name = std::move(name);
  return next;
}
// As if `from` had called.
template <Sendable M>
NextEvent next_event(const From<M>& from, M content) {
  return {{.type = EventType::call,
           .name = {},
           .from = from.from,
           .content = make_call<M>(from.from, std::move(content))}};
}

struct Cancel {};
inline constexpr Cancel cancel;
struct Update {};
inline constexpr Update update;

namespace detail {

template <Sendable M>
SetTimeout set_after(TimeoutKey key, Duration time, M content) {
  return {std::move(key), SetTimeout::How::after, time, {}, make_message<M>(std::move(content))};
}
template <Sendable M>
SetTimeout set_at(TimeoutKey key, Instant at, M content) {
  return {std::move(key), SetTimeout::How::at, {}, at, make_message<M>(std::move(content))};
}
template <Sendable M>
SetTimeout set_update(TimeoutKey key, M content) {
  return {std::move(key), SetTimeout::How::update, {}, {}, make_message<M>(std::move(content))};
}
inline SetTimeout set_cancel(TimeoutKey key) {
  return {std::move(key), SetTimeout::How::cancel, {}, {}, nullptr};
}
inline constexpr auto of_state = EventType::state_timeout;
inline constexpr auto of_event = EventType::timeout;
inline constexpr auto of_name = EventType::named_timeout;

}  // namespace detail

// The state time-out: cancelled by a change of state. Infinity cancels it, too. With an Instant it
// is absolute, on the clock of Self::now. `update` gives the running one another content, and is a
// zero time-out if none runs. A negative time is a bad action.
template <Sendable M = Unit>
SetTimeout state_timeout(Duration time, M content = {}) {
  return detail::set_after({detail::of_state, {}}, time, std::move(content));
}
template <Sendable M = Unit>
SetTimeout state_timeout(Instant at, M content = {}) {
  return detail::set_at({detail::of_state, {}}, at, std::move(content));
}
template <Sendable M>
SetTimeout state_timeout(Update, M content) {
  return detail::set_update({detail::of_state, {}}, std::move(content));
}
inline SetTimeout state_timeout(Cancel) {
  return detail::set_cancel({detail::of_state, {}});
}

// The event time-out: cancelled by any event.
template <Sendable M = Unit>
SetTimeout timeout(Duration time, M content = {}) {
  return detail::set_after({detail::of_event, {}}, time, std::move(content));
}
template <Sendable M = Unit>
SetTimeout timeout(Instant at, M content = {}) {
  return detail::set_at({detail::of_event, {}}, at, std::move(content));
}
template <Sendable M>
SetTimeout timeout(Update, M content) {
  return detail::set_update({detail::of_event, {}}, std::move(content));
}
inline SetTimeout timeout(Cancel) {
  return detail::set_cancel({detail::of_event, {}});
}

// Generic time-outs, each with a name of its own: nothing cancels them but `cancel`.
template <Sendable M = Unit>
SetTimeout timeout(Term name, Duration time, M content = {}) {
  return detail::set_after({detail::of_name, std::move(name)}, time, std::move(content));
}
template <Sendable M = Unit>
SetTimeout timeout(Term name, Instant at, M content = {}) {
  return detail::set_at({detail::of_name, std::move(name)}, at, std::move(content));
}
template <Sendable M>
SetTimeout timeout(Term name, Update, M content) {
  return detail::set_update({detail::of_name, std::move(name)}, std::move(content));
}
inline SetTimeout timeout(Term name, Cancel) {
  return detail::set_cancel({detail::of_name, std::move(name)});
}

// -- results --------------------------------------------------------------------------------------

// With a state, which becomes a Next<State>.
template <class S>
struct StateOutcome {
  S state;
  Outcome outcome;
};

// What a handler returns.
template <class State>
struct Next : Outcome {
  Next() = default;
  Next(Outcome outcome) : Outcome(std::move(outcome)) {}
  template <class S>
    requires std::convertible_to<S, State> Next(StateOutcome<S> with)
        : Outcome(std::move(with.outcome)), state(std::move(with.state)) {}
    std::optional<State> state;  // of next_state
};

inline void append(Actions& all, Actions more) {
  for (Action& action : more)
    all.push_back(std::move(action));
}
template <class A>
  requires std::constructible_from<Action, A>
void append(Actions& all, A action) {
  all.emplace_back(std::move(action));
}

namespace detail {
template <class... As>
Outcome outcome(Verb verb, Term reason, As&&... actions) {
  Outcome made{.verb = verb, .reason = std::move(reason), .actions = {}};
  (append(made.actions, std::forward<As>(actions)), ...);
  return made;
}
}  // namespace detail

// If `state` equals the present one, nothing changes: nothing is retried, cancelled or entered.
template <class S, class... As>
StateOutcome<S> next_state(S state, As... actions) {
  return {std::move(state), detail::outcome(Verb::next_state, {}, std::move(actions)...)};
}
template <class... As>
Outcome keep_state(As... actions) {
  return detail::outcome(Verb::keep_state, {}, std::move(actions)...);
}
// OTP's name. The data are the members of the machine, so there is nothing to tell it from.
template <class... As>
Outcome keep_state_and_data(As... actions) {
  return keep_state(std::move(actions)...);
}
// As keep_state, but the state is entered again.
template <class... As>
Outcome repeat_state(As... actions) {
  return detail::outcome(Verb::repeat_state, {}, std::move(actions)...);
}
template <class... As>
Outcome repeat_state_and_data(As... actions) {
  return repeat_state(std::move(actions)...);
}
inline Outcome stop(Term reason = Term(atoms::normal)) {
  return detail::outcome(Verb::stop, std::move(reason));
}
// The replies are sent before terminate runs (gen_server does it the other way round).
template <std::same_as<SendReply>... Replies>
Outcome stop_and_reply(Term reason, Replies... replies) {
  return detail::outcome(Verb::stop, std::move(reason), std::move(replies)...);
}

// Of init only. OTP: {ok, State, Data, Actions} and ignore; {stop, Reason} is stop.
template <class S, class... As>
StateOutcome<S> ok(S state, As... actions) {
  return next_state(std::move(state), std::move(actions)...);
}
inline Outcome ignore() {
  return detail::outcome(Verb::ignore, {});
}

}  // namespace glasshouse::runtime::gen_statem
