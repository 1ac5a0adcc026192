#pragma once
// What few processes have and many would pay for: aliases, tags of monitors, who is suspended, the
// limit of a mailbox. Made at first use (Process::extras). Belongs to the process that has it.

#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/process/pid.h"
#include "runtime/process/ref.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

struct Message;

// Who runs first. A runnable process of a higher level always goes before one of a lower level, so
// `high` and `max` are for short and urgent work; `low` has a turn when nobody else wants one, and
// one of eight beside `normal`. OTP: process_flag(priority, Level).
enum class Priority : std::uint8_t { normal, low, high, max };

// When an alias ends by itself; Self::unalias ends each. OTP: alias/1 and monitor/3.
enum class AliasMode : std::uint8_t {
  none,  // of a monitor: it is no alias
  explicit_unalias,
  reply,            // with the first message that comes through it
  demonitor,        // with its monitor: demonitor, or the Down
  reply_demonitor,  // with its monitor, and the first message ends both
};

// What a monitor may ask for. OTP: monitor/3.
struct MonitorOptions {
  Term tag = {};  // comes in the Down, and prints in the place of 'DOWN'; undefined: none
  AliasMode alias = AliasMode::none;  // else the monitor's reference is an alias too
};

// What happens when more messages wait than may.
enum class AtMailLimit : std::uint8_t {
  kill,    // the process ends with `killed`, whether it traps exits or not
  report,  // it goes on, with all of them
  // It goes on, and the newest of what processes sent are refused: a call fails with `overload` at
  // the caller at once, as if the server had exited with that; a cast or another message is dropped
  // (a `drop` event). Never refused are answers, Exit and Down, what timers, sockets, storage and
  // aliases bring, and what comes from outside (Node::deliver). All that another process sends can
  // be, also a port's data: its owner is not to be bounded.
  refuse,
};

// The most messages that may wait. It is looked at whenever the process takes in what has come: at
// each turn and each wait, so a process that does neither is not stopped by it, and until then
// nobody is refused. OTP has the same for memory, process_flag(max_heap_size, #{size, kill,
// error_logger}); to refuse has no counterpart there.
struct MailLimit {
  std::uint32_t messages = 0;  // 0: no limit
  AtMailLimit then = AtMailLimit::kill;
  // Whoever has this name is sent a MailLimitReached, once each time the limit is passed; again
  // when the length was below half of it meanwhile. A warning is logged in any case.
  Atom report_to = {};
};

// No answer to a request that is under way stands in the mailbox before this message or at it. Good
// while nothing is taken from the mailbox but such answers. OTP: the receive marker.
struct RequestMark {
  Message* last = nullptr;  // the newest that waited when the first of them was sent
  std::uint32_t taken = 0;  // Process::mail_taken, less what was taken behind it
  std::uint32_t open = 0;   // sent since then, and not answered or given up
  std::uint64_t since = 0;  // the number of the first one's reference
};

struct MailLimitReached {
  Pid pid;
  std::uint32_t length = 0;
  std::uint32_t limit = 0;
};

struct Extras {
  struct Alias {
    Ref ref;
    AliasMode mode;
  };
  struct Unlinking {
    Pid pid;
    Ref ref;  // of the unlink that is not acknowledged yet
  };
  struct Suspension {
    Pid pid;  // the other one
    std::uint32_t count = 0;
  };
  std::vector<Alias> aliases;
  std::vector<std::pair<Ref, Term>> tags;  // of monitors
  std::vector<Unlinking> unlinking;
  RequestMark requests;
  std::vector<Suspension> suspending;    // we suspend them
  std::vector<Suspension> suspended_by;  // they suspend us
  MailLimit mail_limit;
  bool mail_limit_told = false;
  std::uint64_t mail_refused = 0;  // in its whole life; process_info(Pid, messages_refused)

  bool is_empty() const {
    return aliases.empty() && tags.empty() && unlinking.empty() && suspending.empty() &&
           suspended_by.empty() && mail_limit.messages == 0 && mail_refused == 0;
  }
};

}  // namespace glasshouse::runtime
