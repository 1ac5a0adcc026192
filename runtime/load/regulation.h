#pragma once
// What a regulator decides: who may begin now, who is refused and why, and when it must look again.
// A plain object without processes or clock; regulator.h is the process around it.
//
//   asks ──▶ queue "web"   (own limits) ──┐  the queue of the highest priority goes first,
//   asks ──▶ queue "batch" (own limits) ──┴─▶ (limits that all share) ──▶ permission, until `end`
//
// Laws, at every moment between two calls of decide():
//  * no more are at work than the limits of a queue and the shared ones say, unless they were
//    lowered meanwhile: nobody is stopped;
//  * in any span no more began than the rates allow (token_bucket.h);
//  * nobody waits who could begin, and nobody waits longer than its queue's wait_max;
//  * who began did so when no queue of a higher priority had anybody who could.
// A queue that waits on its own limits does not hold up one of a lower priority.
//
// Sources: queues with limits on beginnings and on how many are at work, length, waiting time, fifo
// and lifo, and limits that several queues share are those of jobs (rate and counter regulators,
// max_size, max_time, type, group_rate). Priorities, which are strict, and that among equals
// whoever was served least recently goes first, are ours. Shedding: codel.h.

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "runtime/load/codel.h"
#include "runtime/load/token_bucket.h"
#include "runtime/process/ref.h"
#include "runtime/term/atom.h"

namespace glasshouse::runtime {

struct LoadLimits {
  std::optional<std::uint32_t> concurrency = {};  // at work at once; 0: a pause; none: any number
  std::optional<Rate> rate = {};                  // how many may begin; none: any number
};

enum class LoadOrder : std::uint8_t {
  fifo,  // who waits longest goes first
  lifo,  // who came last does: under overload some are served fast instead of all too late
};

struct LoadQueue {
  Atom name;
  LoadLimits limits = {};
  std::int32_t priority = 0;  // the greater goes first
  LoadOrder order = LoadOrder::fifo;
  // How many may wait. One more, and whoever would be served last is refused: with fifo the one
  // that came last, with lifo the one that came first. 0: nobody waits.
  std::uint32_t length_max = 10'000;
  Duration wait_max = Duration::seconds(5);  // after that it is refused; infinity: never
  std::optional<CodelTimes> shed = {};       // none: nothing is shed
};
// It has a name, and its rate, its times and wait_max make sense.
bool is_valid(const LoadQueue& queue);
bool is_valid(const LoadLimits& limits);

enum class LoadVerdict : std::uint8_t {
  ok,          // it may begin
  timeout,     // it has waited for wait_max
  queue_full,  // too many wait
  shed,        // CoDel dropped it
  no_queue,    // there is no such queue
  deleted,     // its queue was deleted while it waited
};

struct LoadDecision {
  Ref ticket;
  LoadVerdict verdict = LoadVerdict::ok;
  Duration waited;
};

// Since the queue was added.
struct LoadCounts {
  std::uint64_t ok = 0;
  std::uint64_t timeout = 0;
  std::uint64_t queue_full = 0;
  std::uint64_t shed = 0;
  std::uint64_t gave_up = 0;  // ended while they waited
};

struct LoadQueueInfo {
  LoadQueue queue;
  std::uint64_t waiting = 0;
  std::uint64_t at_work = 0;
  bool is_shedding = false;
  LoadCounts counts;
};

struct LoadInfo {
  LoadLimits limits;                  // those that all queues share
  std::uint64_t at_work = 0;          // with those of queues that were deleted
  std::uint64_t no_queue = 0;         // refused with that
  std::vector<LoadQueueInfo> queues;  // in the order added
};

class Regulation {
 public:
  // REQUIRES of all limits and queues: is_valid. Of every `now`: not before an earlier one.
  Regulation(const LoadLimits& shared, Instant now);

  // False if there is one of that name.
  bool add(const LoadQueue& queue, Instant now);
  // Replaces all of it but its counts; who waits stays, in order. False if there is none.
  bool modify(const LoadQueue& queue, Instant now);
  // Who waits is refused, who is at work counts as before among all. False if there is none.
  bool remove(Atom name, Instant now);
  void modify_shared(const LoadLimits& limits, Instant now);

  // Whoever asks with this ticket waits from now on; decide() tells what becomes of it.
  // REQUIRES: no other of that ticket waits or is at work.
  void ask(const Ref& ticket, Atom queue, Instant now);
  // It is done, or waits no longer. False if it is neither at work nor waiting.
  bool end(const Ref& ticket);
  bool knows(const Ref& ticket) const { return tickets_.contains(ticket); }

  // To be called after each of the above, and at next(): all that is decided, in that order.
  std::vector<LoadDecision> decide(Instant now);
  // When something will be decided if nothing happens before; max: nothing will. REQUIRES: decide()
  // was called at `now`.
  Instant next(Instant now);

  LoadInfo info() const;

 private:
  struct Waiting {
    Ref ticket;
    Instant arrived;
  };
  // Limits, and how much of them is used.
  struct Use {
    LoadLimits limits;
    std::optional<TokenBucket> bucket;
    std::uint64_t at_work = 0;

    void limit(const LoadLimits& wanted, Instant now);
    bool has_place() const { return !limits.concurrency || at_work < *limits.concurrency; }
    bool allows(Instant now) { return has_place() && (!bucket || bucket->has_token(now)); }
    Instant next_token(Instant now) { return bucket ? bucket->next_token(now) : now; }
    void begin(Instant now);
  };
  struct Queue {
    std::uint64_t id = 0;  // a later queue of the same name is another one
    LoadQueue spec;
    Use use;
    std::optional<Codel> codel;
    std::map<std::uint64_t, Waiting> waiting;  // by number: in the order they came
    std::uint64_t served = 0;                  // when it was the turn of this one last
    LoadCounts counts;
  };
  struct Ticket {
    std::uint64_t queue = 0;   // its id
    std::uint64_t number = 0;  // among those that wait; 0: it is at work
  };
  using WaitingAt = std::map<std::uint64_t, Waiting>::iterator;

  Queue* find(Atom name);
  Queue* find(std::uint64_t id);
  void expire(Queue& queue, Instant now);
  Queue* whose_turn(Instant now);
  void serve(Queue& queue, Instant now);
  void shed(Queue& queue, Instant now);
  void cut(Queue& queue, Instant now);
  void refuse(Queue& queue, WaitingAt which, LoadVerdict verdict, Instant now);

  Use shared_;
  std::vector<Queue> queues_;
  std::unordered_map<Ref, Ticket> tickets_;  // unordered: never iterated
  std::vector<LoadDecision> decided_;
  std::uint64_t numbers_ = 0;
  std::uint64_t turns_ = 0;
  std::uint64_t no_queue_ = 0;
};

}  // namespace glasshouse::runtime
