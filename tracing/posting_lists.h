#pragma once
// For each process and each kind, which events are its own: lists of numbers, filed by chunks of
// events, packed into bytes. One thread at a time.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tracing/answers.h"
#include "tracing/schema.h"

namespace glasshouse::tracing {

inline std::uint64_t chunk_of(Seq seq) {
  return (seq - 1) / chunk_events;
}
inline Seq first_of_chunk(std::uint64_t chunk) {
  return chunk * chunk_events + 1;
}

// Collects the entries of one chunk, in the order of events.
class ChunkLists {
 public:
  // `only_peer`: the list's owner is not the subject.
  void add(std::uint32_t list, Seq seq, bool only_peer) {
    const std::uint64_t offset = (seq - 1) % chunk_events;
    entries_.push_back((std::uint64_t{list} << 32) | (offset << 1) | (only_peer ? 1 : 0));
  }
  // Hands over each list in the order of their numbers, and begins anew. The bytes are good until
  // `file` returns.
  using File = std::function<void(std::uint32_t list, std::uint64_t count, std::string_view seqs)>;
  void flush(const File& file);
  bool empty() const { return entries_.empty(); }

 private:
  std::vector<std::uint64_t> entries_;
  std::vector<std::uint64_t> sorted_;
};

struct Posting {
  Seq seq = 0;
  bool only_peer = false;
};

// Appends the events of one chunk's list. False if the bytes are damaged.
bool unpack_postings(std::uint64_t chunk, std::string_view seqs, std::vector<Posting>& postings);

}  // namespace glasshouse::tracing
