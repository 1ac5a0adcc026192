#pragma once
// What is told of a process that crashed. OTP: SASL's crash report (proc_lib).

#include "runtime/process/process.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

inline constexpr std::size_t crash_report_messages_max = 20;

// #{pid, name, initial, reason, last_message, state, mailbox, links, stack}: what is known.
// REQUIRES: called while the process still has its mailbox, by its runner.
Term crash_report(const Process& process, const Term& reason);

}  // namespace glasshouse::runtime
