#pragma once
// The logger of a node: what is said at or above a level reaches every handler, unless a filter
// stops it. A node begins with no handler and the primary level notice, and then a log call costs
// one load and a branch.
//
//   Logger& logger = node.logger();
//   logger.add_handler("default"_atom, std::make_shared<LineHandler>(...));   // log_output.h
//   logger.set_level(LogLevel::info);
//   self.log(LogLevel::info, "started");
//
// Handlers run in the process that logs, in the order they were added; one that must not hold its
// callers has a process of its own (log_process.h). A handler or filter that throws is removed,
// that is logged, and who logs sees nothing of it.
//
// Threads: any; a change is seen by events that are logged after it returned. OTP: logger.

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/observe/log_filter.h"

namespace glasshouse::runtime {

class Node;

// Takes events. `log` is called by any thread that logs, concurrently.
class LogHandler {
 public:
  LogHandler() = default;
  LogHandler(const LogHandler&) = delete;
  LogHandler& operator=(const LogHandler&) = delete;
  virtual ~LogHandler() = default;
  virtual void log(const LogEvent& event) = 0;
};

struct LogHandlerOptions {
  LogThreshold level = LogThreshold::all();
  FilterDefault filter_default = FilterDefault::log;
};

// Where something was logged, and what else is to be known.
struct LogPlace {
  std::string_view file = {};  // its folders are left out
  int line = 0;
  Term meta = {};  // explicit meta data: overrides all other
};

class Logger {
 public:
  explicit Logger(Node& node) : node_(node) {}
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  // False where nobody would get it: the check to make before building a message.
  bool allows(LogLevel level) const {
    return static_cast<std::uint8_t>(level) < gate_.load(std::memory_order_relaxed);
  }
  // `from` is the process that runs, or null: the node itself.
  void log(const Process* from, LogLevel level, Term message, const LogPlace& place = {});
  // An event that exists, from wherever: it goes through levels and filters.
  void log(LogEvent event);

  // -- levels -----------------------------------------------------------------------------------

  LogThreshold level() const;
  void set_level(LogThreshold level);
  // For what processes spawned as `module` log; counts instead of the primary level.
  void set_module_level(Atom module, LogThreshold level);
  void unset_module_level(Atom module);

  // -- handlers; errors: already_exist, not_found -----------------------------------------------

  Result<void> add_handler(Atom id, std::shared_ptr<LogHandler> handler,
                           const LogHandlerOptions& options = {});
  Result<void> remove_handler(Atom id);
  Result<void> set_handler_level(Atom id, LogThreshold level);
  std::vector<Atom> handlers() const;  // in the order added

  // -- filters; errors: already_exist, not_found ------------------------------------------------

  // Primary: before any handler. They run in the order added.
  Result<void> add_filter(Atom id, LogFilter filter);
  Result<void> remove_filter(Atom id);
  void set_filter_default(FilterDefault filter_default);
  Result<void> add_handler_filter(Atom handler, Atom id, LogFilter filter);
  Result<void> remove_handler_filter(Atom handler, Atom id);
  std::vector<Atom> filters() const;
  std::vector<Atom> handler_filters(Atom handler) const;

 private:
  struct NamedFilter {
    Atom id;
    std::shared_ptr<const LogFilter> filter;
  };
  struct Filters {
    std::vector<NamedFilter> list;
    FilterDefault filter_default = FilterDefault::log;
  };
  struct Handler {
    Atom id;
    std::shared_ptr<LogHandler> handler;
    LogThreshold level;
    Filters filters;
  };
  // Never changed once it is shared: who logs reads the one it found.
  struct Config {
    LogThreshold level = LogLevel::notice;
    std::map<Atom, LogThreshold> modules;
    Filters filters;
    std::vector<Handler> handlers;
    Handler* find(Atom id);
  };

  std::shared_ptr<const Config> config() const;
  template <class Change>
  Result<void> change(Change change);
  static Result<void> add(std::vector<NamedFilter>& list, Atom id, LogFilter filter);
  static Result<void> remove(std::vector<NamedFilter>& list, Atom id);

  LogEvent event_of(const Process* from, LogLevel level, Term message, const LogPlace& place) const;
  // `handler` is undefined for the primary filters.
  bool lets_pass(const Filters& filters, Atom handler, LogEvent& event);
  void remove_failing_filter(Atom handler, const NamedFilter& filter);
  void hand_to(const Handler& handler, const LogEvent& event);
  void remove_failing_handler(const Handler& handler, std::exception_ptr failure);

  Node& node_;
  // How many levels pass anywhere; 0 without handlers. Relaxed: see `Threads`.
  std::atomic<std::uint8_t> gate_{0};
  mutable std::mutex mutex_;
  std::shared_ptr<const Config> config_ = std::make_shared<const Config>();
};

}  // namespace glasshouse::runtime
