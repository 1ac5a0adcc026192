#pragma once
// Threads for jobs that block: file operations, a library that waits. They are apart from the
// workers, so that waiting never stops other processes. OTP: dirty I/O schedulers, 10 by default.
//
// Threads: any.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace glasshouse::runtime {

class Node;

class DirtyPool {
 public:
  // At most `threads_max` jobs run at once; more wait in the order they came. Threads are made when
  // a job finds none idle, and stay.
  // REQUIRES: threads_max > 0.
  explicit DirtyPool(std::size_t threads_max);
  DirtyPool(const DirtyPool&) = delete;
  DirtyPool& operator=(const DirtyPool&) = delete;
  // Drops what waits, and waits for what runs.
  ~DirtyPool();

  // `owner` is the node that the job reports to; may be null. The job must not throw.
  void submit(const Node* owner, std::function<void()> job);

  // Waits until nothing is to be done for `owner`. No job is dropped: others may wait for its end.
  // REQUIRES: not called from a job.
  void wait_for_jobs_of(const Node& owner);

  std::size_t thread_count() const;

 private:
  struct Job {
    const Node* owner;
    std::function<void()> work;
  };

  void serve(std::size_t thread);

  const std::size_t threads_max_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable work_came_;
  std::condition_variable work_done_;
  std::deque<Job> waiting_;
  std::vector<std::thread> threads_;
  std::vector<const Node*> running_for_;  // by thread; null: idle, or for nobody
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace glasshouse::runtime
