#pragma once
// One thread that runs processes, and its queues. Private to runtime/schedule.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <optional>
#include <thread>

#include "runtime/schedule/crew.h"
#include "runtime/schedule/help_trial.h"
#include "runtime/schedule/steal_deque.h"
#include "runtime/schedule/thread_use.h"

namespace glasshouse::runtime {

class Worker {
 public:
  Worker(Crew& crew, std::size_t index);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // The worker whose thread this is; null on other threads.
  static Worker* mine();

  void start();
  void join() { thread_.join(); }
  Crew& crew() const { return crew_; }

  // `process` was woken by what this worker runs.
  // REQUIRES: mine() == this.
  void push(Process& process);

  // -- any thread -------------------------------------------------------------------------------

  // What it runs: null while it waits, between() while it chooses.
  // Acquire: pairs with the release of the worker, so what it did before is done.
  Process* current() const { return current_.load(std::memory_order_seq_cst); }
  static Process* between() { return reinterpret_cast<Process*>(std::uintptr_t{1}); }
  // How often it has chosen. Unchanged: still the same process.
  std::uint64_t turns() const { return turns_.load(std::memory_order_relaxed); }
  std::uint64_t reductions() const { return reductions_.load(std::memory_order_relaxed); }
  Atom current_name() const { return Atom::from_index(name_.load(std::memory_order_relaxed)); }
  // What its thread did with its time.
  // REQUIRES: it was seen to run a process.
  ThreadUse::Sample use() const { return use_->sample(); }
  bool is_replaced() const { return replaced_.load(std::memory_order_relaxed); }
  std::size_t queued() const {
    return (next.load(std::memory_order_relaxed) == nullptr ? 0u : 1u) +
           static_cast<std::size_t>(deque.size()) + queue.size();
  }
  // Takes what is in `next`.
  Process* take_next() { return next.exchange(nullptr, std::memory_order_seq_cst); }

  // What was woken last, and runs next: most often its waker is about to wait for it. Only the
  // owner puts something in; others take it when the owner is held or a node ends. Release and
  // acquire: whoever takes it sees what was done to it before.
  alignas(64) std::atomic<Process*> next{nullptr};
  StealDeque deque;  // what was woken before that
  RunQueue queue;

  // It does not choose for a while, as the monitor sees or it knows itself: its last process may be
  // stolen too.
  std::atomic<bool> is_stuck{false};

 private:
  friend class Crew;

  void serve();
  Process* choose();
  Process* oldest();
  Process* one_in_turn();
  Process* steal();
  Process* steal_from(Worker& victim);
  void run(Process& process);
  void inject(Process& process);
  void on_tick();
  void divide_turns();
  void make_room();
  void complain();
  bool wait_for_work();
  bool spin() const;
  bool park();
  bool stand_by();
  bool is_in_doubt();
  bool stand_aside();
  void look_on();
  bool stay_aside();
  void begin_stint(bool was_called);
  void end_stint();

  Crew& crew_;
  const std::size_t index_;
  std::thread thread_;

  // -- its own ----------------------------------------------------------------------------------
  Process* again_ = nullptr;        // used up its reductions, and nobody else wants to run
  std::uint32_t since_oldest_ = 0;  // what ran since the oldest had its turn
  std::uint32_t in_a_row_;          // how many run before the oldest has its turn, at present
  std::size_t old_taken_ = 0;       // turns of the oldest in this period
  std::uint64_t period_began_ = 0;  // a tick
  std::uint32_t look_at_;           // when since_oldest_ is this, a turn is due
  std::uint64_t low_turn_ = 0;      // turns() when one of low priority had its turn
  std::uint32_t surplus_ = 0;       // choices in a row that left something for others
  std::uint64_t tick_seen_ = 0;
  bool hunting_ = true;        // may look at others' queues
  bool came_to_help_ = false;  // this stint began because another had too much
  bool has_stolen_ = false;
  std::chrono::steady_clock::time_point stint_began_;
  HelpTrial trial_;

  // -- told to others ---------------------------------------------------------------------------
  std::optional<ThreadUse> use_;  // made before its first process; published with current_
  alignas(64) std::atomic<Process*> current_{nullptr};
  std::atomic<std::uint64_t> turns_{0};
  std::atomic<std::uint64_t> reductions_{0};
  std::atomic<std::uint32_t> name_{0};
  alignas(64) std::atomic<bool> replaced_{false};  // written under crew_.hub

  // -- guarded by crew_.hub ---------------------------------------------------------------------
  bool called_ = false;
  std::condition_variable call_;
};

}  // namespace glasshouse::runtime
