#pragma once
// A queue that keeps its memory: no allocation once it has been as long as it gets. One thread.

#include <cstddef>
#include <utility>
#include <vector>

namespace glasshouse::sim {

template <class T>
class Fifo {
 public:
  bool empty() const { return first_ == items_.size(); }
  std::size_t size() const { return items_.size() - first_; }
  void push(T item) { items_.push_back(std::move(item)); }
  // REQUIRES of both: not empty.
  T& front() { return items_[first_]; }
  T pop() {
    T item = std::move(items_[first_++]);
    if (first_ == items_.size()) {
      clear();
    } else if (first_ >= 64 && first_ * 2 >= items_.size()) {
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
    return item;
  }
  void clear() {
    items_.clear();
    first_ = 0;
  }
  // From the oldest.
  auto begin() { return items_.begin() + static_cast<std::ptrdiff_t>(first_); }
  auto end() { return items_.end(); }

 private:
  std::vector<T> items_;
  std::size_t first_ = 0;
};

}  // namespace glasshouse::sim
