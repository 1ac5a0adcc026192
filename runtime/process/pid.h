#pragma once

// The identity of a process: a plain value, valid in every node, never used twice. Any thread.

#include <compare>
#include <cstdint>
#include <string>

#include "runtime/base/hash.h"
#include "runtime/term/atom.h"

namespace glasshouse::runtime {

// `id` and `serial` name the process within its node (an id may be used again, with another
// serial); `creation` tells lives of a node apart. The default Pid is nobody.
struct Pid {
  Atom node;
  std::uint32_t id = 0;
  std::uint32_t serial = 0;
  std::uint32_t creation = 0;

  constexpr bool is_null() const noexcept { return *this == Pid{}; }

  // Equal in every run.
  std::uint64_t hash() const noexcept {
    return hash_combine(node.hash(), hash_combine(creation, (std::uint64_t{serial} << 32) | id));
  }

  friend constexpr bool operator==(const Pid&, const Pid&) noexcept = default;
  // By the node's name, then by the numbers.
  friend std::strong_ordering operator<=>(const Pid& left, const Pid& right) noexcept {
    if (const auto order = left.node <=> right.node; order != 0) return order;
    if (const auto order = left.id <=> right.id; order != 0) return order;
    if (const auto order = left.serial <=> right.serial; order != 0) return order;
    return left.creation <=> right.creation;
  }
};
static_assert(sizeof(Pid) == 16, "packed into a Term together with its kind");

// `<0.id.serial>`, as a node prints its own processes; an observer of many nodes says which number
// stands for the node.
std::string to_string(const Pid& pid, std::uint32_t node_number = 0);

}  // namespace glasshouse::runtime

template <>
struct std::hash<glasshouse::runtime::Pid> {
  std::size_t operator()(const glasshouse::runtime::Pid& pid) const noexcept { return pid.hash(); }
};
