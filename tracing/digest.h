#pragma once
// The digest of a run: 64 bits that depend on every event, equal whenever two runs were equal to
// the last event. Fields are hashed, names by their text, never padding and never an address, so a
// digest is the same on every machine. The texts of messages, states and reasons are left out: they
// are told or not as the recording asks for, and their events carry a hash of them anyway.
//
// Threads: one, that of the simulated world.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/observe/event.h"
#include "runtime/observe/tracer.h"
#include "tracing/answers.h"

namespace glasshouse::tracing {

using runtime::Event;
using runtime::Result;

class Reader;

// The digest of all events added so far, in their order.
class Digest {
 public:
  void add(const Event& event, std::string_view text);
  std::uint64_t value() const { return value_; }
  std::uint64_t events() const { return events_; }

 private:
  std::uint64_t value_ = 0x676c617373686f75;
  std::uint64_t events_ = 0;
};

// "9f3c..." with 16 digits, as digests are shown everywhere, and back.
std::string digest_text(std::uint64_t digest);
std::optional<std::uint64_t> parse_digest(std::string_view text);

struct DigestOptions {
  runtime::Tracer* next = nullptr;  // hears everything too, as far as it wants to
  int checkpoint_log2 = 12;         // a checkpoint every 2^this events
  // Told the digest after so many events; Recorder::digest_point.
  std::function<void(std::uint64_t events, std::uint64_t digest)> checkpoint = {};
};

// Digests every event, whatever the next tracer wants, so that a run has one digest whether it is
// recorded or not.
class DigestTracer final : public runtime::Tracer {
 public:
  explicit DigestTracer(DigestOptions options);

  using Tracer::emit;
  void emit(const Event& event, std::string_view text) override;
  std::uint64_t new_message_id() override { return ++last_message_; }

  std::uint64_t digest() const { return digest_.value(); }
  std::uint64_t events() const { return digest_.events(); }

 private:
  DigestOptions options_;
  Digest digest_;
  std::uint64_t mask_;
  std::uint64_t last_message_ = 0;
};

// Where two runs that should be equal differ first.
struct Divergence {
  std::uint64_t event = 0;  // the how manieth event of the run; the seq in a complete recording
  std::string expected;     // in words; empty: the recording ends before
  std::string got;          // empty: the run ends before
  // One sentence that says it all.
  std::string sentence() const;
};

// Compares a run with a recording while it goes on: digests at the checkpoints, and when one
// differs, event by event since the last that agreed. The recorded events are held against the
// digests too, so that a file in which an event was changed does not pass.
class Comparator final : public runtime::Tracer {
 public:
  struct Options {
    Reader& recording;
    runtime::Tracer* next = nullptr;  // hears everything too
  };
  // Reads the checkpoints of the recording. An error if it has none.
  static Result<std::unique_ptr<Comparator>> create(Options options);

  using Tracer::emit;
  void emit(const Event& event, std::string_view text) override;
  std::uint64_t new_message_id() override { return ++last_message_; }

  // The run is over: compares the rest and the final digest.
  Result<std::optional<Divergence>> finish();
  // As soon as it is known; then comparing stops.
  const std::optional<Divergence>& divergence() const { return divergence_; }

  std::uint64_t digest() const { return digest_.value(); }
  std::uint64_t events() const { return digest_.events(); }

 private:
  struct Heard {
    Event event;
    std::string text;
  };
  Comparator(Options options, std::vector<DigestPoint> points);
  void compare(const DigestPoint& point);
  Result<std::optional<Divergence>> find_difference(const DigestPoint& point);
  Result<std::optional<Divergence>> check_recorded(const DigestPoint& point);

  Options options_;
  std::vector<DigestPoint> points_;  // of the recording; the last one is its end, if it has one
  std::size_t next_point_ = 0;
  Seq last_equal_ = 0;  // the seq of the last checkpoint that agreed
  Digest digest_;
  Digest recorded_;           // of the events in the file
  std::vector<Heard> heard_;  // since then; of these the first heard_count_ are in use
  std::size_t heard_count_ = 0;
  std::optional<Divergence> divergence_;
  std::optional<runtime::Error> failure_;
  std::uint64_t last_message_ = 0;
};

}  // namespace glasshouse::tracing
