#pragma once
// The waits of a process: for messages, for time, for its next turn, for a blocking job. Made by
// Self; an awaiter never moves and is awaited once.
//
// OTP: receive, "the mailbox is scanned from the oldest; a message that matches no clause stays".

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "runtime/base/time.h"
#include "runtime/node/timers.h"
#include "runtime/process/process.h"

namespace glasshouse::runtime {

// The time-out of a wait. The timer starts when the coroutine suspends, and is cancelled with it.
class WaitTimer {
 public:
  WaitTimer(Process& process, Duration after) : process_(process), after_(after) {}
  WaitTimer(const WaitTimer&) = delete;
  WaitTimer& operator=(const WaitTimer&) = delete;
  ~WaitTimer() {
    if (timer_) stop();
  }

  void start() {
    if (!after_.is_infinite()) start_timer();
  }
  Duration after() const { return after_; }
  bool is_zero() const { return after_ <= Duration::zero(); }
  bool is_over() const { return is_zero() || (number_ != 0 && process_.timed_out(number_)); }

 private:
  void start_timer();
  void stop();

  Process& process_;
  Duration after_;
  TimerId timer_;
  std::uint32_t number_ = 0;
};

class MailWait : public Wait {
 public:
  MailWait(const MailWait&) = delete;
  MailWait& operator=(const MailWait&) = delete;

  bool await_ready() {
    if (!taken_ && process_.has_mail_at_hand() && take_match()) return true;
    return process_.ready_now(*this);
  }
  void await_suspend(std::coroutine_handle<> where) {
    timer_.start();
    process_.suspend_in(*this, where);
  }
  bool poll(Process&) final { return taken_ || take_match() || timer_.is_over(); }
  Atom what() const final { return atoms::receive; }

 protected:
  MailWait(Process& process, Duration after) : process_(process), timer_(process, after) {}
  ~MailWait() = default;
  // What waits up to this message does not match. Null: nothing is known.
  void start_behind(Message* last) { scanned_ = last; }
  virtual bool matches(const Message& message) = 0;
  // Who called with what is taken hears of our exit, until it is answered.
  void watch_for_caller();

  MessagePtr taken_;
  Process& process_;

 private:
  bool take_match();

  WaitTimer timer_;
  Message* scanned_ = nullptr;  // up to here nothing matched; it is not taken while we wait
};

class ReceiveAny final : public MailWait {
 public:
  ReceiveAny(Process& process, Duration after) : MailWait(process, after) {}
  MessagePtr await_resume() { return std::move(taken_); }

 private:
  bool matches(const Message&) override { return true; }
};

namespace detail {

template <class... Ms>
struct ReceivedAs {
  using Type = std::variant<Ms...>;
};
template <class M>
struct ReceivedAs<M> {
  using Type = M;
};
template <class... Ms>
using Received = typename ReceivedAs<Ms...>::Type;

template <class... Ms>
bool matches_one_of(const Message& message) {
  return !message.is_call() && (same_type(message.type, message_type<Ms>()) || ...);
}

template <class... Ms>
Received<Ms...> unpack(Message& message) {
  if constexpr (sizeof...(Ms) == 1) {
    return (std::move(body_of<Ms>(message)), ...);
  } else {
    std::optional<std::variant<Ms...>> result;
    // The fold stops at the first type that fits.
    (void)((same_type(message.type, message_type<Ms>()) &&
            (result.emplace(std::in_place_type<Ms>, std::move(body_of<Ms>(message))), true)) ||
           ...);
    return std::move(*result);
  }
}

}  // namespace detail

template <class... Ms>
class Receive final : public MailWait {
 public:
  explicit Receive(Process& process) : MailWait(process, Duration::infinity()) {}
  detail::Received<Ms...> await_resume() { return detail::unpack<Ms...>(*taken_); }

