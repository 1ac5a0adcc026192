#pragma once
// The metrics of nodes as text, in the format that Prometheus reads (text format 0.0.4): for tests,
// for a log, and in the simulator, where equal runs give equal text.
//
// Beside what processes keep (metrics.h), each node tells of itself:
//
//   glasshouse_processes                 gauge     that live
//   glasshouse_processes_max             gauge     that may live
//   glasshouse_processes_spawned_total   counter
//   glasshouse_processes_exited_total    counter
//   glasshouse_processes_crashed_total   counter   those that made a crash report
//   glasshouse_restarts_total            counter   decided by supervisors
//   glasshouse_messages_received_total   counter   taken into a mailbox; answers to calls are not
//   glasshouse_messages_waiting          gauge     in all mailboxes
//   glasshouse_mailbox_length_max        gauge     of the longest mailbox
//   glasshouse_timers                    gauge     that run
//   glasshouse_run_queue_length          gauge     runnable processes by worker, and shared
//   glasshouse_workers_held              gauge     by a process that runs or blocks for long
//   glasshouse_workers_aside             gauge     that stand aside: fewer do such work faster
//   glasshouse_memory_*_bytes            gauge     resident, available, total; not simulated
//
// Of many cores the last four are of all nodes that share them. What a process has not yet taken
// in from its mailbox is not counted yet.
//
// Threads: any, while the nodes live.

#include <span>
#include <string>

namespace glasshouse::runtime {

class Node;

std::string metrics_text(std::span<Node* const> nodes);
std::string metrics_text(Node& node);

}  // namespace glasshouse::runtime
