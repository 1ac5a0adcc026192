#pragma once
// Starting a process and waiting until it says that it is ready: what every start of a behaviour is
// made from, and the way to start a process of one's own (SpecialProcess in special_process.h).
//
//   Behaviour channel(Self self, std::int64_t size) {
//     ...                                   // prepare
//     proc_lib::init_ack(self);             // the starter goes on
//     ...
//   }
//   auto starting = proc_lib::start_link<&channel>(self, 8);
//   const auto started = co_await starting;
//
// OTP: proc_lib. Called and awaited in the process that starts.

#include <utility>

#include "runtime/process/self.h"

namespace glasshouse::runtime {

// How a start ended. `outcome`: ok, ignore, error, of a behaviour; reply: `detail` is the answer.
struct StartAnswer {
  Atom outcome;
  Term detail;
};
struct Start {
  using Reply = StartAnswer;
};

// Tells who waits for this process to start, once; later answers go nowhere.
void answer_starter(Self self, Atom outcome, Term detail);

namespace proc_lib {

struct Started {
  Pid pid;      // null where the answer is an {error, _}
  Term answer;  // OTP's: what was acked, or {error, Reason}
  Ref monitor;  // of start_monitor
  explicit operator bool() const { return !pid.is_null(); }
};

struct StartOptions {
  bool link = false;
  bool monitor = false;
  Duration timeout = Duration::infinity();
};

// Waits for the ack. A process that ends before it gives {error, Reason}, normal among the reasons,
// and leaves no Exit behind; one that takes longer than the time-out is killed and gives {error,
// timeout}. A starter that is linked and does not trap exits ends with a child that crashes.
class StartWait final : public CallWait {
 public:
  template <class Spawn>
  StartWait(Self self, StartOptions options, Spawn spawn)
      : StartWait(self, options, self.make_ref(), spawn) {}
  Started await_resume();

 private:
  template <class Spawn>
  StartWait(Self self, StartOptions options, Ref ref, Spawn spawn)
      : CallWait(self.process(), Pid(), options.timeout, nullptr, ref), self_(self) {
    SpawnOptions wanted;
    wanted.link = options.link;
    if (options.monitor) wanted.monitor = monitor_ = self.make_ref();
    wanted.starter = CallFrom{self.pid(), ref};
    child_ = spawn(wanted);
    wait_for(child_);
  }

  Self self_;
  Pid child_;
  Ref monitor_;
};

// Body is a free function Behaviour(Self, args...).
template <auto Body, class... Args>
StartWait start_with(Self self, StartOptions options, Args&&... args) {
  return StartWait(self, options, [&](SpawnOptions wanted) {
    wanted.initial = body_name<Body>();
    return spawn_process<Body>(self.node(), &self.process(), wanted, std::forward<Args>(args)...);
  });
}
template <auto Body, class... Args>
StartWait start(Self self, Args&&... args) {
  return start_with<Body>(self, StartOptions{}, std::forward<Args>(args)...);
}
template <auto Body, class... Args>
StartWait start_link(Self self, Args&&... args) {
  return start_with<Body>(self, StartOptions{.link = true}, std::forward<Args>(args)...);
}
// The Down of a start that failed comes to the mailbox, as that of a later end does.
template <auto Body, class... Args>
StartWait start_monitor(Self self, Args&&... args) {
  return start_with<Body>(self, StartOptions{.monitor = true}, std::forward<Args>(args)...);
}

// From the process that starts: its starter goes on with {ok, Pid}, or with `answer`.
void init_ack(Self self);
void init_ack(Self self, Term answer);
// The starter goes on with {error, Reason}, and this process exits with it; a linked starter that
// traps exits gets that Exit too, as from a gen_server whose init fails. OTP 26: init_fail.
[[noreturn]] void init_fail(Self self, Term reason);

// For a start that took too long: the child is killed, and no Exit of it comes.
void give_up(Self self, Pid child);

// Whether somebody waited, or waits, for this process to start.
bool was_started_here(Self self);

}  // namespace proc_lib

}  // namespace glasshouse::runtime
