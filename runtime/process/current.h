#pragma once
// Which process this thread runs, for whoever stands outside the coroutine: a failed CHECK, a
// signal handler, the place where a throw is seen.

namespace glasshouse::runtime {

class Process;

// Null outside a process.
Process* current_process();

// Marks the thread while it is in scope.
class CurrentProcess {
 public:
  explicit CurrentProcess(Process& process);
  CurrentProcess(const CurrentProcess&) = delete;
  CurrentProcess& operator=(const CurrentProcess&) = delete;
  ~CurrentProcess();
};

}  // namespace glasshouse::runtime
