#pragma once
// The two coroutine types. A process body is a free function that returns Behaviour; a part of one,
// or a server's handler that must wait, returns Task<T>. Parameters by value; never a capturing
// lambda (docs/architecture.md, "Coroutines and g++ 12").

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/pool.h"

namespace glasshouse::runtime {

class Process;

// The body of a process. Owned by the process once spawned.
class [[nodiscard]] Behaviour {
 public:
  struct promise_type : Pooled {
    std::exception_ptr failure;

    Behaviour get_return_object() {
      return Behaviour(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    // Any exception is an exit reason: Node::run turns it into one.
    void unhandled_exception() noexcept { failure = std::current_exception(); }
  };

  Behaviour(Behaviour&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Behaviour& operator=(Behaviour&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~Behaviour() {
    if (frame_) frame_.destroy();
  }

  std::coroutine_handle<promise_type> release() { return std::exchange(frame_, nullptr); }

 private:
  explicit Behaviour(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  std::coroutine_handle<promise_type> frame_;
};

template <class T>
class Task;

namespace detail {

struct TaskPromiseBase : Pooled {
  std::coroutine_handle<> continuation;
  std::exception_ptr failure;

  struct Final {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) noexcept {
      return finished.promise().continuation;
    }
    void await_resume() noexcept {}
  };

  std::suspend_always initial_suspend() noexcept { return {}; }
  Final final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }
};

template <class T>
struct TaskPromise : TaskPromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (failure) std::rethrow_exception(failure);
    return std::move(*value);
  }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object();
  void return_void() noexcept {}
  void take() {
    if (failure) std::rethrow_exception(failure);
  }
};

}  // namespace detail

// A piece of waiting work inside one process. Starts when it is awaited; awaited at most once.
// Destroying it destroys what it was doing.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Value = T;

  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~Task() {
    if (frame_) frame_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept {
    frame_.promise().continuation = waiting;
    return frame_;
  }
  T await_resume() { return frame_.promise().take(); }

 private:
  std::coroutine_handle<promise_type> frame_;
};

namespace detail {
template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}
}  // namespace detail

}  // namespace glasshouse::runtime
