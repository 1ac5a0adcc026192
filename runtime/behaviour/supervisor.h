#pragma once
// A supervisor starts its children in order, restarts them by its strategy when they end, and stops
// them in reverse order when it ends itself. It is a gen_server like any other.
//
//   SupervisorSpec kv_sup() {
//     SupervisorSpec spec{.name = "kv_sup"_atom, .strategy = Strategy::one_for_one};
//     spec.children.push_back({.id = "store"_atom, .start = child<Store>()});
//     return spec;
//   }
//   ... co_await start_supervisor(self, kv_sup());
//
// What it does with a child costs the same with ten children and with a million, except where a
// strategy concerns all of them. It reports: `child` events are progress; `restart` events are
// child_terminated, with what was decided, and shutdown (give_up); start_error and shutdown_error
// are errors in the log.
//
// OTP: supervisor.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/keyed_list.h"
#include "runtime/behaviour/child_spec.h"

namespace glasshouse::runtime {

// A supervisor as a child of another; shutdown infinity, as OTP asks.
ChildSpec supervisor_child(Atom id, SupervisorSpec spec, Restart restart = Restart::permanent);

// -- talking to one -----------------------------------------------------------------------------

// What is passed by reference inside one node and never leaves it.
struct ChildOffer {
  std::shared_ptr<const ChildSpec> spec;
};
template <>
inline constexpr bool sendable_by_choice<ChildOffer> = true;

// OTP: {ok, Pid} | {ok, Pid, Info} | {error, Reason}; ignored children have no pid.
struct ChildAnswer {
  Pid pid;
  Term error;  // undefined if there is none
  Term info = {};
  bool ok() const { return error == Term(); }
  Term term() const;  // as OTP returns it
};
struct ChildRow {
  Atom id;  // undefined with simple_one_for_one
  Pid pid;  // null: not running
  bool restarting = false;
  ChildType type = ChildType::worker;
  Restart restart = Restart::permanent;
  std::vector<Atom> modules = {};
};
struct ChildCount {
  std::uint64_t specs = 0;
  std::uint64_t active = 0;
  std::uint64_t supervisors = 0;
  std::uint64_t workers = 0;
};

// Errors: {already_started, Pid}, already_present, what check_childspecs says, or the start's
// reason, {Reason, Child}; with simple_one_for_one the reason alone.
struct StartChild {
  using Reply = ChildAnswer;
  ChildOffer offer;
};
// By id; with simple_one_for_one by pid. Errors: not_found, simple_one_for_one.
struct TerminateChild {
  using Reply = ChildAnswer;
  Atom id;
  Pid pid = {};
};
struct DeleteChild {
  using Reply = ChildAnswer;  // errors: running, restarting, not_found, simple_one_for_one
  Atom id;
};
struct RestartChild {
  using Reply = ChildAnswer;  // errors: as DeleteChild, or the start's reason
  Atom id;
};
struct WhichChildren {
  // The newest first, as OTP's supervisor answers; of a simple_one_for_one in start order.
  using Reply = std::vector<ChildRow>;
};
struct CountChildren {
  using Reply = ChildCount;
};
struct ChildSpecAnswer {
  ChildOffer child;  // null: not_found
  bool ok() const { return child.spec != nullptr; }
};
// By id, or by pid. OTP: {ok, ChildSpec} | {error, not_found}.
struct GetChildSpec {
  using Reply = ChildSpecAnswer;
  Atom id;
  Pid pid = {};
};
// The function its specification comes from; undefined if it was given a specification.
struct GetCallbackModule {
  using Reply = Atom;
};
// To itself: an attempt failed; others are served in between. OTP: try_again_restart.
struct TryAgainRestart {
  Atom id;
  Pid pid;  // simple_one_for_one: of the child that ended
};

// A specification that the supervisor makes itself. OTP: Module:init/1.
struct SupervisorInit {
  Atom module;
  std::function<SupervisorSpec()> make;  // may throw, Ignore too
};

class Supervisor {
 public:
  using Accepts = Messages<StartChild, TerminateChild, DeleteChild, RestartChild, WhichChildren,
                           CountChildren, GetChildSpec, GetCallbackModule, TryAgainRestart, Exit>;

  Supervisor(Self self, SupervisorSpec spec);
  Supervisor(Self self, SupervisorInit init);

  Task<void> init();
  Task<ChildAnswer> handle(StartChild request);
  Task<ChildAnswer> handle(TerminateChild request);
  ChildAnswer handle(DeleteChild request);
  Task<ChildAnswer> handle(RestartChild request);
  std::vector<ChildRow> handle(WhichChildren request) const;
  ChildCount handle(CountChildren request) const;
  ChildSpecAnswer handle(GetChildSpec request) const;
  Atom handle(GetCallbackModule) const { return module_; }
  Task<void> handle(TryAgainRestart again);
  Task<void> handle(Exit exit);
  Task<void> terminate(Term reason);
  Term describe() const;
  Atom behaviour() const { return atoms::supervisor; }

