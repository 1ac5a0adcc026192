#pragma once
// What a Reader answers: plain values that stay good after the Reader is gone. Any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/time.h"
#include "runtime/observe/event.h"
#include "runtime/observe/tracer.h"

namespace glasshouse::tracing {

using runtime::Duration;
using runtime::EventKind;
using runtime::Instant;
using runtime::ProcessKey;

// The events of a trace are numbered 1, 2, 3, ... As a moment, a number means "just after that
// event"; 0 is the moment before the first.
using Seq = std::uint64_t;

// Names one process of a trace for good. A pid is printed from its key, and a key may come back
// when a node starts again; this number never does. 0 is nobody.
using ProcessNumber = std::uint32_t;

// Who acts or is acted upon, ready to be shown.
struct ProcessName {
  ProcessNumber number = 0;
  ProcessKey key;
  std::string pid;    // "<1.107.0>", empty for nobody
  std::string label;  // its name in `processes`, else what it was spawned as; empty for nobody

  // "kv_store <1.107.0>", or "the world" for nobody.
  std::string shown() const;
};

// One event as recorded. runtime/observe/event.h says what the fields mean for each kind.
struct EventRecord {
  Seq seq = 0;
  Instant time;
  EventKind kind = EventKind::log;
  std::uint16_t node = 0;
  ProcessName subject;
  ProcessName peer;
  std::string name;
  std::uint64_t message = 0;
  std::int64_t argument = 0;
  Seq cause = 0;  // the event that led here, if the recorder knew: of a receive, its send
  std::string detail;
};

enum class WorldKind : std::uint8_t { sim, multicore };

struct Parameter {
  std::string name;
  std::string value;
};

struct NodeInfo {
  std::uint16_t index = 0;
  std::string name;
  std::uint64_t creation = 0;  // the latest
  Seq up = 0;                  // the latest; 0 if the recording never saw it come up
  Seq down = 0;                // 0: it is up at the end
  std::uint32_t starts = 0;
};

struct PropertyInfo {
  std::string name;
  std::string kind;     // always, eventually, sometimes
  std::string verdict;  // held, violated, never; empty while running
  Seq violated = 0;     // the first violation
  std::string why;
};

// What a recording says about itself.
struct RunInfo {
  std::string file;
  std::string scenario;       // its name
  std::string scenario_text;  // complete
  std::uint64_t seed = 0;
  std::vector<Parameter> parameters;  // all of them, as they were set
  std::string build;                  // the program that recorded
  WorldKind world = WorldKind::sim;
  Instant started;  // wall clock
  std::uint64_t kinds = 0;
  runtime::Detail detail = runtime::Detail::none;
  bool lossless = true;

