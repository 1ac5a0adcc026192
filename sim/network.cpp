#include "sim/network.h"

#include <algorithm>
#include <utility>

#include "runtime/observe/system_monitor.h"
#include "runtime/process/self.h"

namespace glasshouse::sim {

using runtime::Event;
using runtime::EventKind;
using runtime::Node;
using namespace runtime::literals;

namespace {

constexpr std::uint32_t nowhere = ~std::uint32_t{0};
constexpr std::uint16_t first_free_port = 49'152;  // of those that nobody asks for by number

}  // namespace

LinkOptions loopback_link() {
  LinkOptions options;
  options.latency = Distribution::uniform(Duration::microseconds(5), Duration::microseconds(20));
  return options;
}

SimByteStreams::SimByteStreams(World world, NetworkOptions options)
    : world_(std::move(world)), options_(options) {}

SimByteStreams::~SimByteStreams() = default;

void SimByteStreams::host_added() {
  for (auto& row : paths_)
    row.emplace_back().options = options_.link;
  auto& row = paths_.emplace_back();
  row.resize(paths_.size());
  for (auto& path : row)
    path.options = options_.link;
  row.back().options = options_.loopback;
  welcomes_.push_back(Welcome::as_usual);
  next_port_.push_back(first_free_port);
}

void SimByteStreams::set_link(std::uint16_t from, std::uint16_t to, const LinkOptions& options) {
  paths_[from][to].options = options;
}

// -- numbers ------------------------------------------------------------------------------------

std::uint64_t SimByteStreams::new_number() {
  place_of_.push_back(nowhere);
  return 2 * place_of_.size();
}

SimByteStreams::Connection& SimByteStreams::new_connection() {
  std::uint32_t place = 0;
  if (free_.empty()) {
    place = static_cast<std::uint32_t>(connections_.size());
    connections_.push_back(std::make_unique<Connection>());
  } else {
    place = free_.back();
    free_.pop_back();
  }
  Connection& connection = *connections_[place];
  connection.number = new_number();
  place_of_.back() = place;
  return connection;
}

std::optional<SimByteStreams::Side> SimByteStreams::find(std::uint64_t number) const {
  const std::uint64_t place = number / 2 - 1;
  if (number < 2 || place >= place_of_.size() || place_of_[place] == nowhere) return std::nullopt;
  return Side{connections_[place_of_[place]].get(), number % 2};
}

SimByteStreams::Listener* SimByteStreams::find_listener(std::uint64_t number) {
  for (auto& [where, listener] : listeners_) {
    if (listener.number == number) return &listener;
  }
  return nullptr;
}

SimByteStreams::Listener* SimByteStreams::listener_at(std::uint16_t host, std::uint16_t port) {
  const auto found = listeners_.find({host, port});
  return found == listeners_.end() ? nullptr : &found->second;
}

std::optional<std::uint16_t> SimByteStreams::resolve(std::string_view host,
                                                     std::uint16_t from) const {
  if (host.empty() || host == "localhost" || host == "127.0.0.1" || host == "0.0.0.0") return from;
  const auto found = world_.hosts.host_by_name.find(host);
  if (found == world_.hosts.host_by_name.end()) return std::nullopt;
  return found->second;
}

// A connection is over when nobody is left who could notice anything of it.
void SimByteStreams::release_if_over(Connection& connection) {
  if (connection.number == 0) return;
  for (const End& end : connection.ends) {
    const bool gone = end.state == EndState::closed || end.state == EndState::vanished ||
                      end.state == EndState::none;
    if (!gone) return;
  }
  for (std::size_t at = 0; at < 2; ++at) {
    // What one end still sends reaches the other only if that one is there.
    connection.ways[at] = Way();
    connection.ends[at] = End();
  }
  const std::uint64_t place = connection.number / 2 - 1;
  free_.push_back(place_of_[place]);
  place_of_[place] = nowhere;
  connection.number = 0;
  connection.unreachable = false;
  connection.forgotten = false;
  connection.is_pipe = false;
}

std::size_t SimByteStreams::open_connections() const {
  return connections_.size() - free_.size();
}

// -- owners -------------------------------------------------------------------------------------

std::uint64_t SimByteStreams::owner_key(std::uint16_t slot, Pid owner) const {
  return runtime::ProcessKey::of(static_cast<std::uint16_t>(slot + 1), owner).value;
}

void SimByteStreams::own(std::uint64_t number, std::uint16_t slot, Pid owner) {
  owned_[owner_key(slot, owner)].push_back(number);
}

void SimByteStreams::disown(std::uint64_t number, std::uint16_t slot, Pid owner) {
  const auto found = owned_.find(owner_key(slot, owner));
  if (found == owned_.end()) return;
  std::erase(found->second, number);
  if (found->second.empty()) owned_.erase(found);
}

// False once its mailbox is closed: its sockets have been looked for, or are the next thing.
bool SimByteStreams::can_own(std::uint16_t slot, Pid owner) const {
  Node* const node = world_.hosts.slots[slot]->node.get();
  const runtime::Process* const process = node == nullptr ? nullptr : node->find(owner);
  return process != nullptr && process->pid() == owner && process->is_open(owner.serial);
}

void SimByteStreams::owner_exited(Node& node, Pid owner) {
  const std::uint16_t slot = world_.hosts.slot_of(node).index;
  dismiss_all_of(slot, owner);
  const auto found = owned_.find(owner_key(slot, owner));
  if (found == owned_.end()) return;
  const std::vector<std::uint64_t> sockets = std::move(found->second);
  owned_.erase(found);
  for (const std::uint64_t number : sockets)
    close({number});
}

void SimByteStreams::tell(const End& end, EventKind kind, Event event,
                          std::string_view text) const {
  Node* const node = world_.hosts.slots[end.slot]->node.get();
  if (node == nullptr || node->creation() != end.creation || !node->wants(kind)) return;
  event.kind = kind;
  event.subject = node->key_of(end.owner);
  node->emit(event, text);
}

void SimByteStreams::tell_fault(Side side, Atom what, std::string_view kind) {
  tell(side.end(), EventKind::stream_fault, {.name = what, .message = side.number()});
  if (!kind.empty()) world_.fired(kind);
}

// -- the seam -----------------------------------------------------------------------------------

runtime::Result<SimByteStreams::Listening> SimByteStreams::listen(Node& node, Pid owner,
                                                                  const runtime::Endpoint& at) {
  const NodeSlot& slot = world_.hosts.slot_of(node);
  if (resolve(at.host, slot.host) != slot.host) {
    return runtime::Error("'" + at.host + "' is not the host of " + slot.name, "eaddrnotavail");
  }
  std::uint16_t port = at.port;
  while (port == 0 || (at.port == 0 && listener_at(slot.host, port) != nullptr))
    port = next_port_[slot.host]++;
  if (listener_at(slot.host, port) != nullptr) {
    return runtime::Error("port " + std::to_string(port) + " of " +
                              world_.hosts.hosts[slot.host]->name + " is in use",
                          "eaddrinuse");
  }
  Listener& listener = listeners_[{slot.host, port}];
  listener.number = new_number();
  listener.host = slot.host;
  listener.port = port;
  listener.slot = slot.index;
  listener.creation = node.creation();
  listener.owner = owner;
  own(listener.number, slot.index, owner);
  if (node.wants(EventKind::stream_open)) {
    node.emit({.kind = EventKind::stream_open,
               .name = "listening"_atom,
               .subject = node.key_of(owner),
               .message = listener.number},
              world_.hosts.hosts[slot.host]->name + ":" + std::to_string(port));
  }
  return Listening{.socket = {listener.number}, .port = port};
}

Socket SimByteStreams::connect(Node& node, Pid owner, const runtime::Endpoint& to) {
  const NodeSlot& slot = world_.hosts.slot_of(node);
  Connection& connection = new_connection();
  const Side side{&connection, 0};
  connection.port = to.port;
  End& end = side.end();
  end.state = EndState::connecting;
  end.slot = slot.index;
  end.host = slot.host;
  end.creation = node.creation();
  end.owner = owner;
  const std::uint64_t connector = owner_key(slot.index, owner);
  const std::uint64_t nth = connects_.take_next(connector);
  for (std::uint64_t at = 0; at < 2; ++at) {
    const std::uint64_t stream = runtime::hash_combine(connector, nth);
    connection.ways[at].key = runtime::hash_combine(stream, at);
  }
  own(side.number(), slot.index, owner);
  const auto host = resolve(to.host, slot.host);
  if (!host) {
    connection.unreachable = true;
    be_patient(side, Duration::microseconds(1));
    return {side.number()};
  }
  side.other().host = *host;
  be_patient(side, options_.connect_timeout);
  transmit(side, SegmentKind::syn);
  return {side.number()};
}

bool SimByteStreams::send(Socket socket, Binary bytes) {
  const auto side = find(socket.number);
  if (!side || bytes.empty()) return true;
  const EndState state = side->end().state;
  if (state != EndState::open && state != EndState::connecting) return true;
  Way& way = side->way();
  tell(side->end(), EventKind::stream_send,
       {.message = socket.number, .argument = static_cast<std::int64_t>(bytes.size())});
  way.queued += bytes.size();
  way.queue.push(std::move(bytes));
  pump(*side);
  if (way.queued > runtime::send_queue_high && !std::exchange(way.over_high, true)) {
    const NodeSlot& slot = *world_.hosts.slots[side->end().slot];
    const runtime::BusyStream news{.pid = side->end().owner, .socket = socket};
    if (slot.lives(side->end().creation)) slot.node->system_monitor().tell(news);
  }
  return !way.over_high;
}

void SimByteStreams::credit(Socket socket, std::size_t amount) {
  if (const auto side = find(socket.number)) {
    side->end().credit += amount;
    if (side->end().state == EndState::open) flush(*side);
    return;
  }
  Listener* const listener = find_listener(socket.number);
  if (listener == nullptr) return;
  listener->credit += amount;
  while (listener->credit > 0 && !listener->backlog.empty()) {
    const auto waiting = find(listener->backlog.pop());
    if (waiting && waiting->end().state == EndState::backlog) accept(*listener, *waiting);
  }
}

void SimByteStreams::give(Socket socket, Pid owner) {
  if (const auto program = running_.find(socket.number); program != running_.end()) {
    program->second.owner = owner;
  }
  if (const auto side = find(socket.number)) {
    End& end = side->end();
    disown(socket.number, end.slot, end.owner);
    end.owner = owner;
    own(socket.number, end.slot, owner);
    if (!can_own(end.slot, owner)) close(socket);  // nobody would close it later
  } else if (Listener* const listener = find_listener(socket.number)) {
    disown(socket.number, listener->slot, listener->owner);
    listener->owner = owner;
    own(socket.number, listener->slot, owner);
    if (!can_own(listener->slot, owner)) close(socket);
  }
}

void SimByteStreams::close(Socket socket) {
  if (const auto program = running_.find(socket.number); program != running_.end()) {
    dismiss(program);
  }
  if (const auto side = find(socket.number)) {
    close_by_owner(*side);
  } else if (Listener* const listener = find_listener(socket.number)) {
    close_listener(*listener);
  }
}

void SimByteStreams::close_by_owner(Side side) {
  End& end = side.end();
  if (end.state != EndState::open && end.state != EndState::connecting) return;
  const bool was_open = end.state == EndState::open;
  disown(side.number(), end.slot, end.owner);
  tell(end, EventKind::stream_close, {.name = runtime::atoms::normal, .message = side.number()});
  end.state = EndState::closed;
  end.arrived.clear();
  if (was_open) {
    side.way().fin_wanted = true;
    pump(side);
  }
  release_if_over(*side.connection);
}

void SimByteStreams::close_listener(Listener& listener) {
  End as_end;
  as_end.slot = listener.slot;
  as_end.creation = listener.creation;
  as_end.owner = listener.owner;
  tell(as_end, EventKind::stream_close,
       {.name = runtime::atoms::normal, .message = listener.number});
  disown(listener.number, listener.slot, listener.owner);
  while (!listener.backlog.empty()) {
    const auto waiting = find(listener.backlog.pop());
    if (!waiting || waiting->end().state != EndState::backlog) continue;
    waiting->end().state = EndState::closed;
    transmit(*waiting, SegmentKind::reset);
    release_if_over(*waiting->connection);
  }
  listeners_.erase({listener.host, listener.port});
}

}  // namespace glasshouse::sim
