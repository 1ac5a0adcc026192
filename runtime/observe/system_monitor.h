#pragma once
// One process of a node is told when another one does what a healthy one does not: it runs for
// long, much mail waits for it, or it sends into a stream that cannot keep up.
//
//   SystemMonitorOptions options{.long_schedule = 100_ms, .busy_stream = true};
//   auto former = self.node().system_monitor().start(self.pid(), options);
//   const LongSchedule news = co_await self.receive<LongSchedule>();
//
// There is one monitoring process; who starts takes the place of the former one. It is never told
// of itself. When it is gone, nobody monitors. What is switched off costs nothing anywhere; the
// length of mailboxes, when on, one comparison each time that a process takes in what has come.
//
// Threads: any. OTP: erlang:system_monitor/0,1,2. Its long_gc and large_heap have no meaning here,
// busy_port and busy_dist_port are busy_stream.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/io/byte_streams.h"
#include "runtime/process/message.h"

namespace glasshouse::runtime {

class Node;

struct SystemMonitorOptions {
  // Zero: off. On many cores the executor's monitor looks, every 10 ms by default
  // (MulticoreOptions::held_after): it counts from its second look at one turn on, tells at its
  // first look after that time, while the process still runs, and once for each turn. What the
  // operating system ran meanwhile does not count. In the simulator a turn takes no time;
  // `reductions_a_millisecond` stand for it, and it is told of at its end.
  Duration long_schedule = Duration::zero();
  // Told when as many as `enable` wait, and once more when not more than `disable` do. Of whom so
  // many wait for already when this is set is told at once, perhaps twice. A process is looked at
  // when it takes in mail, and while it is long at each of its turns and waits. enable 0: off.
  struct QueueBounds {
    std::uint32_t disable = 0;
    std::uint32_t enable = 0;
    friend bool operator==(QueueBounds, QueueBounds) = default;
  };
  QueueBounds long_message_queue = {};
  // A send that found, or left, more than send_queue_high in the stream's queue; once until it is
  // below send_queue_low.
  bool busy_stream = false;

  friend bool operator==(const SystemMonitorOptions&, const SystemMonitorOptions&) = default;
};
// OTP: a time slice of 4000 reductions is about a millisecond.
inline constexpr std::uint64_t reductions_a_millisecond = 4000;

struct SystemMonitoring {
  Pid monitor;
  SystemMonitorOptions options;
};

// -- what the monitoring process gets; printed as OTP's {monitor, Pid, What, Info} ----------------

struct LongSchedule {
  Pid pid;
  Duration time;  // so far
  Atom in;        // what it was spawned as
};
struct LongMessageQueue {
  Pid pid;
  bool is_long = false;      // false: not any more
  std::uint32_t length = 0;  // not printed, as in OTP
};
struct BusyStream {
  Pid pid;  // who sent
  Socket socket;
};

class SystemMonitor {
 public:
  using QueueBounds = SystemMonitorOptions::QueueBounds;

  explicit SystemMonitor(Node& node) : node_(node) {}
  SystemMonitor(const SystemMonitor&) = delete;
  SystemMonitor& operator=(const SystemMonitor&) = delete;

  // The answer is what was before; nothing: nobody monitored. Options that ask for nothing: stop.
  // Error badarg: no such process on this node, a time below zero, or disable >= enable > 0.
  Result<std::optional<SystemMonitoring>> start(Pid monitor, const SystemMonitorOptions& options);
  std::optional<SystemMonitoring> stop();
  std::optional<SystemMonitoring> current();

  // -- for those who see it happen --------------------------------------------------------------

  // Zero: nobody wants to know.
  Duration long_schedule() const {
    return Duration::nanoseconds(long_schedule_.load(std::memory_order_relaxed));
  }
  QueueBounds long_message_queue() const {
    return {disable_.load(std::memory_order_relaxed), enable_.load(std::memory_order_relaxed)};
  }
  void tell(const LongSchedule& news);
  void tell(const LongMessageQueue& news);
  // Said by the process of this thread if one of the node runs on it, else by the stream's owner.
  void tell(BusyStream news);

 private:
  std::optional<SystemMonitoring> set(std::optional<SystemMonitoring> monitoring);
  void tell_of_long_mail(Pid monitor, QueueBounds bounds);
  bool lives(Pid pid) const;
  template <class M>
  void send(const M& news);

  Node& node_;
  std::mutex mutex_;  // guards monitoring_, and who sets the rest
  std::optional<SystemMonitoring> monitoring_;
  // Of monitoring_, for those who cannot wait. Relaxed: seen a little late.
  std::atomic<std::int64_t> long_schedule_{0};
  std::atomic<std::uint32_t> disable_{0};
  std::atomic<std::uint32_t> enable_{0};
  std::atomic<bool> busy_stream_{false};
};

template <>
struct Conversion<LongSchedule> {
  static Term to_term(const LongSchedule& news);
  static Result<LongSchedule> from_term(const Term& term);
};
template <>
struct Conversion<LongMessageQueue> {
  static Term to_term(const LongMessageQueue& news);
  static Result<LongMessageQueue> from_term(const Term& term);
};
template <>
struct Conversion<BusyStream> {
  static Term to_term(const BusyStream& news);
  static Result<BusyStream> from_term(const Term& term);
};

}  // namespace glasshouse::runtime
