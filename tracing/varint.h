#pragma once
// Whole numbers in as few bytes as they need: seven bits a byte, the lowest first. Pure functions
// and a small cursor; bytes come from files, so reading checks its bounds.

#include <cstdint>
#include <string>
#include <string_view>

namespace glasshouse::tracing {

inline void put_varint(std::string& bytes, std::uint64_t value) {
  while (value >= 0x80) {
    bytes += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes += static_cast<char>(value);
}

// Small magnitudes of both signs stay small.
constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
}

class VarintCursor {
 public:
  explicit VarintCursor(std::string_view bytes) : bytes_(bytes) {}

  bool at_end() const { return bytes_.empty(); }
  // False once something was read that is not there; every number read from then on is 0.
  bool good() const { return good_; }

  std::uint64_t next() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) break;
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    good_ = false;
    bytes_ = {};
    return 0;
  }

  // The length of a list to come: what cannot fit in the bytes left is refused.
  std::uint64_t next_count() {
    const std::uint64_t count = next();
    if (count <= bytes_.size()) return count;
    good_ = false;
    bytes_ = {};
    return 0;
  }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

}  // namespace glasshouse::tracing
