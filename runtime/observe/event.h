#pragma once
// What a node tells about itself: one fixed-size record for each thing that happened.
//
// Both worlds emit the same events through `Tracer`. A kind that is switched off costs one load and
// one branch at its source. Events are plain data: they never keep anything alive.

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/time.h"
#include "runtime/process/pid.h"
#include "runtime/term/atom.h"

namespace glasshouse::runtime {

// The meaning of `subject`, `peer`, `name`, `message`, `argument` and the detail text is given for
// each kind; what is not named there is zero or empty. "text" in brackets is the detail.
//
// Where the detail is a term of a process (exit, down, label, state), `argument` is its hash.
enum class EventKind : std::uint8_t {
  node_up,        // name = node, argument = creation
  node_down,      // name = reason: stopped, crashed
  spawn,          // subject = child, peer = parent, name = initial behaviour
  exit,           // subject, name = initial behaviour, message = its reductions [reason as a term]
  send,           // subject = sender (may be null: the world), peer = receiver, name = message
                  // type, message = its identity, argument = digest of its fields [its term]
  receive,        // subject took `message` of type `name` out of its mailbox, peer = sender
  drop,           // message of subject to peer went nowhere: name = dead, alias, late or overload
  link,           // subject and peer
  unlink,         // subject and peer
  monitor,        // subject watches peer, argument = ref number
  demonitor,      // subject no longer watches peer, argument = ref number
  exit_signal,    // peer's exit signal acts on subject, name = what it did: ignored, trapped, fatal
  down,           // subject learns that peer is down, message = ref number [reason]
  register_name,  // subject is now called name
  unregister_name,  // subject is no longer called name
  label,            // subject describes itself [label as a term]
  timer_start,      // subject, peer = for whom, argument = ns from now, message = timer number
  timer_fire,       // subject, message = timer number
  timer_cancel,     // subject, message = timer number
  wait,             // subject waits, peer = for whom if known, name = what (receive, call, sleep,
                    // yield, blocking, hibernate), argument = reductions it has used in its life
  state,            // subject's state after a message [state as a term]
  supervisor,       // subject is a supervisor, name = strategy, argument = intensity,
                    // message = period in ns
  child,            // subject (a supervisor) started peer, name = child id, argument = restart type
  restart,          // subject (a supervisor) decided about peer, name = decision (restart, forget,
                    // keep_down, give_up), argument = k of n in the period [why, as a sentence]
  crash,            // subject, of initial behaviour name, crashed [crash report as a term]
  held,             // subject holds its worker, argument = ns
  stream_open,      // subject owns stream `message`, name = connected, accepted, listening;
                    // argument = number of the other side if it is in this world, else 0 [peer]
  stream_send,      // subject sent argument bytes on stream `message`
  stream_arrive,    // argument bytes reached subject on stream `message`
  stream_close,     // stream `message` of subject, name = reason
  stream_fault,     // what the network did to stream `message`, name = stall, reset, cut, refused
  storage,          // subject, name = operation, argument = bytes, message = request [path]
  storage_fault,    // name = what: lost, torn, enospc, eio; argument = bytes [path]
  fault_begin,      // name = kind, message = fault number [parameters as a term]
  fault_end,        // name = kind, message = fault number
  log,              // subject, name = level [text]
  probe,            // name = probe, argument = value
  property,         // name = property, argument: 1 held, 0 violated [why]
  decision,         // name = choice, message = entity, argument = value
  action,           // a person or a script did something: name [what]
};
inline constexpr int event_kind_count = static_cast<int>(EventKind::action) + 1;

// The name of a kind as it stands in a trace, for example "exit_signal".
std::string_view event_kind_name(EventKind kind);

// A process in a trace: node (index given by the trace, 16 bits), serial (20 bits), id (28 bits).
// Zero is nobody. Printed `<node.id.serial>`.
struct ProcessKey {
  std::uint64_t value = 0;
  static ProcessKey of(std::uint16_t node_index, Pid pid);
  std::uint16_t node() const { return static_cast<std::uint16_t>(value >> 48); }
  std::uint32_t serial() const { return static_cast<std::uint32_t>(value >> 28) & 0xfffff; }
  std::uint32_t id() const { return static_cast<std::uint32_t>(value) & 0xfffffff; }
  friend auto operator<=>(ProcessKey, ProcessKey) = default;
};
std::string to_string(ProcessKey key);

struct Event {
  EventKind kind = EventKind::log;
  std::uint16_t node = 0;  // index of the node in this trace; 0 is the world itself
  Atom name{};
  Instant time{};  // virtual time, or monotonic time since the recording began
  ProcessKey subject{};
  ProcessKey peer{};
  std::uint64_t message = 0;
  std::int64_t argument = 0;
};
static_assert(sizeof(Event) <= 48, "a ring holds a fixed number of these");

}  // namespace glasshouse::runtime
