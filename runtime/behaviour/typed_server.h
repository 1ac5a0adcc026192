#pragma once
// The typed front of Server: finds the handler for a message and runs it, at once or as a Task, and
// asks the user's class for what sys wants to know. For gen_server.h; users do not come here.
//
// Belongs to the process that runs it.

#include <array>
#include <concepts>
#include <type_traits>
#include <utility>

#include "runtime/behaviour/request.h"
#include "runtime/behaviour/server.h"
#include "runtime/behaviour/typed_state.h"
#include "runtime/behaviour/user_object.h"

namespace glasshouse::runtime {

template <class S>
class TypedServer;

namespace detail {

template <class T>
struct IsTask : std::false_type {};
template <class T>
struct IsTask<Task<T>> : std::true_type {};

template <class S, class M>
concept takes_request = requires(S& server, Request<M> request) {
  server.handle(std::move(request));
};
template <class S>
concept describes = requires(const S& server) {
  { server.describe() } -> std::convertible_to<Term>;
};

// A change that is refused or throws leaves the user's object as it was, if that can be copied.
template <class S, class Change>
Term change_or_restore(S& user, Change change) {
  if constexpr (std::is_copy_constructible_v<S> && std::is_move_assignable_v<S>) {
    S before(user);
    try {
      Term result = change(user);
      if (result != Term(atoms::ok)) user = std::move(before);
      return result;
    } catch (...) {
      user = std::move(before);
      throw;
    }
  } else {
    return change(user);
  }
}

template <class S, class M>
concept takes_message = requires(S& server, M message) {
  server.handle(std::move(message));
};

// What runs for one type of message: at once, or as a Task.
template <class S>
struct Handler {
  const MessageType* type;
  bool is_call;
  void (*now)(TypedServer<S>&, Message&);
  Task<void> (*later)(TypedServer<S>&, MessagePtr);
};

}  // namespace detail

template <class S>
class TypedServer final : public Server {
 public:
  explicit TypedServer(Self own) : Server(own) {}

  // False: the constructor threw Ignore, and the starter knows.
  template <class... Args>
  bool make(Args&&... args) {
    return user_.make(self, std::forward<Args>(args)...);
  }

  S& user() { return user_.get(); }
  const S& user() const { return user_.get(); }

  static const detail::Handler<S>* find(const Message& message) {
    return find_in(message, static_cast<typename S::Accepts*>(nullptr));
  }

  // For a handler that does not wait. Its failure is kept for after terminate.
  void run_now(const detail::Handler<S>& handler, Message& message) {
    try {
      handler.now(*this, message);
    } catch (...) {
      handler_threw();
    }
  }
  void run_timeout() {
    if constexpr (detail::takes_message<S, Timeout>) {
      try {
        static_cast<void>(user().handle(Timeout{}));
      } catch (...) {
        handler_threw();
      }
    }
  }
  // For what no handle() of Accepts is for: a response to send_request, or a surprise.
  void run_other(MessagePtr message) {
    if constexpr (detail::takes_message<S, Response>) {
      if (message->kind == MessageKind::reply) {
        try {
          user().handle(Response(std::move(message)));
        } catch (...) {
          handler_threw();
        }
        return;
      }
    }
    if (message->is_call()) {
      unknown_call(*message);
    } else {
      unexpected(*message);
    }
  }
  void terminate_now() {
    if constexpr (requires(S & server, Term why) { server.terminate(why); }) {
      user().terminate(stop_reason());
    }
  }

  Term state() const override {
    if (!user_.is_made()) return Term();
    if constexpr (detail::describes<S>) {
      return user().describe();
    } else if constexpr (std::is_aggregate_v<S>) {
      return state_term(user());
    } else {
      return Term();
    }
  }
  void replace_state(const Term& wanted) override {
    if constexpr (requires { user().replace_state(wanted); }) {
      user().replace_state(wanted);
    } else if constexpr (!detail::describes<S> && std::is_aggregate_v<S> &&
                         std::is_move_assignable_v<S>) {
      replace_typed_state(user(), wanted);
    } else {
      Server::replace_state(wanted);
    }
  }
  Term change_code(const Term& module, const Term& old_version, const Term& extra) override {
    if constexpr (requires { user().code_change(old_version, extra); }) {
      return detail::change_or_restore(
          user(), [&](S& changed) { return changed.code_change(old_version, extra); });
    } else {
      return Server::change_code(module, old_version, extra);
    }
  }
  Status format_status(Status status) const override {
    return detail::formatted_by(user(), std::move(status));
  }
  Atom behaviour() const override {
    if constexpr (requires(const S& server) {
                    { server.behaviour() } -> std::same_as<Atom>;
                  }) {
      return user().behaviour();
    } else {
      return atoms::gen_server;
    }
  }

  // -- one for each type of message -------------------------------------------------------------

