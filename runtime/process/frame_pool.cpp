#include "runtime/base/pool.h"
#include "runtime/process/coroutine.h"

namespace glasshouse::runtime::detail {

void* allocate_frame(std::size_t bytes) {
  return allocate_pooled(bytes);
}
void free_frame(void* frame, std::size_t bytes) {
  free_pooled(frame, bytes);
}

}  // namespace glasshouse::runtime::detail