 private:
  using Spec = std::shared_ptr<const ChildSpec>;
  struct Child {
    Spec spec;
    Pid pid;
    bool restarting = false;
  };
  struct ById {
    Atom operator()(const Child& child) const { return child.spec ? child.spec->id : Atom(); }
  };
  struct Running {
    Pid pid;
    Atom id;
  };
  // simple_one_for_one. Its specification is the pattern's but for the start.
  struct Dynamic {
    Pid pid;
    Spec spec;  // null if it is never restarted
  };
  struct ByPid {
    Pid operator()(const Running& running) const { return running.pid; }
    Pid operator()(const Dynamic& dynamic) const { return dynamic.pid; }
  };

  Supervisor(Self self, SupervisorSpec spec, Atom module);

  bool is_simple() const { return spec_.strategy == Strategy::simple_one_for_one; }
  const ChildSpec& pattern() const { return spec_.children.front(); }
  bool is_alive(Pid pid) const;

  Task<Started> start(Spec spec);
  Task<ChildAnswer> start_simple(Spec offered);
  void set_running(Atom id, Pid pid);
  void set_down(Child& child);
  Task<void> stop(Pid pid, Spec spec);
  Task<void> stop_child(Atom id);
  Task<void> stop_all();
  Task<void> stop_simple();
  Task<void> child_ended(Atom id, Pid pid, Term reason);
  Task<void> simple_ended(Pid pid, Term reason);
  Task<void> restart_simple(Pid pid);
  Task<void> carry_out(Plan plan, std::vector<Atom> ids);
  void try_again(Atom id);
  void forget_temporaries(const Plan& plan, const std::vector<Atom>& ids);
  void ended_for_good(bool significant);
  bool has_significant() const;
  void note_restart();
  bool count_restart();  // false: too many
  void give_up();
  void tell_decision(Pid child, const ChildSpec& spec, Decision decision, const Term& reason);
  void report_error(std::string_view context, const ChildSpec& spec, Pid pid, const Term& reason);
  void report_give_up(const ChildSpec& spec, Pid pid);
  void tell_started(const ChildSpec& spec, Pid pid);
  void tell_error(std::string_view context, const ChildSpec& spec, Pid pid, const Term& reason);

  Self self_;
  SupervisorSpec spec_;
  Atom module_;
  KeyedList<Child, ById> children_;    // in start order
  KeyedList<Running, ByPid> running_;  // of children_, those that have a process
  KeyedList<Dynamic, ByPid> dynamic_;
  KeyedList<Dynamic, ByPid> restarting_;  // simple_one_for_one: under the pid that ended
  std::vector<Instant> restarts_;
};

// The awaiter gives a StartedServer<Supervisor>. Errors: {shutdown, {failed_to_start_child, Id,
// Reason}} if a child does not start, those before it are stopped then; {start_spec, Reason} and
// {supervisor_data, Reason} before any child is started; {bad_start_spec, Ids} if
// simple_one_for_one has not exactly one.
ServerStart<Supervisor> start_supervisor(Self self, SupervisorSpec spec);
PidOf<Supervisor> start_supervisor_on(Node& node, SupervisorSpec spec);
// Init is a free function SupervisorSpec(args...) that runs in the supervisor. If it throws, that
// is the error; if it throws Ignore, the start is ignored. OTP: supervisor:start_link/3.
template <auto Init, class... Args>
ServerStart<Supervisor> start_supervisor_with(Self self, Atom name, Args... args) {
  SupervisorInit init{body_name<Init>(), [... held = std::move(args)] { return Init(held...); }};
  return start_link_as<Supervisor>(self, name, std::move(init));
}

// Named before it is awaited with: nothing is built there.
ChildOffer offer_of(ChildSpec spec);

// -- OTP's functions. They wait as long as it takes; the caller exits if there is no supervisor. --

inline Call<StartChild> start_child(Self self, To supervisor, ChildSpec spec) {
  return self.call_within<StartChild>(Duration::infinity(), supervisor, offer_of(std::move(spec)));
}
inline Call<TerminateChild> terminate_child(Self self, To supervisor, Atom id) {
  return self.call_within<TerminateChild>(Duration::infinity(), supervisor, id, Pid());
}
inline Call<TerminateChild> terminate_child(Self self, To supervisor, Pid pid) {
  return self.call_within<TerminateChild>(Duration::infinity(), supervisor, Atom(), pid);
}
inline Call<DeleteChild> delete_child(Self self, To supervisor, Atom id) {
  return self.call_within<DeleteChild>(Duration::infinity(), supervisor, id);
}
inline Call<RestartChild> restart_child(Self self, To supervisor, Atom id) {
  return self.call_within<RestartChild>(Duration::infinity(), supervisor, id);
}
inline Call<WhichChildren> which_children(Self self, To supervisor) {
  return self.call_within<WhichChildren>(Duration::infinity(), supervisor);
}
inline Call<CountChildren> count_children(Self self, To supervisor) {
  return self.call_within<CountChildren>(Duration::infinity(), supervisor);
}
inline Call<GetChildSpec> get_childspec(Self self, To supervisor, Atom id) {
  return self.call_within<GetChildSpec>(Duration::infinity(), supervisor, id, Pid());
}
inline Call<GetChildSpec> get_childspec(Self self, To supervisor, Pid pid) {
  return self.call_within<GetChildSpec>(Duration::infinity(), supervisor, Atom(), pid);
}
inline Call<GetCallbackModule> get_callback_module(Self self, To supervisor) {
  return self.call_within<GetCallbackModule>(Duration::infinity(), supervisor);
}

}  // namespace glasshouse::runtime
