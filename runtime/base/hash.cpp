#include "runtime/base/hash.h"

namespace glasshouse::runtime {
namespace {

// Little-endian whatever the machine is; compilers make one load of it.
std::uint64_t load(const char* bytes, std::size_t count) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return value;
}

}  // namespace

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) noexcept {
  // The length is part of the hash, so that zeros at the end count.
  std::uint64_t hash = mix(seed ^ (bytes.size() * 0xa0761d6478bd642f));
  const char* next = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; next += 8, left -= 8)
    hash = hash_combine(hash, load(next, 8));
  if (left > 0) hash = hash_combine(hash, load(next, left));
  return hash;
}

}  // namespace glasshouse::runtime
