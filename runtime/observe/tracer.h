#pragma once
// The seam through which a world reports what happens in it. The simulator's digest, the recorder
// of `tracing` and a test's list of events are all tracers.
//
// Threads: `wants` and `detail` may be called from any thread; `emit` from any thread that runs
// processes or delivers I/O, concurrently. An implementation never blocks the caller unless a
// lossless recording was asked for.

#include <atomic>
#include <cstdint>
#include <string_view>

#include "runtime/observe/event.h"

namespace glasshouse::runtime {

// How much of a message or a state is told with its event.
enum class Detail : std::uint8_t {
  none,    // identity and type only
  digest,  // and a hash of its fields
  text,    // and its term, printed (costs most)
};

// False only in a build that measures what the switch costs (tests/bench/own_figures.py).
#ifdef GLASSHOUSE_WITHOUT_TRACING
inline constexpr bool tracing_is_compiled_in = false;
#else
inline constexpr bool tracing_is_compiled_in = true;
#endif

class Tracer {
 public:
  Tracer() = default;
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;
  virtual ~Tracer() = default;

  // A relaxed load: a switch may be seen a little late by another thread, which loses or adds an
  // event and nothing else.
  bool wants(EventKind kind) const {
    if constexpr (!tracing_is_compiled_in) return false;
    return (kinds_.load(std::memory_order_relaxed) >> static_cast<int>(kind)) & 1;
  }
  Detail detail() const { return detail_.load(std::memory_order_relaxed); }

  // `text` is read before emit returns.
  virtual void emit(const Event& event, std::string_view text) = 0;
  void emit(const Event& event) { emit(event, std::string_view()); }

  // A number no other message of this world has, or 0: neither its send nor its receive is to be
  // told, because there is too much to tell just now. Only called when `send` is wanted.
  virtual std::uint64_t new_message_id() = 0;

 protected:
  void want_kinds(std::uint64_t mask) { kinds_.store(mask, std::memory_order_relaxed); }
  void want_detail(Detail detail) { detail_.store(detail, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> kinds_{0};
  std::atomic<Detail> detail_{Detail::none};
};

inline constexpr std::uint64_t all_event_kinds = (std::uint64_t{1} << event_kind_count) - 1;
constexpr std::uint64_t kind_bit(EventKind kind) {
  return std::uint64_t{1} << static_cast<int>(kind);
}

// Wants nothing.
class NullTracer final : public Tracer {
 public:
  using Tracer::emit;
  void emit(const Event&, std::string_view) override {}
  std::uint64_t new_message_id() override { return 1; }
};

}  // namespace glasshouse::runtime
