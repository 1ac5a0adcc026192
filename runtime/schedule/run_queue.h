#pragma once
// Runnable processes in order of arrival: those that used up their reductions, those that came from
// outside, and what a deque could not hold. Linked through Process::run_next. Any thread.

#include <atomic>
#include <cstddef>
#include <mutex>

#include "runtime/process/process.h"

namespace glasshouse::runtime {

// Not thread safe: processes on their way from one queue to another.
class ProcessList {
 public:
  void push(Process& process) {
    process.run_next = nullptr;
    (last_ == nullptr ? first_ : last_->run_next) = &process;
    last_ = &process;
    ++size_;
  }
  Process* pop() {
    Process* const taken = first_;
    if (taken == nullptr) return nullptr;
    first_ = taken->run_next;
    if (first_ == nullptr) last_ = nullptr;
    --size_;
    return taken;
  }
  void append(ProcessList& others) {
    if (others.first_ == nullptr) return;
    (last_ == nullptr ? first_ : last_->run_next) = others.first_;
    last_ = others.last_;
    size_ += others.size_;
    others = ProcessList();
  }
  std::size_t size() const { return size_; }

 private:
  Process* first_ = nullptr;
  Process* last_ = nullptr;
  std::size_t size_ = 0;
};

class RunQueue {
 public:
  void push(Process& process) {
    const std::scoped_lock lock(mutex_);
    list_.push(process);
    publish_size();
  }
  void append(ProcessList& processes) {
    const std::scoped_lock lock(mutex_);
    list_.append(processes);
    publish_size();
  }
  Process* pop() {
    if (size() == 0) return nullptr;
    const std::scoped_lock lock(mutex_);
    Process* const taken = list_.pop();
    publish_size();
    return taken;
  }
  // The oldest, at most `count` of them.
  ProcessList take(std::size_t count) {
    ProcessList taken;
    const std::scoped_lock lock(mutex_);
    while (taken.size() < count) {
      Process* const process = list_.pop();
      if (process == nullptr) break;
      taken.push(*process);
    }
    publish_size();
    return taken;
  }
  // Drops the processes of `node`.
  void drop(const Node& node) {
    const std::scoped_lock lock(mutex_);
    ProcessList kept;
    while (Process* const process = list_.pop()) {
      if (&process->node() != &node) kept.push(*process);
    }
    list_ = kept;
    publish_size();
  }
  // How many there were lately: whoever relies on more takes the lock.
  std::size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  void publish_size() { size_.store(list_.size(), std::memory_order_relaxed); }

  std::mutex mutex_;
  ProcessList list_;                  // guarded by mutex_
  std::atomic<std::size_t> size_{0};  // written under mutex_
};

}  // namespace glasshouse::runtime
