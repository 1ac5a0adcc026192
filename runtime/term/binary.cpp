#include "runtime/term/binary.h"

#include <cstring>

#include "runtime/base/check.h"

namespace glasshouse::runtime {

Binary::Binary(std::string_view bytes) : size_(bytes.size()) {
  if (bytes.empty()) return;
  block_ = detail::new_cell(detail::CellKind::block, bytes.size(), bytes.size());
  std::memcpy(block_->bytes(), bytes.data(), bytes.size());
  data_ = block_->bytes();
}

Binary Binary::slice(std::size_t offset, std::size_t count) const {
  CHECK(offset <= size_);
  CHECK(count <= size_ - offset);
  if (count == 0) return Binary();
  detail::retain(block_);
  return Binary(block_, data_ + offset, count);
}

}  // namespace glasshouse::runtime