 private:
  bool matches(const Message& message) override { return detail::matches_one_of<Ms...>(message); }
};

template <class... Ms>
class ReceiveFor final : public MailWait {
 public:
  ReceiveFor(Process& process, Duration after) : MailWait(process, after) {}
  std::optional<detail::Received<Ms...>> await_resume() {
    if (!taken_) return std::nullopt;
    return detail::unpack<Ms...>(*taken_);
  }

 private:
  bool matches(const Message& message) override { return detail::matches_one_of<Ms...>(message); }
};

template <class M, class Wanted>
class ReceiveIf final : public MailWait {
 public:
  ReceiveIf(Process& process, Wanted wanted, Duration after)
      : MailWait(process, after), wanted_(std::move(wanted)) {}
  // Nothing after the time-out.
  std::optional<M> await_resume() {
    if (!taken_) return std::nullopt;
    return std::move(body_of<M>(*taken_));
  }

 private:
  bool matches(const Message& message) override {
    return detail::matches_one_of<M>(message) && is_wanted(body_of<M>(message));
  }
  // OTP: a guard that fails is a guard that is false.
  bool is_wanted(const M& body) {
    try {
      return wanted_(body);
    } catch (...) {
      return false;
    }
  }
  Wanted wanted_;
};

class Sleep final : public Wait {
 public:
  Sleep(Process& process, Duration time) : process_(process), timer_(process, time) {}
  Sleep(const Sleep&) = delete;
  Sleep& operator=(const Sleep&) = delete;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> where) {
    timer_.start();
    process_.suspend_in(*this, where);
  }
  void await_resume() const {}
  bool poll(Process&) override { return timer_.is_over(); }
  Atom what() const override { return atoms::sleep; }

 private:
  Process& process_;
  WaitTimer timer_;
};

class Yield final : public Wait {
 public:
  Yield(Process& process, bool only_if_due) : process_(process), only_if_due_(only_if_due) {}
  bool await_ready() const { return only_if_due_ && --process_.reductions_left > 0; }
  void await_suspend(std::coroutine_handle<> where) {
    process_.end_turn();
    process_.suspend_in(*this, where);
  }
  void await_resume() const {}
  bool poll(Process&) override { return true; }
  Atom what() const override { return atoms::yield; }

 private:
  Process& process_;
  bool only_if_due_;
};

namespace detail {
// The part of Blocking that does not depend on what the job returns.
class BlockingWait : public Wait {
 public:
  explicit BlockingWait(Process& process) : process_(process) {}
  BlockingWait(const BlockingWait&) = delete;
  BlockingWait& operator=(const BlockingWait&) = delete;
  bool poll(Process&) final;
  Atom what() const final { return atoms::blocking; }

 protected:
  ~BlockingWait() = default;
  void start(std::coroutine_handle<> where, std::function<void()> job);

 private:
  Process& process_;
  std::uint32_t number_ = 0;
};
}  // namespace detail

// The job and its outcome are shared with the dirty pool: the process may die meanwhile.
template <class Job>
class Blocking final : public detail::BlockingWait {
  using Value = std::invoke_result_t<Job>;
  static constexpr bool is_void = std::is_void_v<Value>;
  struct Work {
    explicit Work(Job job_to_do) : job(std::move(job_to_do)) {}
    void run() {
      try {
        if constexpr (is_void) {
          job();
        } else {
          value.emplace(job());
        }
      } catch (...) {
        failure = std::current_exception();
      }
    }
    Job job;
    std::optional<std::conditional_t<is_void, std::monostate, Value>> value;
    std::exception_ptr failure;
  };

 public:
  Blocking(Process& process, Job job)
      : BlockingWait(process), work_(std::make_shared<Work>(std::move(job))) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> where) {
    start(where, [work = work_] { work->run(); });
  }
  Value await_resume() {
    if (work_->failure) std::rethrow_exception(work_->failure);
    if constexpr (!is_void) return std::move(*work_->value);
  }

 private:
  std::shared_ptr<Work> work_;
};

}  // namespace glasshouse::runtime
