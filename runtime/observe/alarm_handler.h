#pragma once
// Alarms of a node: what is wrong now, and who wants to hear of it. A server, registered as
// `alarm_handler`; the program starts it on a node, or a supervisor does.
//
//   start_alarm_handler(node);
//   self.send<SetAlarm>("alarm_handler"_atom, Term("disk_full"_atom), Term("/var"_atom));
//   const AlarmsAnswer set = co_await self.call<GetAlarms>("alarm_handler"_atom);
//
// Setting and clearing are logged as notices, as OTP's handler does. OTP: alarm_handler of SASL.

#include <map>
#include <vector>

#include "runtime/behaviour/gen_server.h"

namespace glasshouse::runtime {

inline constexpr std::size_t alarms_max = 10'000;  // the oldest goes, which is logged

struct Alarm {
  Term id;
  Term description;
};

// OTP: alarm_handler:set_alarm/1; an id that is set is set once more. To subscribers: the same.
struct SetAlarm {
  Term id;
  Term description;
};
// The newest of that id; nothing happens if there is none.
struct ClearAlarm {
  Term id;
};
struct AlarmsAnswer {
  std::vector<Alarm> alarms;  // the newest first
  Term error;                 // bad_module once the handler was swapped, else undefined
};
struct GetAlarms {
  using Reply = AlarmsAnswer;
};
// From now on the process gets each SetAlarm and ClearAlarm, until it exits; the answer is what is
// set now. Once for each process.
struct SubscribeAlarms {
  using Reply = AlarmsAnswer;
  Pid subscriber;
};
// Another process handles alarms from now on: it gets each SetAlarm and ClearAlarm, and the answer
// is what the old handler hands over. OTP: gen_event:swap_handler, {alarm_handler, Alarms}.
struct SwapAlarmHandler {
  using Reply = AlarmsAnswer;
  Pid handler;
};

class AlarmHandler {
 public:
  using Accepts =
      Messages<SetAlarm, ClearAlarm, GetAlarms, SubscribeAlarms, SwapAlarmHandler, Down>;

  explicit AlarmHandler(Self self) : self_(self) {}
  void handle(SetAlarm set);
  void handle(ClearAlarm clear);
  AlarmsAnswer handle(GetAlarms) const;
  AlarmsAnswer handle(SubscribeAlarms request);
  AlarmsAnswer handle(SwapAlarmHandler request);
  void handle(Down down);
  Term describe() const;

 private:
  void add(Alarm alarm);
  void log(Atom what, Term alarm) const;

  Self self_;
  std::vector<Alarm> alarms_;  // the oldest first
  std::vector<Pid> subscribers_;
  Pid swapped_to_;  // null: this one handles
};

PidOf<AlarmHandler> start_alarm_handler(Node& node);

// -- alarms that the node sets itself -----------------------------------------------------------

// Set when the measure reaches `set_at`, cleared when it is at `clear_at` or below: between the two
// nothing changes, so that it does not flap. REQUIRES: clear_at < set_at.
struct Hysteresis {
  std::int64_t set_at = 0;
  std::int64_t clear_at = 0;
  bool is_set = false;

  enum class Change : std::uint8_t { none, set, clear };
  Change see(std::int64_t value) {
    if (!is_set && value >= set_at) return is_set = true, Change::set;
    if (is_set && value <= clear_at) return is_set = false, Change::clear;
    return Change::none;
  }
};

// Something of a node that is measured again and again.
struct NodeAlarm {
  Term id;
  std::function<std::int64_t(Node&)> measure;  // called in the watching process; must not block
  Hysteresis limits;
};
// The longest mailbox of the node, in messages. Looks at every process.
NodeAlarm mailbox_alarm(std::int64_t set_at, std::int64_t clear_at);
// How many processes there are.
NodeAlarm process_count_alarm(std::int64_t set_at, std::int64_t clear_at);

// Measures every `period` and tells `alarm_handler`: {Id, Value}. OTP: os_mon's memsup and others.
struct AlarmTick {};
class AlarmWatch {
 public:
  using Accepts = Messages<AlarmTick>;
  AlarmWatch(Self self, Duration period, std::vector<NodeAlarm> alarms);
  void handle(AlarmTick);

 private:
  Self self_;
  Duration period_;
  std::vector<NodeAlarm> alarms_;
};

}  // namespace glasshouse::runtime
