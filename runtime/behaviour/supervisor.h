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
// OTP: supervisor.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/behaviour/gen_server.h"
#include "runtime/behaviour/restart_plan.h"

namespace glasshouse::runtime {

enum class ChildType : std::uint8_t { worker, supervisor };

// How long a child may take to stop, from the exit signal `shutdown` to `kill`.
class Shutdown {
 public:
  static Shutdown brutal_kill() { return Shutdown(Duration::nanoseconds(-1)); }
  static Shutdown infinity() { return Shutdown(Duration::infinity()); }
  // Implicit: .shutdown = 5_s.
  Shutdown(Duration within) : within_(within) {}
  bool is_brutal() const { return within_ < Duration::zero(); }
  Duration within() const { return within_; }

 private:
  Duration within_;
};

struct ChildSpec {
  Atom id;
  StartFunction start;
  Restart restart = Restart::permanent;
  Shutdown shutdown = Duration::seconds(5);
  ChildType type = ChildType::worker;
};

struct SupervisorSpec {
  Atom name = {};  // registered under it unless undefined
  Strategy strategy = Strategy::one_for_one;
  RestartLimit limit = {};
  // simple_one_for_one: exactly one, the pattern of all; its start is not used.
  std::vector<ChildSpec> children = {};
};

// A supervisor as a child of another; shutdown infinity, as OTP asks.
ChildSpec supervisor_child(Atom id, SupervisorSpec spec, Restart restart = Restart::permanent);

// -- talking to one -----------------------------------------------------------------------------

// What is passed by reference inside one node and never leaves it.
struct ChildOffer {
  std::shared_ptr<const ChildSpec> spec;
};
template <>
inline constexpr bool sendable_by_choice<ChildOffer> = true;

// OTP: {ok, Pid} | {error, Reason}; ignored children have neither.
struct ChildAnswer {
  Pid pid;
  Term error;  // undefined if there is none
  bool ok() const { return error == Term(); }
};
struct ChildRow {
  Atom id;
  Pid pid;  // null: not running
  bool restarting = false;
  ChildType type = ChildType::worker;
  Restart restart = Restart::permanent;
};
struct ChildCount {
  std::uint64_t specs = 0;
  std::uint64_t active = 0;
  std::uint64_t supervisors = 0;
  std::uint64_t workers = 0;
};

struct StartChild {
  using Reply = ChildAnswer;
  ChildOffer offer;
};
struct TerminateChild {
  using Reply = ChildAnswer;  // errors: not_found
  Atom id;
  Pid pid = {};  // for simple_one_for_one
};
struct DeleteChild {
  using Reply = ChildAnswer;  // errors: running, restarting, not_found
  Atom id;
};
struct RestartChild {
  using Reply = ChildAnswer;  // errors: running, restarting, not_found, or the start's reason
  Atom id;
};
struct WhichChildren {
  using Reply = std::vector<ChildRow>;
};
struct CountChildren {
  using Reply = ChildCount;
};
// To itself: an attempt failed; others are served in between. OTP: try_again_restart.
struct TryAgainRestart {
  Atom id;
  Pid pid;  // simple_one_for_one: of the child that ended
};

class Supervisor {
 public:
  using Accepts = Messages<StartChild, TerminateChild, DeleteChild, RestartChild, WhichChildren,
                           CountChildren, TryAgainRestart, Exit>;

  Supervisor(Self self, SupervisorSpec spec);

  Task<void> init();
  Task<ChildAnswer> handle(StartChild request);
  Task<ChildAnswer> handle(TerminateChild request);
  ChildAnswer handle(DeleteChild request);
  Task<ChildAnswer> handle(RestartChild request);
  std::vector<ChildRow> handle(WhichChildren request) const;
  ChildCount handle(CountChildren request) const;
  Task<void> handle(TryAgainRestart again);
  Task<void> handle(Exit exit);
  Task<void> terminate(Term reason);
  Term describe() const;
  Atom behaviour() const { return atoms::supervisor; }

 private:
  struct Child {
    std::shared_ptr<const ChildSpec> spec;
    Pid pid;
    bool restarting = false;
  };
  // simple_one_for_one: by pid, in the order of their pids.
  using Dynamic = std::map<Pid, std::shared_ptr<const ChildSpec>>;

  bool is_simple() const { return spec_.strategy == Strategy::simple_one_for_one; }
  std::size_t index_of(Atom id) const;  // children_.size() if there is none
  std::size_t index_of(Pid pid) const;

  Task<ChildAnswer> start_simple(std::shared_ptr<const ChildSpec> offered);
  Task<Started> start(Child child);
  Task<void> stop(Pid pid, Shutdown shutdown);
  Task<void> stop_all();
  Task<void> stop_simple();
  Task<void> child_ended(std::size_t index, Pid pid, Term reason);
  Task<void> simple_ended(Pid pid, Term reason);
  Task<void> restart_simple(Pid pid);
  Task<bool> carry_out(Plan plan);
  void try_again(std::size_t index);
  void forget_temporaries(const Plan& plan);
  void note_restart();
  bool count_restart();  // false: too many
  void give_up();
  void tell_decision(Pid child, Atom id, Decision decision, const Term& reason);
  void tell_child(const Child& child);

  Self self_;
  SupervisorSpec spec_;
  std::vector<Child> children_;  // in start order
  Dynamic dynamic_;
  Dynamic restarting_;  // simple_one_for_one: under the pid that ended
  std::vector<Instant> restarts_;
};

// The awaiter gives a StartedServer<Supervisor>. If a child does not start, those before it are
// stopped, and the error is {shutdown, {failed_to_start_child, Id, Reason}}.
ServerStart<Supervisor> start_supervisor(Self self, SupervisorSpec spec);
PidOf<Supervisor> start_supervisor_on(Node& node, SupervisorSpec spec);

// Named, so that nothing is built inside a co_await: auto offer = offer_of({...}).
ChildOffer offer_of(ChildSpec spec);

}  // namespace glasshouse::runtime
