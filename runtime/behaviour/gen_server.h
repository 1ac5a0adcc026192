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
// clang-format off
// Handlers, for each M of Accepts:
//   Reply handle(M)          Task<Reply> handle(M)  a call; a Task may wait, and the server with it
//   void handle(Request<M>)  a call answered later, with Self::reply, also by another process
//   void handle(M)           Task<void> handle(M)   M without Reply: a cast, any other message, or
//                                                   what continue_with put before all of them
// Optional, beside Accepts: void handle(Response), for send_request (request.h).
// Optional functions:
//   Task<void> init()               after the constructor; may wait, and the starter with it
//   void | Task<void> terminate(Term reason)
//   Term describe() const           what observer and sys show; default: an aggregate's fields
//   void replace_state(Term state)  the opposite, for sys::replace_state: throws, and changes
//                                   nothing, where it does not fit; default: an aggregate's fields
//   Term code_change(Term old_version, Term extra)  ok, or why not; where it refuses or throws, an
//                                   object that can be copied is put back as it was, another one
//                                   must not have changed itself
//   Status format_status(Status) const  shown instead of the state, the last message, the log
//   Atom behaviour() const
// clang-format on
//
// What a handler does besides answering, through Self: stop, set_timeout, set_hibernate,
// set_hibernate_after, continue_with.
// Throwing in the constructor or in init, or Self::stop there, is {error, Reason} to the starter;
// Ignore is ignore. A handler that throws ends the server with that reason, after terminate, and so
// does a call that Accepts does not name, with {function_clause, [Request]}. Self::stop ends it
// after the handler. OTP: gen_server.

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

#include "runtime/behaviour/sys.h"
#include "runtime/behaviour/typed_server.h"

namespace glasshouse::runtime {

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
  Ref monitor = {};  // where one was asked for; its Down comes also after a start that failed
  explicit operator bool() const { return !pid.pid.is_null(); }
};

// Spawns one child, linked to `parent`, that will answer `starter`. What a child specification
// holds; may be called again for each restart. One of your own that gives a null pid has started
// nobody: the start fails with {bad_return_value, undefined}, unless `starter` has its answer
// already (ignore, or an error).
using StartFunction = std::function<Pid(Process& parent, CallFrom starter)>;

namespace detail {
inline SpawnOptions child_options(CallFrom starter, Duration hibernate_after) {
  return {.link = true, .monitor = {}, .starter = starter, .hibernate_after = hibernate_after};
}
template <class S, class... Args>
Pid spawn_server(Node& node, Process* parent, SpawnOptions options, Atom name, Args&&... args) {
  options.initial = Atom(type_name<S>());
  return spawn_process<&serve<S, std::decay_t<Args>...>>(node, parent, options, name,
                                                         std::forward<Args>(args)...);
}
}  // namespace detail

// How to start a server.
struct ServerOptions {
  Atom name = {};  // undefined: none
  bool link = true;
  bool monitor = false;
  // One that takes longer is killed, and the start fails with `timeout`; no Exit is left behind.
  Duration timeout = Duration::infinity();
  // It hibernates whenever it has waited so long: Self::set_hibernate_after.
  Duration hibernate_after = Duration::infinity();
};

// A server S as a child; of the options `name` and `hibernate_after` count.
template <class S, class... Args>
StartFunction child_with(const ServerOptions& options, Args... args) {
  return [name = options.name, rest = options.hibernate_after, ... held = std::move(args)](
             Process& parent, CallFrom starter) {
    const SpawnOptions spawning = detail::child_options(starter, rest);
    return detail::spawn_server<S>(parent.node(), &parent, spawning, name, held...);
  };
}
// Under a registered name: named_child<Counter>("counter"_atom, 5).
template <class S, class... Args>
StartFunction named_child(Atom name, Args... args) {
  return child_with<S>(ServerOptions{.name = name}, std::move(args)...);
}
template <class S, class... Args>
StartFunction child(Args... args) {
  return child_with<S>(ServerOptions{}, std::move(args)...);
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

// The wait for a server or state machine that `spawn` spawns.
template <class S>
class ServerStart final : public CallWait {
 public:
  template <std::invocable<const SpawnOptions&> Spawn>
  ServerStart(Process& process, const ServerOptions& options, const Spawn& spawn)
      : ServerStart(process, process.make_ref(), options, spawn) {}
  StartedServer<S> await_resume() {
    const Started started = take_started(child_);
    return {PidOf<S>{started.pid}, started.ignored, started.error, started.info, monitor_};
  }

 private:
  template <class Spawn>
  ServerStart(Process& process, Ref ref, const ServerOptions& options, const Spawn& spawn)
      : CallWait(process, Pid(), options.timeout, nullptr, ref),
        monitor_(options.monitor ? process.make_ref() : Ref()) {
    const SpawnOptions spawning{.link = options.link,
                                .monitor = monitor_,
                                .starter = CallFrom{process.pid(), ref},
                                .hibernate_after = options.hibernate_after};
    child_ = spawn(spawning);
    wait_for(child_);
  }
  Ref monitor_;
  Pid child_;
};

// The awaiter gives a StartedServer<S>. OTP: gen_server:start_link/4 and its relatives.
template <class S, class... Args>
ServerStart<S> start_with(Self self, const ServerOptions& options, Args&&... args) {
  return ServerStart<S>(self.process(), options, [&](const SpawnOptions& spawning) {
    return detail::spawn_server<S>(self.node(), &self.process(), spawning, options.name,
                                   std::forward<Args>(args)...);
  });
}
template <class S, class... Args>
ServerStart<S> start_link(Self self, Args&&... args) {
  return start_with<S>(self, ServerOptions{}, std::forward<Args>(args)...);
}
template <class S, class... Args>
ServerStart<S> start_link_as(Self self, Atom name, Args&&... args) {
  return start_with<S>(self, ServerOptions{.name = name}, std::forward<Args>(args)...);
}
template <class S, class... Args>
ServerStart<S> start(Self self, Args&&... args) {
  return start_with<S>(self, ServerOptions{.link = false}, std::forward<Args>(args)...);
}
// Monitored from its first moment. OTP: gen_server:start_monitor/3.
template <class S, class... Args>
ServerStart<S> start_monitor(Self self, Args&&... args) {
  const ServerOptions options{.link = false, .monitor = true};
  return start_with<S>(self, options, std::forward<Args>(args)...);
}
// From outside any process; nobody waits for it.
template <class S, class... Args>
PidOf<S> start_on(Node& node, Atom name, Args&&... args) {
  return {
      detail::spawn_server<S>(node, nullptr, SpawnOptions(), name, std::forward<Args>(args)...)};
}

// -- becoming one, and ending one -----------------------------------------------------------------

// Turns the process that awaits it into a server S, made from `args`; it ends with the process.
// REQUIRES: started by proc_lib or as a server (else it exits with
// process_was_not_started_by_proc_lib), and it has registered `name`, if that is given (else it
// exits with process_not_registered). OTP: gen_server:enter_loop/3,4.
void require_enter_loop(Self self, Atom name);
template <class S, class... Args>
Task<void> enter_loop(Self self, Atom name, Args... args) {
  require_enter_loop(self, name);
  return run_server<Task<void>, S, Args...>(self, name, std::move(args)...);
}

// Ends a server of any behaviour through its terminate, and waits until it is gone. Exits with
// noproc where there is none, with the reason if it ended for another one, and with `timeout` where
// it takes longer: it goes on ending then. OTP: gen_server:stop/3.
Task<void> stop(Self self, To server, Term reason = Term(atoms::normal),
                Duration timeout = Duration::infinity());

}  // namespace glasshouse::runtime
