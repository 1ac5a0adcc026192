#pragma once
// Looking into a running process of any behaviour, halting and changing it: system messages.
//
//   auto asking = sys::get_state(self, "counter"_atom);
//   const Term state = co_await asking;
//
// Every behaviour answers them (server.h), and so does a special process (proc_lib.h). Each
// function is a call: it exits its caller with {Reason, {sys, Function, [Process, ...]}} when the
// process is gone or does not answer within the time-out. Reasons that the process gives
// (callback_failed, unknown_system_msg) come the same way or as the {error, _} that OTP returns,
// function by function. To be awaited in the calling process. OTP: module sys.
//
// A function given here runs inside the other process: it must be a value that owns what it needs.
// Name such a function before the call, never inside a co_await (docs/architecture.md, g++ 12).

#include <cstdint>
#include <functional>
#include <string>

#include "runtime/behaviour/debug.h"
#include "runtime/process/self.h"

namespace glasshouse::runtime {

// The old state to the new one; what it throws is the reason why the old one stays.
using StateChange = std::function<Term(const Term& state)>;

// {system, From, Request}. `request` is spelt as OTP's is, so that unknown ones can be answered.
struct SystemMessage {
  using Reply = Term;
  Term request;
  StateChange change = nullptr;   // of {replace_state, _}
  DebugFunction debug = nullptr;  // of {debug, {install, _}}
};
template <>
inline constexpr bool sendable_by_choice<SystemMessage> = true;
template <>
struct Conversion<SystemMessage> {
  static Term to_term(const SystemMessage& message) {
    return tuple(Term(Atom("system")), message.request);
  }
  static Result<SystemMessage> from_term(const Term& term);
};

namespace sys {

// While it is suspended a process handles system messages and its parent's exit; all else waits.
// Suspending twice is one suspension.
Task<void> suspend(Self self, To process, Duration timeout = call_timeout);
Task<void> resume(Self self, To process, Duration timeout = call_timeout);

Task<Term> get_state(Self self, To process, Duration timeout = call_timeout);
// The new state. Where the function throws, or its result is no state of that process, the caller
// exits with {{callback_failed, {Behaviour, system_replace_state}, {Class, Reason}}, {sys, ...}},
// and the old state stays.
Task<Term> replace_state(Self self, To process, StateChange change,
                         Duration timeout = call_timeout);
// The same with a state instead of a function.
Task<Term> set_state(Self self, To process, Term state, Duration timeout = call_timeout);
// {status, Pid, {module, Behaviour}, [Dictionary, running | suspended, Parent, Debug, Misc]}
Task<Term> get_status(Self self, To process, Duration timeout = call_timeout);

// ok; or {error, Reason}: {unknown_system_msg, _} while it is not suspended, {'EXIT', Reason} where
// code_change throws, and whatever it returned instead of ok. Then the old state stays.
Task<Term> change_code(Self self, To process, Term module, Term old_version, Term extra,
                       Duration timeout = call_timeout);
// Ends it through its terminate, also while it is suspended. The answer comes before the exit.
Task<void> terminate(Self self, To process, Term reason, Duration timeout = call_timeout);

// -- debugging: what is on costs time with every message ------------------------------------------

enum class Switch : std::uint8_t { off, on };

// Keeps the last `events` system events (1..log_events_max), or stops to; a change keeps the
// newest.
Task<void> log(Self self, To process, std::int64_t events = log_events_default,
               Duration timeout = call_timeout);
Task<void> log_off(Self self, To process, Duration timeout = call_timeout);
// Oldest first; empty while there is no log.
Task<Term> get_log(Self self, To process, Duration timeout = call_timeout);

// Writes each, as text and a line, into a file of the node's storage, which is emptied first; the
// file before is closed. {error, open_file} where it cannot be there. A process of its own writes
// (debug_file.h), so that what the other one does never waits for a disk.
Task<Term> log_to_file(Self self, To process, std::string path, Duration timeout = call_timeout);
Task<void> log_to_file_off(Self self, To process, Duration timeout = call_timeout);

// Since it was switched on: start_time, current_time, reductions, messages_in, messages_out.
Task<void> statistics(Self self, To process, Switch on, Duration timeout = call_timeout);
// no_statistics while it is off.
Task<Term> get_statistics(Self self, To process, Duration timeout = call_timeout);

// Says each system event to whoever observes the node (Self::log, level debug).
Task<void> trace(Self self, To process, Switch on, Duration timeout = call_timeout);
// Sends each as a SystemEvent.
Task<void> trace_to(Self self, To process, Pid sink, Duration timeout = call_timeout);

// `id` names it for remove; one under an id that is there already is not installed.
Task<void> install(Self self, To process, Term id, DebugFunction function, Term state,
                   Duration timeout = call_timeout);
Task<void> remove(Self self, To process, Term id, Duration timeout = call_timeout);
// Takes out all of the above.
Task<void> no_debug(Self self, To process, Duration timeout = call_timeout);

// Any request, also one that only a later version knows: the answer as it comes.
Task<Term> request(Self self, To process, Term request, Duration timeout = call_timeout);

}  // namespace sys

}  // namespace glasshouse::runtime
