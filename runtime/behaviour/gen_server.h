#pragma once
// gen_server: a plain class with handlers becomes a process.
//
//   class Counter {
//    public:
//     using Accepts = Messages<Get, Add>;
//     explicit Counter(std::int64_t start);      // or Counter(Self, ...): init
//     std::int64_t handle(Get) const;            // a call: Get has a Reply
//     void handle(Add add);                      // a cast or info
//   };
//
// Handlers, for each M of Accepts:
//   Reply handle(M)           Task<Reply> handle(M)    a call; a Task may wait, and the server with
//   it void handle(Request<M>)   a call that is answered later, with Self::reply void handle(M)
//   Task<void> handle(M)     M without Reply: cast, or any other message
// Optional: Task<void> init() (after the constructor, may wait; the starter waits for it),
//   void | Task<void> terminate(Term reason), Term describe() const (what the observer and sys
//   show; by default the fields of an aggregate), Atom behaviour() const, void replace_state(Term
//   state) (the opposite of describe, for sys::replace_state; throws, and changes nothing, where it
//   does not fit; by default the fields of an aggregate), Term code_change(Term old_version, Term
//   extra) (ok, or why not; if it refuses or throws, an object that can be copied is put back as it
//   was, another one must not have changed itself).
//
// Throwing in the constructor or in init is {error, Reason} to the starter; Ignore is ignore. A
// handler that throws ends the server with that reason, after terminate. Self::stop ends it after
// the handler. OTP: gen_server.

#include <concepts>
#include <functional>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "runtime/behaviour/server.h"
#include "runtime/behaviour/typed_state.h"

namespace glasshouse::runtime {

template <class S>
class TypedServer;

namespace detail {

template <class T>
struct IsTask : std::false_type {};
template <class T>
struct IsTask<Task<T>> : std::true_type {};

template <class M>
concept is_call = requires {
  typename M::Reply;
};
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
  void (*now)(TypedServer<S>&, Message&);
  Task<void> (*later)(TypedServer<S>&, MessagePtr);
};

}  // namespace detail

template <class S>
class TypedServer final : public Server {
 public:
  explicit TypedServer(Self own) : Server(own) {}
  ~TypedServer() {
    if (made_) std::destroy_at(get());
  }

  // False: the constructor threw Ignore, and the starter knows.
  template <class... Args>
  bool make(Args&&... args) {
    try {
      if constexpr (std::is_constructible_v<S, Self, Args...>) {
        new (place_) S(self, std::forward<Args>(args)...);
      } else if constexpr (std::is_constructible_v<S, Args...>) {
        new (place_) S(std::forward<Args>(args)...);
      } else {
        new (place_) S{std::forward<Args>(args)...};
      }
    } catch (const Ignore&) {
      answer_starter(atoms::ignore, Term());
      return false;
    }
    made_ = true;
    return true;
  }

  S& user() { return *get(); }
  const S& user() const { return *std::launder(reinterpret_cast<const S*>(place_)); }

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
  void terminate_now() {
    if constexpr (requires(S & server, Term why) { server.terminate(why); }) {
      user().terminate(stop_reason());
    }
  }

