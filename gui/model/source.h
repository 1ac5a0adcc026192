#pragma once
// What the observer can ask about a run, recorded or live, as plain structs: the boundary between
// the views and where the data comes from (a trace file, a running simulation, a test's invention).
//
// A `Moment` is the number of an event: the picture at a moment is that after the event happened.
//
// Threads: a source is used by one thread at a time, the desk's worker.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/observe/event.h"

namespace glasshouse::gui {

using runtime::EventKind;
using Moment = std::uint64_t;      // 0 is before the first event
using ProcessKey = std::uint64_t;  // names one process of the run for good; 0 is nobody

struct NodeRow {
  std::uint16_t index = 0;
  std::string name;
  bool is_up = true;
};

struct PropertyRow {
  std::string name;
  std::string verdict;  // held, violated, never; empty while running
  std::string why;
};

struct RunInfo {
  std::string name;      // of the scenario or file
  std::string seed;      // as printed; empty when there is none
  std::string digest;    // as printed; empty when unknown
  std::string world;     // "simulator", "multicore"
  std::string outcome;   // how it ended, in words
  bool was_cut = false;  // the recording ended in the middle
  std::vector<NodeRow> nodes;
  std::vector<PropertyRow> properties;
};

struct Extent {
  Moment first = 0;
  Moment last = 0;
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  friend bool operator==(const Extent&, const Extent&) = default;
};

enum class Activity : std::uint8_t { running, runnable, waiting, idle, suspended, exited, crashed };

struct ProcessRow {
  ProcessKey key = 0;
  ProcessKey parent = 0;
  std::uint16_t node = 0;
  bool is_supervisor = false;
  std::string pid;        // "<1.112.0>"
  std::string name;       // registered name, else label, else initial behaviour
  std::string behaviour;  // initial behaviour
  Activity activity = Activity::idle;
  std::string waiting_what;  // receive, call, sleep, ...; empty when not waiting
  ProcessKey waiting_for = 0;
  std::int64_t since_ns = 0;  // when the activity began
  std::uint64_t mailbox = 0;
  std::uint64_t reductions = 0;
  std::uint64_t memory = 0;  // bytes; 0 when nobody counted
  std::uint32_t restarts = 0;
  std::string handler;  // the message it works on or worked on last
  std::string reason;   // why it exited
};

struct RestartRow {
  Moment moment = 0;
  std::int64_t time_ns = 0;
  std::string decision;   // restart, keep_down, forget, give_up
  std::string why;        // a sentence
  std::int64_t used = 0;  // k of the intensity
};

struct ChildRow {
  std::string id;
  ProcessKey process = 0;  // the one alive, or the last
  bool is_alive = true;
  bool is_supervisor = false;
  std::string restart_type;  // permanent, transient, temporary
  std::int64_t started_ns = 0;
  std::vector<RestartRow> history;  // oldest first
};

struct SupervisorRow {
  ProcessKey process = 0;
  ProcessKey parent = 0;  // the supervisor above; 0 at the top
  std::string strategy;
  std::int64_t intensity = 0;
  std::int64_t period_ns = 0;
  std::int64_t used = 0;  // restarts inside the period that ends at this moment
  std::vector<ChildRow> children;
};

struct EventRow {
  Moment moment = 0;
  std::int64_t time_ns = 0;
  EventKind kind = EventKind::log;
  std::uint16_t node = 0;
  ProcessKey subject = 0;
  ProcessKey peer = 0;
  std::string subject_name = {};
  std::string subject_pid = {};
  std::string peer_name = {};
  std::string peer_pid = {};
  std::string name = {};
  std::uint64_t message = 0;
  std::int64_t argument = 0;
  std::string text = {};
};

struct MailboxRow {
  Moment sent = 0;
  std::int64_t sent_ns = 0;
  ProcessKey from = 0;
  std::string from_name;
  std::string type;
  std::string text;  // the message as a term; empty when the recording kept only its type
};

struct RelationRow {
  std::string what;  // link, monitors, monitored by, parent, supervisor
  ProcessKey process = 0;
  std::string pid;
  std::string name;
};

struct CrashRow {
  Moment moment = 0;
  std::int64_t time_ns = 0;
  ProcessKey process = 0;
  std::string pid;
  std::string name;
  std::string reason;
  std::string report;  // a term, or lines
};

struct ProcessDetail {
  ProcessKey process = 0;
  std::uint64_t mailbox_length = 0;
  std::vector<MailboxRow> mailbox;  // the first ones
  std::string state;                // as a term; empty when not recorded
  std::string state_before;
  Moment state_moment = 0;
  std::int64_t state_ns = 0;
  std::vector<RelationRow> relations;
  std::optional<CrashRow> crash;
  std::vector<EventRow> recent;  // its last events before the moment, newest first
};

struct Band {
  std::string kind;  // partition, crash, loss ...
  std::string text;
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
};

enum class MarkKind : std::uint8_t { crash, node_lost, restart, violation, action };
inline constexpr int mark_kind_count = static_cast<int>(MarkKind::action) + 1;

struct TimeMark {
  MarkKind kind = MarkKind::crash;
  Moment moment = 0;
  std::int64_t time_ns = 0;
  std::string text;
};

// The whole run at a glance.
struct Overview {
  std::vector<std::uint32_t> density;  // events in equal slices of time
  std::vector<Band> bands;
  std::vector<TimeMark> marks;  // in order of time
  std::vector<CrashRow> crashes;
};

// Events that fulfil everything that is set.
struct EventFilter {
  std::uint64_t kinds = ~std::uint64_t{0};  // bits by kind
  std::string text = {};                    // in the names, the message type or the detail
  ProcessKey process = 0;                   // as subject or peer

