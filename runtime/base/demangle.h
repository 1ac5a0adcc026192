#pragma once
// Names of types and functions as their author wrote them.

#include <string>

namespace glasshouse::runtime {

// The name itself if it is not a mangled one. Any thread.
std::string demangled(const char* symbol);

}  // namespace glasshouse::runtime
