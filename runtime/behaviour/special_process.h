#pragma once
// A process with a loop of its own that answers system messages as a behaviour does.
//
//   class Channel final : public SpecialProcess {
//    public:
//     explicit Channel(Self self) : SpecialProcess(self, "channel"_atom) {}
//     Term state() const override { return Term(sent_); }
//     ...
//   };
//   Behaviour channel(Self self) {
//     Channel channel(self);
//     proc_lib::init_ack(self);
//     while (channel.is_running()) {
//       ServerWait next(channel);
//       const MessagePtr message = co_await next;
//       if (!channel.begin(message)) continue;  // it was a system message, or the parent's exit
//       if (const Send* send = message_as<Send>(*message)) ...
//       channel.end();
//     }
//     channel.finish();  // exits, unless the reason is normal
//   }
//
// Between suspend and resume ServerWait gives system messages only: the loop need not know. A
// message that is taken by another receive and given to `begin` is answered just as well. OTP: sys
// and proc_lib, "Special Processes"; begin is sys:handle_system_msg/6, the overridden functions are
// its callbacks system_get_state, system_replace_state and system_code_change.

#include "runtime/behaviour/server.h"

namespace glasshouse::runtime {

class SpecialProcess : public Server {
 public:
  SpecialProcess(Self own, Atom module) : Server(own), module_(module) {}

  Atom behaviour() const final { return module_; }
  // OTP shows the loop's data as it is.
  Term status(bool, const Term&) const override { return state(); }

 protected:
  ~SpecialProcess() = default;

 private:
  Atom module_;
};

}  // namespace glasshouse::runtime
