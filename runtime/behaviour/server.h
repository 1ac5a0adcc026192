#pragma once
// What every server has, whatever its behaviour: the part of the loop that does not depend on the
// user's class, and the answers to system messages (sys.h). Belongs to the process that runs it;
// nobody else touches it.
//
// The loop of a behaviour, for those who write one:
//
//   while (server.is_running()) {
//     ServerWait next(server);
//     MessagePtr message = co_await next;
//     if (!server.begin(message)) continue;  // a system message, or the parent's exit
//     ...                                    // null: the time-out of set_timeout
//     server.end();
//   }
//   ...                                      // terminate
//   server.finish();
//
// OTP: gen.erl, the loop of gen_server.erl, sys.erl.

#include <array>
#include <exception>
#include <memory>

#include "runtime/base/time.h"
#include "runtime/behaviour/debug.h"
#include "runtime/behaviour/proc_lib.h"
#include "runtime/behaviour/status.h"
#include "runtime/process/self.h"

namespace glasshouse::runtime {

// Thrown by a constructor or init that wants no process, and no error. OTP: ignore.
struct Ignore {};

// To a server that asked for it with Self::set_timeout. OTP: handle_info(timeout, State).
struct Timeout {};

struct SystemMessage;

// The body of a message that is no call, if it is an M; null if it is not.
template <class M>
M* message_as(Message& message) {
  const bool is_one = !message.is_call() && same_type(message.type, message_type<M>());
  return is_one ? &body_of<M>(message) : nullptr;
}

class Server {
 public:
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // -- what a handler may ask, through Self -----------------------------------------------------
  void stop(Term reason);
  void set_timeout(Duration time) {
    timeout_ = time;
    timeout_is_absolute_ = false;
  }
  void set_timeout(Instant at) {
    timeout_ = at.since_origin();
    timeout_is_absolute_ = true;
  }
  void set_hibernate() { hibernates_ = true; }
  void set_hibernate_after(Duration time);
  void continue_with(MessagePtr message);

  // -- for the loop -----------------------------------------------------------------------------

  // The first of a process that is started as this server, not of one that becomes it. Registers
  // `name` (undefined: none). False if it is taken; the starter has been told then.
  bool take_name(Atom name);
  // It is ready: tells the starter. One that was stopped before exits with that reason, without
  // terminate. OTP: {stop, Reason} of init.
  void started();
  bool is_running() const { return ending_ == nullptr; }
  bool is_suspended() const { return rare_ != nullptr && rare_->suspended; }
  // How long to wait for the next message. A system message does not end the time-out: the wait
  // begins anew (OTP: system_continue/3).
  Duration next_wait() const { return rare_ == nullptr ? usual_wait() : rare_wait(); }
  // What a handler wants done before anything that waits, or null.
  MessagePtr take_continuation() { return rare_ == nullptr ? nullptr : next_continuation(); }
  // While it is suspended only what concerns the system is taken; the rest waits in order.
  bool takes(const Message& message) const;

  // Looks at what came. False if no handler is wanted: it was a system message, which is answered,
  // or the server stops.
  bool begin(const MessagePtr& message);
  // The handler is through, or threw (inside a catch clause). Of a process that is to die nothing
  // more runs: it throws on.
  void end();
  void handler_threw();
  // terminate threw (inside a catch clause): that is the reason now, and is reported.
  void terminate_threw();
  // After terminate: sends what was held back, and throws on if the end is not normal.
  void finish();
  // Nobody takes this call: it ends the server, and so the caller. OTP: function_clause.
  void unknown_call(const Message& call);
  const Term& stop_reason() const { return ending_->reason; }
  Process& process() const { return self.process(); }
  void unexpected(const Message& message) const;

  // The answer to the call that is being handled.
  void reply_with(const CallFrom& to, MessagePtr reply);

  // Whether sys has something installed here, and what it is told: a system event (debug.h).
  bool is_debugged() const { return rare_ != nullptr && !rare_->debug.empty(); }
  void debug_event(const Term& event) {
    if (is_debugged()) rare_->debug.handle(event);
  }

  // -- what a behaviour says of itself; OTP: the system_ callbacks ------------------------------

