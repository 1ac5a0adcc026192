#pragma once
// From an event to the handle() that is for it. For gen_statem.h; users need only know the order
// that is tried, which is told there.

#include <functional>
#include <memory>
#include <optional>
#include <typeinfo>
#include <utility>
#include <variant>

#include "runtime/behaviour/gen_server.h"
#include "runtime/behaviour/gen_statem_words.h"
#include "runtime/process/coroutine.h"
#include "runtime/process/pid_of.h"
#include "runtime/term/type_name.h"

namespace glasshouse::runtime::gen_statem {

// What a handler answered, or the Task that will.
template <class State>
struct Step {
  std::optional<Next<State>> now;
  std::optional<Task<Next<State>>> later;
  std::shared_ptr<void> event = nullptr;  // what a Task has a reference to
};

// A callback module of machine S, whatever its class: an object and what to do with it.
struct ModuleRecord {
  const std::type_info* machine;
  Atom name;
};
template <class S>
struct Module : ModuleRecord {
  using State = typename S::State;
  using Object = std::unique_ptr<void, void (*)(void*)>;
  Object (*make)(S& machine);
  // Neither now nor later: nobody takes a message of that type.
  Step<State> (*dispatch)(void* module, State& state, const AnyEvent& event);
  Step<State> (*enter)(void* module, State& state, const State& old);
  bool has_enter;
};

namespace detail {

template <class T>
inline constexpr bool is_variant = false;
template <class... Ts>
inline constexpr bool is_variant<std::variant<Ts...>> = true;

template <class M>
concept asks = requires {
  typename M::Reply;
};

// An exit as OTP's: no clause of the callback matches.
[[noreturn]] void no_clause(const AnyEvent& event, const Term& state);

template <class State>
Task<Next<State>> after_wait(Task<void> work) {
  co_await work;
  co_return Next<State>(keep_state());
}

template <class State, class Call>
Step<State> step_of(Call call) {
  using Result = decltype(call());
  Step<State> step;
  if constexpr (std::is_void_v<Result>) {
    call();
    step.now.emplace(keep_state());
  } else if constexpr (std::same_as<Result, Task<Next<State>>>) {
    step.later.emplace(call());
  } else if constexpr (std::same_as<Result, Task<void>>) {
    step.later.emplace(after_wait<State>(call()));
  } else {
    static_assert(std::convertible_to<Result, Next<State>>,
                  "a handler returns Next<State>, void, or a Task of one of them");
    step.now.emplace(call());
  }
  return step;
}

// The event outlives a Task that was given a reference to it.
template <class State, class E, class Call>
Step<State> step_with(const E& event, Call call) {
  if constexpr (runtime::detail::IsTask<decltype(call(event))>::value) {
    const auto kept = std::make_shared<E>(event);
    Step<State> step = step_of<State>([&]() -> decltype(auto) { return call(*kept); });
    step.event = kept;
    return step;
  } else {
    return step_of<State>([&]() -> decltype(auto) { return call(event); });
  }
}

template <class Mod, class Place, class E>
concept takes = requires(Mod& module, Place place, const E& event) {
  module.handle(place, event);
};

// The event in the forms in which a handler may want it, the closest first.
template <class Mod, class State, class Place, class E, class M>
concept handles = takes<Mod, Place, E> || takes<Mod, Place, M> || takes<Mod, const State&, E> ||
    takes<Mod, const State&, M> || takes<Mod, Place, AnyEvent> ||
    takes<Mod, const State&, AnyEvent>;

template <class Mod, class State, class Place, class E, class M>
Step<State> offer(Mod& module, const State& whole, Place place, const E& event, const M& content,
                  const AnyEvent& any) {
  if constexpr (takes<Mod, Place, E>) {
    return step_with<State>(
        event, [&](const E& it) -> decltype(auto) { return module.handle(place, it); });
  } else if constexpr (takes<Mod, Place, M>) {
    return step_of<State>([&]() -> decltype(auto) { return module.handle(place, content); });
  } else if constexpr (takes<Mod, const State&, E>) {
    return step_with<State>(
        event, [&](const E& it) -> decltype(auto) { return module.handle(whole, it); });
  } else if constexpr (takes<Mod, const State&, M>) {
    return step_of<State>([&]() -> decltype(auto) { return module.handle(whole, content); });
  } else if constexpr (takes<Mod, Place, AnyEvent>) {
    return step_of<State>([&]() -> decltype(auto) { return module.handle(place, any); });
  } else if constexpr (takes<Mod, const State&, AnyEvent>) {
    return step_of<State>([&]() -> decltype(auto) { return module.handle(whole, any); });
  } else {
    no_clause(any, to_term(whole));
  }
}

// Nothing to hand over in its plain form: calls need their From, time-outs their kind.
struct NotPlain {};

// Calls visit(place) with the state as its own function sees it: At<value>, or the alternative.
template <class State, class Visit, std::size_t... Is>
Step<State> visit_enum(State state, const Visit& visit, std::index_sequence<Is...>) {
  Step<State> step;
  const auto number = static_cast<std::size_t>(state);
  const auto one = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
    if constexpr (!enumerator_name(static_cast<State>(I)).empty()) {
      if (number != I) return false;
      step = visit(At<static_cast<State>(I)>());
      return true;
    } else {
      return false;
    }
  };
  const bool found = (one(std::integral_constant<std::size_t, Is>()) || ...);
  CHECK(found && "a state is one of its enum's first 64 values");
  return step;
}

template <class State, class Visit>
Step<State> visit_state(State& state, const Visit& visit) {
  if constexpr (is_variant<State>) {
    return std::visit([&](auto& alternative) { return visit(std::ref(alternative)); }, state);
  } else if constexpr (std::is_enum_v<State>) {
    return visit_enum(state, visit, std::make_index_sequence<runtime::detail::enumerators_max>());
  } else {
    return visit(std::cref(state));
  }
}

template <class T>
struct PlaceOf;
template <class T>
struct PlaceOf<std::reference_wrapper<T>> {
  using Type = T&;
};
template <auto Value>
struct PlaceOf<At<Value>> {
  using Type = At<Value>;
};

template <bool Must, class Mod, class State, class E, class M>
Step<State> give(Mod& module, State& state, const E& event, const M& content, const AnyEvent& any) {
  return visit_state(state, [&](auto place) {
    using Place = typename PlaceOf<decltype(place)>::Type;
    static_assert(!Must || handles<Mod, State, Place, E, M>,
                  "no handle() takes a message of Accepts in one of the states");
    return offer<Mod, State, Place, E, M>(module, state, place, event, content, any);
  });
}

// `Outside`: M is in Accepts, so that every state must have an answer to it.
template <class M, bool Outside, class Mod, class State>
Step<State> by_type(Mod& module, State& state, const AnyEvent& any) {
  const M& content = body_of<M>(*any.content);
  constexpr NotPlain not_plain;
  switch (any.type) {
    case EventType::call:
      if constexpr (asks<M>) {
        const CallEvent<M> event{{any.from}, content};
        return give<Outside>(module, state, event, not_plain, any);
      }
      break;
    case EventType::cast:
      return give<(Outside && !asks<M>)>(module, state, CastEvent<M>{content}, content, any);
    case EventType::info:
      return give<(Outside && !asks<M>)>(module, state, InfoEvent<M>{content}, content, any);
    case EventType::internal:
      return give<false>(module, state, InternalEvent<M>{content}, content, any);
    case EventType::state_timeout:
      return give<false>(module, state, StateTimeout<M>{content}, not_plain, any);
    case EventType::timeout:
      return give<false>(module, state, EventTimeout<M>{content}, not_plain, any);
    case EventType::named_timeout: {
      const NamedTimeout<M> event{any.name, content};
      return give<false>(module, state, event, not_plain, any);
    }
  }
  no_clause(any, to_term(state));
}

template <bool Outside, class Mod, class State, class... Ms>
bool find_type(Step<State>& step, Mod& module, State& state, const AnyEvent& event,
               Messages<Ms...>) {
  [[maybe_unused]] const auto one = [&]<class M>(std::type_identity<M>) {
    if (!same_type(event.content->type, message_type<M>())) return false;
    step = by_type<M, Outside>(module, state, event);
    return true;
  };
  return (one(std::type_identity<Ms>()) || ...);
}

// What a machine tells itself, besides Accepts.
template <class S>
struct OwnEvents {
  using List = Messages<>;
};
template <class S>
  requires requires {
    typename S::Events;
  }
struct OwnEvents<S> {
  using List = typename S::Events;
};

template <class S, class Mod>
Step<typename S::State> dispatch(void* object, typename S::State& state, const AnyEvent& event) {
  using State = typename S::State;
  Mod& module = *static_cast<Mod*>(object);
  Step<State> step;
  if (find_type<true>(step, module, state, event, typename S::Accepts()) ||
      find_type<false>(step, module, state, event, typename OwnEvents<S>::List()) ||
      find_type<false>(step, module, state, event, Messages<Unit>())) {
    return step;
  }
  // A type nobody listed: for the handler of anything, if there is one.
  return visit_state(state, [&](auto place) {
    using Place = typename PlaceOf<decltype(place)>::Type;
    if constexpr (takes<Mod, Place, AnyEvent> || takes<Mod, const State&, AnyEvent>) {
      return offer<Mod, State, Place>(module, state, place, NotPlain(), NotPlain(), event);
    } else {
      return Step<State>();
    }
  });
}

template <class State, class Mod>
Step<State> call_enter(void* object, State& state, const State& old) {
  Mod& module = *static_cast<Mod*>(object);
  return visit_state(state, [&](auto place) {
    using Place = typename PlaceOf<decltype(place)>::Type;
    const Enter<State> event{old};
    if constexpr (takes<Mod, Place, Enter<State>>) {
      return step_with<State>(event, [&](const auto& it) -> decltype(auto) {
        return module.handle(static_cast<Place>(place), it);
      });
    } else if constexpr (takes<Mod, const State&, Enter<State>>) {
      return step_with<State>(event, [&](const auto& it) -> decltype(auto) {
        return module.handle(std::as_const(state), it);
      });
    } else {
      return step_of<State>([] {});
    }
  });
}

template <class Mod, class State, std::size_t... Is>
constexpr bool enters_enum(std::index_sequence<Is...>) {
  return (takes<Mod, At<static_cast<State>(Is)>, Enter<State>> || ...);
}
template <class Mod, class... Ts>
constexpr bool enters_variant(std::type_identity<std::variant<Ts...>>) {
  return (takes<Mod, Ts&, Enter<std::variant<Ts...>>> || ...);
}
// OTP: state_enter in the callback mode. Here: some state has a function for it.
template <class Mod, class State>
constexpr bool has_enter() {
  if constexpr (takes<Mod, const State&, Enter<State>>) {
    return true;
  } else if constexpr (is_variant<State>) {
    return enters_variant<Mod>(std::type_identity<State>());
  } else if constexpr (std::is_enum_v<State>) {
    return enters_enum<Mod, State>(std::make_index_sequence<runtime::detail::enumerators_max>());
  } else {
    return false;
  }
}

template <class S, class Mod>
typename Module<S>::Object make_module(S& machine) {
  if constexpr (std::same_as<S, Mod>) {
    return {&machine, [](void*) {}};
  } else {
    return {new Mod(machine), [](void* module) { delete static_cast<Mod*>(module); }};
  }
}

}  // namespace detail

template <class S, class Mod>
const Module<S>& module_of() {
  static const Module<S> module{{&typeid(S), Atom(type_name<Mod>())},
                                &detail::make_module<S, Mod>,
                                &detail::dispatch<S, Mod>,
                                &detail::call_enter<typename S::State, Mod>,
                                detail::has_enter<Mod, typename S::State>()};
  return module;
}

}  // namespace glasshouse::runtime::gen_statem
