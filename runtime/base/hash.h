#pragma once

// Hashes that are equal on every platform, compiler and run, because digests of runs, fingerprints
// of message types and random draws are made of them. Not for secrets. Pure functions.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace glasshouse::runtime {

// Every bit of the argument changes about half the bits of the result. One-to-one; mix(0) is not 0.
constexpr std::uint64_t mix(std::uint64_t value) noexcept {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

// Depends on the order: hash_combine(a, b) is not hash_combine(b, a).
constexpr std::uint64_t hash_combine(std::uint64_t hash, std::uint64_t value) noexcept {
  return mix(((hash << 23) | (hash >> 41)) ^ (value * 0xd6e8feb86659fd93));
}

// 64-bit FNV-1a, for short texts at compile time.
constexpr std::uint64_t fnv1a(std::string_view text) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char character : text) {
    hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001b3;
  }
  return hash;
}

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed = 0) noexcept;

inline std::uint64_t hash_bytes(std::span<const std::byte> bytes, std::uint64_t seed = 0) noexcept {
  return hash_bytes(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
                    seed);
}

}  // namespace glasshouse::runtime
