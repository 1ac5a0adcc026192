#pragma once
// What every server has, whatever its behaviour: the part of the loop that does not depend on the
// user's class. Belongs to the process that runs it; nobody else touches it.
//
// OTP: gen.erl and the loop of gen_server.erl.

#include <array>
#include <exception>
#include <memory>

#include "runtime/base/time.h"
#include "runtime/process/self.h"

namespace glasshouse::runtime {

// Thrown by a constructor or init that wants no process, and no error. OTP: ignore.
struct Ignore {};

// To a server that asked for it with Self::set_timeout. OTP: handle_info(timeout, State).
struct Timeout {};

// How a start ended. OTP: {ok, Pid} | ignore | {error, Reason}.
struct StartAnswer {
  Atom outcome;  // ok, ignore, error
  Term detail;
};
struct Start {
  using Reply = StartAnswer;
};

class Server {
 public:
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // -- what a handler may ask, through Self -----------------------------------------------------
  void stop(Term reason);
  void set_timeout(Duration time) { timeout_ = time; }

  // -- for the loop -----------------------------------------------------------------------------

  // Registers `name` (undefined: none). False if it is taken; the starter has been told then.
  bool take_name(Atom name);
  void answer_starter(Atom outcome, Term detail);
  bool is_running() const { return ending_ == nullptr; }
  // How long to wait for the next message; a time-out holds for one wait.
  Duration next_wait() { return std::exchange(timeout_, Duration::infinity()); }

  // Looks at what came. False if no handler is wanted: nothing to do, or the server stops.
  bool begin(const MessagePtr& message);
  // The handler is through, or threw (inside a catch clause).
  void end();
  void handler_threw();
  // After terminate: sends what was held back, and throws on if the end is not normal.
  void finish();
  const Term& stop_reason() const { return ending_->reason; }
  void unexpected(const Message& message) const;

  // The answer to the call that is being handled.
  void reply_with(const CallFrom& to, MessagePtr reply);

  virtual Term state() const = 0;
  virtual Atom behaviour() const { return atoms::gen_server; }

 protected:
  explicit Server(Self own) : self(own) { self.process().server = this; }
  ~Server() { self.process().server = nullptr; }

  Self self;

 private:
  // What a server that goes on does not need: an idle one is small.
  struct Ending {
    Term reason;
    std::exception_ptr failure;  // what a handler threw; rethrown after terminate
    MessagePtr held_reply;       // OTP: {stop, Reason, Reply, State} terminates before it replies
    Pid held_for;
  };

  void trace_state();
  void note_crash();

  Duration timeout_ = Duration::infinity();
  std::unique_ptr<Ending> ending_;  // null while it runs
  Atom handling_;                   // type of the message at work
  std::uint64_t traced_state_ = 0;
};

}  // namespace glasshouse::runtime
