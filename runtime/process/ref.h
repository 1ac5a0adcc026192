#pragma once

// A reference: a value that is unique among all nodes and lives. Any thread.

#include <compare>
#include <cstdint>
#include <string>

#include "runtime/base/hash.h"
#include "runtime/term/atom.h"

namespace glasshouse::runtime {

// The default Ref refers to nothing; a node counts from 1.
struct Ref {
  Atom node;
  std::uint32_t creation = 0;
  std::uint64_t number = 0;

  constexpr bool is_null() const noexcept { return *this == Ref{}; }

  // Equal in every run.
  std::uint64_t hash() const noexcept {
    return hash_combine(node.hash(), hash_combine(creation, number));
  }

  friend constexpr bool operator==(const Ref&, const Ref&) noexcept = default;
  // By the node's name, then by the numbers.
  friend std::strong_ordering operator<=>(const Ref& left, const Ref& right) noexcept {
    if (const auto order = left.node <=> right.node; order != 0) return order;
    if (const auto order = left.creation <=> right.creation; order != 0) return order;
    return left.number <=> right.number;
  }
};
static_assert(sizeof(Ref) == 16, "packed into a Term together with its kind");

// `#Ref<0.a.b.c>` as Erlang prints it: the number cut into words of 14, 32 and 18 bits. The first
// figure stands for the node.
std::string to_string(const Ref& ref, std::uint32_t node_number = 0);

}  // namespace glasshouse::runtime

template <>
struct std::hash<glasshouse::runtime::Ref> {
  std::size_t operator()(const glasshouse::runtime::Ref& ref) const noexcept { return ref.hash(); }
};