  bool is_everything() const {
    return (kinds & runtime_kinds) == runtime_kinds && text.empty() && process == 0;
  }
  friend bool operator==(const EventFilter&, const EventFilter&) = default;

  static constexpr std::uint64_t runtime_kinds =
      (std::uint64_t{1} << runtime::event_kind_count) - 1;
};

enum class StepScope : std::uint8_t { process, node, run };
enum class Direction : std::uint8_t { back, forward };

struct StepFrom {
  Moment moment = 0;
  StepScope scope = StepScope::run;
  ProcessKey process = 0;
  std::uint16_t node = 0;
};

// What a live run can be told. Whatever is done is part of the trace.
class Control {
 public:
  Control() = default;
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;
  virtual ~Control() = default;

  virtual bool is_running() = 0;   // not paused
  virtual bool is_finished() = 0;  // nothing more will happen
  virtual void set_running(bool running) = 0;
  // Lets so much of its time pass, if it runs. Called again and again by the desk.
  virtual void advance(std::int64_t nanoseconds) = 0;
  virtual void step_once() = 0;  // one step, also when paused
  virtual runtime::Result<void> kill(ProcessKey process) = 0;
  // The link between two nodes, both ways.
  virtual runtime::Result<void> set_cut(std::uint16_t a, std::uint16_t b, bool is_cut) = 0;
  virtual bool is_cut(std::uint16_t a, std::uint16_t b) = 0;
};

class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  virtual RunInfo info() = 0;
  virtual Extent extent() = 0;
  virtual Overview overview(std::size_t slices) = 0;
  virtual std::vector<ProcessRow> processes(Moment at) = 0;
  virtual std::vector<SupervisorRow> supervisors(Moment at) = 0;
  virtual ProcessDetail detail(ProcessKey process, Moment at) = 0;

  // Events after `after` that pass the filter, in order.
  virtual std::vector<Moment> matching(const EventFilter& filter, Moment after) = 0;
  virtual std::vector<EventRow> events(std::span<const Moment> moments) = 0;

  virtual std::optional<Moment> step(Direction direction, const StepFrom& from) = 0;
  virtual std::optional<Moment> cause(Moment moment) = 0;   // what it came from
  virtual std::optional<Moment> effect(Moment moment) = 0;  // what came of it
  virtual Moment moment_at(std::int64_t time_ns) = 0;       // the last event not after it
  virtual std::int64_t time_of(Moment moment) = 0;

  virtual Control* control() { return nullptr; }

  // What went wrong since it was asked last, as a sentence; empty when nothing did.
  virtual std::string take_problem() { return {}; }
};

}  // namespace glasshouse::gui
