#pragma once

// Characters as the printer and the parser of terms both need them. Pure functions.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace glasshouse::runtime::detail {

inline constexpr std::uint32_t character_max = 0x10ffff;

// Takes one character off the front of a UTF-8 text that is not empty. A byte that starts no valid
// character stands for itself.
inline std::uint32_t next_character(std::string_view& text) {
  const auto byte = [text](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(text[i]);
  };
  const std::uint32_t first = byte(0);
  const std::size_t length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  std::uint32_t character = length == 1 ? first : first & (0xffU >> (length + 1));
  bool valid = length <= text.size() && first < 0xf5;
  for (std::size_t i = 1; valid && i < length; ++i) {
    valid = (byte(i) & 0xc0) == 0x80;
    character = character << 6 | (byte(i) & 0x3f);
  }
  // The lengths 3 and 4 must not be used for what fits 2 and 3.
  constexpr std::uint32_t least_of_length[] = {0, 0, 0x80, 0x800, 0x10000};
  valid = valid && character >= least_of_length[length] && character <= character_max;
  text.remove_prefix(valid ? length : 1);
  return valid ? character : first;
}

// REQUIRES: character <= character_max.
inline void append_utf8(std::string& out, std::uint32_t character) {
  const auto tail = [character](int shift) {
    return static_cast<char>(0x80 | (character >> shift & 0x3f));
  };
  if (character < 0x80) {
    out += static_cast<char>(character);
  } else if (character < 0x800) {
    out += {static_cast<char>(0xc0 | character >> 6), tail(0)};
  } else if (character < 0x10000) {
    out += {static_cast<char>(0xe0 | character >> 12), tail(6), tail(0)};
  } else {
    out += {static_cast<char>(0xf0 | character >> 18), tail(12), tail(6), tail(0)};
  }
}

// Atoms without quotes begin with the first and go on with the second (Latin-1, as Erlang has it).
constexpr bool is_small_letter(std::uint32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 0xdf && c <= 0xff && c != 0xf7);
}
constexpr bool is_atom_character(std::uint32_t c) {
  return is_small_letter(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '@' || (c >= 0xc0 && c <= 0xde && c != 0xd7);
}

// Words that are no atoms without quotes.
inline bool is_reserved_word(std::string_view text) {
  static constexpr std::string_view words[] = {
      "after", "and",  "andalso", "band",   "begin",   "bnot", "bor", "bsl",  "bsr",
      "bxor",  "case", "catch",   "cond",   "div",     "end",  "fun", "if",   "let",
      "not",   "of",   "or",      "orelse", "receive", "rem",  "try", "when", "xor"};
  return std::binary_search(std::begin(words), std::end(words), text);
}

}  // namespace glasshouse::runtime::detail
