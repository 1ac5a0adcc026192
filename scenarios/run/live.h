#pragma once
// A simulated run that somebody watches and touches while it goes on: the observer's live view.
//
// Threads: the run has a thread of its own. Every member here may be called from the window's
// thread: commands are posted and return at once; `status` is a copy. What happened is read from
// the trace file with a tracing::Reader (`refresh`), which is complete up to status().events
// whenever the run is paused or has ended.
//
// What is done by hand is told in the trace (event `action`), so that the trace replays it exactly.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/run/action.h"
#include "scenarios/run/run.h"

namespace glasshouse::scenarios {

struct LiveStatus {
  enum class Mode : std::uint8_t { paused, running, ended } mode = Mode::paused;
  RunState state = RunState::going;
  Instant now;
  Instant end;
  std::uint64_t steps = 0;
  std::uint64_t events = 0;  // in the trace file when paused or ended
  std::vector<PropertyState> properties;
  std::vector<std::string> hosts;
  struct NodeStatus {
    std::string name;
    std::string host;
    bool up = false;
  };
  std::vector<NodeStatus> nodes;
  // Links that are cut and that `heal` can heal, each once; as they stand in `hosts`.
  std::vector<std::pair<std::string, std::string>> cuts;
  std::uint64_t actions = 0;  // done by hand so far
  std::string message;        // why it ended, or why the last command was refused; else empty
};

class Live {
 public:
  // `options.trace` names the file to record to. The run is paused at its beginning.
  static Result<std::unique_ptr<Live>> start(RunOptions options);
  // Ends the run where it is and completes the trace.
  ~Live();

  // Virtual seconds for a second of wall time, in thousandths: 1000 is real time; 0: as fast as it
  // goes.
  void run(std::uint32_t speed_milli = 0);
  void pause();
  void step(std::uint64_t steps = 1);
  void run_until(Instant time);
  // Runs to the end of the scenario, as fast as it goes.
  void run_to_end();

  // By hand: at the place where the run is just now.
  void act(Action action);
  void kill(std::string pid) { act({.kind = ActionKind::kill, .what = std::move(pid)}); }
  void cut(std::string host, std::string other, bool one_way = false) {
    act({.kind = ActionKind::cut,
         .what = std::move(host),
         .other = std::move(other),
         .one_way = one_way});
  }
  // Of this link; what else is cut stays so.
  void heal(std::string host, std::string other) {
    act({.kind = ActionKind::heal, .what = std::move(host), .other = std::move(other)});
  }
  void heal_all() { act({.kind = ActionKind::heal}); }
  void crash(std::string node) { act({.kind = ActionKind::crash, .what = std::move(node)}); }
  void restart(std::string node) { act({.kind = ActionKind::restart, .what = std::move(node)}); }

  // Ends the run: properties get their verdicts, the trace is completed. It cannot go on then.
  void stop();

  LiveStatus status() const;
  const std::string& trace() const;

  // Waits until every command posted before has been carried out (a run that was started counts as
  // carried out when it has paused or ended). For tests and scripts.
  void settle();

 private:
  class Worker;
  explicit Live(std::unique_ptr<Worker> worker);
  std::unique_ptr<Worker> worker_;
};

}  // namespace glasshouse::scenarios
