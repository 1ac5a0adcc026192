#pragma once
// Memory as the kernel counts it: of the machine, and of this program. Private to runtime/schedule.
// Any thread; reads two small files of /proc.

#include <cstdint>

namespace glasshouse::runtime {

// Bytes; all 0 where the kernel does not tell.
struct MemoryUse {
  std::uint64_t total = 0;
  std::uint64_t available = 0;  // that could be used without swapping
  std::uint64_t resident = 0;   // of this program
};

MemoryUse memory_use();

}  // namespace glasshouse::runtime
