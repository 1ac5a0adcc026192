#pragma once
// Which send carried the bytes that arrive: both sides of a connection are in the trace, bytes keep
// their order, so counting them is enough. One thread.

#include <cstdint>
#include <deque>
#include <map>

#include "tracing/world_model.h"

namespace glasshouse::tracing {

class StreamFlows {
 public:
  // Takes in an event and returns the one on the other side that led to it: of an arrival the send
  // with its last byte, of a close the close before; 0 if that is not known.
  Seq add(const NumberedEvent& event) {
    switch (event.kind) {
      case EventKind::stream_open:
        if (event.argument > 0) {
          flows_[event.message].other = static_cast<std::uint64_t>(event.argument);
        }
        return 0;
      case EventKind::stream_send:
        return sent(event);
      case EventKind::stream_arrive:
        return arrived(event);
      case EventKind::stream_close:
        return closed(event);
      default:
        return 0;
    }
  }

 private:
  struct Sent {
    std::uint64_t until = 0;  // bytes sent so far, these included
    Seq seq = 0;
  };
  struct Flow {
    std::uint64_t other = 0;  // the number of the other side
    std::uint64_t sent = 0;
    std::uint64_t arrived = 0;
    std::deque<Sent> in_flight;  // sends of which not all has arrived
    Seq closed = 0;
  };

  Flow* find(std::uint64_t number) {
    const auto found = flows_.find(number);
    return found == flows_.end() ? nullptr : &found->second;
  }

  Seq sent(const NumberedEvent& event) {
    if (Flow* flow = find(event.message)) {
      flow->sent += static_cast<std::uint64_t>(event.argument);
      flow->in_flight.push_back({flow->sent, event.seq});
    }
    return 0;
  }

  Seq arrived(const NumberedEvent& event) {
    Flow* flow = find(event.message);
    Flow* sender = flow ? find(flow->other) : nullptr;
    if (!sender) return 0;
    flow->arrived += static_cast<std::uint64_t>(event.argument);
    // Sends that arrived whole are done with; a part of the next may have come too.
    auto& in_flight = sender->in_flight;
    Seq cause = 0;
    std::uint64_t whole = 0;
    while (!in_flight.empty() && in_flight.front().until <= flow->arrived) {
      cause = in_flight.front().seq;
      whole = in_flight.front().until;
      in_flight.pop_front();
    }
    const bool part = !in_flight.empty() && whole < flow->arrived;
    return part ? in_flight.front().seq : cause;
  }

  Seq closed(const NumberedEvent& event) {
    Flow* flow = find(event.message);
    if (!flow) return 0;
    flow->closed = event.seq;
    const std::uint64_t own = event.message;
    const std::uint64_t other = flow->other;
    Flow* partner = find(other);
    if (!partner || partner->closed == 0) return 0;
    const Seq cause = partner->closed;
    flows_.erase(own);
    flows_.erase(other);
    return cause;
  }

  std::map<std::uint64_t, Flow> flows_;
};

}  // namespace glasshouse::tracing
