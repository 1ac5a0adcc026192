#pragma once
// How a process asks a regulator (regulator.h), and works by its leave.
//
//   const Through web{.regulator = "load"_atom, .queue = "web"_atom, .within = 200_ms};
//
//   auto calling = call_through<Get>(self, web, 1_s, "store"_atom, key);   // ask, call, done
//   const CallResult<Get> result = co_await calling;    // failure {overload, Reason} if refused
//
//   auto asking = ask(self, web);                       // or by hand
//   const Asked asked = co_await asking;
//   if (!asked) ...                                     // asked.refused: timeout, shed, ...
//   ...                                                 // the permission ends with `asked`
//
// To be used by the process that asks; a Permission is not given to another one. Why one is
// refused: LoadVerdict (regulation.h), spelt as an atom; or the reason why the regulator does not
// answer (noproc, or its exit reason).
//
// OTP: jobs:ask/1, done/1, run/2; sv:run/2.

#include <algorithm>
#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/load/regulator.h"

namespace glasshouse::runtime {

// Which queue to stand in, and how long at most; its own wait_max may be shorter.
struct Through {
  To regulator;
  Atom queue;
  Duration within = Duration::infinity();
};

// Leave to work, until `done`, the end of its scope, or the exit of its process.
class Permission {
 public:
  Permission() = default;  // none
  Permission(Process& process, Pid regulator, const Ref& ticket)
      : process_(&process), regulator_(regulator), ticket_(ticket) {}
  Permission(Permission&& other) noexcept;
  Permission& operator=(Permission&& other) noexcept;
  ~Permission() { done(); }

  // Gives it back; a second time does nothing.
  void done();
  bool is_held() const { return process_ != nullptr; }

 private:
  Process* process_ = nullptr;  // null: none, or given back
  Pid regulator_;
  Ref ticket_;
};

struct Asked {
  Permission permission;
  Term refused;     // why; undefined if it was given
  Duration waited;  // in the queue, as far as the regulator told
  explicit operator bool() const { return permission.is_held(); }
};

class AskWait final : public CallWait {
 public:
  AskWait(Process& process, const Through& through)
      : AskWait(process, through, process.make_ref()) {}
  Asked await_resume();

 private:
  AskWait(Process& process, const Through& through, Ref ref);
  Process& asker_;
  Ref ticket_;
};

// Waits for leave, or until it is refused. After `within` it is refused with `timeout`, even if the
// regulator does not answer at all.
inline AskWait ask(Self self, const Through& through) {
  return AskWait(self.process(), through);
}

template <class T>
struct RunResult {
  std::optional<T> value;  // Unit for a job that returns nothing
  Term refused;
  explicit operator bool() const { return value.has_value(); }
};

namespace detail {
template <class Job>
concept job_that_waits = IsTask<std::invoke_result_t<Job&>>::value;

template <class Job>
struct JobOf {
  using Returned = std::invoke_result_t<Job&>;
  static constexpr bool waits = false;
  using Value = std::conditional_t<std::is_void_v<Returned>, Unit, Returned>;
};
template <job_that_waits Job>
struct JobOf<Job> {
  using Returned = typename std::invoke_result_t<Job&>::Value;
  static constexpr bool waits = true;
  using Value = std::conditional_t<std::is_void_v<Returned>, Unit, Returned>;
};
}  // namespace detail

// Runs `job` here when it may, and gives the permission back, also when it throws. The job returns
// a value, nothing, or a Task. Name the run before you await it: a job is made by the caller.
template <std::invocable Job>
Task<RunResult<typename detail::JobOf<Job>::Value>> run(Self self, Through through, Job job) {
  using Kept = detail::JobOf<Job>;
  using Outcome = RunResult<typename Kept::Value>;
  auto asking = ask(self, through);
  const Asked asked = co_await asking;
  if (!asked) co_return Outcome{.value = std::nullopt, .refused = asked.refused};
  if constexpr (Kept::waits) {
    auto work = job();
    if constexpr (std::is_void_v<typename Kept::Returned>) {
      co_await work;
      co_return Outcome{.value = Unit(), .refused = Term()};
    } else {
      typename Kept::Value value = co_await work;
      co_return Outcome{.value = std::move(value), .refused = Term()};
    }
  } else if constexpr (std::is_void_v<typename Kept::Returned>) {
    job();
    co_return Outcome{.value = Unit(), .refused = Term()};
  } else {
    co_return Outcome{.value = job(), .refused = Term()};
  }
}

// {overload, Reason}: what a call through a regulator fails with when it is refused.
Term overload(Term reason);

// Asks, calls and gives back, all within `timeout`: a regulator in front of a server that knows
// nothing of it. A caller that gave up after `timeout` has given its permission back, though the
// server may still be at work on its request: let `within` be shorter than the time-out.
template <Sendable M, class... Args>
Task<CallResult<M>> call_through(Self self, Through through, Duration timeout, To server,
                                 Args... args) {
  const Instant deadline = self.now() + timeout;
  through.within = std::min(through.within, timeout);
  auto asking = ask(self, through);
  const Asked asked = co_await asking;
  if (!asked) co_return CallResult<M>{.value = std::nullopt, .failure = overload(asked.refused)};
  const Duration left = std::max(deadline - self.now(), Duration::zero());
  auto calling = self.try_call<M>(left, server, std::move(args)...);
  CallResult<M> result = co_await calling;
  co_return result;
}

}  // namespace glasshouse::runtime
