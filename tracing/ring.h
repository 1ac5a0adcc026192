#pragma once
// A queue of events from one producing thread to the recorder's thread, in a fixed block of
// memory: each record is an event and the bytes of its text behind it.
//
// Threads: `push` by the producer, everything else by the recorder, at the same time.
// tail_ hands records over to the recorder, head_ hands the room back.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "runtime/observe/event.h"

namespace glasshouse::tracing {

// Records that are no events, under kinds that no event has: messages to the recorder that keep
// their place among the events.
inline constexpr auto digest_record = static_cast<runtime::EventKind>(0xff);
inline constexpr auto decision_record = static_cast<runtime::EventKind>(0xfe);

class Ring {
 public:
  // REQUIRES: bytes is a power of two, at least ring_bytes_min.
  explicit Ring(std::size_t bytes);
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  // False if there is no room now. REQUIRES: text.size() <= text_bytes_max().
  bool push(const runtime::Event& event, std::string_view text);
  std::size_t text_bytes_max() const { return size_ / 4; }
  // How full it is, as the producer knows: never less than it is.
  bool is_half_full() const { return produced_ - head_seen_ > size_ / 2; }
  // The same, as it is; looks at the recorder's side only when it seems to be.
  bool is_half_full_now() {
    if (!is_half_full()) return false;
    head_seen_ = head_.load(std::memory_order_acquire);
    return is_half_full();
  }

  struct Record {
    runtime::Event event;
    std::string_view text;  // in the ring, until `release`
  };
  // Takes note of what was pushed until now; `front` hands over nothing newer.
  void look() { tail_seen_ = tail_.load(std::memory_order_acquire); }
  // After a look: time of the newest event, or of one that came after it.
  runtime::Instant newest() const {
    return runtime::Instant::at(
        runtime::Duration::nanoseconds(newest_.load(std::memory_order_relaxed)));
  }
  // The oldest record that is not popped; false if there is none.
  bool front(Record& record);
  // REQUIRES: front() was true since the last pop.
  void pop() { consumed_ = next_; }
  // Gives the room of what was popped back to the producer.
  void release() { head_.store(consumed_, std::memory_order_seq_cst); }
  // Was all popped that the last look saw?
  bool is_drained() const { return consumed_ >= tail_seen_; }

 private:
  struct Header {
    std::uint32_t bytes = 0;  // of the whole record; with no event in it: skip to the beginning
    std::uint32_t text_bytes = 0;
    runtime::Event event;
  };
  static constexpr std::uint32_t skip = ~std::uint32_t{0};

  std::byte* at(std::uint64_t position) const { return memory_.get() + (position & (size_ - 1)); }

  std::size_t size_;
  std::unique_ptr<std::byte[]> memory_;
  // Positions only grow; their remainder by size_ is a place in memory_.
  alignas(64) std::atomic<std::uint64_t> tail_{0};
  std::atomic<std::int64_t> newest_{0};  // written before tail_, which publishes it
  std::uint64_t produced_ = 0;           // the producer's own copy of tail_
  std::uint64_t head_seen_ = 0;          // and the head_ it saw last
  alignas(64) std::atomic<std::uint64_t> head_{0};
  std::uint64_t consumed_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t tail_seen_ = 0;
};
inline constexpr std::size_t ring_bytes_min = 4'096;

}  // namespace glasshouse::tracing
