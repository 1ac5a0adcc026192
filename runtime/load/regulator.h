#pragma once
// A regulator: a process that says who may begin to work, and when. It stands in front of servers,
// or of anything else that can be overloaded; those who want to work ask it first (permission.h).
//
//   RegulatorSpec spec{.limits = {.concurrency = 8}};
//   spec.queues.push_back({.name = "web"_atom, .priority = 1, .shed = CodelTimes()});
//   spec.queues.push_back({.name = "batch"_atom, .limits = {.rate = Rate{.permits = 10}}});
//   ... {.id = "load"_atom, .start = named_child<Regulator>("load"_atom, spec)}
//
// What it decides is in regulation.h. It watches all who wait or are at work: a permission comes
// back with `done` or with the exit of its process, whichever is first, so none is ever lost.
//
// It has a timer exactly while somebody waits for time to pass. A regulator that crashes fails
// those who wait with its reason and is started as its specification says, with all permissions
// free: who was at work under the former one goes on and is not counted any more, so for as long as
// that work takes up to twice the limit may be at work. What was changed while it ran
// (AddLoadQueue, ...) is lost with it.
//
// A gen_server: sys and the observer see its LoadInfo, as a map with a map for each queue. OTP has
// none; this is in the place of jobs (Ulf Wiger) and safetyvalve (Jesper Louis Andersen). Not here:
// jobs' samplers, which change limits by the load of the machine (a process that sends
// ModifyLoadLimits does that), its passive queues (a server is one) and producers.

#include <unordered_map>
#include <vector>

#include "runtime/behaviour/gen_server.h"
#include "runtime/load/regulation.h"

namespace glasshouse::runtime {

struct RegulatorSpec {
  LoadLimits limits = {};  // those that all queues share
  std::vector<LoadQueue> queues = {};
};

// -- asking it; use permission.h ------------------------------------------------------------------

struct LoadAnswer {
  LoadVerdict verdict = LoadVerdict::ok;
  Duration waited;
};
// The reference of the call is the ticket; it stands for the permission if the answer is ok.
struct AskPermission {
  using Reply = LoadAnswer;
  Atom queue;
};
// Gives it back, or waits no longer. Nothing happens with a ticket it does not know.
struct PermissionDone {
  Ref ticket;
};

// -- changing it while it runs; the answers: ok, already_present, not_found, badarg ---------------

struct AddLoadQueue {
  using Reply = Atom;
  LoadQueue queue;
};
// All of the queue is as given here from now on; who waits stays. OTP: jobs:modify_queue/2.
struct ModifyLoadQueue {
  using Reply = Atom;
  LoadQueue queue;
};
// Who waits in it is refused with `deleted`.
struct DeleteLoadQueue {
  using Reply = Atom;
  Atom queue;
};
// The limits that all queues share. OTP: jobs:modify_counter/2, modify_group_rate/2.
struct ModifyLoadLimits {
  using Reply = Atom;
  LoadLimits limits;
};
struct GetLoad {
  using Reply = LoadInfo;
};
// To itself, when time may have decided something.
struct LoadTick {};

class Regulator {
 public:
  using Accepts = Messages<AskPermission, PermissionDone, AddLoadQueue, ModifyLoadQueue,
                           DeleteLoadQueue, ModifyLoadLimits, GetLoad, LoadTick, Down>;

  // Throws {bad_queue, Name} or bad_limits where the specification makes no sense.
  Regulator(Self self, RegulatorSpec spec);

  void handle(Request<AskPermission> request);
  void handle(PermissionDone done);
  Atom handle(AddLoadQueue request);
  Atom handle(ModifyLoadQueue request);
  Atom handle(DeleteLoadQueue request);
  Atom handle(ModifyLoadLimits request);
  LoadInfo handle(GetLoad) const { return regulation_.info(); }
  void handle(LoadTick);
  void handle(Down down);
  Term describe() const;
  Atom behaviour() const { return "regulator"_atom; }

 private:
  struct Client {
    Request<AskPermission> request;
    Ref monitor;
  };

  void forget(const Ref& ticket);
  void proceed();
  void tell(const LoadDecision& decision);
  void plan_tick();
  Atom done_with(bool found, Atom otherwise);

  Self self_;
  Regulation regulation_;
  // By ticket, and the tickets by monitor.
  std::unordered_map<Ref, Client> clients_;  // unordered: never iterated
  std::unordered_map<Ref, Ref> tickets_;     // unordered: never iterated
  TimerId timer_;
  Instant timer_at_ = Instant::max();
};

}  // namespace glasshouse::runtime
