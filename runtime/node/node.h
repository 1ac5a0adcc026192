#pragma once
// A node: a table of processes, their names and timers, and the environment it runs in. Many nodes
// may live in one operating-system process, in both worlds.
//
// Threads: any thread may call spawn, deliver, exit, whereis and the observations; `run` and
// `fire_timers` are for the executor. Destroying a node ends its processes without a word, as a
// power cut does: nobody outside hears of it.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/node/clock.h"
#include "runtime/node/decisions.h"
#include "runtime/node/environment.h"
#include "runtime/node/process_table.h"
#include "runtime/node/registry.h"
#include "runtime/node/timers.h"
#include "runtime/observe/tracer.h"
#include "runtime/process/pid_of.h"
#include "runtime/process/process.h"
#include "runtime/schedule/executor.h"

namespace glasshouse::runtime {

class Logger;
class Metrics;
class PersistentTerms;
class Self;
class SystemMonitor;
class Tables;

struct NodeOptions {
  Atom name;  // kv@host
  // Which life of this node; pids and references of another one are dead. 0: drawn, so that two
  // lives are told apart but for one chance in four billions. OTP asks epmd for it.
  std::uint32_t creation = 0;
  std::uint16_t trace_index = 1;  // its number in the trace
  std::uint32_t processes_max = 4'194'304;
};

// What a spawn may ask for. Linking and monitoring are atomic with the spawn.
struct SpawnOptions {
  Atom initial = atoms::process;
  bool link = false;
  Ref monitor = {};       // number not 0: the parent monitors under this reference
  CallFrom starter = {};  // who waits for the start to be answered
  Priority priority = Priority::normal;
  const MailLimit* mail_limit = nullptr;            // null: none. Looked at during the spawn only
  Duration hibernate_after = Duration::infinity();  // of a server somebody waits for (gen_server.h)
};

// How one process looks at one moment; a row of the observer's table.
struct ProcessInfo {
  Pid pid;
  Pid parent;
  Atom initial;
  Atom name;  // undefined without one
  std::uint32_t mail_length = 0;
  std::uint64_t reductions = 0;
};

// What a process waits for, and for whom if that is known.
struct WaitInfo {
  Pid pid;
  Atom what;  // receive, call, sleep, ...
  Pid whom;
};

class Node {
 public:
  enum class Ran { waiting, yielded, exited };
  struct Turn {
    Ran ran;
    std::uint32_t reductions;  // that it used
  };

  Node(Environment environment, NodeOptions options);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node();

  // Starts a process from outside; its parent is nobody. Body is a free function
  // Behaviour(Self, args...); the arguments are moved into its frame.
  template <auto Body, class... Args>
  Pid spawn(Args&&... args);

  // Puts a message in the mailbox of `to`. False when there is no such process; nothing else
  // happens then (OTP: sending to a dead pid is no error).
  template <Sendable M, class... Args>
  bool deliver(Pid to, Args&&... args) {
    MessagePtr message = make_message<M>(std::forward<Args>(args)...);
    return send(nullptr, to, message);
  }

  // OTP: exit/2 from outside any process; `kill` cannot be trapped.
  void exit(Pid pid, Term reason);

  // -- for executors ----------------------------------------------------------------------------

  // Runs the process until it waits, exits, or has used its reductions. After `yielded` the
  // caller schedules it again; after the others it must not touch it.
  Turn run(Process& process, std::uint32_t reductions);
  // Fires what is due, and tells the executor when the next timer is.
  void fire_timers();

  // -- machinery, for Self, behaviours and I/O --------------------------------------------------

