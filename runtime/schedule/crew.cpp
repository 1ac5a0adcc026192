#include "runtime/schedule/crew.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "runtime/node/node.h"
#include "runtime/schedule/worker.h"

namespace glasshouse::runtime {

namespace {

MulticoreOptions with_defaults(MulticoreOptions options) {
  if (options.workers == 0) options.workers = std::max(1u, std::thread::hardware_concurrency());
  return options;
}

}  // namespace

Crew::Crew(const MulticoreOptions& wanted) : options(with_defaults(wanted)) {
  workers_.resize(options.workers + options.spares_max);
  parked.reserve(workers_.size());
  spares.reserve(workers_.size());
}

Crew::~Crew() = default;

void Crew::add() {
  const std::size_t index = made_.load(std::memory_order_relaxed);
  workers_[index] = std::make_unique<Worker>(*this, index);
  workers_[index]->start();
  made_.store(index + 1, std::memory_order_release);  // pairs with made
}

void Crew::start() {
  const std::scoped_lock lock(hub);
  for (std::size_t i = 0; i < options.workers; ++i)
    add();
}

void Crew::stop() {
  {
    const std::scoped_lock lock(hub);
    stopping = true;
    for (std::size_t i = 0; i < made(); ++i)
      worker(i).call_.notify_one();
    monitor_wanted.notify_all();
  }
  // Nobody is added any more.
  for (std::size_t i = 0; i < made(); ++i)
    worker(i).join();
}

void Crew::inject(Process& process) {
  if (process.priority == Priority::normal) {
    injected.push(process);
  } else {
    lanes[lane_of(process)].push(process);
  }
  // Taken in any case: a worker on its way to sleep looks at what waits under the hub.
  wake_one();
}

HelpTrial::Progress Crew::progress() const {
  HelpTrial::Progress sum{.at = HelpTrial::Clock::now()};
  for (std::size_t i = 0; i < made(); ++i) {
    sum.turns += worker(i).turns();
    sum.reductions += worker(i).reductions();
  }
  return sum;
}

bool Crew::has_queued() const {
  if (has_waiting()) return true;
  for (std::size_t i = 0; i < made(); ++i) {
    if (worker(i).queued() != 0) return true;
  }
  return false;
}

Process* Crew::take_urgent() {
  Process* const process = lanes[0].pop();
  return process == nullptr ? lanes[1].pop() : process;
}

void Crew::wake_one() {
  const std::scoped_lock lock(hub);
  if (monitor_sleeps) {
    monitor_sleeps = false;
    monitor_wanted.notify_one();
  }
  // One that spins will find it, or come here and find it before it sleeps.
  if (parked.empty() || spinning.load(std::memory_order_relaxed) != 0) return;
  Worker* const woken = parked.back();
  parked.pop_back();
  woken->called_ = true;
  woken->call_.notify_one();
}

void Crew::ask_for_help() {
  if (help_wanted.load(std::memory_order_relaxed)) return;
  // Sequentially consistent, as is a worker that spins no more and goes to sleep: it sees that help
  // is wanted, or we see that nobody spins. Else nobody would ever ask again.
  help_wanted.store(true, std::memory_order_seq_cst);
  if (spinning.load(std::memory_order_seq_cst) == 0) wake_one();
}

// -- held workers ---------------------------------------------------------------------------------

void Crew::replace(Worker& held) {
  {
    const std::scoped_lock lock(hub);
    if (stopping || (spares.empty() && made() == workers_.size())) return;
    held.replaced_.store(true, std::memory_order_relaxed);
    if (spares.empty()) {
      add();
    } else {
      Worker* const spare = spares.back();
      spares.pop_back();
      spare->called_ = true;
      spare->call_.notify_one();
    }
  }
  rescue(held);
}

void Crew::rescue(Worker& held) {
  ProcessList rescued;
  {
    const std::scoped_lock lock(moves);
    if (Process* const process = held.take_next()) rescued.push(*process);
    while (held.deque.size() != 0) {
      if (Process* const process = held.deque.steal()) rescued.push(*process);
    }
    ProcessList queued = held.queue.take(held.queue.size());
    rescued.append(queued);
    injected.append(rescued);
  }
  if (injected.size() != 0) wake_one();
}

// -- nodes that end -------------------------------------------------------------------------------

void Crew::refuse(const Node& node) {
  const std::scoped_lock lock(leavers_mutex_);
  leavers_.push_back(&node);
  leaving.fetch_add(1, std::memory_order_seq_cst);  // pairs with the load in Worker::run
}

void Crew::forget_leaver(const Node& node) {
  const std::scoped_lock lock(leavers_mutex_);
  std::erase(leavers_, &node);
  leaving.fetch_sub(1, std::memory_order_seq_cst);
}

bool Crew::is_leaving(const Node& node) {
  const std::scoped_lock lock(leavers_mutex_);
  return std::find(leavers_.begin(), leavers_.end(), &node) != leavers_.end();
}

// REQUIRES: `nodes` is held, so that what a worker runs is not destroyed while we look at it.
void Crew::wait_until_out(const Node& node) {
  const auto is_out = [&node](const Worker& worker) {
    // What the worker took before is seen, and so is that it was choosing.
    static_cast<void>(worker.next.load(std::memory_order_seq_cst));
    worker.deque.observe();
    Process* const current = worker.current();
    if (current == nullptr) return true;
    return current != Worker::between() && &current->node() != &node;
  };
  for (std::size_t i = 0; i < made(); ++i) {
    // A worker leaves in its own time: nobody is woken for that, so we look again and again.
    for (int look = 0; !is_out(worker(i)); ++look) {
      if (look < 100) {
        std::this_thread::yield();
        continue;
      }
      std::unique_lock lock(leavers_mutex_);
      look_again_.wait_for(lock, std::chrono::microseconds(100));
    }
  }
}

// The order matters little: whoever carries a process elsewhere waits for us. What is not of the
// node goes to all: its worker may have looked meanwhile where it was, and be asleep.
void Crew::sweep(const Node& node) {
  {
    const std::scoped_lock lock(moves);
    ProcessList kept;
    for (std::size_t i = 0; i < made(); ++i) {
      Worker& swept = worker(i);
      if (Process* const process = swept.take_next(); process && &process->node() != &node) {
        kept.push(*process);
      }
      for (std::int64_t left = swept.deque.size(); left > 0; --left) {
        Process* const process = swept.deque.steal();
        if (process != nullptr && &process->node() != &node) kept.push(*process);
      }
      swept.queue.drop(node);
    }
    injected.append(kept);
    injected.drop(node);
    for (RunQueue& lane : lanes)
      lane.drop(node);
  }
  if (injected.size() != 0) wake_one();
}

}  // namespace glasshouse::runtime
