#include "runtime/process/coroutine.h"

namespace glasshouse::runtime::detail {

void* allocate_frame(std::size_t bytes) {
  return ::operator new(bytes);
}
void free_frame(void* frame, std::size_t bytes) {
  ::operator delete(frame, bytes);
}

}  // namespace glasshouse::runtime::detail
