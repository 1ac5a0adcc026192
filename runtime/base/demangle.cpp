#include "runtime/base/demangle.h"

#include <cstdlib>

#include <cxxabi.h>

namespace glasshouse::runtime {

std::string demangled(const char* symbol) {
  int status = 0;
  char* name = abi::__cxa_demangle(symbol, nullptr, nullptr, &status);
  std::string text = status == 0 ? name : symbol;
  std::free(name);
  return text;
}

}  // namespace glasshouse::runtime
