#include "runtime/process/ref.h"

namespace glasshouse::runtime {

std::string to_string(const Ref& ref, std::uint32_t node_number) {
  return "#Ref<" + std::to_string(node_number) + "." + std::to_string(ref.number >> 50) + "." +
         std::to_string((ref.number >> 18) & 0xffffffff) + "." +
         std::to_string(ref.number & 0x3ffff) + ">";
}

}  // namespace glasshouse::runtime
