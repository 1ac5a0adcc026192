#pragma once
// Keys of disk tables as bytes whose order is the order of the keys, so that the database sorts
// them as Erlang does and a range of keys is a range of bytes.
//
//   integer  10, then 8 bytes, most significant first, the sign turned round
//   atom     20, then its text: 00 becomes 00 FF, and 00 01 ends it
//   tuple    30, then 4 bytes of arity, then its elements
//   list     40 for an empty one; 41 element ... 40 for others
//   binary   50, then as an atom
//
// Pure functions.

#include <string>

#include "runtime/base/result.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

inline constexpr std::size_t disk_key_bytes_max = 64 << 10;

// The error says which part cannot be in a key: floats, integers of more than 64 bits, pids,
// references, maps and functions cannot.
Result<std::string> disk_key_of(const Term& key);

}  // namespace glasshouse::runtime
