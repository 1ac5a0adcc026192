#include "runtime/base/hash.h"

#include <bit>
#include <cstring>

namespace glasshouse::runtime {
namespace {

// The first bytes as a number, least significant first on every machine. REQUIRES: count <= 8.
std::uint64_t load(const char* bytes, std::size_t count) noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, count);
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
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
