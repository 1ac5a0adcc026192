#pragma once
// A handler class behind the interface by which the manager knows it. For gen_event.h.

#include "runtime/behaviour/gen_event_words.h"

namespace glasshouse::runtime::gen_event::detail {

template <class H, class M>
concept takes_event = requires(H& handler, const M& event) {
  handler.handle(event);
};
template <class H, class M>
concept takes_info = requires(H& handler, const M& message) {
  handler.handle_info(message);
};

inline Done done(Result result) {
  return {.reply = nullptr, .result = std::move(result)};
}
inline Task<Done> after(Task<void> work) {
  co_await work;
  co_return done(ok());
}
inline Task<Done> after(Task<Result> work) {
  Result result = co_await work;
  co_return done(std::move(result));
}

template <class M, class Reply>
Done answered(Answer<Reply> given) {
  return {.reply = make_reply<M>(Ref(), std::move(given.reply)), .result = std::move(given.then)};
}
template <class M, class Reply>
Done answered(Reply reply) {
  return {.reply = make_reply<M>(Ref(), std::move(reply)), .result = {}};
}
template <class M, class Value>
Task<Done> after_call(Task<Value> work) {
  if constexpr (std::is_void_v<Value>) {
    co_await work;
    co_return Done{make_reply<M>(Ref()), Result()};
  } else {
    Value value = co_await work;
    co_return answered<M>(std::move(value));
  }
}

// An event or info.
template <class Call>
Step step_of(Call call) {
  using Given = decltype(call());
  Step step;
  if constexpr (std::is_void_v<Given>) {
    call();
    step.now.emplace(done(ok()));
  } else if constexpr (runtime::detail::IsTask<Given>::value) {
    step.later.emplace(after(call()));
  } else {
    static_assert(std::same_as<Given, Result>, "a handler of an event returns void or a Result");
    step.now.emplace(done(call()));
  }
  return step;
}
template <class M, class Call>
Step step_of_call(Call call) {
  using Given = decltype(call());
  Step step;
  if constexpr (std::is_void_v<Given>) {
    call();
    step.now.emplace(Done{make_reply<M>(Ref()), Result()});
  } else if constexpr (runtime::detail::IsTask<Given>::value) {
    step.later.emplace(after_call<M>(call()));
  } else {
    step.now.emplace(answered<M>(call()));
  }
  return step;
}

template <class H>
class HandlerBox final : public Handler {
 public:
  template <class... Args>
  HandlerBox(std::in_place_t, Args&&... args) : handler_{std::forward<Args>(args)...} {}

  Step event(const Message& event) override { return find_event(event, typename H::Accepts()); }
  Step info(const Message& message) override { return find_info(message, typename H::Accepts()); }
  Step call(const Message& request) override { return find_call(request, typename H::Accepts()); }

  Term terminate(const Term& why) override {
    if constexpr (requires { Term(handler_.terminate(why)); }) {
      return handler_.terminate(why);
    } else {
      if constexpr (requires { handler_.terminate(why); }) handler_.terminate(why);
      return Term(atoms::ok);
    }
  }

  Term state() const override {
    if constexpr (runtime::detail::describes<H>) {
      return handler_.describe();
    } else if constexpr (std::is_aggregate_v<H>) {
      return state_term(handler_);
    } else {
      return Term();
    }
  }
  Status format_status(Status status) const override {
    return runtime::detail::formatted_by(handler_, std::move(status));
  }
  void replace_state(const Term& wanted) override {
    if constexpr (requires { handler_.replace_state(wanted); }) {
      handler_.replace_state(wanted);
    } else if constexpr (std::is_aggregate_v<H> && !runtime::detail::describes<H>) {
      replace_typed_state(handler_, wanted);
    } else {
      throw ExitException(Term("undef"_atom));
    }
  }

