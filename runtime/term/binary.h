#pragma once

// Immutable bytes. Copies and slices share the bytes and cost one count. Any thread may hold a
// copy.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/hash.h"
#include "runtime/term/cell.h"

namespace glasshouse::runtime {

class Binary {
 public:
  constexpr Binary() noexcept = default;
  // These copy the bytes.
  explicit Binary(std::string_view bytes);
  explicit Binary(const char* text) : Binary(std::string_view(text)) {}
  explicit Binary(const std::string& bytes) : Binary(std::string_view(bytes)) {}
  explicit Binary(std::span<const std::byte> bytes)
      : Binary(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())) {}
  explicit Binary(const std::vector<std::byte>& bytes)
      : Binary(std::span<const std::byte>(bytes)) {}

  Binary(const Binary& other) noexcept
      : block_(other.block_), data_(other.data_), size_(other.size_) {
    if (block_ != nullptr) detail::retain(block_);
  }
  Binary(Binary&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  Binary& operator=(Binary other) noexcept {
    std::swap(block_, other.block_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Binary() {
    if (block_ != nullptr) detail::release(block_);
  }

  // Valid as long as this Binary, or another that shares its bytes, lives.
  std::string_view view() const noexcept { return {data_, size_}; }
  std::span<const std::byte> bytes() const noexcept {
    return {reinterpret_cast<const std::byte*>(data_), size_};
  }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  // Shares the bytes: a small slice keeps the whole alive.
  // REQUIRES: offset + count <= size().
  Binary slice(std::size_t offset, std::size_t count) const;

  std::uint64_t hash() const noexcept { return hash_bytes(view()); }

  friend bool operator==(const Binary& left, const Binary& right) noexcept {
    return left.view() == right.view();
  }
  friend std::strong_ordering operator<=>(const Binary& left, const Binary& right) noexcept {
    return left.view() <=> right.view();
  }

 private:
  friend class Term;
  friend struct TermAccess;
  Binary(detail::Cell* block, const char* data, std::size_t size) noexcept
      : block_(block), data_(data), size_(size) {}

  detail::Cell* block_ = nullptr;  // null for no bytes
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace glasshouse::runtime

template <>
struct std::hash<glasshouse::runtime::Binary> {
  std::size_t operator()(const glasshouse::runtime::Binary& binary) const noexcept {
    return binary.hash();
  }
};
