#pragma once
// Alarms of a node: what is wrong now, and who hears of it. An event manager, registered as
// `alarm_handler`, in which the handler AlarmHandler keeps what is set and logs it. Other handlers
// can be added beside it, or take its place.
//
//   start_alarm_handler(node);                      // or alarm_handler_child(), under a supervisor
//   set_alarm(self, Term("disk_full"_atom), Term("/var"_atom));
//   const auto set = co_await get_alarms(self);     // set.value, the newest first
//   clear_alarm(self, Term("disk_full"_atom));
//
//   using gen_event::IdOf;                          // a handler of one's own, instead of ours:
//   auto swapping = gen_event::swap_handler(self, "alarm_handler"_atom, IdOf<AlarmHandler>(),
//                                           Term("swap"_atom), IdOf<Pager>());
//
// It accepts SetAlarm and ClearAlarm, and what was set before comes as Swapped: handed_over. OTP:
// alarm_handler of SASL.

#include <cstddef>
#include <vector>

#include "runtime/behaviour/gen_event.h"

namespace glasshouse::runtime {

inline constexpr std::size_t alarms_max = 10'000;  // the oldest goes, which is logged

struct Alarm {
  Term id;
  Term description;
};

// -- events of the manager ----------------------------------------------------------------------

struct SetAlarm {
  Term id;
  Term description;
};
struct ClearAlarm {
  Term id;
};
// A call to AlarmHandler.
struct GetAlarms {
  using Reply = std::vector<Alarm>;  // the newest first
};

// -- for everybody ------------------------------------------------------------------------------

// The manager with an AlarmHandler in it.
StartFunction alarm_handler_child();
Pid start_alarm_handler(Node& node);

// Nothing happens where there is no manager. An id that is set is set once more. OTP: set_alarm/1.
void set_alarm(Self self, Term id, Term description);
// The newest of that id; nothing happens if there is none. OTP: clear_alarm/1.
void clear_alarm(Self self, Term id);
// The failure is {error, bad_module} once the handler was swapped. OTP: get_alarms/0.
Task<CallResult<GetAlarms>> get_alarms(Self self);
// From now on this process gets each SetAlarm and ClearAlarm as a message, until it ends; once,
// however often it asks. Whoever handles alarms, it is told. {error, Reason} as of add_handler.
Task<Term> subscribe_alarms(Self self);

// -- handlers -----------------------------------------------------------------------------------

// What AlarmHandler handed over to the handler that takes its place; the newest first. Empty if
// there was none.
std::vector<Alarm> handed_over(const gen_event::Swapped& before);

// Setting and clearing are logged as notices, as OTP's handler does.
class AlarmHandler {
 public:
  using Accepts = Messages<SetAlarm, ClearAlarm, GetAlarms>;

  explicit AlarmHandler(Self manager) : self_(manager) {}
  void handle(const SetAlarm& set);
  void handle(const ClearAlarm& clear);
  std::vector<Alarm> handle(const GetAlarms&) const;
  // {alarm_handler, [{Id, Description}]} to `swap`, else ok.
  Term terminate(const Term& why) const;
  Term describe() const;

 private:
  void log(Atom what, Term alarm) const;

  Self self_;
  std::vector<Alarm> alarms_;  // the oldest first
};

// Of subscribe_alarms; its id is the process it tells.
class AlarmSubscription {
 public:
  using Accepts = Messages<SetAlarm, ClearAlarm, Down>;

  AlarmSubscription(Self manager, Pid subscriber)
      : self_(manager), subscriber_(subscriber), monitor_(manager.monitor(subscriber)) {}
  void handle(const SetAlarm& set) const { self_.send<SetAlarm>(subscriber_, set); }
  void handle(const ClearAlarm& clear) const { self_.send<ClearAlarm>(subscriber_, clear); }
  gen_event::Result handle_info(const Down& down) const;
  void terminate(const Term&) const { self_.demonitor(monitor_); }

 private:
  Self self_;
  Pid subscriber_;
  Ref monitor_;
};

}  // namespace glasshouse::runtime