  std::unique_ptr<Handler> change_code(const Term& old_version, const Term& extra) override {
    if constexpr (!requires { handler_.code_change(old_version, extra); }) {
      throw ExitException(Term("undef"_atom));
    } else if constexpr (std::is_copy_constructible_v<H>) {
      auto changed = std::make_unique<HandlerBox>(std::in_place, std::as_const(handler_));
      accept(changed->handler_.code_change(old_version, extra));
      return changed;
    } else {
      accept(handler_.code_change(old_version, extra));
      return nullptr;
    }
  }

 private:
  static void accept(const Term& answer) {
    if (answer != Term(atoms::ok)) throw ExitException(tuple(Term("badmatch"_atom), answer));
  }

  // An event for a handler that does not accept it is done when it begins.
  static Step passes_by() {
    Step step;
    step.now.emplace(done(ok()));
    return step;
  }

  template <class... Ms>
  Step find_event(const Message& event, Messages<Ms...>) {
    Step step = passes_by();
    static_cast<void>((try_event<Ms>(step, event) || ...));
    return step;
  }
  template <class M>
  bool try_event(Step& step, const Message& event) {
    if constexpr (!IsCall<M>) {
      static_assert(takes_event<H, M> || takes_info<H, M>,
                    "Accepts names an event that no handle() takes");
      if constexpr (takes_event<H, M>) {
        if (!same_type(event.type, message_type<M>())) return false;
        step = step_of([&]() -> decltype(auto) { return handler_.handle(body_of<M>(event)); });
        return true;
      }
    }
    return false;
  }

  template <class... Ms>
  Step find_info(const Message& message, Messages<Ms...>) {
    Step step = passes_by();
    static_cast<void>((try_info<Ms>(step, message) || ...));
    return step;
  }
  template <class M>
  bool try_info(Step& step, const Message& message) {
    if constexpr (takes_info<H, M>) {
      if (!same_type(message.type, message_type<M>())) return false;
      step = step_of([&]() -> decltype(auto) { return handler_.handle_info(body_of<M>(message)); });
      return true;
    }
    return false;
  }

  template <class... Ms>
  Step find_call(const Message& request, Messages<Ms...>) {
    Step step;
    static_cast<void>((try_call<Ms>(step, request) || ...));
    return step;
  }
  template <class M>
  bool try_call(Step& step, const Message& request) {
    if constexpr (IsCall<M>) {
      static_assert(takes_event<H, M>, "Accepts names a call that no handle() takes");
      if (!same_type(request.type, message_type<M>())) return false;
      step =
          step_of_call<M>([&]() -> decltype(auto) { return handler_.handle(body_of<M>(request)); });
      return true;
    }
    return false;
  }

  H handler_;
};

// init: with what it replaces, and with the manager's Self, if the constructor wants them.
template <class H, class... Args>
std::unique_ptr<Handler> make_handler(Self self, const Swapped& before, const Args&... args) {
  constexpr std::in_place_t here{};
  using Box = HandlerBox<H>;
  if constexpr (std::is_constructible_v<H, Self, Args..., Swapped>) {
    return std::make_unique<Box>(here, self, args..., before);
  } else if constexpr (std::is_constructible_v<H, Args..., Swapped>) {
    return std::make_unique<Box>(here, args..., before);
  } else if constexpr (std::is_constructible_v<H, Self, Args...>) {
    return std::make_unique<Box>(here, self, args...);
  } else {
    return std::make_unique<Box>(here, args...);
  }
}

template <class H, class... Args>
Spec spec_of(IdOf<H> id, Args... args) {
  return {id.untyped(), [... held = std::move(args)](Self self, const Swapped& before) {
            return make_handler<H>(self, before, held...);
          }};
}

}  // namespace glasshouse::runtime::gen_event::detail

namespace glasshouse::runtime::gen_event {

template <class H, class... Args>
Result swap_handler(Term args1, IdOf<H> next, Args... args2) {
  Result result;
  result.what = Result::What::swap_handler;
  result.args = std::move(args1);
  result.next = detail::spec_of<H>(std::move(next), std::move(args2)...);
  return result;
}

}  // namespace glasshouse::runtime::gen_event
