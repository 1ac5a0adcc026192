#include "tracing/posting_lists.h"

#include <array>
#include <utility>

#include "tracing/varint.h"

namespace glasshouse::tracing {

namespace {

// Sorts by the digit at `shift`, keeping the order of what is equal. Entries come in the order of
// events, so sorting by the list's number alone keeps each list in order, and most traces need one
// or two digits: several times faster than a general sort.
constexpr int digit_bits = 11;
void sort_by_digit(const std::vector<std::uint64_t>& from, std::vector<std::uint64_t>& to,
                   int shift) {
  std::array<std::uint32_t, 1U << digit_bits> starts{};
  const std::uint64_t mask = starts.size() - 1;
  for (const std::uint64_t entry : from)
    ++starts[(entry >> shift) & mask];
  std::uint32_t sum = 0;
  for (std::uint32_t& start : starts)
    sum += std::exchange(start, sum);
  for (const std::uint64_t entry : from)
    to[starts[(entry >> shift) & mask]++] = entry;
}

}  // namespace

void ChunkLists::flush(const File& file) {
  std::uint64_t most = 0;
  for (const std::uint64_t entry : entries_)
    most |= entry >> 32;
  sorted_.resize(entries_.size());
  for (int digit = 0; digit < 3 && (most >> (digit * digit_bits)) != 0; ++digit) {
    sort_by_digit(entries_, sorted_, 32 + digit * digit_bits);
    entries_.swap(sorted_);
  }
  std::string bytes;
  for (std::size_t i = 0; i < entries_.size();) {
    const auto list = static_cast<std::uint32_t>(entries_[i] >> 32);
    bytes.clear();
    std::uint64_t last = 0;
    std::uint64_t count = 0;
    for (; i < entries_.size() && (entries_[i] >> 32) == list; ++i, ++count) {
      const std::uint64_t offset = (entries_[i] & 0xffffffff) >> 1;
      put_varint(bytes, ((offset - last) << 1) | (entries_[i] & 1));
      last = offset;
    }
    file(list, count, bytes);
  }
  entries_.clear();
}

bool unpack_postings(std::uint64_t chunk, std::string_view seqs, std::vector<Posting>& postings) {
  VarintCursor cursor(seqs);
  std::uint64_t offset = 0;
  for (bool is_first = true; !cursor.at_end(); is_first = false) {
    const std::uint64_t entry = cursor.next();
    const std::uint64_t distance = entry >> 1;
    // No event stands twice in one list.
    if (!cursor.good() || (distance == 0 && !is_first)) return false;
    offset += distance;
    if (offset >= chunk_events) return false;
    postings.push_back({first_of_chunk(chunk) + offset, (entry & 1) != 0});
  }
  return true;
}

}  // namespace glasshouse::tracing