  // `from` may be null: the world. True if it is in a mailbox now; else it is still the caller's.
  bool send(Process* from, Pid to, MessagePtr& message);
  // The same to a name or an alias; nothing happens if there is none.
  void send_to(Process* from, const To& to, MessagePtr& message);
  // Who that is now; for an alias who made it, whether it still is one or not. Null: nobody.
  Pid resolve(const To& to);
  // A signal to a pid that is gone is answered as OTP does (noproc), or does nothing.
  void signal(Process* from, Pid to, MessagePtr signal);
  // The same; but to a pid that is gone nothing is done, the signal stays the caller's: false.
  bool try_signal(Process* from, Pid to, MessagePtr& signal);
  // `message` was for a process that is gone: whoever must hear of that hears `reason`.
  void refuse(Message& message, Pid target, const Term& reason);
  // Takes a monitor of `watcher` back, with what belongs to it. False if it has none.
  bool end_monitor(Process& watcher, Ref ref);
  // Tells `watched` that it need not tell `watcher` of its exit.
  void stop_watching(Process& watcher, Pid watched, Ref ref);
  void acknowledge_unlink(Pid unlinked, const Signal& unlink);
  // The frame exists, arguments moved in; the process becomes runnable.
  void launch(Process& process, Process* parent, Behaviour body, const SpawnOptions& options);
  Process& reserve() { return processes_.reserve(); }
  Process* try_reserve() { return processes_.try_reserve(); }
  void give_up(Process& reserved) { processes_.release(reserved); }
  // For users outside processes; a process makes its own (Process::make_ref).
  Ref make_ref() { return {options_.name, options_.creation, ++last_ref_}; }
  Process* find(Pid pid);
  Atom name() const { return options_.name; }
  std::uint32_t creation() const { return options_.creation; }
  const NodeOptions& options() const { return options_; }
  const Environment& environment() const { return environment_; }
  Tracer& tracer() const { return environment_.tracer; }
  Logger& logger() const { return *logger_; }
  Metrics& metrics() const { return *metrics_; }
  SystemMonitor& system_monitor() const { return *system_monitor_; }
  Instant now() const { return environment_.clock.now(); }
  // False if the name is taken, `pid` is gone or has a name. Any thread. OTP: register/2.
  bool register_name(Atom name, Pid pid);
  bool unregister_name(Atom name);
  Registry& registry() { return registry_; }
  Tables& tables() { return *tables_; }
  PersistentTerms& persistent_terms() { return *persistent_terms_; }
  Timers& timers() { return timers_; }
  ProcessTable& processes() { return processes_; }
  ProcessKey key_of(Pid pid) const;

  std::size_t process_count() const { return processes_.count(); }
  std::vector<ProcessInfo> list() const;  // in the order of their pids
  // In the same order. REQUIRES: no process of this node runs meanwhile; for one-threaded worlds.
  std::vector<WaitInfo> waits() const;

  // -- events -----------------------------------------------------------------------------------

  bool wants(EventKind kind) const { return environment_.tracer.wants(kind); }
  // An event of this node, now. Use: if (node.wants(kind)) node.emit({.kind = kind, ...});
  void emit(Event event, std::string_view text = {});
  // The term's hash becomes the argument; its text is told to a tracer that asks for texts.
  void emit(Event event, const Term& term);

 private:
  friend class Process;
  friend class MailWait;

  void finish(Process& process, const Term& reason);
  Term reason_of_end(Process& process);
  void report_crash(Process& process, const Term& reason);
  void leave_relations(Process& process, const Relations& left, const Term& reason);
  void tell_callers(Process& process, const Term& reason);
  void leave_extras(Process& process, const Extras& extras);
  void free_name(Process& process);
  std::string text_for_trace(const Term& term) const;
  void trace_send(ProcessKey from, Pid to, Message& message);
  void trace_receive(Process& process, const Message& message) {
    if (wants(EventKind::receive)) tell_receive(process, message);
  }
  void tell_receive(Process& process, const Message& message);
  void trace_wait(Process& process);
  void trace_suspension(Process& process);
  void power_off(Process& process);

  // Read with each message; what is written often stands apart.
  Environment environment_;
  NodeOptions options_;
  // False while the node is destroyed. Relaxed: what it keeps out is waited for besides, workers by
  // the executor, and sockets under their locks (ByteStreams::node_ends).
  std::atomic<bool> powered_{true};
  std::unique_ptr<Logger> logger_;
  std::unique_ptr<PersistentTerms> persistent_terms_;
  std::unique_ptr<Tables> tables_;
  ProcessTable processes_;
  alignas(64) Registry registry_;
  alignas(64) Timers timers_;
  std::atomic<std::uint64_t> last_ref_{0};
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<SystemMonitor> system_monitor_;
};

}  // namespace glasshouse::runtime
