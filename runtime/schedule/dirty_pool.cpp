#include "runtime/schedule/dirty_pool.h"

#include <algorithm>
#include <utility>

#include "runtime/base/check.h"

namespace glasshouse::runtime {

DirtyPool::DirtyPool(std::size_t threads_max) : threads_max_(threads_max) {
  CHECK(threads_max > 0);
}

DirtyPool::~DirtyPool() {
  std::deque<Job> dropped;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    dropped = std::move(waiting_);
    waiting_.clear();
  }
  work_came_.notify_all();
  for (std::thread& thread : threads_)
    thread.join();
}

void DirtyPool::submit(const Node* owner, std::function<void()> job) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return;
    waiting_.push_back({owner, std::move(job)});
    if (waiting_.size() > idle_ && threads_.size() < threads_max_) {
      running_for_.push_back(nullptr);
      threads_.emplace_back(&DirtyPool::serve, this, threads_.size());
    }
  }
  work_came_.notify_one();
}

void DirtyPool::serve(std::size_t thread) {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    work_came_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    --idle_;
    if (stopping_) return;
    {
      Job job = std::move(waiting_.front());
      waiting_.pop_front();
      running_for_[thread] = job.owner;
      lock.unlock();
      job.work();
      // What the job held is given up before anybody hears that it is done.
    }
    lock.lock();
    running_for_[thread] = nullptr;
    work_done_.notify_all();
  }
}

void DirtyPool::wait_for_jobs_of(const Node& owner) {
  std::unique_lock lock(mutex_);
  work_done_.wait(lock, [&] {
    return std::find(running_for_.begin(), running_for_.end(), &owner) == running_for_.end() &&
           std::none_of(waiting_.begin(), waiting_.end(),
                        [&](const Job& job) { return job.owner == &owner; });
  });
}

std::size_t DirtyPool::thread_count() const {
  const std::scoped_lock lock(mutex_);
  return threads_.size();
}

}  // namespace glasshouse::runtime
