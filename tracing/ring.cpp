#include "tracing/ring.h"

#include <bit>
#include <cstring>
#include <type_traits>

#include "runtime/base/check.h"

namespace glasshouse::tracing {

namespace {

constexpr std::size_t rounded_up(std::size_t bytes) {
  return (bytes + 7) & ~std::size_t{7};
}

}  // namespace

Ring::Ring(std::size_t bytes) : size_(bytes), memory_(new std::byte[bytes]) {
  static_assert(std::is_trivially_copyable_v<runtime::Event>);
  CHECK(std::has_single_bit(bytes));
  CHECK(bytes >= ring_bytes_min);
}

bool Ring::push(const runtime::Event& event, std::string_view text) {
  const std::size_t bytes = rounded_up(sizeof(Header) + text.size());
  const std::size_t until_end = size_ - (produced_ & (size_ - 1));
  // A record is never split: what does not fit before the end begins again at the beginning.
  const std::size_t needed = bytes <= until_end ? bytes : until_end + bytes;
  if (produced_ + needed - head_seen_ > size_) {
    head_seen_ = head_.load(std::memory_order_seq_cst);
    if (produced_ + needed - head_seen_ > size_) return false;
  }
  if (bytes > until_end) {
    std::memcpy(at(produced_), &skip, sizeof skip);
    produced_ += until_end;
  }
  const Header header{static_cast<std::uint32_t>(bytes), static_cast<std::uint32_t>(text.size()),
                      event};
  std::memcpy(at(produced_), &header, sizeof header);
  if (!text.empty()) std::memcpy(at(produced_) + sizeof header, text.data(), text.size());
  produced_ += bytes;
  if (event.kind < decision_record) {
    newest_.store(event.time.nanoseconds(), std::memory_order_relaxed);
  }
  tail_.store(produced_, std::memory_order_release);
  return true;
}

bool Ring::front(Record& record) {
  if (consumed_ >= tail_seen_) return false;
  std::uint32_t bytes = 0;
  std::memcpy(&bytes, at(consumed_), sizeof bytes);
  if (bytes == skip) consumed_ += size_ - (consumed_ & (size_ - 1));
  Header header;
  std::memcpy(&header, at(consumed_), sizeof header);
  record.event = header.event;
  record.text = {reinterpret_cast<const char*>(at(consumed_) + sizeof header), header.text_bytes};
  next_ = consumed_ + header.bytes;
  return true;
}

}  // namespace glasshouse::tracing
