#pragma once
// What sys has installed in a server to look at its system events: log, file, statistics, trace and
// functions of the user. Belongs to the server; made when the first of them is installed.
//
// A system event of a gen_server is {in, Message}, {continue, Message}, {out, Reply, To, State} or
// {noreply, State}; of a gen_event {in, Message}; of a gen_statem, where Event is {EventType,
// Content}:
//   {in, Event, State}                            it came, or was inserted by an action
//   {consume | postpone, Event, State, NextState}
//   {out, Reply, From}
//   {start_timer, {Type, Time, Content, Options}, State}, {module, Module, State}
//   {terminate, Reason, State}                    with an orderly reason
// A behaviour may have more of its own. OTP: sys, system_event() and handle_debug/4.

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/process/self.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

// Called with its own state, the event, and the name or pid of the process. Returns its next state;
// `done`, or an exception, removes it. It runs inside the server, which waits for it.
using DebugFunction = std::function<Term(const Term& state, const Term& event, const Term& name)>;

inline constexpr std::int64_t log_events_default = 10;
inline constexpr std::int64_t log_events_max = 100'000;

class Debug {
 public:
  explicit Debug(Self own) : self_(own) {}

  bool empty() const { return items_.empty(); }
  // Tells all that is installed, the newest first. OTP: sys:handle_debug/4.
  void handle(const Term& event);
  // {debug, What}; `function` is what {install, {Id, State}} installs.
  Term command(const Term& what, DebugFunction function);
  // The events kept, oldest first. OTP: sys:get_log/1.
  Term log() const;
  // What is installed, as get_status shows it.
  Term term() const;

 private:
  struct Log {
    std::size_t events_max;
    std::deque<Term> events;
  };
  struct Statistics {
    Instant since;  // by the wall
    std::uint64_t reductions = 0;
    std::uint64_t messages_in = 0;
    std::uint64_t messages_out = 0;
  };
  struct File {
    std::string path;
    Pid writer;  // debug_file.h
  };
  struct Trace {
    Pid sink;  // null: what observes this node
  };
  struct Installed {
    DebugFunction function;
    Term state;
  };
  using What = std::variant<Log, File, Statistics, Trace, Installed>;
  struct Item {
    Term id;
    What what;
  };

  template <class Kind>
  const Kind* find() const;
  bool has(const Term& id) const;
  void install(Term id, What what);
  void remove(const Term& id);
  void close_file();
  Term log_command(const Term& flag);
  Term file_command(const Term& flag);
  Term statistics_command(const Term& flag);
  Term trace_command(const Term& flag);
  Term statistics() const;
  Term process_name() const;
  void say(const Term& event) const;
  void tell(const Trace& trace, const Term& event) const;
  bool call(Installed& installed, const Term& event) const;  // false: it is through

  Self self_;
  std::vector<Item> items_;  // the newest first
};

// To a process that sys::trace_to has named: a system event of `process`.
struct SystemEvent {
  Term process;  // its name, or its pid
  Term event;
};

}  // namespace glasshouse::runtime
