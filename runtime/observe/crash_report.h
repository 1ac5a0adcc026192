#pragma once
// What is told of a process that crashed. OTP: SASL's crash report (proc_lib).

#include <exception>

#include "runtime/process/process.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

// Of each list in a report; a longer one ends in '...'. How many messages there are is said apart.
inline constexpr std::size_t crash_report_items_max = 20;

// OTP's items, as far as they mean something here, under OTP's names:
//   initial_call         what it was spawned as
//   pid, registered_name (left out without one)
//   error_info           {error | exit, Reason, Stack}; the stack is a list of binaries
//   ancestors            [Parent]; [] of one that was spawned from outside
//   message_queue_len, messages, links, dictionary, trap_exit, status, reductions
//   memory               bytes, as process_info has them; in the place of heap_size and stack_size
//   neighbours           of each linked process: #{pid, registered_name, initial_call, ancestors,
//                        message_queue_len, reductions}, as others see it
// and of a server, as its format_status says (undefined of others):
//   last_message         the type of the message at work
//   state
// OTP's neighbours are also those linked to these, and none that traps exits, which nobody may ask.
//
// REQUIRES: called while the process still has its mailbox, by its runner.
Term crash_report(const Process& process, const Term& reason, const std::exception_ptr& failure);

// How Erlang would class what was thrown: `exit` for Self::exit, else `error`.
Atom failure_class(const std::exception_ptr& failure);

}  // namespace glasshouse::runtime