  template <class M>
  static void handle_now(TypedServer& server, Message& message) {
    if constexpr (IsCall<M> && detail::takes_request<S, M>) {
      const CallFrom from = server.keep_request(message);
      server.user().handle(Request<M>{from, std::move(body_of<M>(message))});
    } else if constexpr (IsCall<M>) {
      const CallFrom from = server.take_request(message);
      if constexpr (std::is_void_v<typename M::Reply>) {
        server.user().handle(std::move(body_of<M>(message)));
        server.reply_with(from, make_reply<M>(from.ref));
      } else {
        server.reply_with(
            from, make_reply<M>(from.ref, server.user().handle(std::move(body_of<M>(message)))));
      }
    } else {
      server.user().handle(std::move(body_of<M>(message)));
    }
  }

  template <class M>
  static Task<void> handle_later(TypedServer& server, MessagePtr message) {
    if constexpr (IsCall<M> && detail::takes_request<S, M>) {
      const CallFrom from = server.keep_request(*message);
      auto work = server.user().handle(Request<M>{from, std::move(body_of<M>(*message))});
      co_await work;
    } else if constexpr (IsCall<M>) {
      const CallFrom from = server.take_request(*message);
      auto work = server.user().handle(std::move(body_of<M>(*message)));
      if constexpr (std::is_void_v<typename M::Reply>) {
        co_await work;
        server.reply_with(from, make_reply<M>(from.ref));
      } else {
        auto value = co_await work;
        server.reply_with(from, make_reply<M>(from.ref, std::move(value)));
      }
    } else {
      auto work = server.user().handle(std::move(body_of<M>(*message)));
      co_await work;
    }
  }

 private:
  // The caller watches us while we work: an exit now tells it why.
  CallFrom take_request(const Message& message) {
    return self.process().relations().handling = static_cast<const CallMessage&>(message).from;
  }
  // The same, for a call that is answered later.
  CallFrom keep_request(const Message& message) {
    const CallFrom& from = static_cast<const CallMessage&>(message).from;
    self.process().relations().monitored_by.push_back({from.ref, from.pid, Atom()});
    return from;
  }

  template <class M>
  static detail::Handler<S> handler_for() {
    constexpr bool by_request = IsCall<M> && detail::takes_request<S, M>;
    static_assert(by_request || detail::takes_message<S, M>,
                  "Accepts names a message that no handle() takes");
    using Result =
        typename std::conditional_t<by_request, RequestResult<M>, MessageResult<M>>::Type;
    if constexpr (detail::IsTask<Result>::value) {
      return {&message_type<M>(), IsCall<M>, nullptr, &handle_later<M>};
    } else {
      return {&message_type<M>(), IsCall<M>, &handle_now<M>, nullptr};
    }
  }
  template <class M>
  struct RequestResult {
    using Type = decltype(std::declval<S&>().handle(std::declval<Request<M>>()));
  };
  template <class M>
  struct MessageResult {
    using Type = decltype(std::declval<S&>().handle(std::declval<M>()));
  };

  // The type of a call may have been sent as a plain message: nobody waits for an answer, and there
  // is no handler for it. OTP: handle_info, not handle_call.
  template <class... Ms>
  static const detail::Handler<S>* find_in(const Message& message, Messages<Ms...>*) {
    static const std::array<detail::Handler<S>, sizeof...(Ms)> handlers = {handler_for<Ms>()...};
    for (const auto& handler : handlers) {
      if (!same_type(message.type, *handler.type)) continue;
      return message.is_call() == handler.is_call ? &handler : nullptr;
    }
    return nullptr;
  }

  UserObject<S> user_;
};

// The loop of every server, as a process body and as a Task of a process that becomes one.
template <class Coroutine, class S, class... Args>
Coroutine run_server(Self self, Atom name, Args... args) {
  TypedServer<S> server(self);
  if constexpr (std::same_as<Coroutine, Behaviour>) {
    if (!server.take_name(name)) co_return;
  }
  if (!server.make(std::move(args)...)) co_return;
  if constexpr (requires(S & user) { user.init(); }) {
    auto init = server.user().init();
    co_await init;
  }
  server.started();
  server.end();
  while (server.is_running()) {
    ServerWait next(server);
    MessagePtr message = co_await next;
    if (!server.begin(message)) continue;
    if (!message) {
      server.run_timeout();
    } else if (const auto* handler = TypedServer<S>::find(*message); handler == nullptr) {
      server.run_other(std::move(message));
    } else if (handler->now != nullptr) {
      server.run_now(*handler, *message);
    } else {
      try {
        auto work = handler->later(server, std::move(message));
        co_await work;
      } catch (...) {
        server.handler_threw();
      }
    }
    server.end();
  }
  try {
    if constexpr (requires(S & user, Term why) {
                    { user.terminate(why) } -> std::same_as<Task<void>>;
                  }) {
      auto last = server.user().terminate(server.stop_reason());
      co_await last;
    } else {
      server.terminate_now();
    }
  } catch (...) {
    server.terminate_threw();
  }
  server.finish();
}

template <class S, class... Args>
Behaviour serve(Self self, Atom name, Args... args) {
  return run_server<Behaviour, S, Args...>(self, name, std::move(args)...);
}

}  // namespace glasshouse::runtime
