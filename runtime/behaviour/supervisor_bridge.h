#pragma once
// A supervisor bridge: one process that starts something that is no supervised process, a part of a
// program with its own ways of starting and stopping, and makes it a child like any other.
//
//   class Library {
//    public:
//     explicit Library(std::string folder);
//     Task<BridgeStart> init(Self self);  // starts it: {ok, Pid, State}, ignore or {error, E}
//     void terminate(Term reason);        // stops it; may be a Task<void>
//   };
//   spec.children.push_back({.id = "library"_atom, .start = bridge_child<Library>("/var/lib/x")});
//
// The bridge traps exits and is linked to the process that init gives. When that ends, for whatever
// reason, the bridge calls terminate with the reason and ends with it; when its own supervisor ends
// it, it calls terminate, which stops what init started. It answers system messages as any server.
//
// OTP: supervisor_bridge. init may throw, as in a gen_server; Ignore is ignore.

#include <utility>

#include "runtime/behaviour/gen_server.h"

namespace glasshouse::runtime {

// {ok, Pid, State} where the State is the object itself.
struct BridgeStart {
  Pid pid;
  Term error = {};  // {error, Reason}: undefined if there is none
};

template <class B>
class SupervisorBridge {
 public:
  using Accepts = Messages<Exit>;

  template <class... Args>
  explicit SupervisorBridge(Self self, Args... args) : self_(self), bridged_(std::move(args)...) {
    self_.trap_exit(true);
  }

  Task<void> init() {
    BridgeStart started;
    try {
      auto starting = bridged_.init(self_);
      started = co_await starting;
    } catch (const Ignore&) {
      answer_starter(self_, atoms::ignore, Term());
      started.error = Term(atoms::normal);
    }
    if (started.pid.is_null()) self_.exit(started.error);
    top_ = started.pid;
    self_.link(top_);
  }
  void handle(Exit exit) {
    if (exit.from == top_) self_.stop(std::move(exit.reason));
  }
  Task<void> terminate(Term reason) {
    if constexpr (requires {
                    { bridged_.terminate(reason) } -> std::same_as<Task<void>>;
                  }) {
      auto stopping = bridged_.terminate(reason);
      co_await stopping;
    } else {
      bridged_.terminate(reason);
      co_return;
    }
  }
  Atom behaviour() const { return "supervisor_bridge"_atom; }
  Term describe() const { return Term(top_); }

 private:
  Self self_;
  B bridged_;
  Pid top_;
};

// As a child. OTP gives such children the type supervisor and shutdown infinity.
template <class B, class... Args>
StartFunction bridge_child(Args... args) {
  return child<SupervisorBridge<B>>(std::move(args)...);
}
// The awaiter gives a StartedServer<SupervisorBridge<B>>. OTP: supervisor_bridge:start_link/2,3.
template <class B, class... Args>
ServerStart<SupervisorBridge<B>> start_bridge(Self self, Atom name, Args&&... args) {
  return start_link_as<SupervisorBridge<B>>(self, name, std::forward<Args>(args)...);
}

}  // namespace glasshouse::runtime
