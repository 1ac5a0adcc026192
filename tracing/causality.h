#pragma once
// Who led to what: happens-before between events, who waits for whom, and chains of reasons.
// Functions of a Reader, on its thread; they cost a few queries for each event they return.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "tracing/answers.h"
#include "tracing/reader.h"

namespace glasshouse::tracing {

// The happens-before graph of a window of a trace: each event after the event before it of the same
// process, each receive after its send, what a process does first after its spawn, and so on.
class HappensBefore {
 public:
  // REQUIRES: first <= last. An error beyond window_max events.
  static Result<HappensBefore> of(Reader& reader, Seq first, Seq last);

  // All events of the window that led to `seq`, itself left out, in the order of the trace.
  std::vector<Seq> past(Seq seq) const;
  // All that it led to.
  std::vector<Seq> future(Seq seq) const;
  bool leads_to(Seq earlier, Seq later) const;
  bool concurrent(Seq a, Seq b) const;
  // The shortest chain of events from `earlier` to `later`, both included; empty without one.
  std::vector<Seq> chain(Seq earlier, Seq later) const;

  // The edges, for a picture; by their later event.
  const std::vector<std::pair<Seq, Seq>>& edges() const;

 private:
  struct Graph;
  explicit HappensBefore(std::shared_ptr<const Graph> graph) : graph_(std::move(graph)) {}

  std::shared_ptr<const Graph> graph_;
};
inline constexpr std::size_t window_max = 1'000'000;

// The causal past of one event, the nearest `limit` events of it, in the order of the trace.
Result<std::vector<Seq>> causal_past(Reader& reader, Seq seq, std::size_t limit = 10'000);

struct WaitEdge {
  ProcessName who;
  ProcessName whom;
  std::string what;  // call, receive, task
  Instant since;
};

struct WaitGraph {
  std::vector<WaitEdge> edges;
  // Processes that wait for each other in a circle: a deadlock. Each begins with its oldest member.
  std::vector<std::vector<ProcessName>> cycles;
};
Result<WaitGraph> who_waits(Reader& reader, Seq at);

// How a step of an explanation hangs on the step before it. `asked`: it is what was asked about.
// `because`: it led there. `after`: that came later and may have come of it; nothing says so.
enum class Tie : std::uint8_t { asked, because, after };

// One step of an explanation; the first is what was asked about, the last where it began.
struct Reason {
  Seq seq = 0;  // 0: not one event, but how things were
  Instant time;
  std::string sentence;
  Tie tie = Tie::because;
};
inline constexpr std::size_t reasons_max = 16;

// Why this event came to pass. A violated property is looked at from outside of all processes, so
// all that was before it is its past: the last `last_events_max` things that processes did, then
// the last `disturbances_max` crashes, restarts, faults, nodes up and down and acts of a person.
Result<std::vector<Reason>> why_event(Reader& reader, Seq seq);
inline constexpr std::size_t last_events_max = 4;
inline constexpr std::size_t disturbances_max = 8;
// Why a property is violated; one sentence if it is not. Code "noproperty" if the run has none so
// called.
Result<std::vector<Reason>> why_property(Reader& reader, std::string_view name);
// Every violated property, each with its own `asked`; else the first crash; nothing if all is well.
Result<std::vector<Reason>> what_went_wrong(Reader& reader);
// Why a process is as it is at a moment: dead and of what, or waiting and for whom.
Result<std::vector<Reason>> why_process(Reader& reader, ProcessNumber number, Seq at);

}  // namespace glasshouse::tracing
