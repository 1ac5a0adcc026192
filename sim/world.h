#pragma once
// A simulated world: hosts and nodes on one thread, under virtual time, from a seed. The nodes are
// the runtime's own; only their environment is simulated. Equal seed and equal scenario: equal run,
// to the last event.
//
// Threads: one at a time. Nothing here may be called from inside a process, except now().

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/node/node.h"
#include "runtime/observe/tracer.h"
#include "sim/clock.h"
#include "sim/decisions.h"
#include "sim/disk_options.h"
#include "sim/faults.h"
#include "sim/link.h"
#include "sim/program.h"
#include "sim/standstill.h"

namespace glasshouse::sim {

class SimByteStreams;
class SimStorage;
struct NodeSlot;

using runtime::Atom;
using runtime::Node;
using runtime::Pid;

enum class HostId : std::uint16_t {};
enum class NodeId : std::uint16_t {};

struct WorldOptions {
  std::uint64_t seed = 1;
  // A process that became runnable runs after 1 ns to this: whoever draws less goes first.
  Duration schedule_jitter_max = Duration::microseconds(1);
  // Reductions a process gets each time it runs, drawn between the two; a receive or a send is one.
  std::uint32_t reductions_least = 1;
  std::uint32_t reductions_most = 8;
  // A run of more steps ends with RunEnd::limit: it would perhaps never end.
  std::uint64_t steps_max = 1'000'000'000;
  NetworkOptions network = {};
  // None: nothing is told. Must outlive the world. Its switches are looked at as a run begins.
  runtime::Tracer* tracer = nullptr;
  // None: SeededDecisions of `seed`. Must outlive the world.
  runtime::Decisions* decisions = nullptr;
};

struct HostOptions {
  DiskOptions disk = {};
  ClockOptions clock = {};
};

// Starts the actors of a node; run again at every restart.
using Boot = std::function<void(Node&)>;

// How a node goes down. Its processes end without a word either way.
enum class Crash : std::uint8_t {
  power_cut,      // unsynced writes are at risk, peers hear nothing until they send
  process_death,  // its files are as written, its streams are closed by its operating system
};

// Why a run returned.
enum class RunEnd : std::uint8_t {
  reached,    // the time or the condition that was asked for
  stopped,    // World::stop
  quiescent,  // nothing is due any more: servers wait for messages that nobody sends
  deadlock,   // nothing is due, and some process waits in a call
  limit,      // steps_max
};
std::string_view run_end_name(RunEnd end);

class World {
 public:
  explicit World(WorldOptions options);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  // -- building ---------------------------------------------------------------------------------

  // REQUIRES: the name is free.
  HostId add_host(std::string_view name, const HostOptions& options = {});
  // REQUIRES: the name is free. Nodes are numbered in a trace from 1 in the order they are started.
  NodeId start_node(HostId host, std::string_view name, Boot boot);
  // Replaces how packets from one host to another travel.
  void set_link(HostId from, HostId to, const LinkOptions& options);
  // What a port starts under that path, on every host (program.h).
  void add_program(std::string_view path, ProgramMain main);

  std::optional<HostId> find_host(std::string_view name) const;
  std::optional<NodeId> find_node(std::string_view name) const;
  std::size_t host_count() const;
  std::size_t node_count() const;
  const std::string& host_name(HostId host) const;
  const std::string& node_name(NodeId node) const;
  HostId host_of(NodeId node) const;

  // -- running ----------------------------------------------------------------------------------

  // Virtual time: the same on all hosts, whatever their clocks show.
  Instant now() const;
  // One event. False if nothing is due.
  bool step();
  // Until that time; when it returns quiescent or deadlock, the time is `until` all the same
  // (unless that is Instant::max()).
  RunEnd run_until(Instant until);
  RunEnd run_for(Duration time) { return run_until(now() + time); }
  // As long as `goes_on` holds, asked after every step, and not beyond `until`.
  RunEnd run_while(const std::function<bool()>& goes_on, Instant until = Instant::max());
  // The run returns after this step.
  void stop();

  // Calls `what` then, in the order asked for among equals. A time that is past is now.
  void at(Instant when, std::function<void()> what);
  // Called after every step; must be cheap. Replaces the former one.
  void on_step(std::function<void()> what);

  std::uint64_t steps() const;
  // Events told to the tracer so far: the seq of the latest in a complete recording.
  std::uint64_t events() const;
  // Things that are due, planned actions of `at` counted apart.
  struct Pending {
    std::size_t actions = 0;
    std::size_t others = 0;
  };
  Pending pending() const;

  // Who waits for whom, now.
  StandStill stand_still() const;
  // In the next run, nothing due is a deadlock: the scenario knows that more should happen.
  void expect_more(bool more);

  // -- nodes and processes ----------------------------------------------------------------------

  // Null while it is down.
  Node* node(NodeId node);
  bool is_up(NodeId node) const { return const_cast<World*>(this)->node(node) != nullptr; }
  std::uint32_t creation(NodeId node) const;

  // Nothing happens to a node that is down.
  void crash_node(NodeId node, Crash how = Crash::power_cut);
  // Same disk, creation + 1. Nothing happens to a node that is up.
  void restart_node(NodeId node);
  // Tells its root processes to shut down; it is down when all are gone, or after `grace`.
  void stop_node(NodeId node, Duration grace = Duration::seconds(5));
  // Its processes do not run and its timers do not fire until then.
  void pause_node(NodeId node, Duration time);
  void resume_node(NodeId node);

  // OTP: exit/2 from outside. False if there is no such process.
  bool exit_process(Pid pid, Term reason);
  // By registered name, else by what it was spawned as (then all of those); how many.
  std::size_t exit_processes(NodeId node, std::string_view name, const Term& reason);

  // -- parts ------------------------------------------------------------------------------------

  Faults& faults();
  SimClock& clock(HostId host);
  // As SimClock::set_drift; the timers of its nodes are planned anew.
  void set_clock_drift(HostId host, std::int32_t ppm);
  runtime::Decisions& decisions();
  const WorldOptions& options() const;
  SimByteStreams& network();
  SimStorage& disk(HostId host);
  // A person or a script did something: told in the trace.
  void tell_action(std::string_view name, std::string_view what);
  // An event of the world itself; time and node are filled in.
  void emit(runtime::Event event, std::string_view text = {});

 private:
  struct Implementation;

  NodeSlot& slot(NodeId node);
  void boot(NodeSlot& slot);
  void take_down(NodeSlot& slot, Atom reason);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace glasshouse::sim
