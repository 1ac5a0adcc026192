// How bytes travel: out of the queue of a sender, over a link, into the hands of a receiver.

#include <algorithm>

#include "runtime/process/self.h"
#include "sim/network.h"

namespace glasshouse::sim {

using runtime::EventKind;
using namespace runtime::literals;

template <class M, class... Args>
bool SimByteStreams::deliver(const End& end, Args&&... args) {
  const NodeSlot& slot = *world_.hosts.slots[end.slot];
  return slot.lives(end.creation) && slot.node->deliver<M>(end.owner, std::forward<Args>(args)...);
}

// -- sending ------------------------------------------------------------------------------------

void SimByteStreams::pump(Side side) {
  Way& way = side.way();
  if (side.end().state == EndState::connecting) return;
  while (!way.queue.empty() && way.outstanding < options_.window) {
    Binary& first = way.queue.front();
    const std::size_t room = options_.window - way.outstanding;
    const std::size_t size = std::min({first.size(), room, std::size_t{options_.packet_max}});
    way.queued -= size;
    if (size == first.size()) {
      transmit_data(side, way.queue.pop());
    } else {
      Binary head = first.slice(0, size);
      first = first.slice(size, first.size() - size);
      transmit_data(side, std::move(head));
    }
  }
  if (way.over_high && way.queued < runtime::send_queue_low) {
    way.over_high = false;
    if (side.end().state == EndState::open) {
      deliver<runtime::Drained>(side.end(), Socket{side.number()});
    }
  }
  if (way.fin_wanted && way.queue.empty()) {
    way.fin_wanted = false;
    transmit(side, SegmentKind::fin);
  }
}

// The draw, if the chance was taken: it serves for what else must be decided about the event.
std::optional<std::uint64_t> SimByteStreams::chance_taken(Side side, Choice choice, Ratio chance) {
  if (chance.numerator == 0) return std::nullopt;
  const std::uint64_t drawn = world_.decide.draw(choice, side.way().key);
  if (!chance.happens(drawn)) return std::nullopt;
  return runtime::mix(drawn);
}

void SimByteStreams::transmit_data(Side side, Binary bytes) {
  Path& path = path_of(side);
  side.way().outstanding += bytes.size();
  std::optional<std::uint64_t> reset = chance_taken(side, Choice::reset, path.options.reset);
  std::string_view reset_by;
  std::optional<std::uint64_t> split = chance_taken(side, Choice::split, path.options.split);
  for (const LinkFault& fault : path.faults) {
    const bool resets = fault.what == LinkFault::What::reset;
    if (!resets && fault.what != LinkFault::What::split) continue;
    const std::uint64_t entity = runtime::hash_combine(side.way().key, fault.key);
    const std::uint64_t drawn = world_.decide.draw(Choice::fault, entity);
    if (!fault.chance.happens(drawn)) continue;
    (resets ? reset : split) = runtime::mix(drawn);
    if (resets) reset_by = fault.kind;
    if (!resets) world_.fired(fault.kind);
  }
  if (reset) {
    tell_fault(side, "reset"_atom, reset_by);
    transmit(side, SegmentKind::reset);
    transmit(side.turned(), SegmentKind::reset);
    return;
  }
  const Instant arrival = arrival_of(side, bytes.size());
  if (!split || bytes.size() < 2) {
    put_in_flight(side, {.arrival = arrival, .bytes = std::move(bytes)});
    return;
  }
  const std::size_t head = 1 + runtime::scale_to(*split, bytes.size() - 1);
  const Duration gap = path.options.latency.sample(runtime::mix(*split));
  put_in_flight(side, {.arrival = arrival, .bytes = bytes.slice(0, head)});
  put_in_flight(side, {.arrival = arrival + gap, .bytes = bytes.slice(head, bytes.size() - head)});
}

void SimByteStreams::transmit(Side side, SegmentKind kind, Binary bytes) {
  // News of an open window takes the shortest way, so that it needs no draw.
  const Instant arrival = kind == SegmentKind::window
                              ? world_.agenda.now() + path_of(side).options.latency.least()
                              : arrival_of(side, 0);
  put_in_flight(side, {.arrival = arrival, .bytes = std::move(bytes), .kind = kind});
}

void SimByteStreams::put_in_flight(Side side, Segment segment) {
  Way& way = side.way();
  segment.arrival = std::max(segment.arrival, way.last_arrival);
  way.last_arrival = segment.arrival;
  way.flight.push(std::move(segment));
  plan(side);
}

Instant SimByteStreams::arrival_of(Side side, std::size_t bytes) {
  Path& path = path_of(side);
  const Way& way = side.way();
  Instant leaves = world_.agenda.now();
  std::uint64_t rate = path.options.bytes_per_second;
  for (const LinkFault& fault : path.faults) {
    if (fault.what != LinkFault::What::bandwidth) continue;
    if (rate == 0 || fault.bytes_per_second < rate) rate = fault.bytes_per_second;
    if (bytes > 0) world_.fired(fault.kind);
  }
  if (rate > 0 && bytes > 0) {
    __extension__ using Wide = unsigned __int128;
    const auto time = static_cast<std::int64_t>(static_cast<Wide>(bytes) * 1'000'000'000 / rate);
    path.free_at = std::max(path.free_at, leaves) + Duration::nanoseconds(time);
    leaves = path.free_at;
  }
  const Distribution& latency = path.options.latency;
  Duration time = latency.is_constant()
                      ? latency.least()
                      : latency.sample(world_.decide.draw(Choice::latency, way.key));
  return leaves + time + extra_time(side, path);
}

Duration SimByteStreams::extra_time(Side side, Path& path) {
  Duration extra;
  if (const auto stalled = chance_taken(side, Choice::stall, path.options.stall)) {
    extra += path.options.stall_time.sample(*stalled);
    tell_fault(side, "stall"_atom, {});
  }
  for (const LinkFault& fault : path.faults) {
    const bool stalls = fault.what == LinkFault::What::stall;
    if (!stalls && fault.what != LinkFault::What::latency) continue;
    const std::uint64_t entity = runtime::hash_combine(side.way().key, fault.key);
    const std::uint64_t drawn = world_.decide.draw(Choice::fault, entity);
    if (!fault.chance.happens(drawn)) continue;
    extra += fault.time.sample(runtime::mix(drawn));
    if (stalls) {
      tell_fault(side, "stall"_atom, fault.kind);
    } else {
      world_.fired(fault.kind);
    }
  }
  return extra;
}

// The first segment of a way is in the agenda; the others wait behind it.
void SimByteStreams::plan(Side side) {
  Way& way = side.way();
  if (way.held || way.flight.empty()) return;
  const Instant arrival = std::max(way.flight.front().arrival, world_.agenda.now());
  if (way.due == arrival) return;
  way.due = arrival;
  world_.agenda.add(arrival, DueKind::arrival, side.turned().number(), 0);
}

// -- arriving -----------------------------------------------------------------------------------

bool SimByteStreams::is_stale(const Due& due) const {
  const auto side = find(due.key);
  if (!side) return true;
  if (due.kind() == DueKind::patience) return side->way().patience != due.when();
  return side->way_here().due != due.when();
}

void SimByteStreams::arrive(const Due& due) {
  const Side here = *find(due.key);
  const Side sender = here.turned();
  const std::uint64_t number = here.connection->number;
  Way& way = sender.way();
  way.due = Instant::max();
  while (!way.flight.empty() && way.flight.front().arrival <= due.when()) {
    if (is_cut(sender.end().host, here.end().host)) {
      way.held = true;
      tell_fault(sender, "cut"_atom, path_of(sender).cuts.back());
      be_patient(sender, options_.silence_timeout);
      return;
    }
    receive(here, way.flight.pop());
    if (here.connection->number != number) return;
  }
  plan(sender);
}

void SimByteStreams::receive(Side here, Segment segment) {
  End& end = here.end();
  const SegmentKind kind = segment.kind;
  if (here.connection->forgotten && kind != SegmentKind::reset) {
    transmit(here, SegmentKind::reset);
    return;
  }
  switch (kind) {
    case SegmentKind::syn:
      receive_syn(here);
      break;
    case SegmentKind::syn_ack:
      if (answer_for_absent(here)) break;
      end.state = EndState::open;
      here.way().patience = Instant::max();
      tell(end, EventKind::stream_open,
           {.name = "connected"_atom,
            .message = here.number(),
            .argument = static_cast<std::int64_t>(here.turned().number())},
           world_.hosts.hosts[here.other().host]->name + ":" +
               std::to_string(here.connection->port));
      deliver<runtime::Connected>(end, Socket{here.number()});
      pump(here);
      break;
    case SegmentKind::refusal:
      if (end.state != EndState::connecting) break;
      tell_fault(here, "refused"_atom, {});
      close_end(here, "econnrefused"_atom);
      break;
    case SegmentKind::data:
      receive_data(here, std::move(segment.bytes));
      break;
    case SegmentKind::fin:
      if (end.state != EndState::open && end.state != EndState::backlog) {
        answer_for_absent(here);
        break;
      }
      end.fin_arrived = true;
      if (end.state == EndState::open) flush(here);
      break;
    case SegmentKind::reset:
      close_end(here, "econnreset"_atom);
      break;
    case SegmentKind::window:
      pump(here);
      break;
  }
}

// A host answers in the place of a process that is not there any more, unless its power is out.
bool SimByteStreams::answer_for_absent(Side here) {
  const End& end = here.end();
  if (end.state != EndState::closed && end.state != EndState::vanished) return false;
  if (end.state == EndState::vanished && world_.hosts.slots[end.slot]->dark) {
    here.way_here().unanswered = true;
    be_patient(here.turned(), options_.silence_timeout);
  } else if (here.other().state != EndState::closed) {
    transmit(here, SegmentKind::reset);
  }
  return true;
}

void SimByteStreams::receive_data(Side here, Binary bytes) {
  if (answer_for_absent(here)) return;
  here.end().arrived.push(std::move(bytes));
  // Its sender hears no acknowledgement through a cut, even though its bytes arrive.
  if (is_cut(here.end().host, here.other().host)) {
    be_patient(here.turned(), options_.silence_timeout);
  }
  if (here.end().state == EndState::open) flush(here);
}

void SimByteStreams::receive_syn(Side here) {
  Connection& connection = *here.connection;
  End& end = here.end();
  const Welcome welcome = welcomes_[end.host];
  if (here.other().state != EndState::connecting) return;
  if (welcome == Welcome::unanswered || world_.hosts.is_dark(end.host)) return;
  Listener* const listener = listener_at(end.host, connection.port);
  const bool refused = welcome == Welcome::refused || listener == nullptr ||
                       listener->backlog.size() >= options_.backlog_max;
  if (refused) {
    transmit(here, SegmentKind::refusal);
    return;
  }
  end.state = EndState::backlog;
  end.slot = listener->slot;
  end.creation = listener->creation;
  end.owner = listener->owner;
  transmit(here, SegmentKind::syn_ack);
  if (listener->credit > 0) {
    accept(*listener, here);
  } else {
    listener->backlog.push(here.number());
  }
}

void SimByteStreams::accept(Listener& listener, Side here) {
  --listener.credit;
  End& end = here.end();
  end.state = EndState::open;
  end.owner = listener.owner;
  own(here.number(), end.slot, end.owner);
  const std::string peer = world_.hosts.hosts[here.other().host]->name;
  tell(end, EventKind::stream_open,
       {.name = "accepted"_atom,
        .message = here.number(),
        .argument = static_cast<std::int64_t>(here.turned().number())},
       peer);
  if (!deliver<runtime::Accepted>(end, Socket{here.number()}, Socket{listener.number}, peer)) {
    close_by_owner(here);
    return;
  }
  flush(here);
}

// Hands to the owner what it has credit for.
void SimByteStreams::flush(Side here) {
  End& end = here.end();
  bool consumed = false;
  while (end.credit > 0 && !end.arrived.empty()) {
    Binary& first = end.arrived.front();
    const std::size_t size = std::min(first.size(), end.credit);
    Binary bytes;
    if (size == first.size()) {
      bytes = end.arrived.pop();
    } else {
      bytes = first.slice(0, size);
      first = first.slice(size, first.size() - size);
    }
    end.credit -= size;
    here.way_here().outstanding -= std::min(size, here.way_here().outstanding);
    consumed = true;
    tell(end, EventKind::stream_arrive,
         {.message = here.number(), .argument = static_cast<std::int64_t>(size)});
    if (!deliver<runtime::Bytes>(end, Socket{here.number()}, std::move(bytes))) {
      close_by_owner(here);
      return;
    }
  }
  if (consumed && !here.way_here().queue.empty()) transmit(here, SegmentKind::window);
  if (end.fin_arrived && end.arrived.empty()) close_end(here, runtime::atoms::normal);
}

// The connection is over for this end, whoever ended it.
void SimByteStreams::close_end(Side here, Atom reason) {
  End& end = here.end();
  if (here.connection->is_pipe && reason == "econnreset"_atom) reason = "epipe"_atom;
  const EndState was = end.state;
  if (was == EndState::closed || was == EndState::vanished || was == EndState::none) {
    // It lingers only to send what was queued, and nobody wants that any more.
    here.way().queue.clear();
    here.way().fin_wanted = false;
    return;
  }
  end.state = EndState::closed;
  end.arrived.clear();
  Way& way = here.way();
  way.queue.clear();
  way.queued = 0;
  way.fin_wanted = false;
  way.patience = Instant::max();
  if (was != EndState::backlog) {
    disown(here.number(), end.slot, end.owner);
    tell(end, EventKind::stream_close, {.name = reason, .message = here.number()});
    deliver<runtime::Closed>(end, Socket{here.number()}, reason);
    output_ended(here.number());
  }
  release_if_over(*here.connection);
}

// -- time-outs ----------------------------------------------------------------------------------

void SimByteStreams::be_patient(Side side, Duration time) {
  Way& way = side.way();
  if (way.patience != Instant::max()) return;
  way.patience = world_.agenda.now() + time;
  world_.agenda.add(way.patience, DueKind::patience, side.number(), 0);
}

void SimByteStreams::lose_patience(const Due& due) {
  const Side side = *find(due.key);
  Way& way = side.way();
  way.patience = Instant::max();
  const EndState state = side.end().state;
  if (state == EndState::connecting && side.connection->unreachable) {
    close_end(side, "ehostunreach"_atom);
  } else if (state == EndState::connecting || state == EndState::open) {
    way.flight.clear();
    close_end(side, "etimedout"_atom);
  } else {
    way.flight.clear();
    way.queue.clear();
    way.fin_wanted = false;
  }
}

}  // namespace glasshouse::sim
