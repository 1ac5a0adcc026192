#pragma once
// What a state machine decides, without a process: the queue of events, what is postponed, the
// time-outs, and what the actions of one transition do to them. Belongs to whoever drives it.
//
// One event goes through in these steps (OTP: gen_statem.erl, loop_event to loop_done):
//   next or arrive   the oldest queued event, or else a zero time-out; or else one from outside
//   begin            it is at work; the event time-out is cancelled
//   take             the result of the state callback, action by action
//   take_enter       the result of a state enter call, if there was a change of state
//   settle           postponed events are queued again after a change, then the inserted ones go in
//                    front of them, and the time-outs are set
//
// OTP: the manual of gen_statem, "Transition options", "Time-outs", and its design principles.

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/base/time.h"
#include "runtime/node/timers.h"
#include "runtime/process/message.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime::gen_statem {

enum class EventType : std::uint8_t {
  call,
  cast,
  info,
  internal,
  state_timeout,
  timeout,        // the event time-out
  named_timeout,  // OTP: {timeout, Name}
};

// Any event. Its content is a value in a box of its own, and never changes: it may be postponed.
struct AnyEvent {
  EventType type = EventType::internal;
  Term name = {};      // of a named time-out
  CallFrom from = {};  // of a call
  MessagePtr content = nullptr;
};
// OTP's event type: cast, {call,From}, {timeout,Name} ...
Term type_term(const AnyEvent& event);
Term content_term(const AnyEvent& event);

// Which time-out. There is one of each: to set it again restarts it.
struct TimeoutKey {
  EventType type = EventType::state_timeout;
  Term name = {};
  friend bool operator==(const TimeoutKey&, const TimeoutKey&) = default;
};

// -- actions --------------------------------------------------------------------------------------

struct Postpone {
  bool on = true;
};
struct Hibernate {
  bool on = true;
};
struct NextEvent {
  AnyEvent event;
};
struct SendReply {
  CallFrom to;
  MessagePtr reply;
};
struct SetTimeout {
  enum class How : std::uint8_t { after, at, cancel, update };
  TimeoutKey key;
  How how = How::after;
  Duration time = {};
  Instant at = {};
  MessagePtr content = nullptr;
};
// A callback module; gen_statem.h knows what is behind it.
struct ModuleRecord;
struct ChangeModule {
  enum class How : std::uint8_t { change, push, pop };
  How how = How::pop;
  const ModuleRecord* module = nullptr;
};
using Action = std::variant<Postpone, Hibernate, NextEvent, SendReply, SetTimeout, ChangeModule>;
using Actions = std::vector<Action>;
// As OTP writes it: {next_event,internal,tick}. For exit reasons.
Term action_term(const Action& action);
// {Type, Time, Content, Options}, as sys is told of it. REQUIRES: it sets one, how is after or at.
Term started_term(const SetTimeout& set);

// -- results --------------------------------------------------------------------------------------

enum class Verb : std::uint8_t { next_state, keep_state, repeat_state, stop, ignore };
std::string_view verb_name(Verb verb);

// What a callback answers, but for the state it may name.
struct Outcome {
  Verb verb = Verb::keep_state;
  Term reason = {};  // of a stop
  Actions actions = {};
};

// -- the machine ----------------------------------------------------------------------------------

// What a core asks of the world. `number` comes back in Core::timed_out.
class World {
 public:
  virtual Instant now() const = 0;
  virtual TimerId start_timer(Duration after, std::uint64_t number) = 0;
  virtual void cancel_timer(TimerId timer) = 0;
  virtual void send_reply(const CallFrom& to, MessagePtr reply) = 0;
  // False: there is nothing to pop, or the module is made for another machine.
  virtual bool change_module(const ChangeModule& change) = 0;
  // For whoever watches: an event was put before the others; a time-out is about to be set.
  virtual void has_inserted(const AnyEvent&) {}
  virtual void sets_timeout(const SetTimeout&) {}

 protected:
  ~World() = default;
};

class Core {
 public:
  explicit Core(World& world) : world_(world) {}

  // -- events ---------------------------------------------------------------------------------

  bool has_next() const { return !queue_.empty() || !zero_.empty(); }
  // The next one is a zero time-out: it comes now, and was not queued before.
  bool next_is_timeout() const { return queue_.empty(); }
  // REQUIRES: has_next().
  AnyEvent next();
  // A timer fired. Nothing if that time-out was cancelled or set again meanwhile.
  std::optional<AnyEvent> timed_out(std::uint64_t number);
  void begin(AnyEvent event);
  const AnyEvent& current() const { return current_; }
  bool postpones() const { return postpone_; }  // the event at work

  // -- what callbacks answered ----------------------------------------------------------------

  // Replies are sent and modules changed at once, in the order of the actions; the rest waits for
  // settle. The reason to exit with if an action is bad, and then nothing after it is done.
  std::optional<Term> take(Actions actions);
  // The same for a state enter call, in which postpone, next_event and modules are forbidden.
  std::optional<Term> take_enter(Actions actions);
  void settle(bool state_changed);

  // -- for whoever looks ----------------------------------------------------------------------

  bool hibernates() const { return hibernate_; }
  // Gives back memory that a busy time has left. OTP: hibernate.
  void shrink();
  std::size_t queued() const { return queue_.size(); }
  std::vector<Term> postponed() const;  // {Type, Content}, the oldest first
  std::vector<Term> timeouts() const;   // {Type, Content}, in the order set
  // The process ends: no timer fires any more.
  void cancel_all();

 private:
  struct Timeout {
    TimeoutKey key;
    MessagePtr content;
    std::uint64_t number = 0;
    TimerId timer = {};  // none: a zero time-out
  };

  std::optional<Term> take_one(Action& action, bool entering);
  void apply(SetTimeout& set);
  void start(SetTimeout& set);
  void update(SetTimeout& set);
  void add_zero(SetTimeout& set);
  void cancel(const TimeoutKey& key);
  std::vector<Timeout>::iterator find(const TimeoutKey& key);
  AnyEvent take_timeout(std::vector<Timeout>::iterator timeout);

  World& world_;
  std::deque<AnyEvent> queue_;
  std::vector<AnyEvent> postponed_;  // the oldest first
  std::vector<Timeout> timeouts_;
  std::deque<std::uint64_t> zero_;  // zero time-outs that wait, by number
  std::uint64_t last_number_ = 0;

  // Of the transition at work.
  AnyEvent current_;
  bool postpone_ = false;
  bool hibernate_ = false;
  std::vector<AnyEvent> inserted_;
  std::vector<SetTimeout> to_set_;
};

}  // namespace glasshouse::runtime::gen_statem
