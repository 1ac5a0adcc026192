// What crashes and faults do to the network.

#include <algorithm>

#include "runtime/process/self.h"
#include "sim/network.h"

namespace glasshouse::sim {

using namespace runtime::literals;

template <class Visit>
void SimByteStreams::for_each_between(std::uint16_t one, std::uint16_t other, Visit visit) {
  for (std::size_t place = 0; place < connections_.size(); ++place) {
    Connection& connection = *connections_[place];
    if (connection.number == 0) continue;
    const std::uint16_t from = connection.ends[0].host;
    const std::uint16_t to = connection.ends[1].host;
    if ((from == one && to == other) || (from == other && to == one)) visit(connection);
  }
}

// -- nodes --------------------------------------------------------------------------------------

void SimByteStreams::power_cut(const NodeSlot& slot) {
  forget_programs(slot.index);
  std::erase_if(listeners_, [&](const auto& entry) { return entry.second.slot == slot.index; });
  for (const auto& connection : connections_) {
    if (connection->number == 0) continue;
    for (std::size_t at = 0; at < 2; ++at) {
      End& end = connection->ends[at];
      if (end.slot != slot.index || end.state == EndState::none) continue;
      if (end.state == EndState::open || end.state == EndState::connecting) {
        disown(connection->number + at, end.slot, end.owner);
      }
      end.state = EndState::vanished;
      end.arrived.clear();
      Way& way = connection->ways[at];
      way.queue.clear();
      way.queued = 0;
      way.fin_wanted = false;
      way.patience = Instant::max();
    }
    release_if_over(*connection);
  }
}

void SimByteStreams::process_died(const NodeSlot& slot) {
  forget_programs(slot.index);
  for (auto next = listeners_.begin(); next != listeners_.end();) {
    Listener& listener = (next++)->second;
    if (listener.slot == slot.index) close_listener(listener);
  }
  for (std::size_t place = 0; place < connections_.size(); ++place) {
    Connection& connection = *connections_[place];
    for (std::size_t at = 0; at < 2 && connection.number != 0; ++at) {
      const Side side{&connection, at};
      End& end = side.end();
      if (end.slot != slot.index) continue;
      // An operating system resets what its process had not read.
      const bool unread = end.state == EndState::open && !end.arrived.empty();
      if (unread) {
        side.way().queue.clear();
        transmit(side, SegmentKind::reset);
        disown(side.number(), end.slot, end.owner);
        end.state = EndState::closed;
        release_if_over(connection);
      } else {
        close_by_owner(side);
      }
    }
  }
}

// The host has power again: it answers what its peers send to connections of its former life.
void SimByteStreams::restarted(const NodeSlot& slot) {
  for (std::size_t place = 0; place < connections_.size(); ++place) {
    Connection& connection = *connections_[place];
    if (connection.number == 0) continue;
    for (std::size_t at = 0; at < 2; ++at) {
      const Side side{&connection, at};
      if (side.end().slot != slot.index || side.end().state != EndState::vanished) continue;
      if (!side.way_here().unanswered) continue;
      side.way_here().unanswered = false;
      transmit(side, SegmentKind::reset);
    }
  }
}

// -- cuts ---------------------------------------------------------------------------------------

void SimByteStreams::cut(std::uint16_t from, std::uint16_t to, std::string_view kind) {
  paths_[from][to].cuts.push_back(kind);
}

void SimByteStreams::heal(std::uint16_t from, std::uint16_t to, std::string_view kind) {
  auto& cuts = paths_[from][to].cuts;
  const auto mended = std::find(cuts.begin(), cuts.end(), kind);
  CHECK(mended != cuts.end());
  cuts.erase(mended);
  if (!cuts.empty()) return;
  for_each_between(from, to, [&](Connection& connection) {
    for (std::size_t at = 0; at < 2; ++at) {
      const Side side{&connection, at};
      Way& way = side.way();
      if (way.held && !is_cut(side.end().host, side.other().host)) retransmit(side);
      const bool is_silent = way.held || way.unanswered ||
                             side.end().state == EndState::connecting ||
                             is_cut(side.other().host, side.end().host);
      if (!is_silent) way.patience = Instant::max();
    }
  });
}

// What was held is sent again, in order. The draw comes from a stream of its own: without the cut
// it is not made.
void SimByteStreams::retransmit(Side side) {
  Way& way = side.way();
  way.held = false;
  const std::uint64_t entity = runtime::hash_combine(way.key, runtime::fnv1a("retransmit"));
  const std::uint64_t drawn = world_.decide.draw(Choice::fault, entity);
  const Instant arrival = world_.agenda.now() + path_of(side).options.latency.sample(drawn);
  for (Segment& segment : way.flight)
    segment.arrival = std::max(segment.arrival, arrival);
  way.last_arrival = std::max(way.last_arrival, arrival);
  plan(side);
}

// -- link faults --------------------------------------------------------------------------------

void SimByteStreams::add_fault(std::uint16_t from, std::uint16_t to, const LinkFault& fault) {
  paths_[from][to].faults.push_back(fault);
}

void SimByteStreams::remove_fault(std::uint16_t from, std::uint16_t to, std::uint64_t key) {
  std::erase_if(paths_[from][to].faults, [&](const LinkFault& fault) { return fault.key == key; });
}

std::size_t SimByteStreams::reset_connections(std::uint16_t one, std::uint16_t other) {
  std::size_t count = 0;
  for_each_between(one, other, [&](Connection& connection) {
    ++count;
    const Side side{&connection, 0};
    tell_fault(side, "reset"_atom, {});
    transmit(side, SegmentKind::reset);
    transmit(side.turned(), SegmentKind::reset);
  });
  return count;
}

std::size_t SimByteStreams::forget_connections(std::uint16_t one, std::uint16_t other) {
  std::size_t count = 0;
  for_each_between(one, other, [&](Connection& connection) {
    connection.forgotten = true;
    ++count;
  });
  return count;
}

}  // namespace glasshouse::sim
