#pragma once
// The reason with which awaiting `work` would end its process; `ok` if it would not.

#include "runtime/process/self.h"

namespace glasshouse::tests {

template <class T>
runtime::Task<runtime::Term> failure_of(runtime::Task<T> work) {
  try {
    static_cast<void>(co_await work);
  } catch (const runtime::ExitException& exit) {
    co_return exit.reason();
  }
  co_return runtime::Term(runtime::atoms::ok);
}

}  // namespace glasshouse::tests