  Term state() const override {
    if (!made_) return Term();
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
    if constexpr (detail::is_call<M> && detail::takes_request<S, M>) {
      const CallFrom from = server.keep_request(message);
      server.user().handle(Request<M>{from, std::move(body_of<M>(message))});
    } else if constexpr (detail::is_call<M>) {
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
    if constexpr (detail::is_call<M> && detail::takes_request<S, M>) {
      const CallFrom from = server.keep_request(*message);
      auto work = server.user().handle(Request<M>{from, std::move(body_of<M>(*message))});
      co_await work;
    } else if constexpr (detail::is_call<M>) {
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
  S* get() { return std::launder(reinterpret_cast<S*>(place_)); }

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
    constexpr bool by_request = detail::is_call<M> && detail::takes_request<S, M>;
    static_assert(by_request || detail::takes_message<S, M>,
                  "Accepts names a message that no handle() takes");
    using Result =
        typename std::conditional_t<by_request, RequestResult<M>, MessageResult<M>>::Type;
    if constexpr (detail::IsTask<Result>::value) {
      return {&message_type<M>(), nullptr, &handle_later<M>};
    } else {
      return {&message_type<M>(), &handle_now<M>, nullptr};
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

  template <class... Ms>
  static const detail::Handler<S>* find_in(const Message& message, Messages<Ms...>*) {
    static const std::array<detail::Handler<S>, sizeof...(Ms)> handlers = {handler_for<Ms>()...};
    for (const auto& handler : handlers) {
      if (same_type(message.type, *handler.type)) return &handler;
    }
    return nullptr;
  }

  alignas(S) std::byte place_[sizeof(S)];
  bool made_ = false;
};

// The one coroutine that runs every server.
template <class S, class... Args>
Behaviour serve(Self self, Atom name, Args... args) {
  TypedServer<S> server(self);
  if (!server.take_name(name)) co_return;
  if (!server.make(std::move(args)...)) co_return;
  if constexpr (requires(S & user) { user.init(); }) {
    auto init = server.user().init();
    co_await init;
  }
  server.answer_starter(atoms::ok, Term());
  server.end();
  while (server.is_running()) {
    ServerWait next(server);
    MessagePtr message = co_await next;
    if (!server.begin(message)) continue;
    if (!message) {
      server.run_timeout();
    } else if (const auto* handler = TypedServer<S>::find(*message); handler == nullptr) {
      server.unexpected(*message);
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
  if constexpr (requires(S & user, Term why) {
                  { user.terminate(why) } -> std::same_as<Task<void>>;
                }) {
    auto last = server.user().terminate(server.stop_reason());
    co_await last;
  } else {
    server.terminate_now();
  }
  server.finish();
}

// -- starting -----------------------------------------------------------------------------------

// OTP: {ok, Pid} | ignore | {error, Reason}.
struct Started {
  Pid pid;  // null unless ok
  bool ignored = false;
  Term error;      // why, if neither
  Term info = {};  // OTP: {ok, Pid, Info}
  explicit operator bool() const { return !pid.is_null(); }
};
template <class S>
struct StartedServer {
  PidOf<S> pid;
  bool ignored = false;
  Term error;
  Term info = {};
  explicit operator bool() const { return !pid.pid.is_null(); }
};

// Spawns one child, linked to `parent`, that will answer `starter`. What a child specification
// holds; may be called again for each restart.
using StartFunction = std::function<Pid(Process& parent, CallFrom starter)>;

namespace detail {
template <class S, class... Args>
Pid spawn_server(Node& node, Process* parent, SpawnOptions options, Atom name, Args&&... args) {
  options.initial = Atom(type_name<S>());
  return spawn_process<&serve<S, std::decay_t<Args>...>>(node, parent, options, name,
                                                         std::forward<Args>(args)...);
}
}  // namespace detail

// A server S as a child: child<Counter>(5).
template <class S, class... Args>
StartFunction child(Args... args) {
  return [... held = std::move(args)](Process& parent, CallFrom starter) {
    const SpawnOptions options{.link = true, .monitor = {}, .starter = starter};
    return detail::spawn_server<S>(parent.node(), &parent, options, Atom(), held...);
  };
}
// The same under a registered name.
template <class S, class... Args>
StartFunction named_child(Atom name, Args... args) {
  return [name, ... held = std::move(args)](Process& parent, CallFrom starter) {
    const SpawnOptions options{.link = true, .monitor = {}, .starter = starter};
    return detail::spawn_server<S>(parent.node(), &parent, options, name, held...);
  };
}

// Waits until a child that `start` spawned has answered, or died.
class StartWait final : public CallWait {
 public:
  StartWait(Process& process, const StartFunction& start);
  Started await_resume();
  Pid child() const { return child_; }

 private:
  StartWait(Process& process, const StartFunction& start, Ref ref);
  Pid child_;
};

template <class S>
class ServerStart final : public CallWait {
 public:
  template <class... Args>
  ServerStart(Process& process, Atom name, bool link, Args&&... args)
      : ServerStart(process, process.make_ref(), name, link, std::forward<Args>(args)...) {}
  StartedServer<S> await_resume() {
    const Started started = take_started(child_);
    return {PidOf<S>{started.pid}, started.ignored, started.error, started.info};
  }

 private:
  template <class... Args>
  ServerStart(Process& process, Ref ref, Atom name, bool link, Args&&... args)
      : CallWait(process, Pid(), Duration::infinity(), nullptr, ref) {
    const SpawnOptions options{
        .link = link, .monitor = {}, .starter = CallFrom{process.pid(), ref}};
    child_ = detail::spawn_server<S>(process.node(), &process, options, name,
                                     std::forward<Args>(args)...);
    wait_for(child_);
  }
  Pid child_;
};

// OTP: gen_server:start_link/3 and start/3. The awaiter gives a StartedServer<S>.
template <class S, class... Args>
ServerStart<S> start_link(Self self, Args&&... args) {
  return ServerStart<S>(self.process(), Atom(), true, std::forward<Args>(args)...);
}
template <class S, class... Args>
ServerStart<S> start_link_as(Self self, Atom name, Args&&... args) {
  return ServerStart<S>(self.process(), name, true, std::forward<Args>(args)...);
}
template <class S, class... Args>
ServerStart<S> start(Self self, Args&&... args) {
  return ServerStart<S>(self.process(), Atom(), false, std::forward<Args>(args)...);
}
// From outside any process; nobody waits for it.
template <class S, class... Args>
PidOf<S> start_on(Node& node, Atom name, Args&&... args) {
  return {
      detail::spawn_server<S>(node, nullptr, SpawnOptions(), name, std::forward<Args>(args)...)};
}

}  // namespace glasshouse::runtime
