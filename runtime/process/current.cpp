#include "runtime/process/current.h"

#include "runtime/process/process.h"
#include "runtime/term/print.h"

namespace glasshouse::runtime {

namespace {

thread_local Process* current = nullptr;

std::string describe_current() {
  if (current == nullptr) return "outside any process";
  return "in process " + to_string(Term(current->pid())) + " " +
         std::string(current->initial.text());
}

}  // namespace

Process* current_process() {
  return current;
}

CurrentProcess::CurrentProcess(Process& process) {
  current = &process;
  set_check_context(&describe_current);
}

CurrentProcess::~CurrentProcess() {
  current = nullptr;
}

}  // namespace glasshouse::runtime
