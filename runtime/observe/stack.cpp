#include "runtime/observe/stack.h"

#include <cstdlib>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <execinfo.h>

#include "runtime/base/demangle.h"
#include "runtime/process/current.h"

namespace glasshouse::runtime {

namespace {

struct Frames {
  void* addresses[stack_frames_max];
  int count = 0;
};
thread_local Frames last_throw;

constexpr int frames_of_the_throw = 2;  // note_throw and __cxa_throw

}  // namespace

Term last_throw_stack() {
  std::vector<Term> functions;
  for (int i = frames_of_the_throw; i < last_throw.count; ++i) {
    Dl_info info{};
    if (dladdr(last_throw.addresses[i], &info) == 0 || info.dli_sname == nullptr) continue;
    const std::string function = demangled(info.dli_sname);
    // From here on it is the machinery's stack, not the process's.
    if (function.starts_with("glasshouse::runtime::Node::run(")) break;
    functions.push_back(binary(function));
  }
  return list_of(std::move(functions));
}

// Called by the wrapper below; apart from it because it may not throw.
void note_throw() noexcept {
  if (current_process() == nullptr) return;
  last_throw.count = backtrace(last_throw.addresses, stack_frames_max);
}

}  // namespace glasshouse::runtime

#if !GLASSHOUSE_SANITIZED
// Stands before the one of the C++ library, which does the throwing; hence the name.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" [[noreturn]] void __cxa_throw(void* thrown, void* type, void (*destroy)(void*)) {
  using Throw = void (*)(void*, void*, void (*)(void*));
  static const auto library_throw = reinterpret_cast<Throw>(dlsym(RTLD_NEXT, "__cxa_throw"));
  glasshouse::runtime::note_throw();
  library_throw(thrown, type, destroy);
  std::abort();
}
#endif
