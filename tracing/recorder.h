#pragma once
// Records a run to a trace file while it goes on. Events are put into a ring for each producing
// thread; one thread of the recorder drains the rings, puts the events into one order and writes
// them to the file in large transactions.
//
// Order: of one producing thread, as emitted; between threads by time, and a receive never stands
// before its send. What was committed survives the death of this program at any moment: such a file
// opens and says that it was cut.
//
// Threads: any thread may emit. `create`, `flush`, `finish` and the destructor: one thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/observe/event.h"
#include "runtime/observe/tracer.h"
#include "tracing/answers.h"

namespace glasshouse::tracing {

using runtime::Error;
using runtime::Event;
using runtime::Result;

// What a trace says about the run before it begins.
struct RunDescription {
  std::string scenario = {};
  std::string scenario_text = {};
  std::uint64_t seed = 0;
  std::vector<Parameter> parameters = {};
  WorldKind world = WorldKind::sim;
  Instant started = {};    // wall clock
  std::string build = {};  // empty: this build
  std::vector<DecisionRecord> decisions = {};
};

// And after it.
struct RunOutcome {
  std::string words = "finished";  // how it ended, in words
  std::optional<std::uint64_t> digest = {};
  std::uint64_t digest_events = 0;
  std::vector<PropertyInfo> properties = {};  // with their verdicts
};

enum class Pressure : std::uint8_t {
  lossless,  // a full ring makes its producer wait: for the simulator
  // Nobody ever waits. A ring that is half full drops what happens with each message, a message
  // as a whole, its send and its receive; a full one drops anything. All is counted.
  monitoring,
};

// Nothing that happens with each message: the lives of processes, and what went wrong. What a
// system that works records unless it is asked for more.
inline constexpr std::uint64_t life_kinds =
    runtime::all_event_kinds &
    ~(kind_bit(runtime::EventKind::send) | kind_bit(runtime::EventKind::receive) |
      kind_bit(runtime::EventKind::wait) | kind_bit(runtime::EventKind::state) |
      kind_bit(runtime::EventKind::timer_start) | kind_bit(runtime::EventKind::timer_fire) |
      kind_bit(runtime::EventKind::timer_cancel) | kind_bit(runtime::EventKind::stream_send) |
      kind_bit(runtime::EventKind::stream_arrive) | kind_bit(runtime::EventKind::storage));

struct RecorderOptions {
  // A trace of this name is replaced; anything else is refused, and so is a trace that another run
  // is being recorded to.
  std::string path;
  Pressure pressure = Pressure::lossless;
  std::uint64_t kinds = runtime::all_event_kinds;
  runtime::Detail detail = runtime::Detail::text;
  std::size_t ring_bytes = std::size_t{1} << 20;        // of each producing thread; a power of two
  std::size_t detail_bytes_max = 65'536;                // a longer text is cut, and says so
  std::uint64_t commit_events = 65'536;                 // a transaction holds at most so many
  Duration commit_after = Duration::milliseconds(250);  // of wall time, at the latest
};

class Recorder final : public runtime::Tracer {
 public:
  static Result<std::unique_ptr<Recorder>> create(RecorderOptions options,
                                                  const RunDescription& run);
  // Without `finish` before, the file tells that the recording was cut.
  ~Recorder() override;

  using Tracer::emit;
  void emit(const Event& event, std::string_view text) override;
  std::uint64_t new_message_id() override;

  // The digest after `events` digested events, for replay. The thread that emits.
  void digest_point(std::uint64_t events, std::uint64_t digest);
  // A choice that a replay must repeat; at this place in the order of events. The thread that
  // emits.
  void decided(const DecisionRecord& decision);

  // Waits until what was emitted before is committed and can be read. The error is why recording
  // has stopped (a full disk): events are then dropped, and nobody waits.
  Result<void> flush();
  // Emits no more afterwards.
  Result<void> finish(const RunOutcome& outcome);

  const std::string& path() const;
  // Any thread, a little late.
  std::uint64_t recorded() const;
  std::uint64_t dropped() const;

 private:
  struct Implementation;
  Recorder(const RecorderOptions& options, std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace glasshouse::tracing
