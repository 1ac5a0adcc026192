#pragma once
// What the workers of one Multicore share. Private to runtime/schedule.
//
// Four mutexes. `hub` guards who sleeps and who stands by; `moves` is held by whoever carries
// processes from one queue to another, so that a sweep misses none; `nodes` by whoever ends a node
// or looks at a process that he does not run; leavers_mutex_ guards the list of nodes that end. A
// node that ends takes `nodes` first and then one of the others; else none is held with another.

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/schedule/help_trial.h"
#include "runtime/schedule/multicore.h"
#include "runtime/schedule/run_queue.h"

namespace glasshouse::runtime {

class Worker;

class Crew {
 public:
  explicit Crew(const MulticoreOptions& options);
  ~Crew();

  // Starts the workers. Apart from the constructor: they use the crew.
  void start();
  void stop();

  // Any thread: runs `process` on some worker, and wakes one if all sleep.
  void inject(Process& process);
  // Wakes a sleeping worker, if there is one.
  void wake_one();
  // A worker has more than it can do.
  void ask_for_help();

  // Puts a spare worker in the place of one that is held, and hands over what it had queued.
  void replace(Worker& held);
  // Makes what is queued at a held worker runnable elsewhere.
  void rescue(Worker& held);

  // No worker runs a process of `node` from now on, until `forget_leaver`.
  void refuse(const Node& node);
  void forget_leaver(const Node& node);
  bool is_leaving(const Node& node);
  // Waits until no worker is inside `node`, nor about to enter.
  void wait_until_out(const Node& node);
  // Drops what is runnable of `node`.
  void sweep(const Node& node);

  std::size_t made() const { return made_.load(std::memory_order_acquire); }  // pairs with add
  Worker& worker(std::size_t index) const { return *workers_[index]; }

  // What all workers did so far.
  HelpTrial::Progress progress() const;
  // Whether a worker besides the asking one neither sleeps, looks about nor is among
  // `others_aside`.
  bool others_work(std::uint32_t others_aside) const {
    return idle.load(std::memory_order_relaxed) + others_aside + 1 < options.workers;
  }
  // Whether anything is queued anywhere.
  bool has_queued() const;

  const MulticoreOptions options;

  // A place in `lanes` for those that are not of normal priority.
  static std::size_t lane_of(const Process& process) {
    return process.priority == Priority::max ? 0 : process.priority == Priority::high ? 1 : 2;
  }
  // Whether anything waits that any worker may take.
  bool has_waiting() const {
    return injected.size() != 0 || has_urgent() || lanes[low_lane].size() != 0;
  }
  bool has_urgent() const { return lanes[0].size() != 0 || lanes[1].size() != 0; }
  // The next of high or max priority; null if there is none any more.
  Process* take_urgent();

  RunQueue injected;  // of normal priority
  static constexpr std::size_t low_lane = 2;
  RunQueue lanes[3];  // max, high, low: shared by all workers
  std::mutex moves;

  // -- guarded by hub ---------------------------------------------------------------------------
  std::mutex hub;
  std::vector<Worker*> parked;
  std::vector<Worker*> spares;
  bool stopping = false;
  bool monitor_sleeps = false;
  std::condition_variable monitor_wanted;

  // Held while somebody looks at a process that he does not run: no node ends meanwhile.
  std::mutex nodes;

  // -- hints: relaxed, an old value costs time and nothing else (but see ask_for_help) -----------
  alignas(64) std::atomic<std::uint32_t> idle{0};  // workers that spin or sleep
  std::atomic<std::uint32_t> spinning{0};          // of them, those that spin
  std::atomic<std::uint32_t> aside{0};             // that would be in the way: see HelpTrial
  std::atomic<std::uint32_t> patience{1};          // surplus seen in a row before help is asked
  std::atomic<bool> help_wanted{false};
  std::atomic<std::uint64_t> tick{0};  // counted by the monitor while anybody works
  std::atomic<std::uint64_t> times_parked{0};
  // Nodes that are being detached. Sequentially consistent: see Worker::take.
  std::atomic<std::uint32_t> leaving{0};

 private:
  void add();  // REQUIRES: hub is held, or no worker runs yet

  std::vector<std::unique_ptr<Worker>> workers_;  // of full length from the start; made_ are there
  std::atomic<std::size_t> made_{0};              // written under hub
  std::mutex leavers_mutex_;
  std::vector<const Node*> leavers_;
  std::condition_variable look_again_;  // nobody notifies it: a pause
};

}  // namespace glasshouse::runtime
