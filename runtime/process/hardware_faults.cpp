#include "runtime/process/hardware_faults.h"

#include <csignal>
#include <cstdint>

#include "runtime/process/current.h"
#include "runtime/process/process.h"

namespace glasshouse::runtime {

#if GLASSHOUSE_HARDWARE_FAULTS

namespace {

constexpr std::uintptr_t first_page_bytes = 4096;

Term reason_of(int signal, const siginfo_t& info) {
  if (signal == SIGFPE) return Term("badarith"_atom);
  if (signal == SIGBUS) return Term("bus_error"_atom);
  const Term fault("segmentation_fault"_atom);
  if (reinterpret_cast<std::uintptr_t>(info.si_addr) >= first_page_bytes) return fault;
  return tuple(fault, Term("null_dereference"_atom));
}

// The fault is synchronous: the thread stands at the faulting instruction of the process it runs,
// and unwinds from there.
void on_fault(int signal, siginfo_t* info, void*) {
  if (current_process() == nullptr) {
    // Not ours: the same fault again, and the default ends the program as it would have.
    std::signal(signal, SIG_DFL);
    return;
  }
  throw ExitException(reason_of(signal, *info));
}

}  // namespace

bool catch_hardware_faults() {
  struct sigaction action {};
  action.sa_sigaction = &on_fault;
  // The handler is left by a throw, so the signal must not stay blocked.
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  bool installed = true;
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE}) {
    installed = sigaction(signal, &action, nullptr) == 0 && installed;
  }
  return installed;
}

#else

bool catch_hardware_faults() {
  return false;
}

#endif

}  // namespace glasshouse::runtime
