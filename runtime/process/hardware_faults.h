#pragma once
// A null dereference or a division by zero inside a process ends that process, not the program: a
// signal handler throws, and the coroutine unwinds as from any other exception.
//
// Best effort, for labs and demonstrations. It needs g++'s -fnon-call-exceptions (the build option
// GLASSHOUSE_HARDWARE_FAULTS); a fault inside a function without unwind tables, or while a lock is
// held, still ends the program. Outside processes nothing changes.

namespace glasshouse::runtime {

// Installs the handlers for SIGSEGV, SIGBUS and SIGFPE for the whole program, once. False if this
// build cannot do it. Exit reasons: badarith, {segmentation_fault, null_dereference},
// segmentation_fault, bus_error.
bool catch_hardware_faults();

}  // namespace glasshouse::runtime
