#include "runtime/process/pid.h"

namespace glasshouse::runtime {

std::string to_string(const Pid& pid, std::uint32_t node_number) {
  return "<" + std::to_string(node_number) + "." + std::to_string(pid.id) + "." +
         std::to_string(pid.serial) + ">";
}

}  // namespace glasshouse::runtime