  Seq events = 0;  // so far, if it is still being recorded
  Instant end;     // time of the last event
  std::uint64_t dropped = 0;
  std::uint32_t processes = 0;
  std::optional<std::uint64_t> digest;
  std::uint64_t digest_events = 0;
  bool cut = false;     // never finished: still being recorded, or the recording was cut
  std::string outcome;  // how the run ended, in words; empty if cut
  std::vector<NodeInfo> nodes;
  std::vector<PropertyInfo> properties;
};

// Restricts events. What is left as it is restricts nothing.
struct EventFilter {
  std::uint64_t kinds = runtime::all_event_kinds;
  std::vector<ProcessNumber> processes = {};  // one of them is subject or peer
  bool as_subject = false;                    // ... is subject
  std::optional<std::uint16_t> node = {};
  std::string name = {};  // exactly
  std::string text = {};  // somewhere in kind, name or detail, upper and lower case alike
  std::optional<Instant> from = {};
  std::optional<Instant> before = {};
};

enum class ProcessState : std::uint8_t { runnable, waiting, exited };

// One process at a moment.
struct ProcessRow {
  ProcessNumber number = 0;
  ProcessKey key;
  std::string pid;
  std::string name;  // registered; empty without one
  std::string label;
  std::string behaviour;     // what it was spawned as
  ProcessNumber parent = 0;  // 0: started by the world
  ProcessState state = ProcessState::runnable;
  std::string waiting_for;  // what: receive, call, sleep, ...
  ProcessNumber waiting_whom = 0;
  Instant since;  // of the wait, or of the exit
  std::uint32_t mailbox = 0;
  std::uint64_t received = 0;
  std::uint64_t reductions = 0;  // as told at its last wait, or its exit
  std::uint32_t restarts = 0;    // of its place under its supervisor
  std::uint32_t links = 0;
  std::uint32_t monitors = 0;
  bool supervisor = false;
  Seq spawned = 0;
  Seq last_state = 0;  // its latest `state` event
  Seq exited = 0;
  std::string reason = {};  // why it exited
};

struct MonitorInfo {
  std::uint64_t ref = 0;
  ProcessName whom;
};

// Everything about one process at a moment.
struct ProcessDetails {
  ProcessRow row;
  std::vector<ProcessName> ancestors;  // parent first
  std::vector<ProcessName> children;   // spawned by it and alive
  std::vector<ProcessName> links;
  std::vector<MonitorInfo> monitors;
  std::vector<ProcessName> monitored_by;
  ProcessName waiting_whom;
  ProcessName supervisor;
  std::string exit_reason;
  std::string state;           // what it last showed of itself
  std::string previous_state;  // the one before, for a comparison
  Seq state_seq = 0;
  Seq previous_state_seq = 0;
};

struct MailboxMessage {
  std::uint64_t message = 0;
  Seq sent = 0;
  Instant sent_at;
  ProcessName sender;
  std::string type;
  std::string text;
};

struct Mailbox {
  std::uint32_t length = 0;
  std::vector<MailboxMessage> messages;  // the oldest, as many as asked for
};

struct RestartRecord {
  Seq seq = 0;
  Instant time;
  ProcessName child;
  std::string child_id;
  std::string decision;  // restart, keep_down, forget, give_up
  std::uint32_t used = 0;
  std::string why;
};

struct ChildRow {
  std::string id;
  ProcessName process;
  std::string restart_type;  // permanent, transient, temporary
  std::uint32_t restarts = 0;
  ProcessState state = ProcessState::runnable;
  Seq started = 0;
};

struct SupervisorInfo {
  ProcessName process;
  ProcessNumber parent = 0;  // the supervisor above
  std::string strategy;
  std::uint32_t intensity = 0;
  Duration period;
  std::uint32_t used = 0;  // restarts within the period before the moment
  ProcessState state = ProcessState::runnable;
  std::vector<ChildRow> children;       // in start order
  std::vector<RestartRecord> restarts;  // newest last, at most restarts_shown_max
};
inline constexpr std::size_t restarts_shown_max = 64;

struct CrashReport {
  Seq seq = 0;
  Instant time;
  ProcessName process;
  std::string reason;
  std::string report;  // the whole crash report
  Seq restart = 0;     // what its supervisor decided, if one did
};

struct FaultBand {
  std::uint64_t number = 0;
  std::string kind;
  std::string parameters;
  Seq begin = 0;
  Instant from;
  Seq end = 0;  // 0: it never ended
  Instant until;
};

struct StreamInfo {
  std::uint64_t number = 0;
  std::string opened_as;  // connected, accepted, listening
  ProcessName owner;
  std::string peer;
  Seq opened = 0;
  Seq closed = 0;  // 0: open at the end
  std::string close_reason;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_arrived = 0;
  std::uint64_t faults = 0;
};

// The groups in which a trace is counted for pictures of it from far away.
enum class KindGroup : std::uint8_t {
  process,     // spawn, exit, names, labels
  message,     // send, receive, drop
  signal,      // links, monitors, exit signals
  timer,       //
  scheduling,  // wait, held
  state,       // states, probes
  io,          // streams and storage
  notable,     // crashes, restarts, faults, properties, nodes, actions, logs
};
inline constexpr int kind_group_count = static_cast<int>(KindGroup::notable) + 1;
KindGroup group_of(EventKind kind);
std::string_view group_name(KindGroup group);  // "signal"
std::uint64_t kinds_of(KindGroup group);

enum class Axis : std::uint8_t { time, events };

// How many events there are in each of a row of equally wide cells; empty cells are left out.
struct Overview {
  struct Cell {
    std::int64_t begin = 0;  // ns or seq, as the axis says
    std::uint64_t total = 0;
    std::uint32_t groups[kind_group_count] = {};
  };
  Axis axis = Axis::time;
  std::int64_t width = 0;  // of one cell; cells begin at whole multiples of it
  std::vector<Cell> cells;
};

// An event that is marked at every zoom.
struct Mark {
  Seq seq = 0;
  Instant time;
  EventKind kind = EventKind::crash;
  std::uint16_t node = 0;
  ProcessNumber subject = 0;
  std::string name;  // of the event: decision, kind of fault, property
};

struct DigestPoint {
  std::uint64_t events = 0;  // this many were digested
  Seq seq = 0;               // of the last of them in the file
  std::uint64_t digest = 0;
};

// A choice that a replay must repeat although the seed does not make it.
struct DecisionRecord {
  Seq seq = 0;  // 0: known before the run began
  std::string choice = {};
  std::uint64_t entity = 0;
  std::uint64_t count = 0;
  std::uint64_t value = 0;
};

}  // namespace glasshouse::tracing