  virtual Atom behaviour() const { return atoms::gen_server; }
  // For sys:get_state, the observer and crash reports.
  virtual Term state() const = 0;
  // `wanted` is another one than state() says. Throws, and keeps the old state, where it is none.
  virtual void replace_state(const Term& wanted);
  // For get_status. `log`: the events that were logged.
  virtual Term status(bool suspended, const Term& log) const;
  // What is to be shown instead.
  virtual Status format_status(Status status) const { return status; }
  // ok, or why not: then the old state stays. By default there is no such function (undef).
  virtual Term change_code(const Term& module, const Term& old_version, const Term& extra);
  // Gives back what memory it can, before a long wait.
  virtual void hibernate() { self.process().give_back(); }

 protected:
  explicit Server(Self own) : self(own) { self.process().server = this; }
  ~Server() { self.process().server = nullptr; }

  Status formatted(const Status& plain) const;
  // What status() gives, of what is to be shown.
  Term status_of(const Status& shown, bool suspended) const;

  // Inside a catch clause: what the process throws while it is to die concerns no callback.
  void pass_on_death() const {
    if (self.process().is_doomed()) throw;
  }
  // For whoever only looks: where state() throws it says so.
  Term shown_state() const;

  Self self;

 private:
  // What a server that goes on does not need: an idle one is small.
  struct Ending {
    Term reason;
    std::exception_ptr failure;  // what a handler threw; rethrown after terminate
    bool terminate_failed = false;
    MessagePtr held_reply;  // OTP: {stop, Reason, Reply, State} terminates before it replies
    Pid held_for;
  };

  // What most servers have not: it is there while somebody looks into one, while it continues, and
  // where it hibernates by itself.
  struct Rare {
    explicit Rare(Self own) : debug(own) {}
    Debug debug;
    MessageQueue continuations;
    Duration hibernate_after = Duration::infinity();
    bool suspended = false;
    bool rests = false;      // it has waited as long as that, and nothing came since
    bool continues = false;  // the handler that begins is one that continues
    bool replied = false;    // the handler at work has; its event is {out, ...}
  };

  // The system events of what it begins (null: a time-out), answers and ends with, told while it is
  // debugged; by default gen_server's. OTP: sys:handle_debug/4.
  virtual void note_in(const Message* message);
  virtual void note_reply(const CallFrom& to, const Message& reply);
  virtual void note_end();

  Pid parent() const { return is_own_parent_ ? self.pid() : self.parent(); }
  const Exit* exit_of_parent(const Message& message) const;  // null: it is something else
  Duration usual_wait() const { return timeout_is_absolute_ ? time_left() : timeout_; }
  Duration rare_wait() const;
  bool rest();  // false: the wait that is over was for a time-out
  void note_begin(const Message* message);
  void trace_state();
  void note_crash();
  void answer_system(Message& message);
  Term command(SystemMessage& asked);
  Term debug_command(SystemMessage& asked);
  Term get_state() const;
  Term change_state(SystemMessage& asked);
  Term call_change_code(const Term& request);
  Term get_status() const;
  Duration time_left() const;
  MessagePtr next_continuation();
  Rare& rare();
  void drop_rare();  // if nothing is in it

  Duration timeout_ = Duration::infinity();
  std::unique_ptr<Ending> ending_;  // null while it runs
  std::unique_ptr<Rare> rare_;      // null where there is nothing in it
  Atom handling_;                   // type of the message at work
  bool timeout_is_absolute_ = false;
  bool is_own_parent_ = false;  // started without a link; OTP: gen:init_it/6 is told `self`
  bool hibernates_ = false;     // at the end of the handler that runs
  std::uint64_t traced_state_ = 0;
};

// The wait of a server's loop: what it is to continue with, a message, or null after the time-out.
class ServerWait final : public MailWait {
 public:
  explicit ServerWait(Server& server) : MailWait(server.process(), server.next_wait()) {
    taken_ = server.take_continuation();
  }
  // A call that was taken at the end of a turn, before a fatal signal: its caller is told, too.
  ~ServerWait() {
    if (taken_ != nullptr && taken_->is_call()) watch_for_caller();
  }
  ServerWait(const ServerWait&) = delete;
  ServerWait& operator=(const ServerWait&) = delete;
  MessagePtr await_resume() { return std::move(taken_); }

 private:
  bool matches(const Message& message) override { return process_.server->takes(message); }
};

}  // namespace glasshouse::runtime
