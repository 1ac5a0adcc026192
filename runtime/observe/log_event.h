#pragma once
// What is logged: a level, a message and what is known about it. Plain data: it may be kept, sent
// and logged again. OTP: logger:log_event().
//
//   level    error
//   message  <<"cannot open the store">>, or a report: #{label => {supervisor,progress}, ...}
//   meta     #{pid => <0.3.1>, gl => <0.1.1>, time => 1700000000000000, node => kv@host,
//              module => kv_shard, file => <<"shard.cpp">>, line => 50}
//
// `time` is wall time in microseconds. `module` is what the process was spawned as, and stands for
// OTP's mfa. What a process says of itself (set_process_metadata) is merged in.

#include <string>
#include <string_view>

#include "runtime/observe/log_level.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

class Process;

struct LogEvent {
  LogLevel level = LogLevel::notice;
  Term message;
  Term meta;

  // A binary is text, everything else is a report.
  bool is_text() const { return message.is_binary(); }
  // Of the meta data; `undefined` where there is nothing under that key.
  Term about(Atom key) const;
  // Of a report: #{label := Label}.
  Term label() const;
};

// One map; where both have a key, the value of `over` counts. What is no map counts as empty.
Term merge_metadata(const Term& under, const Term& over);

// OTP: logger:set_process_metadata/1 and get_process_metadata/0. Kept in the process dictionary
// under '$logger_metadata$', as there; not inherited by who is spawned.
// REQUIRES: called by the process's own thread.
void set_process_metadata(Process& process, Term meta);
Term process_metadata(const Process& process);

}  // namespace glasshouse::runtime
