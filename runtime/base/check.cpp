#include "runtime/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace glasshouse::runtime {
namespace {

thread_local CheckContext context_of_thread = nullptr;
thread_local bool failing = false;

}  // namespace

void set_check_context(CheckContext context) noexcept {
  context_of_thread = context;
}

void check_failed(const char* condition, const char* file, int line) noexcept {
  check_failed(condition, file, line, std::string());
}

void check_failed(const char* condition, const char* file, int line,
                  const std::string& detail) noexcept {
  std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, condition);
  if (!detail.empty()) std::fprintf(stderr, "  %s\n", detail.c_str());
  // A context that breaks a CHECK itself must not ask for its context again.
  if (context_of_thread != nullptr && !failing) {
    failing = true;
    std::fprintf(stderr, "  %s\n", context_of_thread().c_str());
  }
  std::fflush(stderr);
  std::abort();
}

}  // namespace glasshouse::runtime
