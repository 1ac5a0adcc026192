#pragma once
// Alarms that a node sets itself: a process looks after the node and tells `alarm_handler`.
//
//   start_alarm_handler(node);
//   start_on<AlarmWatch>(node, Atom(), node_alarms());
//
//   {mailbox_too_long, Pid}        Length            the system monitor told
//   scheduler_held_too_long        {In, Pid, Ms}     the system monitor told
//   system_memory_high_watermark   Percent           measured
//   program_memory_high_watermark  Percent           measured
//   run_queue_too_long             Length            measured
//   too_many_processes             Percent           measured
//
// Each is set once and cleared once. The watch is the node's system monitor (system_monitor.h):
// while another process is, it hears of no mailbox and no held worker. When it ends it clears what
// it has set; killed, it cannot.
//
// OTP: os_mon (memsup, cpu_sup), with its names and bounds where there are such. No process here
// has a heap of its own that could grow, so in the place of process_memory_high_watermark stand the
// mailbox and the whole program.

#include <cstdint>
#include <functional>
#include <set>
#include <vector>

#include "runtime/behaviour/gen_server.h"
#include "runtime/observe/system_monitor.h"

namespace glasshouse::runtime {

// Set when the measure reaches `set_at`, cleared when it is at `clear_at` or below: between the two
// nothing changes, so that it does not flap. REQUIRES: clear_at < set_at.
struct Hysteresis {
  std::int64_t set_at = 0;
  std::int64_t clear_at = 0;
  bool is_set = false;

  enum class Change : std::uint8_t { none, set, clear };
  Change see(std::int64_t value) {
    if (!is_set && value >= set_at) return is_set = true, Change::set;
    if (is_set && value <= clear_at) return is_set = false, Change::clear;
    return Change::none;
  }
};

// Something of a node that is measured again and again.
struct NodeAlarm {
  Term id;
  std::function<std::int64_t(Node&)> measure;  // called in the watching process; must not block
  Hysteresis limits;
};
// Processes, in percent of those that may live.
NodeAlarm process_alarm(std::int64_t set_at, std::int64_t clear_at);
// Runnable processes that wait for a worker; in the simulator, those of the node.
NodeAlarm run_queue_alarm(std::int64_t set_at, std::int64_t clear_at);
// In percent of the memory of the machine: what is not available, and what this program has. Never
// set in the simulator.
NodeAlarm system_memory_alarm(std::int64_t set_at, std::int64_t clear_at);
NodeAlarm program_memory_alarm(std::int64_t set_at, std::int64_t clear_at);

struct AlarmWatchOptions {
  Duration period = Duration::seconds(1);  // of measuring, and of looking whether workers are free
  std::vector<NodeAlarm> measured = {};
  SystemMonitorOptions::QueueBounds mailbox = {};  // set at `enable`, cleared at `disable`; 0: off
  Duration held = Duration::zero();                // a worker by one process; zero: off
};

// All of them: mailboxes 10,000 and 5,000; held 500 ms; memory of the machine 80 % and 75 % (OTP:
// 80), of the program 60 % and 50 %; run queue 10,000 and 1,000; processes 90 % and 80 %.
AlarmWatchOptions node_alarms();

// The process. One a node.
struct AlarmTick {};
class AlarmWatch {
 public:
  using Accepts = Messages<AlarmTick, LongMessageQueue, LongSchedule, Down>;

  AlarmWatch(Self self, AlarmWatchOptions options);
  void handle(AlarmTick);
  void handle(LongMessageQueue news);
  void handle(LongSchedule news);
  void handle(const Down& down);
  void terminate(const Term& reason);
  Term describe() const;

 private:
  struct Long {
    Pid pid;
    Ref monitor;
    friend bool operator<(const Long& left, const Long& right) { return left.pid < right.pid; }
  };
  void set(const Term& id, Term description);
  void clear(const Term& id);
  void measure(NodeAlarm& alarm);

  Self self_;
  AlarmWatchOptions options_;
  std::set<Long> long_mailboxes_;
  std::set<Term, TermLess> set_;  // what we have set
};

}  // namespace glasshouse::runtime
