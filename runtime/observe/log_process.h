#pragma once
// A handler with a process of its own: who logs only sends the event, and when too many wait the
// handler protects itself (log_overload.h). What it does not write it counts, and says so in a line
// of its own as soon as it can write again.
//
//   LogProcess handler = start_log_process(node, {.output = standard_error_output()});
//   node.logger().add_handler("default"_atom, handler.handler);
//   co_await self.call<LogSync>(handler.pid);   // until all is written
//
// Threads: as LogHandler. When the process ends, the handler fails with the next event and is
// removed. OTP: logger_std_h.

#include <atomic>
#include <memory>

#include "runtime/behaviour/gen_server.h"
#include "runtime/observe/log_output.h"
#include "runtime/observe/log_overload.h"

namespace glasshouse::runtime {

// All events sent before are written, and the output is flushed. OTP: logger_std_h:filesync/1.
struct LogSync {
  using Reply = void;
};

// To itself: the window of a burst is over.
struct LogBurstOver {};

// What both ends of the queue see. Relaxed: counts, that nothing else depends on.
struct LogQueue {
  LogOverload limits;
  std::atomic<std::uint32_t> waiting{0};
  std::atomic<std::uint64_t> dropped{0};  // not yet told of
};

class LogWriter {
 public:
  using Accepts = Messages<LogEvent, LogSync, LogBurstOver>;

  LogWriter(Self self, std::shared_ptr<LogQueue> queue, std::unique_ptr<LogOutput> output,
            LogFormatter formatter);
  void handle(LogEvent event);
  void handle(LogSync);
  void handle(LogBurstOver);
  Term describe() const;

 private:
  void flush();
  void write(const LogEvent& event);
  void expect_end_of_burst();
  // What was dropped since it was last said.
  void tell_losses();
  void tell_loss(std::uint64_t& count, std::string_view why);

  Self self_;
  std::shared_ptr<LogQueue> queue_;
  std::unique_ptr<LogOutput> output_;
  LogFormatter formatter_;
  LogBurst burst_;
  std::uint64_t written_ = 0;
  std::uint64_t over_burst_ = 0;
  std::uint64_t flushed_ = 0;
  bool awaits_end_of_burst_ = false;
};

struct LogProcessOptions {
  std::unique_ptr<LogOutput> output;
  LogFormatter formatter = format_text;
  LogOverload overload = {};
  Atom name = {};  // its process is registered under it, unless undefined
};

struct LogProcess {
  std::shared_ptr<LogHandler> handler;
  PidOf<LogWriter> pid;
};

// REQUIRES: options.overload.is_valid(), and an output.
LogProcess start_log_process(Node& node, LogProcessOptions options);

}  // namespace glasshouse::runtime
